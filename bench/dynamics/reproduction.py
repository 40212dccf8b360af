"""Published figures that need no language model, reproduced, each with what it does and does not mean."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.dynamics import published_suite as suite
from bench.dynamics.published_ablation import ALL, LEVELS, PREDICTIVE, Simulated, Switch, ablation, cascade
from bench.types import Json
from memory.dynamics import copies, metacognition, protector

NAN = math.nan  # not published


@dataclass(frozen=True, slots=True)
class Row:
    """One claim: its figures as published (NaN where one is not) and as reproduced, at so many digits."""

    name: str
    published: tuple[float, ...]
    reproduced: tuple[float, ...]
    digits: int
    meaning: str

    @property
    def agrees(self) -> bool:
        """Every published figure is the reproduced one at its digits."""
        pairs = zip(self.published, self.reproduced, strict=True)
        return all(abs(here - there) <= 0.501 * 10**-self.digits for there, here in pairs if not math.isnan(there))


@dataclass(frozen=True, slots=True)
class Ablated:
    """Strength, P@5 and change of quality in percent at each level, as published, and what to make of them."""

    off: frozenset[Switch]
    published: tuple[tuple[float, float, float], ...]
    meaning: str


CONTRAST = "strength lowers a score but never hides a fact, so the loss is the contrast to the fifth that stays at 1"
UNIFORM = "all strengths are equal where nothing is lost; ranking is then plain cosine"
FULL = ((1.0, 0.9227, 0.0), (1.0, 0.9144, 0.0), (0.7840, 0.8511, 0.0))
SAME = (NAN, NAN, 0.0)
ABLATIONS: Mapping[str, Ablated] = {
    "all on": Ablated(frozenset(), FULL, "the reference; it ranks worse at the stress level than all off does"),
    "without vmPFC-FSRS": Ablated(
        frozenset({Switch.VMPFC}), (SAME, (0.3327, 0.1907, -93.1), (0.2548, 0.1949, -92.6)), CONTRAST
    ),
    "without TripleCopy": Ablated(
        frozenset({Switch.TRIPLE}), (SAME, (0.6181, 0.6776, -54.2), (0.2145, 0.1949, -93.7)), CONTRAST
    ),
    "without dual-process": Ablated(
        frozenset({Switch.DUAL}), (SAME, (0.6952, 0.8092, -38.5), (0.3096, 0.1949, -91.0)), CONTRAST
    ),
    "without two-factor": Ablated(
        frozenset({Switch.TWO_FACTOR}), (SAME, (0.7224, 0.8303, -34.4), (0.2626, 0.1949, -92.3)), CONTRAST
    ),
    "without IB budget": Ablated(
        frozenset({Switch.BUDGET}), (SAME, (0.7847, 0.8679, -25.5), (0.3491, 0.1949, -89.8)), CONTRAST
    ),
    "without sleep": Ablated(
        frozenset({Switch.SLEEP}),
        ((0.7068, 0.8565, -34.4), (0.3105, 0.2639, -91.1), (0.1813, 0.7756, -78.9)),
        "sleep is a factor of 1.05 a day here; no replay runs",
    ),
    "without neuromodulators": Ablated(
        frozenset({Switch.NEURO}),
        ((1.0, 0.9220, -0.1), (0.6540, 0.9119, -34.8), (0.1258, 0.9007, -83.0)),
        "ranking gets better without them at the stress level; the loss is strength alone",
    ),
    "without stability protector": Ablated(
        frozenset({Switch.STABILITY}), (SAME, SAME, (0.7568, 0.8310, -5.8)), "a slightly faster decay"
    ),
    "without reconsolidation": Ablated(
        frozenset({Switch.RECONSOLIDATION}),
        (SAME, SAME, (0.7675, 0.8396, -3.4)),
        "a random gain in the first four days; nothing is ever contradicted",
    ),
    "without priority map": Ablated(
        frozenset({Switch.PRIORITY}),
        ((NAN, NAN, -0.1), (NAN, NAN, -0.1), (0.7840, 0.8682, 2.0)),
        "at the stress level it hurts",
    ),
    "without iMAD": Ablated(
        frozenset({Switch.DEBATE}),
        (SAME, SAME, SAME),
        "a factor common to all facts cannot matter; so it is with Spectral, Compositional and HyperAgent",
    ),
    "without the six predictive": Ablated(
        PREDICTIVE, ((0.4229, 0.7087, -67.5), (0.0100, 0.9132, -99.0), (0.0100, 0.9007, -98.7)), UNIFORM
    ),
    "all off": Ablated(
        ALL,
        ((0.0100, 0.9220, -99.0), (0.0100, 0.9132, -99.0), (0.0100, 0.9007, -98.7)),
        "P@5 is higher than with all on at the stress level; quality falls only because it is multiplied by strength",
    ),
}


def quick() -> list[Row]:
    """Every row but the ablation's: two seconds."""
    return [*_cascade(), *_copies(), *_priority(), *_protector(), *_monitor(), *_neuromodulators()]


def ablations(levels: Sequence[str] = tuple(LEVELS), names: Sequence[str] = tuple(ABLATIONS)) -> list[Row]:
    """A row a level and configuration: strength, P@5, and change of their product in percent."""
    rows = []
    for number, level in enumerate(LEVELS):
        if level not in levels:
            continue
        full = ablation(LEVELS[level], ALL)
        for name in names:
            found = full if name == "all on" else ablation(LEVELS[level], ALL - ABLATIONS[name].off)
            rows += _ablated(f"{level}: {name}", ABLATIONS[name], number, found, full)
    return rows


def markdown(rows: Sequence[Row]) -> str:
    """The table of all claims."""
    lines = ["| claim | published | reproduced | | what it means |", "|---|---|---|---|---|"]
    for row in rows:
        published, reproduced = (_cell(figures, row.digits) for figures in (row.published, row.reproduced))
        is_published = not all(math.isnan(figure) for figure in row.published)
        mark = ("same" if row.agrees else "differs") if is_published else ""
        lines.append(f"| {row.name} | {published} | {reproduced} | {mark} | {row.meaning} |")
    return "\n".join(lines)


def as_json(rows: Sequence[Row]) -> dict[str, Json]:
    """The same for programs; what is not published is null."""
    return {
        row.name: {
            "published": [None if math.isnan(figure) else figure for figure in row.published],
            "reproduced": list(row.reproduced),
            "agrees": row.agrees,
            "meaning": row.meaning,
        }
        for row in rows
    }


def _ablated(name: str, stated: Ablated, level: int, found: Simulated, full: Simulated) -> list[Row]:
    strength, precision, change = stated.published[level]
    changed = 100 * (found.quality / full.quality - 1)
    return [
        Row(f"{name}, strength and P@5", (strength, precision), (found.strength, found.precision), 4, stated.meaning),
        Row(f"{name}, change in %", (change,), (changed,), 1, stated.meaning),
    ]


def _cascade() -> list[Row]:
    full, none, awake = cascade(ALL), cascade(()), cascade(ALL - {Switch.SLEEP})
    foundational = cascade(ALL - PREDICTIVE)
    return [
        Row(
            "cascade after 60 days: all, emotional, neutral",
            (0.3110, 1.0, 0.1530),
            (full.all, full.emotional, full.neutral),
            4,
            "strengths nobody recalls; the emotional fifth never fades; the order of draws is unpublished, so fitted",
        ),
        Row(
            "cascade: foundational only, none, without sleep",
            (0.0100, 0.0100, 0.1617),
            (foundational.all, none.all, awake.all),
            4,
            "the first two lie on the floor of .01, so any ratio to them is a ratio to a constant of the script",
        ),
        Row(
            "cascade: times stronger than with none",
            (31.1,),
            (full.all / none.all,),
            1,
            ".311 over that floor: it says how low the floor is, not how well is remembered",
        ),
        Row(
            "cascade: times stronger than without sleep",
            (1.92,),
            (full.all / awake.all,),
            2,
            "what a factor of 1.05 a day does to strengths; no replay runs",
        ),
    ]


def _copies() -> list[Row]:
    ages = "1 h, 6 h, 1 d, 3 d, 7 d, 14 d, 30 d"
    return [
        Row(
            f"triple copies at {ages}",
            (0.7274, 0.7166, 0.6792, 0.5888, 0.6945, 0.8791, 0.9116),
            tuple(suite.triple_copies(copies.BENCHMARK)),
            4,
            "a tanh that grows to the initial strength: .912 is the mean of those, and nothing is ever forgotten",
        ),
        Row(
            "the same with the running code's exponential",
            (NAN, NAN, NAN, NAN, 0.5764, 0.7885, 0.8994),
            tuple(suite.triple_copies(copies.COMPAT)),
            4,
            "the component that is shipped does not have the benchmark's curve",
        ),
        Row(
            "the same as recommended here",
            (NAN,) * 7,
            tuple(suite.triple_copies(copies.RECOMMENDED)),
            4,
            "ripens to about the same at thirty days, then fades: .15 after two years",
        ),
        Row(
            f"single copy at {ages}",
            (0.8747, 0.7102, 0.3355, 0.0454, 0.0008, 0.0, 0.0),
            tuple(suite.single_copies()),
            4,
            "a memory of one day's stability that is never reviewed: a baseline made to lose",
        ),
    ]


def _priority() -> list[Row]:
    found, unfloored = suite.ndcg(), suite.ndcg(floor=0.0)
    return [
        Row(
            "priority map: NDCG@10, latest first",
            (0.996534, 0.679619),
            (found.map, found.chronological),
            6,
            "a weighted sum against nearly the same weighted sum of the same inputs: it shows that sorting works",
        ),
        Row(
            "priority map without the floor for emotions",
            (0.996534,),
            (unfloored.map,),
            6,
            "identical: the fast route changes nothing that the figure sees",
        ),
    ]


def _protector() -> list[Row]:
    return [
        Row(
            "protector: refused",
            (0.288,),
            (suite.blocked(protector.COMPAT),),
            3,
            "share of updates with an error of .7 to 1 that are refused; whether they were right is not known",
        ),
        Row(
            "protector as recommended: refused",
            (NAN,),
            (suite.blocked(protector.RECOMMENDED),),
            3,
            "its threshold passes .7 only after ten years, so it holds back small changes and never large ones",
        ),
    ]


def _monitor() -> list[Row]:
    found, tested = suite.monitor(), suite.monitor(metacognition.RECOMMENDED)
    return [
        Row(
            "monitor: precision, recall",
            (0.832020, 0.975460),
            (found.precision, found.recall),
            6,
            "finds a built-in gap of .5 between two rates in thirty events; real biases are not that wide",
        ),
        Row(
            "monitor as recommended: precision, recall",
            (NAN, NAN),
            (tested.precision, tested.recall),
            6,
            "the z-test and ten events a side trade recall for alarms that can be believed",
        ),
    ]


def _neuromodulators() -> list[Row]:
    found, ours = suite.drift(), suite.recommended_drift()
    return [
        Row(
            "neuromodulators: mean largest deviation, mean level",
            (0.469387, 0.866346),
            (found.deviation, found.level),
            6,
            "reported as a drift of 6.2 %: it is the largest deviation of a possible .5, so the levels are saturated",
        ),
        Row(
            "neuromodulators as recommended, same events",
            (NAN, NAN),
            (ours.deviation, ours.level),
            6,
            "bounded and close to the baseline; whether that helps any memory is not measured here",
        ),
        Row(
            "neuromodulators: opposition",
            (-0.130123,),
            (suite.opposition(),),
            6,
            "reported as a correlation: a mean product of deviations; its events are unpublished, so fitted",
        ),
    ]


def _cell(figures: Sequence[float], digits: int) -> str:
    return " / ".join("–" if math.isnan(figure) else f"{figure:.{digits}f}" for figure in figures)

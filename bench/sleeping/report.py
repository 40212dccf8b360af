"""Figures of lives with nights: sums over seeds, and a report to read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from statistics import mean

from bench.dynamics.ablation_report import KINDS
from bench.dynamics.lifelog import CHECKPOINTS, DAYS
from bench.report import table
from bench.sleeping.measure import AGE, KEPT, NO_SLEEP, ROOM, SLEEP, Asked, Lived, Slept
from bench.sleeping.support import Support
from bench.statistics import sign_test
from bench.types import Json
from memory.sleeping.records import Night, StageName, StageStatus

Key = tuple[int, int, str, str]
Figures = Mapping[str, Json]


def summary(lives: Sequence[Mapping[str, Lived]], slept: Sequence[Slept]) -> dict[str, Json]:
    """Means over tasks of all seeds, shares in %; what is told of the nights over all of them."""
    arms: dict[str, Json] = {}
    for name in lives[0]:
        days = [day for day in CHECKPOINTS if all(day in one[name].tokens for one in lives)]
        arms[name] = {str(day): _of_day([one[name] for one in lives], day) for day in days}
    nights = [night for one in slept for night in one.nights]
    return {
        "arms": arms,
        "against": {f"{SLEEP} against {name}": _against(lives, name) for name in (NO_SLEEP, AGE)},
        "stability_ratio": round(mean(one.stability_ratio for one in slept), 3),
        "distinct_replays": round(sum(one.distinct for one in slept) / max(1, sum(one.replays for one in slept)), 3),
        "support": _support([one.support for one in slept]),
        "nights": len(nights),
        "rolled_back": sum(stage.status is StageStatus.ROLLED_BACK for night in nights for stage in night.stages),
        "probes": _probes(nights),
        "milliseconds": {
            name.value: round(mean(night.stage(name).milliseconds for night in nights), 1) for name in StageName
        },
        "strengths": {
            name: [[asdict(look) for look in one[name].strengths] for one in lives] for name in (NO_SLEEP, SLEEP)
        },
    }


def markdown(figures: Figures, title: str) -> str:
    """Tables of arms by day and by kind, the bars, and what is told of the nights."""
    arms = _of(figures, "arms")
    by_day = [
        [name, day, *(str(one[key]) for key in COLUMNS)] for name, days in arms.items() for day, one in _rows(days)
    ]
    kinds = [
        [name, *(str(_of(one, "kinds").get(kind, "–")) for kind in KINDS)]
        for name, days in arms.items()
        for day, one in _rows(days)
        if day == str(DAYS)
    ]
    stages = [[name, str(value)] for name, value in _of(figures, "milliseconds").items()]
    return (
        "\n\n".join(
            [
                f"# {title}",
                INTRODUCTION,
                table(["arm", "day", *COLUMNS.values()], by_day),
                f"By kind of task on day {DAYS}, recall@10 in %:",
                table(["arm", *KINDS], kinds),
                "The bars:",
                table(["figure", "bar", "found", "holds"], bars(figures)),
                f"{_nights(figures)} Mean milliseconds by stage:",
                table(["stage", "ms"], stages),
            ]
        )
        + "\n"
    )


COLUMNS = {
    "tokens": "tokens",
    "recall@10": "recall@10",
    "by_share": "by share quoted",
    "strict": "without gists",
    "within_room": f"within {ROOM} tokens",
    "returned_tokens": "tokens returned",
    "stale": "stale answers",
}
INTRODUCTION = (
    f"The budget of the arm `{SLEEP}` is {KEPT:.1%} of the tokens that `{NO_SLEEP}` holds after the last night, set "
    f"from the first day on as a policy of the namespace; `{AGE}` holds as many tokens as `{SLEEP}` on every day that "
    "is asked. Tokens are those of all items in recall, shares are in %. In recall@10 a gist counts for the items of "
    "which it quotes a sentence, *by share quoted* for as much of them as it quotes (in characters), *without gists* "
    f"for nothing; *within {ROOM} tokens* counts only the results that fit into that many, for gists of several items "
    "are longer than what they stand for. *Tokens returned* are those of all results of a recall."
)


def bars(figures: Figures) -> list[list[str]]:
    """What was asked for, what was found, and whether it holds; of the last day where days differ."""
    day = str(DAYS)
    plain, asleep, aged = (_of(_of(_of(figures, "arms"), name), day) for name in (NO_SLEEP, SLEEP, AGE))
    cut = 100 * (1 - _number(asleep, "tokens") / max(1.0, _number(plain, "tokens")))
    checks: Sequence[tuple[str, str, float, Callable[[float], bool]]] = (
        ("tokens in recall, cut in %", "≥ 47.4", cut, lambda found: found >= 47.4),
        ("recall@10 lost, points", "≤ 1", _number(plain, "recall@10") - _number(asleep, "recall@10"), _at_most(1)),
        ("ahead of deletion by age, points", "≥ 5", _number(asleep, "recall@10") - _number(aged, "recall@10"),
         _at_least(5)),
        ("stale answers in %", "≤ 5", _number(asleep, "stale"), _at_most(5)),
        ("stability of what was replayed, ratio after 7 nights", "≥ 1.37", _number(figures, "stability_ratio"),
         _at_least(1.37)),
        ("distinct items of all replays of a week", "≥ 0.9", _number(figures, "distinct_replays"), _at_least(0.9)),
        ("gists and merges supported by their sources in %", "≥ 95", 100 * _number(_of(figures, "support"), "share"),
         _at_least(95)),
    )  # fmt: skip
    return [[name, bar, f"{found:.2f}", "yes" if holds(found) else "no"] for name, bar, found, holds in checks]


def _at_most(bar: float) -> Callable[[float], bool]:
    return lambda found: found <= bar


def _at_least(bar: float) -> Callable[[float], bool]:
    return lambda found: found >= bar


def _of_day(lives: Sequence[Lived], day: int) -> dict[str, Json]:
    asked = [one for life in lives for one in life.asked if one.outcome.day == day]
    stale = [one.outcome.is_stale for one in asked if one.outcome.is_stale is not None]
    kinds: dict[str, Json] = {
        kind: _percent([one.outcome.recall for one in asked if one.outcome.kind == kind])
        for kind in KINDS
        if any(one.outcome.kind == kind for one in asked)
    }
    return {
        "tasks": len(asked),
        "tokens": round(mean(life.tokens[day] for life in lives)),
        "recall@10": _percent([one.outcome.recall for one in asked]),
        "by_share": _percent([one.by_share for one in asked]),
        "strict": _percent([one.strict for one in asked]),
        "within_room": _percent([one.within for one in asked]),
        "returned_tokens": round(mean(one.tokens for one in asked), 1) if asked else 0.0,
        "stale": _percent([float(one) for one in stale]),
        "kinds": kinds,
    }


def _against(lives: Sequence[Mapping[str, Lived]], other: str) -> dict[str, Json]:
    """Tasks of the last day that sleep answers better and worse, by two rules; p of the sign test."""
    found: dict[str, Json] = {}
    rules: Mapping[str, Callable[[Asked], float]] = {
        "recall@10": lambda one: one.outcome.recall,
        "within_room": lambda one: one.within,
    }
    for name, rule in rules.items():
        mine, theirs = ({_key(one): rule(one) for life in lives for one in life[arm].asked} for arm in (SLEEP, other))
        changes = [value - theirs[key] for key, value in mine.items() if key in theirs and key[1] == DAYS]
        wins, losses = sum(one > 0 for one in changes), sum(one < 0 for one in changes)
        points = round(100 * mean(changes), 2) if changes else 0.0
        found[name] = {"points": points, "won": wins, "lost": losses, "p": sign_test(wins, losses)}
    return found


def _support(found: Sequence[Support]) -> dict[str, Json]:
    every = sum(one.gists + one.merges for one in found)
    good = sum(one.supported_gists + one.supported_merges for one in found)
    return {
        "share": round(good / every, 4) if every else 1.0,
        "gists": sum(one.gists for one in found),
        "supported_gists": sum(one.supported_gists for one in found),
        "merges": sum(one.merges for one in found),
        "supported_merges": sum(one.supported_merges for one in found),
        "unsupported": [name for one in found for name in one.unsupported],
    }


def _probes(nights: Sequence[Night]) -> list[Json]:
    """By number of the night, means over seeds: recall of the probes in % before and after."""
    found: list[Json] = []
    for number in sorted({night.number for night in nights}):
        scores = [
            (before.recall, after.recall)
            for night in nights
            if night.number == number
            and (before := night.stage(StageName.SETTLE).probes_before) is not None
            and (after := night.stage(StageName.VERIFY).probes_after) is not None
            and before.probes
        ]
        if scores:
            before, after = (round(100 * mean(some), 2) for some in zip(*scores, strict=True))
            found.append({"night": number, "before": before, "after": after})
    return found


def _nights(figures: Figures) -> str:
    support = _of(figures, "support")
    probes = figures["probes"]
    told = ""
    if isinstance(probes, list) and probes:
        shares = [[_number(one, key) for one in probes if isinstance(one, Mapping)] for key in ("before", "after")]
        told = (
            f" Of the probes, {mean(shares[0]):.1f} % were found before a night and {mean(shares[1]):.1f} % after it."
        )
    return (
        f"{figures['nights']} nights; {figures['rolled_back']} stages were rolled back.{told} In recall at the end: "
        f"{support['supported_gists']} of {support['gists']} gists stand word for word in their sources, "
        f"{support['supported_merges']} of {support['merges']} merges joined what says the same."
    )


def _percent(values: Sequence[float]) -> float:
    return round(100 * mean(values), 2) if values else 0.0


def _of(figures: Figures, name: str) -> Figures:
    found = figures[name]
    assert isinstance(found, Mapping)
    return found


def _rows(days: Json) -> list[tuple[str, Figures]]:
    assert isinstance(days, Mapping)
    return [(day, one) for day, one in days.items() if isinstance(one, Mapping)]


def _number(figures: Figures, name: str) -> float:
    found = figures[name]
    assert isinstance(found, int | float)
    return float(found)


def _key(one: Asked) -> Key:
    outcome = one.outcome
    return outcome.seed, outcome.day, outcome.kind, outcome.question

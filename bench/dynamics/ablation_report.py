"""What the ablation found: figures by arm, day and kind, and exact paired tests against the arm with all on."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import product

import numpy as np

from bench.dynamics.ablation import NOTHING, ON, Outcome
from bench.dynamics.lifelog import CHECKPOINTS
from bench.statistics import sign_test
from bench.types import Json

KINDS = ("chat", "reading", "fact", "changed", "history", "plural")
MOST_EXACT = 16  # seeds of which every change of signs is looked at
Key = tuple[int, int, str, str]


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjusted so that the chance of any false claim among all is bounded (Holm 1979)."""
    adjusted: dict[str, float] = {}
    highest = 0.0
    ordered = sorted(p_values, key=lambda name: p_values[name])
    for place, name in enumerate(ordered):
        highest = max(highest, min(1.0, (len(ordered) - place) * p_values[name]))
        adjusted[name] = highest
    return adjusted


def sign_flip(differences: Sequence[float]) -> float:
    """Exact two-sided p of a mean difference over seeds: the share of all 2^n changes of signs that are as extreme.

    1 without a seed; at most 16 seeds.
    """
    values = np.asarray(differences[:MOST_EXACT], np.float64)
    if not len(values):
        return 1.0
    observed = abs(values.mean()) - 1e-12
    means = np.array(list(product((-1.0, 1.0), repeat=len(values)))) @ values / len(values)
    return float((np.abs(means) >= observed).mean())


def recall_of(outcomes: Sequence[Outcome]) -> float | None:
    """Mean recall@10; None without tasks."""
    return float(np.mean([one.recall for one in outcomes])) if outcomes else None


def stale_of(outcomes: Sequence[Outcome]) -> float | None:
    """Share of what changed that is answered by what held once; None without such tasks."""
    found = [one.is_stale for one in outcomes if one.is_stale is not None and one.kind == "changed"]
    return float(np.mean(found)) if found else None


def figures(outcomes: Sequence[Outcome]) -> dict[str, Json]:
    days: dict[str, Json] = {}
    for day in CHECKPOINTS:
        asked = [one for one in outcomes if one.day == day]
        kinds: dict[str, Json] = {kind: recall_of([one for one in asked if one.kind == kind]) for kind in KINDS}
        days[str(day)] = {"tasks": len(asked), "recall@10": recall_of(asked), "stale": stale_of(asked), "kinds": kinds}
    times = [one.ms for one in outcomes]
    return {
        "days": days,
        "stale": stale_of(outcomes),
        "recall@10": recall_of(outcomes),
        "ms": {"median": float(np.median(times)), "cpu_mean": float(np.mean([one.cpu_ms for one in outcomes]))},
    }


def compared(ours: Sequence[Outcome], theirs: Sequence[Outcome]) -> dict[str, float]:
    """`ours` (all on) minus `theirs` on the tasks of both, with p values: by task (sign test), by seed (signs flipped).

    A rise of stale answers is a positive difference.
    """
    found: dict[str, float] = {}
    measures: Sequence[tuple[str, Callable[[Outcome], float | None]]] = (
        ("recall", lambda one: one.recall),
        ("stale", lambda one: None if one.is_stale is None or one.kind != "changed" else float(one.is_stale)),
    )
    for name, measure in measures:
        mine, other = ({_key(one): measure(one) for one in outcomes} for outcomes in (ours, theirs))
        differences: dict[Key, float] = {}
        for key, value in mine.items():
            against = other.get(key)
            if value is not None and against is not None:
                differences[key] = value - against
        by_seed: dict[int, list[float]] = defaultdict(list)
        for key, difference in differences.items():
            by_seed[key[0]].append(difference)
        found[name] = float(np.mean(list(differences.values()))) if differences else 0.0
        wins, losses = sum(one > 0 for one in differences.values()), sum(one < 0 for one in differences.values())
        found[f"{name} p by task"] = sign_test(wins, losses)
        found[f"{name} p by seed"] = sign_flip([float(np.mean(some)) for some in by_seed.values()])
    return found


def summary(outcomes: Mapping[str, Sequence[Outcome]]) -> dict[str, Json]:
    """Arms with their figures, and every arm against all on, corrected by Holm within each test."""
    tests = {name: compared(outcomes[ON], found) for name, found in outcomes.items() if name != ON}
    for column in ("recall p by task", "recall p by seed", "stale p by task", "stale p by seed"):
        for name, adjusted in holm({name: test[column] for name, test in tests.items()}).items():
            tests[name][f"{column}, Holm"] = adjusted
    return {
        "arms": {name: {**figures(found), "seeds": _seeds(found)} for name, found in outcomes.items()},
        "all on against": {name: dict(test) for name, test in tests.items()},
    }


def markdown(outcomes: Mapping[str, Sequence[Outcome]], title: str) -> str:
    """Tables for people."""
    lines = [
        f"# {title}",
        "",
        "recall@10 in %, by the day on which it is asked; stale: answers that are over, in %.",
        "",
    ]
    lines += ["| arm | seeds | day 1 | day 7 | day 30 | day 90 | stale day 30 | stale day 90 |", "|---|" + "---:|" * 7]
    for name, found in outcomes.items():
        days = {day: [one for one in found if one.day == day] for day in CHECKPOINTS}
        cells = [_percent(recall_of(days[day])) for day in CHECKPOINTS]
        cells += [_percent(stale_of(days[day])) for day in (30, 90)]
        lines.append(f"| {name} | {len(_seeds(found))} | {' | '.join(cells)} |")
    lines += ["", "By kind of task on day 90, recall@10 in %:", ""]
    lines += [f"| arm | {' | '.join(KINDS)} |", "|---|" + "---:|" * len(KINDS)]
    for name, found in outcomes.items():
        last = [one for one in found if one.day == CHECKPOINTS[-1]]
        cells = [_percent(recall_of([one for one in last if one.kind == kind])) for kind in KINDS]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += [
        "",
        "All on minus the arm, over all days, on the seeds of both; p by exact sign test over tasks, Holm:",
        "",
    ]
    lines += ["| arm | recall@10, points | p | stale, points | p |", "|---|---:|---:|---:|---:|"]
    tests = {name: compared(outcomes[ON], found) for name, found in outcomes.items() if name != ON}
    adjusted = {
        column: holm({name: test[f"{column} p by task"] for name, test in tests.items()})
        for column in ("recall", "stale")
    }
    for name, test in tests.items():
        row = f"{100 * test['recall']:+.1f} | {adjusted['recall'][name]:.3g}"
        row += f" | {100 * test['stale']:+.1f} | {adjusted['stale'][name]:.3g}"
        lines.append(f"| {name} | {row} |")
    if NOTHING in tests:
        off = tests[NOTHING]
        by_seed = f"p = {off['recall p by seed']:.3g} (recall), {off['stale p by seed']:.3g} (stale)"
        lines += ["", f"All on against all off, every change of signs over seeds: {by_seed}."]
    return "\n".join(lines) + "\n"


def _seeds(outcomes: Sequence[Outcome]) -> list[Json]:
    return list(sorted({one.seed for one in outcomes}))


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _key(one: Outcome) -> Key:
    return one.seed, one.day, one.kind, one.question

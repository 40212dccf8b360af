"""`python -m bench sleep`: figures of a life with nights, as JSON and as a report."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import mean

from bench import machine, results
from bench.dynamics.ablation import Outcome, read
from bench.dynamics.lifelog import CHECKPOINTS, DAYS
from bench.dynamics.statements import Share
from bench.embedders import CachedEmbedder
from bench.service import embedder
from bench.sleeping.measure import AGE, NO_SLEEP, SLEEP, Lived, Slept, measure
from bench.types import Json
from memory.sleeping.records import StageName

Positive = Callable[[str], int]


def add(command: argparse.ArgumentParser, positive: Positive) -> None:
    command.add_argument("--data", type=Path, required=True, help="has locomo/ and musique/")
    command.add_argument("--share", type=Share, choices=list(Share), default=Share.HELD_OUT)
    command.add_argument("--seeds", type=positive, default=1)
    command.add_argument("--vectors-cache", type=Path, required=True, help="folder that keeps encodings")
    command.add_argument("--json", type=Path)
    command.add_argument("--report", type=Path)
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    kept = CachedEmbedder(embedder("minilm", 1), options.vectors_cache, keeps_questions=True)
    try:
        found = [measure(read(options.data, options.share, seed), seed, kept) for seed in range(options.seeds)]
    finally:
        kept.close()
    figures = summary([arms for arms, _ in found], [slept for _, slept in found])
    text = markdown(figures, f"Ninety nights of the life log, share {options.share.value}, {options.seeds} seeds")
    print(text)
    if options.report:
        options.report.write_text(text, encoding="utf-8")
    if options.json:
        about: dict[str, Json] = {"commit": machine.commit(), "share": options.share.value, "seeds": options.seeds}
        results.write({**about, **figures}, options.json)


def summary(lives: Sequence[Mapping[str, Lived]], slept: Sequence[Slept]) -> dict[str, Json]:
    """Means over seeds: recall@10 and stale answers in %, tokens, and what is told of the nights."""
    arms: dict[str, Json] = {}
    for name in (NO_SLEEP, SLEEP, AGE):
        days = [day for day in CHECKPOINTS if all(day in one[name].tokens for one in lives)]
        arms[name] = {str(day): _of_day([one[name] for one in lives], day) for day in days}
    nights = [night for one in slept for night in one.nights]
    stages: dict[str, Json] = {
        name.value: round(mean(night.stage(name).milliseconds for night in nights), 1) for name in StageName
    }
    rolled_back = sum(stage.status == "rolled_back" for night in nights for stage in night.stages)
    return {
        "arms": arms,
        "stability_ratio": round(mean(one.stability_ratio for one in slept), 3),
        "distinct_replays": round(sum(one.distinct for one in slept) / max(1, sum(one.replays for one in slept)), 3),
        "nights": len(nights),
        "rolled_back": rolled_back,
        "milliseconds": stages,
    }


def _of_day(lives: Sequence[Lived], day: int) -> dict[str, Json]:
    asked = [one for life in lives for one in life.outcomes if one.day == day]
    stale = [one.is_stale for one in asked if one.is_stale is not None]
    kinds: dict[str, Json] = {
        kind: _percent([one for one in asked if one.kind == kind]) for kind in sorted({one.kind for one in asked})
    }
    return {
        "tokens": round(mean(life.tokens[day] for life in lives)),
        "recall@10": _percent(asked),
        "stale": round(100 * sum(map(bool, stale)) / len(stale), 1) if stale else 0.0,
        "kinds": kinds,
    }


def _percent(asked: Sequence[Outcome]) -> float:
    return round(100 * mean(one.recall for one in asked), 1) if asked else 0.0


def markdown(figures: Mapping[str, Json], title: str) -> str:
    """A table of arms and days, then what is told of the nights."""
    lines = [
        f"# {title}",
        "",
        "A gist counts for the items of which it quotes a sentence. Tokens are those of all items in recall.",
        "",
        "| arm | day | tokens | recall@10 | stale answers |",
        "|---|---:|---:|---:|---:|",
    ]
    arms = figures["arms"]
    assert isinstance(arms, Mapping)
    for name, days in arms.items():
        assert isinstance(days, Mapping)
        for day, one in days.items():
            assert isinstance(one, Mapping)
            lines.append(f"| {name} | {day} | {one['tokens']} | {one['recall@10']} | {one['stale']} |")
    lines += ["", f"By kind of task on day {DAYS}, recall@10 in %:", ""]
    for name, days in arms.items():
        assert isinstance(days, Mapping)
        last = days[str(DAYS)]
        assert isinstance(last, Mapping)
        lines.append(f"- {name}: {last['kinds']}")
    lines += [
        "",
        f"Stability of what was replayed in the first seven nights: x {figures['stability_ratio']} (median);"
        f" distinct items of all replays: {figures['distinct_replays']}.",
        f"Nights: {figures['nights']}, stages rolled back: {figures['rolled_back']}."
        f" Milliseconds a night by stage: {figures['milliseconds']}",
        "",
    ]
    return "\n".join(lines)

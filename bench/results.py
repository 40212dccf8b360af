"""Results as JSON: what a run writes, and what a comparison reads."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import machine, metrics, paired
from bench.errors import ResultInvalid
from bench.metrics import Summary
from bench.paired import Pair
from bench.types import Json, Outcome, Run

LISTS = ("pairs", "questions")  # written last, an item a line


@dataclass(frozen=True, slots=True)
class Ranked:
    """One question of a file of results: how many ids are relevant, and the ranks of those that each arm found."""

    id: str
    category: str
    relevant: int
    ranks: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Results:
    """A file of results. `arms` maps an arm's name to its figures."""

    dataset: str
    sha256: str
    commit: str
    passages: int
    arms: Mapping[str, Mapping[str, float]]
    questions: tuple[Ranked, ...]
    notes: tuple[str, ...] = ()


def figures(found: Summary) -> dict[str, Json]:
    """The recall of one arm under the names that results use."""
    recall: dict[str, Json] = {f"recall@{k}": round(value, 4) for k, value in found.recall.items()}
    complete: dict[str, Json] = {f"all@{k}": round(value, 4) for k, value in found.complete.items()}
    return recall | complete


def as_json(run: Run, commit: str, pairs: Sequence[Pair]) -> dict[str, Json]:
    """Everything a run found. `questions` holds what a paired comparison with another run needs."""
    ingestion = run.ingestion
    arms: dict[str, Json] = {name: _arm(run, name) for name in run.outcomes}
    return {
        "dataset": run.dataset,
        "passages": ingestion.documents,
        "queries": len(next(iter(run.outcomes.values()))),
        "commit": commit,
        "settings": dict(run.settings) | {"machine": dict(machine.description())},
        "dataset_sha256": run.sha256,
        "arms": arms,
        "ingestion": {
            "stored_passages": ingestion.passages,
            "seconds": round(ingestion.seconds, 3),
            "encoder_seconds": round(ingestion.encoder_seconds, 3),
            "is_cached": ingestion.is_cached,
        },
        "stage_ms": _rounded(run.stages),
        "memory_mb": _rounded(run.memory),
        "notes": list(run.notes),
        "pairs": paired.as_json(pairs),
        "questions": _questions(run.outcomes),
    }


def write(found: Mapping[str, Json], path: Path) -> None:
    """Readable JSON, one line for each pair of arms and each question."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rest = {key: value for key, value in found.items() if key not in LISTS}
    text = json.dumps(rest, indent=2, ensure_ascii=False)
    for key in LISTS:
        items = found.get(key)
        if isinstance(items, list) and items:
            lines = ",\n    ".join(json.dumps(item, ensure_ascii=False) for item in items)
            text = f'{text.removesuffix("}").rstrip()},\n  "{key}": [\n    {lines}\n  ]\n}}'
    path.write_text(text + "\n", encoding="utf-8")


def read(path: Path) -> Results:
    """Results that `write` wrote. Raises ResultInvalid."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        questions = tuple(
            Ranked(q["id"], q["category"], int(q["relevant"]), {arm: tuple(ranks) for arm, ranks in q["ranks"].items()})
            for q in found.get("questions", [])
        )
        arms = {
            name: {key: float(value) for key, value in arm.items() if isinstance(value, (int, float))}
            for name, arm in found["arms"].items()
        }
        about = (str(found["dataset"]), str(found["dataset_sha256"]), str(found["commit"]), int(found["passages"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ResultInvalid(f"{path}: is not a file of results ({error!r})") from error
    return Results(*about, arms, questions, tuple(map(str, found.get("notes", []))))


def _rounded(numbers: Mapping[str, Mapping[str, float]]) -> dict[str, Json]:
    return {name: {key: round(number, 3) for key, number in found.items()} for name, found in numbers.items()}


def _arm(run: Run, name: str) -> dict[str, Json]:
    outcomes = run.outcomes[name]
    found = metrics.summary(outcomes)
    arm = figures(found)
    arm["query_ms_p50"] = round(found.ms_p50, 3)
    arm["query_ms_p95"] = round(found.ms_p95, 3)
    arm["ingest_per_s"] = round(run.ingestion.documents / max(run.ingest_seconds[name], 1e-9), 2)
    categories = metrics.by_category(outcomes)
    if categories:
        arm["categories"] = {name: figures(each) | {"queries": each.questions} for name, each in categories.items()}
    return arm


def _questions(outcomes: Mapping[str, Sequence[Outcome]]) -> list[Json]:
    first = next(iter(outcomes.values()))
    return [
        {
            "id": outcome.question,
            "category": outcome.category,
            "relevant": outcome.relevant,
            "ranks": {arm: list(found[at].ranks) for arm, found in outcomes.items()},
        }
        for at, outcome in enumerate(first)
    ]

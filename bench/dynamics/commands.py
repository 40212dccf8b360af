"""The commands that measure the mechanisms of memory: reproduce, ablate, overhead, shapes."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from bench import beir, conversations, machine, results
from bench.dynamics import ablating, ablation_report, overhead, reproduction, shapes
from bench.dynamics.lifelog import SEEDS
from bench.dynamics.statements import Share
from bench.embedders import CachedEmbedder
from bench.service import embedder
from bench.types import Dataset, Json
from memory.dynamics.switches import MECHANISMS

Positive = Callable[[str], int]


def add(command: argparse.ArgumentParser, positive: Positive) -> None:
    parts = command.add_subparsers(dest="part", required=True)
    reproducing = parts.add_parser("reproduce", help="the published simulations that need no language model")
    reproducing.add_argument("--json", type=Path)
    reproducing.set_defaults(run=_reproduce)
    adding = parts.add_parser("overhead", help="what the dynamics add to a recall and a write")
    adding.add_argument("--memories", type=positive, default=100_000)
    adding.add_argument("--rounds", type=positive, default=300)
    adding.add_argument("--json", type=Path)
    adding.set_defaults(run=_overhead)
    _add_shapes(parts.add_parser("shapes", help="what they move where nothing was used yet, however texts came in"))
    _add_ablate(parts.add_parser("ablate", help="what each mechanism does to recall on the life log"), positive)


def _add_shapes(command: argparse.ArgumentParser) -> None:
    command.add_argument("data", type=Path, nargs="+", help="folders in BEIR form or of conversations")
    command.add_argument("--vectors-cache", type=Path, required=True, help="folder that keeps encodings")
    command.add_argument("--json", type=Path)
    command.set_defaults(run=_shapes)


def _add_ablate(command: argparse.ArgumentParser, positive: Positive) -> None:
    command.add_argument("--data", type=Path, required=True, help="has locomo/ and musique/")
    command.add_argument("--share", type=Share, choices=list(Share), default=Share.HELD_OUT)
    command.add_argument("--seeds", type=positive, default=len(SEEDS), help="of all on and all off")
    command.add_argument("--single-seeds", type=int, default=2, help="of mechanisms off alone")
    command.add_argument("--without", nargs="*", default=list(MECHANISMS), metavar="MECHANISM")
    command.add_argument("--workers", type=positive, default=1, help="processes")
    command.add_argument("--vectors-cache", type=Path, required=True, help="folder that keeps encodings and lives")
    command.add_argument("--json", type=Path)
    command.add_argument("--report", type=Path)
    command.set_defaults(run=_ablate)


def _ablate(options: argparse.Namespace) -> None:
    todo = ablating.jobs(
        options.data, options.share, options.seeds, options.single_seeds, options.without, options.vectors_cache
    )
    found = ablating.ablate(todo, options.workers)
    text = ablation_report.markdown(found.outcomes, f"Ablation on the life log, share {options.share.value}")
    print(text)
    if options.report:
        options.report.parent.mkdir(parents=True, exist_ok=True)
        options.report.write_text(text, encoding="utf-8")
    if options.json:
        stored: dict[str, Json] = {name: [dict(one) for one in some] for name, some in found.stored.items()}
        about: dict[str, Json] = {"commit": machine.commit(), "share": options.share.value, "stored": stored}
        results.write({**about, **ablation_report.summary(found.outcomes)}, options.json)


def _shapes(options: argparse.Namespace) -> None:
    about: dict[str, Json] = {"commit": machine.commit()}
    kept = CachedEmbedder(embedder("minilm", None), options.vectors_cache, keeps_questions=True)
    try:
        for folder in options.data:
            dataset = _dataset(folder)
            found = shapes.measure(dataset, kept)
            print(shapes.markdown(dataset.name, found), flush=True)
            about[folder.name] = {"dataset_sha256": dataset.sha256, **shapes.summary(found)}
    finally:
        kept.close()
    if options.json:
        results.write(about, options.json)


def _dataset(folder: Path) -> Dataset:
    """Raises DatasetInvalid."""
    if (folder / "corpus.jsonl").is_file():
        return beir.read(folder)
    return conversations.read(sorted(folder.glob("*.json")))


def _overhead(options: argparse.Namespace) -> None:
    about: dict[str, Json] = {"commit": machine.commit(), "machine": dict(machine.description())}
    found = {**overhead.measure(options.memories, options.rounds), **about}
    print(json.dumps(found, indent=1))
    if options.json:
        results.write(found, options.json)


def _reproduce(options: argparse.Namespace) -> None:
    rows = [*reproduction.quick(), *reproduction.ablations()]
    print(reproduction.markdown(rows))
    if options.json:
        results.write({"commit": machine.commit(), "claims": reproduction.as_json(rows)}, options.json)

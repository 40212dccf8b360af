"""`python -m bench sleep` and `sleep-scale`: lives and conversations with nights, and nights of a large namespace."""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from bench import machine, results, sizes
from bench.dynamics.ablation import read
from bench.dynamics.lifelog import DAYS
from bench.dynamics.statements import Share
from bench.embedders import CachedEmbedder
from bench.errors import BenchError
from bench.service import embedder
from bench.sleeping import locomo, size
from bench.sleeping.measure import Lived, Slept, measure
from bench.sleeping.report import markdown, summary
from bench.types import Json

Positive = Callable[[str], int]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", positive: Positive) -> None:
    sleeping = commands.add_parser("sleep", help="ninety nights of the life log, and nights of conversations")
    sleeping.add_argument("--data", type=Path, required=True, help="has locomo/ and musique/")
    sleeping.add_argument("--share", type=Share, choices=list(Share), default=Share.HELD_OUT)
    sleeping.add_argument("--seeds", type=int, default=1, help="lives; 0: conversations alone")
    sleeping.add_argument("--workers", type=positive, default=1, help="processes, a life each")
    sleeping.add_argument("--without-budget", action="store_true", help="also an arm whose nights have no budget")
    sleeping.add_argument("--locomo", action="store_true", help="also the conversations, at several budgets")
    sleeping.add_argument("--vectors-cache", type=Path, required=True, help="folder that keeps encodings")
    sleeping.add_argument("--json", type=Path)
    sleeping.add_argument("--report", type=Path)
    sleeping.add_argument("--plots", type=Path, help="folder that pictures go to")
    sleeping.set_defaults(run=_run)
    large = commands.add_parser("sleep-scale", help="nights of a large made-up namespace")
    large.add_argument("--memories", type=positive, default=100_000)
    large.add_argument("--questions", type=positive, default=400)
    large.add_argument("--nights", nargs="+", choices=size.NIGHTS, default=list(size.NIGHTS))
    large.add_argument("--seed", type=int, default=0)
    large.add_argument("--folder", type=Path, help="to work in; one that holds such a namespace is measured as it is")
    large.add_argument("--json", type=Path)
    large.set_defaults(run=_run_large)


def _run(options: argparse.Namespace) -> None:
    if not options.seeds and not options.locomo:
        raise BenchError("nothing to measure: --seeds 0 needs --locomo")
    about: dict[str, Json] = {"commit": machine.commit(), "share": options.share.value, "seeds": options.seeds}
    figures: dict[str, Json] = {**about, "machine": dict(machine.description())}
    texts = []
    if options.seeds:
        found = _lives(options)
        figures |= summary([arms for arms, _ in found], [slept for _, slept in found])
        title = f"{DAYS} nights of the life log, share {options.share.value}, {options.seeds} seeds"
        texts.append(markdown(figures, title))
    if options.locomo:
        found_there = _conversations(options)
        figures["locomo"] = found_there
        texts.append(locomo.markdown(found_there))
    _keep(options, figures, "\n".join(texts))


def _keep(options: argparse.Namespace, figures: dict[str, Json], text: str) -> None:
    print(text)
    if options.report:
        options.report.parent.mkdir(parents=True, exist_ok=True)
        options.report.write_text(text, encoding="utf-8")
    if options.json:
        results.write(figures, options.json)
    if options.plots:
        from bench.sleeping import plots  # noqa: PLC0415 - needs matplotlib, which the service does not

        plots.draw(figures, options.plots)


def _lives(options: argparse.Namespace) -> Sequence[tuple[dict[str, Lived], Slept]]:
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        asked = [
            pool.submit(live, options.data, options.share, seed, options.vectors_cache, options.without_budget)
            for seed in range(options.seeds)
        ]
        return [one.result() for one in asked]


def live(data: Path, share: Share, seed: int, vectors: Path, with_unlimited: bool) -> tuple[dict[str, Lived], Slept]:
    """In a process of its own. Raises BenchError, DatasetInvalid."""
    kept = CachedEmbedder(embedder("minilm", 1), vectors, keeps_questions=True)
    try:
        return measure(read(data, share, seed), seed, kept, with_unlimited)
    finally:
        kept.close()


def _conversations(options: argparse.Namespace) -> dict[str, Json]:
    kept = CachedEmbedder(embedder("minilm", 1), options.vectors_cache, keeps_questions=True)
    try:
        with tempfile.TemporaryDirectory(prefix="zengram-nights-") as folder:
            return locomo.measure(options.data, kept, Path(folder))
    finally:
        kept.close()


def _run_large(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="zengram-bench-") as temporary:
        params = size.SizeParams(options.memories, options.questions, seed=options.seed, nights=options.nights)
        found = size.measure(params, options.folder or Path(temporary))
    found = {**found, "commit": machine.commit(), "machine": dict(machine.description())}
    print(sizes.markdown(found))
    if options.json:
        results.write(found, options.json)

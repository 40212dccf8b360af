"""The commands that measure speed and size: scale, push, load."""

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench import beir, large, load, machine, namespaces, report, results, scale
from bench.embedders import CachedEmbedder
from bench.errors import BenchError
from bench.service import Service, embedder
from bench.types import Json


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the three commands to the command line."""
    size = commands.add_parser("scale", help="speed and size on made-up namespaces")
    size.add_argument("--passages", type=positive, required=True, help="in all, or of each of --namespaces")
    size.add_argument("--namespaces", type=positive, help="measure recalls in so many memories that are not open")
    size.add_argument("--index-only", action="store_true", help="without texts and SQL; for a million passages")
    size.add_argument("--delta", type=int, default=0, help="with --index-only: passages that are then folded in")
    size.add_argument("--cache-mb", type=positive, default=64, help="with --namespaces: memory for open indexes")
    size.add_argument("--writes", type=positive, default=300, help="single writes that are timed")
    size.add_argument("--questions", type=positive, default=500)
    size.add_argument("--embedder", default="random", help="random, hashing, minilm, ...")
    pushing = commands.add_parser("push", help="forward push against exact PageRank")
    pushing.add_argument("--passages", type=positive, default=300_000)
    pushing.add_argument("--questions", type=positive, default=20)
    pushing.add_argument("--exact", type=positive, default=5, help="questions that are also answered by PRPACK")
    pushing.add_argument("--data", type=Path, nargs="*", default=[], help="labelled questions, for recall by epsilon")
    pushing.add_argument("--vectors-cache", type=Path, help="folder that keeps encodings between runs")
    loading = commands.add_parser("load", help="many clients at once on the real server")
    loading.add_argument("--passages", type=positive, default=10_000)
    loading.add_argument("--clients", type=positive, default=32)
    loading.add_argument("--seconds", type=float, default=30.0)
    for command in (size, pushing, loading):
        command.add_argument("--seed", type=int, default=0)
        command.add_argument("--folder", type=Path, help="an empty folder to work in; without it, a temporary one")
        command.add_argument("--json", type=Path)
        command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Measures, prints every figure, and keeps them where asked."""
    with tempfile.TemporaryDirectory(prefix="zengram-bench-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BenchError(f"{folder}: is not empty")
        found = _measured(options, folder)
    found = {**found, "commit": machine.commit(), "machine": dict(machine.description())}
    print(markdown(found))
    if options.json:
        results.write(found, options.json)


def markdown(found: Mapping[str, Json]) -> str:
    """Every figure, one a line."""
    return report.table(["figure", "value"], [[name, str(value)] for name, value in flat("", found)])


def flat(prefix: str, found: Mapping[str, Json]) -> list[tuple[str, Json]]:
    """Every figure, by the names on the way to it with dots between."""
    rows: list[tuple[str, Json]] = []
    for key, value in found.items():
        rows += flat(f"{prefix}{key}.", value) if isinstance(value, dict) else [(prefix + key, value)]
    return rows


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _measured(options: argparse.Namespace, folder: Path) -> Mapping[str, Json]:
    if options.command == "load":
        return load.measure(
            load.LoadParams(options.passages, options.clients, options.seconds, seed=options.seed), folder
        )
    if options.command == "push":
        return _push(options, folder)
    if options.namespaces:
        return namespaces.measure(
            namespaces.NamespacesParams(
                options.namespaces,
                options.passages,
                options.questions,
                options.cache_mb,
                options.seed,
                options.embedder,
            ),
            folder,
        )
    if options.index_only:
        params = large.LargeParams(
            options.passages, options.seed, options.questions, options.writes, delta=options.delta
        )
        return large.measure(params, folder)
    return scale.measure(
        scale.ScaleParams(options.passages, options.writes, options.questions, options.seed, options.embedder), folder
    )


def _push(options: argparse.Namespace, folder: Path) -> Mapping[str, Json]:
    from bench import push  # noqa: PLC0415 - needs igraph, which no other measurement of size does

    found = push.measure(push.PushParams(options.passages, options.questions, options.exact, options.seed), folder)
    for data in options.data:
        inner = embedder("minilm", None)
        cache = CachedEmbedder(inner, options.vectors_cache or folder / "vectors")
        with Service(folder / f"data-{data.name}", cache, is_cached=True) as service:
            found[data.name] = push.on_data(beir.read(data), service)
        cache.close()
    return found

"""The command line of measuring: `python -m bench --help` names the commands."""

import argparse
import logging
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import (
    beir,
    compare,
    conversations,
    convert,
    everything,
    hints,
    machine,
    merging,
    paired,
    report,
    results,
    sizes,
    summary,
    triples,
)
from bench.arms import ARMS_WITH_TRIPLES, DEFAULT_ARMS, selected
from bench.dynamics import commands as dynamics
from bench.embedders import CachedEmbedder
from bench.errors import BenchError
from bench.files import Kind, of_kind, read_scale
from bench.run import WARM_UP, measure
from bench.service import Service, embedder
from bench.sleeping import commands as sleeping
from bench.types import Dataset, Json
from memory.errors import MemoryServiceError
from retrieval.errors import RetrievalError

_DEFAULT, _WITH_TRIPLES = ",".join(DEFAULT_ARMS), ",".join(ARMS_WITH_TRIPLES)


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 2 with a message where something cannot be measured."""
    options = parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING)
    try:
        options.run(options)
    except (BenchError, MemoryServiceError, RetrievalError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m bench", description="Measures through the service's own code path.")
    commands = top.add_subparsers(dest="command", required=True)
    retrieval = commands.add_parser("retrieval", help="labelled questions over a corpus in BEIR form")
    retrieval.add_argument("folder", type=Path, help="has corpus.jsonl, queries.jsonl, qrels.tsv or qrels/test.tsv")
    retrieval.add_argument("--limit-corpus", type=_positive, help="passages at most; what answers is kept")
    _add_measuring(retrieval, _retrieval)
    conversation = commands.add_parser("conversation", help="questions about conversations")
    conversation.add_argument("files", type=Path, nargs="+", help="JSON in LoCoMo or LongMemEval form")
    _add_measuring(conversation, _conversation)
    sizes.add(commands)
    dynamics.add(commands.add_parser("dynamics", help="the mechanisms of memory"), _positive)
    sleeping.add(commands, _positive)
    hints.add(commands.add_parser("hints", help="what associations that nobody asked for are worth"), _positive)
    merging.add(commands.add_parser("merges", help="what merging the names of one entity is worth"), _positive)
    _add_all(commands.add_parser("all", help="every data set in a folder, with plots and a summary"))
    converting = commands.add_parser("convert", help="files as their authors publish them to BEIR form")
    converting.add_argument("form", choices=convert.FORMS)
    converting.add_argument("file", type=Path)
    converting.add_argument("folder", type=Path)
    converting.set_defaults(run=_convert)
    _add_showing(commands)
    return top


def _add_showing(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """What shows results that are there."""
    plotting = commands.add_parser("plots", help="results as PNG files")
    plotting.add_argument("files", type=Path, nargs="+", help="JSON of retrieval, conversation or scale")
    plotting.add_argument("--out", type=Path, required=True, help="the folder that they go to")
    plotting.set_defaults(run=_plots)
    summing = commands.add_parser("summary", help="one table over a folder of results")
    summing.add_argument("folder", type=Path)
    summing.add_argument("--write", action="store_true", help="into the folder's README.md as well")
    summing.set_defaults(run=_summary)
    comparing = commands.add_parser("compare", help="two files of results side by side")
    comparing.add_argument("first", type=Path)
    comparing.add_argument("second", type=Path)
    comparing.set_defaults(run=_compare)


def _add_measuring(command: argparse.ArgumentParser, run: Callable[[argparse.Namespace], None]) -> None:
    command.set_defaults(run=run)
    command.add_argument("--limit-queries", type=_positive, help="the first questions (of each conversation) only")
    command.add_argument("--embedder", default="minilm", help="minilm, hashing, random or sentence-transformers:NAME")
    command.add_argument("--threads", type=_positive, help="threads of the encoder; without it, as many as cores")
    command.add_argument("--arms", type=_names, help=f"default: {_DEFAULT}; with --triples also {_WITH_TRIPLES}")
    command.add_argument("--triples", type=Path, help="JSON lines of what an LLM extracted from each passage")
    command.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help="a search param of zengram")
    command.add_argument("--vectors-cache", type=Path, help="folder that keeps encodings between runs")
    command.add_argument("--json", type=Path, help="where the results go")
    command.add_argument("--report", type=Path, help="where a Markdown report goes; it is printed as well")


def _add_all(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run=_all)
    command.add_argument("data", type=Path, help="a folder of data sets, each a folder")
    command.add_argument("--out", type=Path, required=True, help="the folder that results, reports and plots go to")
    command.add_argument(
        "--scale", type=_sizes, default=[1000, 10000], help="sizes to measure, default 1000,10000; or 0"
    )
    command.add_argument("--embedder", default="minilm")
    command.add_argument("--limit-queries", type=_positive)
    command.add_argument("--threads", type=_positive)
    command.add_argument("--vectors-cache", type=Path)


def _retrieval(options: argparse.Namespace) -> None:
    _measure(beir.read(options.folder, options.limit_corpus, options.limit_queries), options)


def _conversation(options: argparse.Namespace) -> None:
    _measure(conversations.read(options.files, options.limit_queries), options)


def _convert(options: argparse.Namespace) -> None:
    print(convert.convert(options.form, options.file, options.folder))


def _compare(options: argparse.Namespace) -> None:
    print(compare.markdown(results.read(options.first), results.read(options.second)))


def _measure(dataset: Dataset, options: argparse.Namespace) -> None:
    commit = machine.commit()  # now: by the end there may be another
    inner = embedder(options.embedder, options.threads)
    cache = CachedEmbedder(inner, options.vectors_cache) if options.vectors_cache else None
    changes = _changes(options.set)
    extractions = triples.read(options.triples) if options.triples else None
    arms = selected(options.arms, changes, extractions)
    settings: dict[str, Json] = {
        "embedder": inner.fingerprint,
        "threads": options.threads,
        "limit_corpus": getattr(options, "limit_corpus", None),
        "limit_queries": options.limit_queries,
        "warm_up": WARM_UP,
        "changed": dict(changes),
        "triples_sha256": beir.fingerprint([options.triples]) if options.triples else None,
    }
    with (
        tempfile.TemporaryDirectory(prefix="zengram-bench-") as folder,
        Service(Path(folder), cache or inner, is_cached=cache is not None) as service,
    ):
        found = measure(dataset, arms.systems, service, settings, arms.notes)
    if cache is not None:
        cache.close()
    pairs = paired.pairs(found.outcomes)
    text = report.markdown(found, commit, pairs)
    if options.json:
        results.write(results.as_json(found, commit, pairs), options.json)
    if options.report:
        options.report.parent.mkdir(parents=True, exist_ok=True)
        options.report.write_text(text, encoding="utf-8")
    print(text)  # last: who reads it may stop early


def _all(options: argparse.Namespace) -> None:
    stated = {
        "--embedder": options.embedder,
        "--limit-queries": options.limit_queries,
        "--threads": options.threads,
        "--vectors-cache": options.vectors_cache,
    }
    shared = [part for name, value in stated.items() if value is not None for part in (name, str(value))]
    tasks = everything.tasks(options.data, options.scale, shared)
    failed = [task.name for task in tasks if not everything.run(task, options.out)]
    if len(failed) == len(tasks):
        raise BenchError("no measurement succeeded")
    _draw(sorted(options.out.glob("*.json")), options.out)
    _sum_up(options.out, write=(options.out / "README.md").is_file())
    if failed:
        raise BenchError(f"these measurements failed: {', '.join(failed)}")


def _plots(options: argparse.Namespace) -> None:
    _draw(options.files, options.out)


def _summary(options: argparse.Namespace) -> None:
    _sum_up(options.folder, options.write)


def _draw(files: Sequence[Path], out: Path) -> None:
    from bench import plots  # noqa: PLC0415 - needs matplotlib, which the service does not

    for path in of_kind(files, Kind.QUESTIONS):
        plots.recall(results.read(path), out / f"{path.stem}.png")
    if points := [read_scale(path) for path in of_kind(files, Kind.SCALE)]:
        plots.latency(points, out / "latency.png")


def _sum_up(folder: Path, write: bool) -> None:
    text = summary.markdown(folder)
    print(text)
    if write:
        summary.into(folder / "README.md", text)


def _changes(stated: Sequence[str]) -> dict[str, str]:
    changes = {}
    for item in stated:
        path, equals, value = item.partition("=")
        if not equals:
            raise BenchError(f"--set {item}: write PATH=VALUE, for example seeds.sentences=5")
        changes[path] = value
    return changes


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def _sizes(text: str) -> list[int]:
    return [number for name in _names(text) if (number := int(name)) > 0]


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())

"""The command line of measuring: `python -m bench retrieval|conversation|scale|dynamics|convert|compare`."""

import argparse
import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import beir, compare, convert, locomo, machine, report, results, scale
from bench.arms import DEFAULT_ARMS, named
from bench.dynamics import reproduction
from bench.embedders import CachedEmbedder
from bench.errors import BenchError
from bench.run import WARM_UP, measure
from bench.service import Service, embedder
from bench.types import Dataset, Json
from memory.errors import MemoryServiceError
from retrieval.errors import RetrievalError


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 2 with a message where something cannot be measured."""
    options = parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING)
    try:
        match options.command:
            case "retrieval":
                _measure(beir.read(options.folder, options.limit_corpus, options.limit_queries), options)
            case "conversation":
                _measure(locomo.read(options.files, options.limit_queries), options)
            case "scale":
                _scale(options)
            case "convert":
                print(convert.convert(options.form, options.file, options.folder))
            case "dynamics":
                _reproduce(options.json)
            case "compare":
                print(compare.markdown(results.read(options.first), results.read(options.second)))
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
    conversation = commands.add_parser("conversation", help="questions about conversations in LoCoMo form")
    conversation.add_argument("files", type=Path, nargs="+", help="JSON, one namespace a conversation")
    for command in (retrieval, conversation):
        _add_measuring(command)
    _add_scale(commands.add_parser("scale", help="speed and size on a made-up namespace"))
    converting = commands.add_parser("convert", help="files as their authors publish them to BEIR form")
    converting.add_argument("form", choices=convert.FORMS)
    converting.add_argument("file", type=Path)
    converting.add_argument("folder", type=Path)
    comparing = commands.add_parser("compare", help="two files of results side by side")
    comparing.add_argument("first", type=Path)
    comparing.add_argument("second", type=Path)
    _add_dynamics(commands.add_parser("dynamics", help="the mechanisms of memory"))
    return top


def _add_measuring(command: argparse.ArgumentParser) -> None:
    command.add_argument("--limit-queries", type=_positive, help="the first questions (of each conversation) only")
    command.add_argument("--embedder", default="minilm", help="minilm, hashing, random or sentence-transformers:NAME")
    command.add_argument("--threads", type=_positive, help="threads of the encoder; without it, as many as cores")
    command.add_argument("--arms", type=_names, default=list(DEFAULT_ARMS), help=f"default: {','.join(DEFAULT_ARMS)}")
    command.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help="a search param of zengram")
    command.add_argument("--vectors-cache", type=Path, help="folder that keeps encodings between runs")
    command.add_argument("--json", type=Path, help="where the results go")
    command.add_argument("--report", type=Path, help="where a Markdown report goes; it is printed as well")


def _add_scale(command: argparse.ArgumentParser) -> None:
    command.add_argument("--passages", type=_positive, required=True)
    command.add_argument("--writes", type=_positive, default=300, help="single writes that are timed")
    command.add_argument("--questions", type=_positive, default=500)
    command.add_argument("--embedder", default="random", help="random, hashing, minilm, ...")
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--folder", type=Path, help="an empty folder for the database; without it, a temporary one")
    command.add_argument("--json", type=Path)


def _add_dynamics(command: argparse.ArgumentParser) -> None:
    parts = command.add_subparsers(dest="part", required=True)
    reproducing = parts.add_parser("reproduce", help="the published simulations that need no language model")
    reproducing.add_argument("--json", type=Path)


def _reproduce(file: Path | None) -> None:
    rows = [*reproduction.quick(), *reproduction.ablations()]
    print(reproduction.markdown(rows))
    if file:
        results.write({"commit": machine.commit(), "claims": reproduction.as_json(rows)}, file)


def _measure(dataset: Dataset, options: argparse.Namespace) -> None:
    inner = embedder(options.embedder, options.threads)
    cache = CachedEmbedder(inner, options.vectors_cache) if options.vectors_cache else None
    changes = _changes(options.set)
    arms = [named(name, changes) for name in options.arms]
    settings: dict[str, Json] = {
        "embedder": inner.fingerprint,
        "threads": options.threads,
        "limit_corpus": getattr(options, "limit_corpus", None),
        "limit_queries": options.limit_queries,
        "warm_up": WARM_UP,
        "changed": dict(changes),
    }
    with (
        tempfile.TemporaryDirectory(prefix="zengram-bench-") as folder,
        Service(Path(folder), cache or inner, is_cached=cache is not None) as service,
    ):
        found = measure(dataset, arms, service, settings)
    if cache is not None:
        cache.close()
    commit = machine.commit()
    text = report.markdown(found, commit)
    print(text)
    if options.json:
        results.write(results.as_json(found, commit), options.json)
    if options.report:
        options.report.parent.mkdir(parents=True, exist_ok=True)
        options.report.write_text(text, encoding="utf-8")


def _scale(options: argparse.Namespace) -> None:
    params = scale.ScaleParams(options.passages, options.writes, options.questions, options.seed, options.embedder)
    with tempfile.TemporaryDirectory(prefix="zengram-scale-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BenchError(f"{folder}: is not empty")
        found = scale.measure(params, folder)
    found = {**found, "commit": machine.commit(), "machine": dict(machine.description())}
    print(scale.markdown(found))
    if options.json:
        results.write(found, options.json)


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


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())

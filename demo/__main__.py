"""`python -m demo`: starts a throw-away service, loads a corpus, asks, and prints what was found and how."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from demo import printing
from demo.corpus import READABLE, Asked, load, load_files, questions, readable
from demo.instance import InstanceFailed, throw_away
from demo.printing import SHOWN, Seen, dense_order
from zengram import Client, ZengramError
from zengram.models import Result

CANDIDATES = 200  # enough to see how the dense arm alone would have ranked them
GENERIC = ("What is this collection about?", "Who is named most often, and why?", "What happened first?")


def main(arguments: Sequence[str]) -> int:
    """The exit code: 0 if the service answered every question."""
    chosen = _parser().parse_args(arguments)
    if chosen.data is not None and not chosen.data.is_dir():
        sys.stderr.write(f"{chosen.data} is not a folder.\n")
        return 2
    if chosen.data is not None and not readable(chosen.data):
        sys.stderr.write(f"{chosen.data} has no file that can be read: {' '.join(sorted(READABLE))}.\n")
        return 2
    os.environ.pop("ZENGRAM_API_KEY", None)  # of another instance; this one asks for none
    try:
        print("Starting a throw-away service ...", flush=True)
        with throw_away() as url, Client(url, namespace="default") as client:
            _run(client, chosen.data, tuple(chosen.question or ()))
    except (InstanceFailed, ZengramError) as error:
        sys.stderr.write(f"The demo failed: {error}\n")
        return 1
    return 0


def _run(client: Client, folder: Path | None, own: Sequence[str]) -> None:
    names: Mapping[str, str] = {}
    if folder is None:
        names = load(client)
        asked = questions()
        print(f"Loaded {len(names)} notes and chat turns from Ellermoor, a town with an observatory.")
        print(f"{printing.MARK} marks what one must have read to answer.")
    else:
        asked = [Asked(question) for question in GENERIC]
        paths = readable(folder)
        refused = load_files(client, paths)
        print(f"Loaded {len(paths) - len(refused)} files from {folder}.")
        print("".join(f"Left out: {why}\n" for why in refused), end="")
    asked = [Asked(question) for question in own] or asked
    found = [_ask(client, number, each, names) for number, each in enumerate(asked, start=1)]
    judged = [each for each in found if each is not None]
    if judged:
        print("═" * printing.WIDTH)
        print(printing.summary("Zengram", [ours for ours, _ in judged]))
        print(printing.summary("dense search alone", [dense for _, dense in judged]))


def _ask(client: Client, number: int, asked: Asked, names: Mapping[str, str]) -> tuple[Seen, Seen] | None:
    """Prints the answer. What Zengram and dense search saw of the evidence, if it is known."""
    results = client.recall(asked.question, top_k=CANDIDATES, explain=True).results
    dense = dense_order(results)
    wanted = {identity for identity, name in names.items() if name in asked.evidence}
    print(printing.question(number, asked))
    print(printing.comparison(results, dense, wanted))
    print(printing.explanations(results, wanted), end="\n\n")
    if not asked.evidence:
        return None
    return _seen(results, wanted), _seen(dense, wanted)


def _seen(results: Sequence[Result], wanted: set[str]) -> Seen:
    return Seen(len(wanted & {result.document_id for result in results[:SHOWN]}), len(wanted))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo", description="Multi-hop questions to a small corpus.")
    parser.add_argument(
        "--data", type=Path, help="folder of txt, md, pdf, html, docx, eml, csv or json files to load instead"
    )
    parser.add_argument("--question", action="append", help="ask this instead (may be repeated)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

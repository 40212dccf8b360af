"""Compiles what a search needs before anybody asks: the first one in a new installation would take seconds."""

import tempfile
from pathlib import Path
from uuid import UUID

import numpy as np

from retrieval.index import Index
from retrieval.search import Question, SearchParams, search, traced
from retrieval.types import DocumentId, EntityKind, IndexedPassage, Mention, PassageId

DIMENSION = 2
FINGERPRINT = "warming"
NAMES = ("heron", "mill")


def warm_up() -> None:
    """Searches a tiny index of its own. Compiled code is cached on disk, so this is quick from the second start on."""
    grown = Index.empty(DIMENSION, FINGERPRINT)
    grown.add([_passage(number) for number in range(3)])
    _search(grown)
    with tempfile.TemporaryDirectory() as folder:  # what is mapped from a file is of another type
        file = Path(folder) / "warming.segment"
        opened = Index.open(file, grown.fold(file).sha256)
        opened.add([_passage(3)])
        _search(opened)


def _search(index: Index) -> None:
    vector = np.array([1.0, 0.0], np.float32)
    found = search(index, Question("What is by the mill of the heron?", vector), SearchParams(), None, 3, explain=True)
    traced(index, found, found.hits)


def _passage(number: int) -> IndexedPassage:
    return IndexedPassage(
        id=PassageId(str(UUID(int=number))),
        document_id=DocumentId(str(UUID(int=0))),
        title="",
        text="The heron nests by the mill.",
        group="document",
        position=number,
        mentions=tuple(Mention(name, name.title(), EntityKind.NAME, 1, sentences=(0,)) for name in NAMES),
        vector=np.array([127, number], np.int8),
        sentence_vectors=np.array([[127, number]], np.int8),
        attributes={},
    )

"""Small random worlds for tests: passages with mentions, neighbours and vectors."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from hypothesis import strategies as st

from retrieval.index import Index
from retrieval.quantize import to_bytes
from retrieval.types import DocumentId, EntityKind, FactId, IndexedFact, IndexedPassage, Mention, PassageId

DIMENSION = 8
NAMES = [f"name {letter}" for letter in "abcdefghijkl"]
WORDS = ["river", "tower", "letter", "garden", "engine", "harbour", "violin", "winter"]


def passage(
    number: int,
    document: int,
    position: int,
    names: list[tuple[int, int]],
    words: list[str],
    facts: Sequence[tuple[int, int]] = (),
) -> IndexedPassage:
    """A passage whose vector follows from its number; `names` are (index into NAMES, count), `facts` pairs of such."""
    generator = np.random.default_rng(number)
    vectors = generator.normal(size=(3, DIMENSION))
    mentions = tuple(
        Mention(NAMES[name], NAMES[name].title(), EntityKind.NAME, count, sentences=(number % 2,))
        for name, count in names
    )
    return IndexedPassage(
        id=PassageId(str(UUID(int=number))),
        document_id=DocumentId(str(UUID(int=10_000 + document))),
        title="",
        text=" ".join(words),
        group=f"document {document}",
        position=position,
        mentions=mentions,
        vector=to_bytes(vectors[0].astype(np.float32)),
        sentence_vectors=to_bytes(vectors[1:].astype(np.float32)),
        attributes={"kind": "document", "metadata.parity": number % 2},
        facts=tuple(fact(subject, object_) for subject, object_ in facts),
    )


def fact(subject: int, object_: int) -> IndexedFact:
    """The same fact wherever it is stated; its vector follows from its ends."""
    number = 100 * subject + object_
    vector = np.random.default_rng(1_000_000 + number).normal(size=DIMENSION).astype(np.float32)
    return IndexedFact(FactId(str(UUID(int=1_000_000 + number))), NAMES[subject], NAMES[object_], to_bytes(vector))


@st.composite
def documents(draw: st.DrawFn, most: int = 12) -> list[list[IndexedPassage]]:
    """Documents of one to four passages."""
    number = 0
    made = []
    for document in range(draw(st.integers(1, most))):
        passages = []
        for position in range(draw(st.integers(1, 4))):
            names = draw(st.lists(st.integers(0, len(NAMES) - 1), max_size=4, unique=True))
            counted = [(name, draw(st.integers(1, 3))) for name in names]
            words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6))
            ends = st.sampled_from(names) if names else st.nothing()
            facts = draw(st.lists(st.tuples(ends, ends), max_size=3, unique=True)) if names else []
            passages.append(passage(number, document, position, counted, words, facts))
            number += 1
        made.append(passages)
    return made


def index_of(made: list[list[IndexedPassage]]) -> Index:
    index = Index.empty(DIMENSION, "test")
    for passages in made:
        index.add(passages)
    return index

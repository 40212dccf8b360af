"""What HippoRAG holds of one collection: recorded triples, and vectors of the service's own encoder and store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from bench.errors import DatasetInvalid
from bench.hipporag import graph
from bench.hipporag.graph import Floats
from bench.hipporag.knowledge import Knowledge, Pair, Rows, build, fact_text
from bench.systems import Ground
from bench.triples import Extraction
from retrieval.ports import Embedder
from retrieval.types import EncoderInput, FloatVector

AT_ONCE = 256  # texts encoded in one call
NOTHING = Extraction((), (), 0)


@dataclass(frozen=True, slots=True)
class Memory:
    """A passage of HippoRAG is a document of the service. `documents` holds their ids; rows are places in it."""

    documents: tuple[str, ...]
    row_of: Mapping[str, int]  # by the id that questions refer to
    knowledge: Knowledge
    edges: Mapping[Pair, float]  # between phrases
    phrase_vectors: FloatVector  # [phrases, d]
    fact_vectors: FloatVector  # [facts, d]
    piece_vectors: FloatVector  # [stored passages, d]
    piece_document: Rows  # by stored passage: the row of its document
    seconds: float  # that all this took, the vectors of stored passages apart

    def similarity(self, question: FloatVector) -> Floats:
        """float64[documents]: the cosine of the nearest stored passage of each."""
        found = np.full(len(self.documents), -1.0)
        np.maximum.at(found, self.piece_document, (self.piece_vectors @ question).astype(np.float64))
        return found


class Library:
    """Keeps the memory of the newest collection for the arms that are measured together on it."""

    def __init__(self, triples: Mapping[str, Extraction]) -> None:
        self._triples = triples
        self._newest: tuple[Ground, Memory] | None = None

    def memory(self, ground: Ground) -> Memory:
        """Builds it if another collection was asked for last."""
        if self._newest is None or self._newest[0] is not ground:
            self._newest = ground, remember(ground, self._triples)
        return self._newest[1]


def remember(ground: Ground, triples: Mapping[str, Extraction]) -> Memory:
    """Encodes phrases and facts, and links synonyms. A document without triples can still be found by similarity.

    Raises DatasetInvalid if no document has any.
    """
    owners, pieces = ground.service.vectors(ground.filled.namespace)
    began = perf_counter()
    documents = tuple(dict.fromkeys(owners))
    row_of_document = {document: row for row, document in enumerate(documents)}
    names_of = ground.filled.ids_of
    knowledge = build([_extraction(names_of.get(document, ()), ground.prefix, triples) for document in documents])
    if not knowledge.facts:
        raise DatasetInvalid(f"the recorded triples are of none of the passages of {ground.collection.name}")
    phrase_vectors = _encoded(ground.service.encoder, knowledge.phrases)
    fact_vectors = _encoded(ground.service.encoder, [fact_text(fact) for fact in knowledge.facts])
    edges = graph.edges(knowledge.relations, graph.synonyms(knowledge.phrases, phrase_vectors))
    return Memory(
        documents,
        {name: row for row, document in enumerate(documents) for name in names_of.get(document, ())},
        knowledge,
        edges,
        phrase_vectors,
        fact_vectors,
        pieces,
        np.array([row_of_document[owner] for owner in owners], np.int64),
        perf_counter() - began,
    )


def _extraction(names: Sequence[str], prefix: str, triples: Mapping[str, Extraction]) -> Extraction:
    """Of the first of equal documents that has one."""
    return next((triples[prefix + name] for name in names if prefix + name in triples), NOTHING)


def _encoded(encoder: Embedder, texts: Sequence[str]) -> FloatVector:
    """float32[texts, d]; an empty text is encoded as a space."""
    rows = [np.zeros((0, encoder.dimension), np.float32)]
    for start in range(0, len(texts), AT_ONCE):
        inputs = [EncoderInput("", text or " ", ()) for text in texts[start : start + AT_ONCE]]
        rows.append(np.stack([encoding.vector for encoding in encoder.encode_passages(inputs)]))
    return np.concatenate(rows)

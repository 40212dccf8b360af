"""A base segment of any size, drawn as arrays and written at once: what a million real writes would leave behind.

Lengths, Zipf's laws, names and questions are those of synthetic.py. Texts are never spelled out, and names have no
synonyms. Vectors are a mixture of topics in a space of few dimensions, as those of language are.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from bench.synthetic import TURNS, World, WorldParams
from retrieval import csr, segment
from retrieval.facts import no_facts
from retrieval.growable import KeyMap, key_of
from retrieval.normalize import normal_name, terms
from retrieval.quantize import to_bytes
from retrieval.segment import SegmentInfo, Streamed
from retrieval.types import AnyArray, ByteVector, FloatVector
from retrieval.vectors import lists
from retrieval.vectors.dense import EXACT_UP_TO

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

DIMENSION = 384
FINGERPRINT = "made"
TOPICS, INNER, NOISE = 500, 24, 0.25  # topics, dimensions in which they differ, and isotropic noise
AT_ONCE = 50_000  # passages or sentences drawn together
NAMES_OF_TURN = 2


class Space:
    """Where vectors lie: topics spread in `INNER` of the dimensions, noise in all of them."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng((seed, 10))
        self._axes = rng.standard_normal((INNER, DIMENSION), np.float32) / np.float32(INNER**0.5)
        self._topics = 1.5 * rng.standard_normal((TOPICS, INNER), np.float32)

    def draw(self, rng: np.random.Generator, count: int) -> FloatVector:
        """float32[count, DIMENSION] of length 1."""
        inner = self._topics[rng.integers(0, TOPICS, count)] + rng.standard_normal((count, INNER), np.float32)
        found = inner @ self._axes + NOISE * rng.standard_normal((count, DIMENSION), np.float32)
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Which passages are turns of a chat (in sessions of TURNS), and how many words and sentences each has."""

    is_turn: NDArray[np.bool_]
    words: Longs
    sentences: Longs


def write(path: Path, params: WorldParams, hub_share: float = 0.0) -> SegmentInfo:
    """Draws the world of these params and writes it as a segment at revision `params.passages`.

    `hub_share` of the passages name the world's first name as well.
    """
    world = World(params)
    shape = _shape(params)
    owner, name = _mentions(world, params, shape, hub_share)
    codes = _vectors(params)
    stored = lists.to_array(lists.build(codes)) if params.passages > EXACT_UP_TO else np.zeros(0, np.uint8)
    arrays: dict[str, AnyArray | Streamed] = {
        **_identities(params.passages),
        **_graph(world, shape, owner, name),
        **no_facts(DIMENSION, params.passages, len(world.names)),
        **_lexicon(world, params, shape, owner, name),
        "vector_codes": codes,
        "vector_lists": stored,
        **_sentences(params, shape, owner, name),
        **{f"column:{key}": array for key, array in _columns(params.passages, shape).items()},
    }
    facts = {"dimension": str(DIMENSION), "fingerprint": FINGERPRINT, "revision": str(params.passages)}
    return segment.write(path, arrays, facts, params.passages)


def passage_uuid(row: int) -> UUID:
    return UUID(int=row + 1)


def _shape(params: WorldParams) -> _Shape:
    rng = np.random.default_rng((params.seed, 11))
    sessions = rng.random(params.passages // TURNS + 1) < params.chat_share
    is_turn = np.repeat(sessions, TURNS)[: params.passages]
    median = np.where(is_turn, params.turn_length, params.document_length)
    words = np.maximum(6, rng.lognormal(np.log(median), params.spread)).astype(np.int64)
    return _Shape(is_turn, words, -(-words // 12))


def _mentions(world: World, params: WorldParams, shape: _Shape, hub_share: float) -> tuple[Ints, Ints]:
    """(passage, name) of every mention, by passage and each name once a passage."""
    rng = np.random.default_rng((params.seed, 12))
    counts = np.where(shape.is_turn, NAMES_OF_TURN + 1, params.names_in_text)  # a turn's speaker is one of its names
    owner = np.repeat(np.arange(params.passages), counts)
    name = np.searchsorted(world.name_law, rng.random(len(owner)))
    in_hub = np.flatnonzero(rng.random(params.passages) < hub_share)
    pairs = np.unique(np.concatenate([owner * len(world.names) + name, in_hub * len(world.names)]))
    return (pairs // len(world.names)).astype(np.int32), (pairs % len(world.names)).astype(np.int32)


def _graph(world: World, shape: _Shape, owner: Ints, name: Ints) -> dict[str, AnyArray]:
    passages, entities = len(shape.words), len(world.names)
    pointers, order = csr.transpose(name, entities)
    ones = np.ones(len(owner), np.uint8)
    blob, offsets = _blob([normal_name(each) for each in world.names])
    display_blob, display_offsets = _blob(world.names)
    keys, rows = KeyMap.sorted(np.array([key_of(normal_name(each)) for each in world.names], np.uint64))
    none = np.zeros(0, np.int32)
    row = np.arange(passages, dtype=np.int32)
    is_first, is_last = row % TURNS == 0, (row % TURNS == TURNS - 1) | (row == passages - 1)
    return {
        "passage_ptr": csr.starts(np.bincount(owner, minlength=passages).astype(np.int64)),
        "passage_entity": name, "passage_count": ones,
        "entity_ptr": pointers, "entity_passage": owner[order], "entity_count": ones,
        "synonym_ptr": np.zeros(entities + 1, np.int64), "synonym_entity": none,
        "synonym_similarity": np.zeros(0, np.float32),
        "previous": np.where(shape.is_turn & ~is_first, row - 1, -1).astype(np.int32),
        "next": np.where(shape.is_turn & ~is_last, row + 1, -1).astype(np.int32),
        "df": np.diff(pointers).astype(np.int32), "kind": np.zeros(entities, np.uint8),
        "name_blob": blob, "name_offsets": offsets,
        "display_blob": display_blob, "display_offsets": display_offsets,
        "name_key": keys, "name_row": rows, "synonym_key": np.zeros(0, np.uint64), "synonym_row": none,
    }  # fmt: skip


def _lexicon(world: World, params: WorldParams, shape: _Shape, owner: Ints, name: Ints) -> dict[str, AnyArray]:
    """Postings of the words and of the words of the names."""
    spelled = [*world.words, *sorted({word for each in world.names for word in each.split()})]
    stems = [terms(word)[0] for word in spelled]
    unique, stem_of = np.unique(np.array([key_of(stem) for stem in stems], np.uint64), return_inverse=True)
    place = {word: int(stem) for word, stem in zip(spelled, stem_of, strict=True)}
    parts_of_name = np.array([[place[word] for word in each.split()] for each in world.names], np.int64)
    rng = np.random.default_rng((params.seed, 13))
    kind = np.uint16 if len(unique) < 2**16 else np.uint32  # sixteen bits are sorted in one pass
    term, row, count = [], [], []
    borders = csr.starts(np.bincount(owner, minlength=params.passages).astype(np.int64))
    for start in range(0, params.passages, AT_ONCE):
        end = min(params.passages, start + AT_ONCE)
        words = np.repeat(np.arange(start, end), shape.words[start:end])
        drawn = stem_of[np.searchsorted(world.word_law, rng.random(len(words)))]
        own = slice(borders[start], borders[end])
        rows = np.concatenate([words, np.repeat(owner[own], 2)])
        keys, counts = np.unique(
            rows * len(unique) + np.concatenate([drawn, parts_of_name[name[own]].ravel()]), return_counts=True
        )
        term.append((keys % len(unique)).astype(kind))
        row.append((keys // len(unique)).astype(np.int32))
        count.append(np.minimum(counts, 255).astype(np.uint8))
    terms_, rows_ = np.concatenate(term), np.concatenate(row)
    pointers, order = csr.transpose(terms_, len(unique))
    names_of = np.bincount(owner, minlength=params.passages)
    return {
        "term": unique, "posting_ptr": pointers, "posting_row": rows_[order],
        "posting_count": np.concatenate(count)[order],
        "length": (shape.words + 2 * names_of).astype(np.int32),
    }  # fmt: skip


def _vectors(params: WorldParams) -> ByteVector:
    space, rng = Space(params.seed), np.random.default_rng((params.seed, 14))
    codes = np.empty((params.passages, DIMENSION), np.int8)
    for start in range(0, params.passages, AT_ONCE):
        end = min(params.passages, start + AT_ONCE)
        codes[start:end] = to_bytes(space.draw(rng, end - start))
    return codes


def _sentences(params: WorldParams, shape: _Shape, owner: Ints, name: Ints) -> dict[str, AnyArray | Streamed]:
    pointers = csr.starts(shape.sentences)
    rng = np.random.default_rng((params.seed, 15))
    sentence = pointers[owner] + (rng.random(len(owner)) * shape.sentences[owner]).astype(np.int64)
    entity_pointers, order = csr.transpose(sentence.astype(np.int32), int(pointers[-1]))
    return {
        "sentence_ptr": pointers,
        "sentence_codes": Streamed(
            np.dtype(np.int8), (int(pointers[-1]), DIMENSION), lambda: _noise(params.seed, int(pointers[-1]))
        ),
        "sentence_entity_ptr": entity_pointers,
        "sentence_entity": name[order],
    }


def _noise(seed: int, count: int) -> Iterator[ByteVector]:
    """Sentences have random directions: only candidates are looked at, so it does not matter which."""
    rng = np.random.default_rng((seed, 16))
    for start in range(0, count, AT_ONCE):
        yield rng.integers(-127, 128, (min(AT_ONCE, count - start), DIMENSION), np.int8)


def _identities(passages: int) -> dict[str, AnyArray]:
    ids = np.zeros((passages, 16), np.uint8)
    ids[:, 8:] = np.arange(1, passages + 1, dtype=">u8").view(np.uint8).reshape(-1, 8)
    documents = KeyMap.sorted(np.array([key_of(str(passage_uuid(row))) for row in range(passages)], np.uint64))
    places = KeyMap.sorted(np.array([key_of(f"{row // TURNS}\0{row % TURNS}") for row in range(passages)], np.uint64))
    return {
        "passage_id": ids, "document_key": documents[0], "document_row": documents[1],
        "place_key": places[0], "place_row": places[1],
    }  # fmt: skip


def _columns(passages: int, shape: _Shape) -> dict[str, AnyArray]:
    row = np.arange(passages, dtype=np.int32)
    ids = [str(passage_uuid(number)) for number in range(passages)]
    columns: dict[str, tuple[Ints, list[str] | list[float]]] = {
        "id": (row, ids),
        "document_id": (row, ids),
        "external_id": (row, [f"x{number}" for number in range(passages)]),
        "kind": (shape.is_turn.astype(np.int32), ["document", "memory"]),
        "session_id": (row // TURNS, [f"session-{number}" for number in range(passages // TURNS + 1)]),
        "recorded_at": (row // 64, [1.7e9 + number for number in range(passages // 64 + 1)]),
    }
    stored: dict[str, AnyArray] = {"rows": np.array([passages], np.int64), "fields": _json(list(columns))}
    for number, (codes, values) in enumerate(columns.values()):
        stored[f"codes.{number}"], stored[f"values.{number}"] = codes, _json(values)
    return stored


def _json(values: list[str] | list[float]) -> AnyArray:
    return np.frombuffer(json.dumps(values).encode(), np.uint8)


def _blob(texts: list[str]) -> tuple[AnyArray, AnyArray]:
    encoded = [text.encode() for text in texts]
    return np.frombuffer(b"".join(encoded), np.uint8), csr.starts(np.array([len(text) for text in encoded], np.int64))

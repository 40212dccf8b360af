"""The values that measuring takes and gives back."""

from collections.abc import Mapping
from dataclasses import dataclass

from memory.types import Draft


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question with the ids of everything that answers it; `category` is empty where the data has none."""

    id: str
    text: str
    relevant: frozenset[str]
    category: str = ""


@dataclass(frozen=True, slots=True)
class Collection:
    """What one namespace is filled with and asked. Every draft has an `external_id`, the id that questions refer to."""

    name: str
    drafts: tuple[Draft, ...]
    questions: tuple[LabelledQuestion, ...]


@dataclass(frozen=True, slots=True)
class Dataset:
    """Collections that are measured together; `sha256` is of the files they were read from."""

    name: str
    sha256: str
    collections: tuple[Collection, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one arm answered one question."""

    question: str  # its id, with the collection's name before it where there are several
    category: str
    relevant: int  # how many ids are relevant
    ranks: tuple[int, ...]  # 1-based ranks of the relevant ids that were found, ascending
    ms: float  # the whole recall, the encoder included


@dataclass(frozen=True, slots=True)
class Ingestion:
    """How the collections got in."""

    documents: int  # passages and turns as the data has them
    passages: int  # as stored: a long one is split
    seconds: float
    encoder_seconds: float
    is_cached: bool  # encodings may have come from a cache, so that `seconds` says nothing about a real ingestion


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement of all arms."""

    dataset: str
    sha256: str
    settings: Mapping[str, "Json"]
    ingestion: Ingestion
    outcomes: Mapping[str, tuple[Outcome, ...]]  # by arm; the same questions in the same order
    stages: Mapping[str, "Stages"]  # by arm: means over questions
    ingest_seconds: Mapping[str, float]  # by arm: from the first passage until it could be asked
    memory: Mapping[str, Mapping[str, float]]  # by moment: megabytes `rss` and `anonymous`, of this process
    notes: tuple[str, ...] = ()  # what a reader must know, such as why an arm is not there


Stages = Mapping[str, float]
"""Milliseconds in the encoder, in the search (with reading its rows), in all else (`rest`); `cpu` of all threads."""

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]

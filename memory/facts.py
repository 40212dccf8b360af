"""Facts as values: what is known, since when, from where, and how sure it is."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from retrieval.extractors.stated import entity
from retrieval.normalize import normal_name
from retrieval.types import ByteVector, FactId, Mention, PassageId


class FactSource(StrEnum):
    LLM = "llm"
    RULE = "rule"
    USER = "user"


class ExtractionStatus(StrEnum):
    """How far the extraction from a passage is."""

    NONE = "none"
    RULES = "rules"  # names and dates by rules; an LLM was not asked
    PENDING = "pending"  # an LLM will be asked
    DONE = "done"  # an LLM was asked, and said what there is, even if it is nothing
    FAILED = "failed"  # an LLM was asked in vain


@dataclass(frozen=True, slots=True)
class FactDraft:
    """A fact to store. `key` is the same for the same fact, whoever states it and however it is spelled."""

    key: str  # SHA-256, hex
    subject: str
    predicate: str
    object: str
    subject_name: str  # normal
    object_name: str
    text: str
    vector: ByteVector  # int8[d]
    confidence: float = 1.0  # 0 to 1
    source: FactSource = FactSource.LLM
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as it is kept. It is valid from `valid_from` to `valid_to`, and was believed until `retired_at`."""

    id: FactId
    subject: str
    predicate: str
    object: str
    subject_name: str
    object_name: str
    text: str
    confidence: float
    source: FactSource
    valid_from: datetime | None
    valid_to: datetime | None
    recorded_at: datetime
    retired_at: datetime | None
    passages: tuple[PassageId, ...] = ()


@dataclass(frozen=True, slots=True)
class Enriched:
    """What an LLM found in a passage, ready to be stored."""

    passage: PassageId
    facts: tuple[FactDraft, ...]
    mentions: tuple[Mention, ...]  # those that the rules had not found


def name_of(display: str) -> str:
    """The name of the entity that a subject or an object stands for."""
    found = entity(display)
    return found.name if found is not None else ""


def key_of(subject_name: str, predicate: str, object_name: str) -> str:
    return hashlib.sha256(f"{subject_name}\n{normal_name(predicate)}\n{object_name}".encode()).hexdigest()

"""Phrases and facts of all passages: what the triples become before they are a graph. Pure."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.triples import Extraction, Triple

Rows = NDArray[np.int64]
Pair = tuple[int, int]
"""Two phrase rows, in order."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Rows are places in `phrases`, `facts` and the passages that it was built from."""

    phrases: tuple[str, ...]
    facts: tuple[Triple, ...]  # normalised and distinct
    ends: Rows  # [facts, 2]: the phrases of a fact's subject and object
    facts_of: tuple[Rows, ...]  # by passage: its distinct facts, ascending
    phrases_of: tuple[Rows, ...]  # by passage: the distinct phrases of its facts, ascending
    spread: Rows  # [phrases]: in how many passages a phrase is, at least 1
    relations: Mapping[Pair, int]  # how often a subject and an object are in one triple; both orders are there


def normal_phrase(text: str) -> str:
    """Lower case, with a space for everything but ASCII letters and digits, as both papers' code has it.

    Names in other scripts all become the empty phrase: that is a fault of the method, and kept.
    """
    return re.sub(r"[^a-z0-9 ]", " ", text.lower()).strip()


def build(extractions: Sequence[Extraction]) -> Knowledge:
    """The knowledge of passages, one extraction each."""
    phrase_rows: dict[str, int] = {}
    fact_rows: dict[Triple, int] = {}
    relations: Counter[Pair] = Counter()
    facts_of: list[Rows] = []
    for extraction in extractions:
        found: set[int] = set()
        for triple in extraction.triples:
            fact = Triple(*(normal_phrase(part) for part in triple))
            subject, object_ = (phrase_rows.setdefault(end, len(phrase_rows)) for end in (fact.subject, fact.object))
            found.add(fact_rows.setdefault(fact, len(fact_rows)))
            relations.update([(subject, object_), (object_, subject)])
        facts_of.append(np.array(sorted(found), np.int64))
    ends = np.array([(phrase_rows[fact.subject], phrase_rows[fact.object]) for fact in fact_rows], np.int64)
    ends = ends.reshape(-1, 2)
    phrases_of = tuple(np.unique(ends[facts]) for facts in facts_of)
    everywhere = np.concatenate([*phrases_of, np.zeros(0, np.int64)])
    spread = np.bincount(everywhere, minlength=len(phrase_rows)).astype(np.int64)
    return Knowledge(tuple(phrase_rows), tuple(fact_rows), ends, tuple(facts_of), phrases_of, spread, dict(relations))


def fact_text(fact: Triple) -> str:
    """What the encoder sees of a fact: the parts as a tuple is printed, as in the code of HippoRAG 2."""
    return str(tuple(fact))

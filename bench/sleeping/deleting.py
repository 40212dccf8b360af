"""Deletion by age, which forgetting has to beat: the oldest items leave recall until few enough tokens are left."""

from datetime import datetime

from bench.service import ACTOR
from memory import forget
from memory.forgetting.plan import Candidate, Verdict
from memory.forgetting.policies import Action
from memory.forgetting.records import Forgetting
from memory.measuring import Wish, candidates
from memory.parts import Parts
from memory.types import ItemState, Namespace


def tokens_of(parts: Parts, namespace: Namespace, now: datetime) -> int:
    """Of all items in recall."""
    return sum(one.tokens for one in active(parts, namespace, now))


def active(parts: Parts, namespace: Namespace, now: datetime) -> list[Candidate]:
    found = candidates(parts, namespace, Wish(None, counts_tokens=True), now)
    return [one for one in found if one.state is ItemState.ACTIVE]


def forget_the_oldest(parts: Parts, namespace: Namespace, most_tokens: int, now: datetime) -> Forgetting:
    """Archives them; ids are in the order of their times."""
    there = sorted(active(parts, namespace, now), key=lambda one: one.id)
    left = sum(one.tokens for one in there)
    gone = []
    for one in there:
        if left <= most_tokens:
            break
        left -= one.tokens
        gone.append(Verdict(one.id, one.kind, one.version, Action.ARCHIVE, "age", "is the oldest"))
    return forget.apply(parts, namespace, gone, now=now, actor=ACTOR)

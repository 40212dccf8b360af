"""Finds what says what other items say: keys of all items first, then the whole of those that share one."""

from collections.abc import Collection
from datetime import datetime

from memory.parts import Parts
from memory.rereading import library
from memory.sleeping import comparing, repeats
from memory.sleeping.comparing import Keyed
from memory.sleeping.episodes import Repeat
from memory.surveying import keyed
from memory.types import Namespace

PORTION = 1000  # items that are compared at once, unless more hang together


def find(
    parts: Parts, namespace: Namespace, now: datetime, since: datetime | None, without: Collection[str] = ()
) -> list[Repeat]:
    """Pairs of which one was recorded later than `since` (None: all were), by survivor; gists are left alone."""
    rough = comparing.shared(keyed(parts, namespace, since, without))
    is_new = {one.edition.id: one.is_new for one in rough}
    whole = library(parts, namespace, now)
    exact = [
        Keyed(one.edition, repeats.keys(one), is_new[one.id]) for one in whole.episodes([one.edition for one in rough])
    ]
    found: list[Repeat] = []
    for portion in comparing.portions(comparing.shared(exact), PORTION):
        read = list(whole.episodes(portion))
        found += repeats.find(read, [one.id for one in read if is_new[one.id]])
    return sorted(found, key=lambda one: one.survivor.id)

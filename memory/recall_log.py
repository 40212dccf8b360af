"""What was recalled lately: for feedback that names a recall, for lability, and to know its echo. Lost at a restart.

No text is kept, neither of questions nor of results: an erasure in one process has nothing to look for in another.
"""

import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from memory.dynamics.substance import essence
from memory.ids import new_id
from memory.types import NamespaceId, Result

MOST = 2_000  # recalls that are kept
ECHO = timedelta(minutes=30)  # after which what is said again is said anew


@dataclass(frozen=True, slots=True)
class Returned:
    """A result as it was returned."""

    passage: str
    document: str
    probability: float


@dataclass(frozen=True, slots=True)
class Remembering:
    """One recall."""

    id: str
    namespace: NamespaceId
    results: tuple[Returned, ...]
    at: datetime


class RecallLog:
    """The latest recalls of this process. Thread-safe; never waits for anything."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._recalls: OrderedDict[str, Remembering] = OrderedDict()
        self._heard: OrderedDict[tuple[NamespaceId, str], datetime] = OrderedDict()  # essences, least recent first
        self._opened: OrderedDict[tuple[NamespaceId, str], datetime] = OrderedDict()  # documents

    def add(self, namespace: NamespaceId, results: Sequence[Result], now: datetime) -> str:
        """The id of the recall."""
        id_ = new_id(now)
        returned = tuple(Returned(one.id, one.document.id, one.hit.probability) for one in results)
        essences = [essence(one.text, one.document.speaker) for one in results]
        essences += [essence(one.text) for one in results if one.document.speaker]
        with self._lock:
            self._recalls[id_] = Remembering(id_, namespace, returned, now)
            for text in essences:
                _put(self._heard, (namespace, text), now, 10 * self._most)
            for one in returned:
                _put(self._opened, (namespace, one.document), now, 10 * self._most)
            while len(self._recalls) > self._most:
                self._recalls.popitem(last=False)
        return id_

    def find(self, namespace: NamespaceId, id_: str) -> Remembering | None:
        with self._lock:
            found = self._recalls.get(id_)
        return found if found is not None and found.namespace == namespace else None

    def opened_at(self, namespace: NamespaceId, document: str) -> datetime | None:
        """When an item was last returned, as far as that is known."""
        with self._lock:
            return self._opened.get((namespace, document))

    def is_echo(self, namespace: NamespaceId, text: str, now: datetime) -> bool:
        """Whether recall returned what has this essence a moment ago."""
        with self._lock:
            heard = self._heard.get((namespace, text)) if text else None
        return heard is not None and timedelta(0) <= now - heard <= ECHO

    def forget(self, namespace: NamespaceId, documents: Collection[str]) -> None:
        """Takes out items that were erased, and everything that was heard in their namespace: it may be theirs."""
        with self._lock:
            for id_, one in self._recalls.items():
                if one.namespace == namespace and any(each.document in documents for each in one.results):
                    left = tuple(each for each in one.results if each.document not in documents)
                    self._recalls[id_] = replace(one, results=left)
            for key in [key for key in self._heard if key[0] == namespace]:
                del self._heard[key]
            for document in documents:
                self._opened.pop((namespace, document), None)


def _put(
    times: OrderedDict[tuple[NamespaceId, str], datetime], key: tuple[NamespaceId, str], now: datetime, most: int
) -> None:
    times[key] = now
    times.move_to_end(key)
    while len(times) > most:
        times.popitem(last=False)

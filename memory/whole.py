"""Indexes that hold archived items too, for the rare question that asks for them: built from rows when it comes."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from memory.catching_up import MustRebuild, catch_up, rebuild
from memory.gate import Gate
from memory.store.database import Database
from memory.types import NamespaceId
from retrieval.index import Index

MOST_OPEN = 2  # each is as large as all that its namespace ever kept


@dataclass(slots=True)
class _Place:
    """Who changes the index holds `catching`; who searches it is in `gate`."""

    catching: threading.Lock = field(default_factory=threading.Lock)
    gate: Gate = field(default_factory=Gate)
    index: Index | None = None


class WholeIndexes:
    """The most recently used of them. Thread-safe."""

    def __init__(self, database: Database, dimension: int, fingerprint: str) -> None:
        self._database = database
        self._dimension, self._fingerprint = dimension, fingerprint
        self._lock = threading.Lock()
        self._places: OrderedDict[NamespaceId, _Place] = OrderedDict()

    @contextmanager
    def reading(self, namespace: NamespaceId, revision: int) -> Iterator[Index]:
        """The index at this revision or later, which does not change meanwhile. Raises NotFound, StoreUnavailable."""
        place = self._place(namespace)
        with place.catching:
            index = self._at(namespace, place, revision)
        with place.gate.reading():
            yield place.index or index

    def forget(self, namespace: NamespaceId) -> None:
        with self._lock:
            self._places.pop(namespace, None)

    def clear(self) -> None:
        with self._lock:
            self._places.clear()

    def _place(self, namespace: NamespaceId) -> _Place:
        with self._lock:
            place = self._places.setdefault(namespace, _Place())
            self._places.move_to_end(namespace)
            while len(self._places) > MOST_OPEN:
                self._places.popitem(last=False)
            return place

    def _at(self, namespace: NamespaceId, place: _Place, revision: int) -> Index:
        """`catching` is held."""
        index = place.index
        if index is not None and index.revision >= revision:
            return index
        place.index = None  # a failure halfway must leave nothing behind
        if index is None or not self._caught_up(namespace, place, index):
            index = Index.empty(self._dimension, self._fingerprint)
            rebuild(self._database, namespace, index, whole=True)
        place.index = index
        return index

    def _caught_up(self, namespace: NamespaceId, place: _Place, index: Index) -> bool:
        try:
            catch_up(self._database, namespace, index, place.gate.writing, whole=True)
        except MustRebuild:
            return False
        return True

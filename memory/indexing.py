"""The index of each namespace: opened when needed, at the revision that is asked for, and let go when memory is short.

An index is derived from rows. Whatever happens to it, it can be dropped and built again.
"""

import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from memory.catching_up import MustRebuild, catch_up, rebuild
from memory.freeing import give_back
from memory.gate import Gate
from memory.segments import SegmentFiles, is_fold_due, is_fold_due_in
from memory.store import jobs
from memory.store.database import Database
from memory.types import NamespaceId, Segment
from memory.whole import WholeIndexes
from retrieval.index import Index

FOLD = "fold"
MOST_AT_ONCE = max(2, os.cpu_count() or 1)  # searches: more take turns on the same cores, each with scratch memory
AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)  # when a job is due that need not wait for anything

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """An index and the segment it stands on; None: it was built from rows alone."""

    index: Index
    base: Segment | None


@dataclass(slots=True)
class _Place:
    """Where the index of one namespace stands. Who changes it holds `catching`; who searches it is in `gate`."""

    catching: threading.Lock = field(default_factory=threading.Lock)
    gate: Gate = field(default_factory=Gate)
    opened: Opened | None = None
    bytes: int = 0
    base_seen: str | None = None  # the newest segment that was noticed
    fold_asked: int = -1  # the revision of the base at which a fold was asked for


class Indexes:
    """All indexes of this process. Thread-safe."""

    def __init__(self, database: Database, folder: Path, dimension: int, fingerprint: str, cache_bytes: int) -> None:
        self._database = database
        self._cache_bytes = cache_bytes
        self._files = SegmentFiles(database, folder, dimension, fingerprint)
        self._seats = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._lock = threading.Lock()
        self._places: OrderedDict[NamespaceId, _Place] = OrderedDict()  # least recently used first
        self._whole = WholeIndexes(database, dimension, fingerprint)
        self._background = ThreadPoolExecutor(1, "zengram-segments")
        self._is_closed = False

    @contextmanager
    def reading(self, namespace: NamespaceId, revision: int) -> Iterator[Index]:
        """The index at this revision or later, which does not change meanwhile. Raises NotFound, StoreUnavailable."""
        place = self._catch_up(namespace, revision)
        with self._seats, place.gate.reading():
            opened = place.opened
            if opened is not None:
                yield opened.index
                return
        with self._seats:
            yield self._load(namespace).index  # it was dropped in between, after a failure: one of our own

    def reading_whole(self, namespace: NamespaceId, revision: int) -> AbstractContextManager[Index]:
        """The same with all that is archived or held back; recall filters by state."""
        return self._whole.reading(namespace, revision)

    @contextmanager
    def peeking(self, namespace: NamespaceId) -> Iterator[Index | None]:
        """The index as it is, whatever its revision, if it is open; it does not change meanwhile."""
        with self._lock:
            place = self._places.get(namespace)
        if place is None:
            yield None
            return
        with place.gate.reading():
            yield place.opened.index if place.opened is not None else None

    def catch_up(self, namespace: NamespaceId, to: int) -> None:
        """Opens the index if need be, and applies all changes up to `to` at least."""
        self._catch_up(namespace, to)

    def follow(self, namespace: NamespaceId, to: int) -> None:
        """Catches up if the index is open. Never fails: what was written is durable, and the next search catches up."""
        with self._lock:
            place = self._places.get(namespace)
        if place is None or place.opened is None:
            return
        try:
            self._catch_up(namespace, to)
        except Exception:  # noqa: BLE001  # the write has succeeded, and so must its answer
            _log.warning("index did not follow a write", exc_info=True, extra={"namespace": namespace})

    def fold(self, namespace: NamespaceId, now: datetime) -> Segment | None:
        """Publishes a segment of the newest revision; None if it is there. Searches go on with what is open."""
        opened = self._load(namespace)
        if opened.base is not None and opened.base.revision == opened.index.revision:
            return None
        segment = self._files.write(namespace, opened.index, now)
        del opened
        give_back()
        return segment

    def is_fold_due(self, session: Session, namespace: NamespaceId) -> bool:
        return is_fold_due_in(session, self._files, namespace)

    def refresh(self, namespace: NamespaceId) -> None:
        """Changes over to the newest segment, if the index is open and stands on an older one."""
        with self._lock:
            place = self._places.get(namespace)
        if place is None or place.opened is None:
            return
        newer = self._load(namespace)
        with place.catching:
            catch_up(self._database, namespace, newer.index, nullcontext)
            with place.gate.writing():
                place.opened, place.bytes = newer, newer.index.nbytes
        give_back()

    def forget(self, namespace: NamespaceId) -> None:
        """Lets go of a namespace that is gone, and of its files."""
        with self._lock:
            self._places.pop(namespace, None)
        self._whole.forget(namespace)
        self._files.remove_all(namespace)

    def rewrite(self, namespace: NamespaceId, now: datetime) -> None:
        """Lets go of all that was derived from rows that are gone, in memory and in files; what is left is derived
        anew. The segments have been withdrawn already. Raises NotFound, StoreUnavailable.
        """
        self._whole.forget(namespace)
        with self._lock:
            place = self._places.pop(namespace, None)
        had_files = self._files.sweep(namespace)
        opened = self._load(namespace) if place is not None or had_files else None
        if opened is not None and had_files and len(opened.index):
            self._files.write(namespace, opened.index, now)

    def files(self, namespace: NamespaceId) -> list[Path]:
        """The files of its segments."""
        return self._files.files(namespace)

    def opened(self) -> dict[NamespaceId, int]:
        """Bytes of memory by namespace, for those that are open."""
        with self._lock:
            return {namespace: place.bytes for namespace, place in self._places.items() if place.opened}

    def close(self) -> None:
        """Lets go of everything. What is still asked for afterwards is opened once more."""
        with self._lock:
            self._is_closed = True
        self._background.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            self._places.clear()
        self._whole.clear()

    def _catch_up(self, namespace: NamespaceId, to: int) -> _Place:
        place = self._place(namespace)
        opened = place.opened
        if opened is not None and opened.index.revision >= to:
            return place
        with place.catching:
            opened = self._applied(namespace, place)
        place.bytes = opened.index.nbytes
        self._look_for_newer_base(namespace, place)
        self._ask_for_fold(namespace, place, opened)
        self._evict(namespace)
        return place

    def _applied(self, namespace: NamespaceId, place: _Place) -> Opened:
        """The index at the newest revision. `catching` is held."""
        if place.opened is None:
            place.opened = self._load(namespace)
            place.base_seen = place.opened.base.id if place.opened.base else None
            return place.opened
        try:
            catch_up(self._database, namespace, place.opened.index, place.gate.writing)
        except MustRebuild:
            rebuilt = self._load(namespace)
            with place.gate.writing():
                place.opened = rebuilt
        except BaseException:
            place.opened = None  # a part of a change may be in: never to be seen
            raise
        return place.opened

    def _load(self, namespace: NamespaceId) -> Opened:
        """An index of its own at the newest revision: from the newest segment, else from rows."""
        segment = self._database.read(lambda session: self._files.newest(session, namespace))
        if segment is not None:
            index = self._files.open(segment)
            if index is None:
                self._defer_fold(namespace)
            else:
                try:
                    catch_up(self._database, namespace, index, nullcontext)
                except MustRebuild:
                    index = None
            if index is not None:
                return Opened(index, segment)
        index = Index.empty(self._files.dimension, self._files.fingerprint)
        rebuild(self._database, namespace, index)
        return Opened(index, None)

    def _place(self, namespace: NamespaceId) -> _Place:
        with self._lock:
            place = self._places.setdefault(namespace, _Place())
            self._places.move_to_end(namespace)
            return place

    def _look_for_newer_base(self, namespace: NamespaceId, place: _Place) -> None:
        newest = self._database.read(lambda session: self._files.newest(session, namespace))
        with self._lock:
            if newest is not None and newest.id != place.base_seen and not self._is_closed:
                place.base_seen = newest.id
                self._background.submit(self._refresh_logged, namespace)

    def _refresh_logged(self, namespace: NamespaceId) -> None:
        try:
            self.refresh(namespace)
        except Exception:  # noqa: BLE001  # the index that is open goes on serving
            _log.warning("cannot change over to a newer segment", exc_info=True, extra={"namespace": namespace})

    def _ask_for_fold(self, namespace: NamespaceId, place: _Place, opened: Opened) -> None:
        revision, base = (opened.base.revision, opened.base.passages) if opened.base else (0, 0)
        if place.fold_asked != revision and is_fold_due(opened.index.delta_passages, base):
            place.fold_asked = revision
            self._defer_fold(namespace)

    def _defer_fold(self, namespace: NamespaceId) -> None:
        self._database.write(lambda session: defer_fold(session, namespace))

    def _evict(self, newest: NamespaceId) -> None:
        """Lets go of the least recently used, until the rest fits; whoever reads one of them reads on."""
        with self._lock:
            total = sum(place.bytes for place in self._places.values())
            for namespace in list(self._places):
                if total <= self._cache_bytes or namespace == newest:
                    return
                total -= self._places.pop(namespace).bytes


def defer_fold(session: Session, namespace: NamespaceId) -> None:
    """Once a namespace, however often it is asked for."""
    jobs.defer(session, namespace, FOLD, {}, AT_ONCE, f"{FOLD}:{namespace}")

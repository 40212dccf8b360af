"""Base segments as files: written by a fold, verified when opened, removed when newer ones are there."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from memory.ids import new_id
from memory.store import changes, namespaces, passages, segments
from memory.store.database import Database
from memory.types import NamespaceId, Segment
from retrieval.errors import SegmentCorrupt
from retrieval.index import Index
from retrieval.segment import FORMAT

KEPT = 2  # segments a namespace; a process may still be opening the older one
SUFFIX = ".segment"
LEAST_DELTA, DELTA_SHARE = 50, 0.1  # a delta above both is folded; putting in one passage of it takes a millisecond

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SegmentFiles:
    """The folder of segments, and the vector space that its files must be of."""

    database: Database
    folder: Path
    dimension: int
    fingerprint: str

    def newest(self, session: Session, namespace: NamespaceId) -> Segment | None:
        return segments.newest(session, namespace, self.fingerprint, FORMAT)

    def open(self, segment: Segment) -> Index | None:
        """None if the file is missing or is not what was published; everything in it is in SQL too."""
        try:
            index = Index.open(self.folder / segment.path, segment.sha256)
        except SegmentCorrupt as error:
            _log.warning("segment is rebuilt from SQL", extra={"segment": segment.id, "error": str(error)})
            return None
        is_ours = index.dimension == self.dimension and index.fingerprint == self.fingerprint
        return index if is_ours and index.revision == segment.revision else None

    def write(self, namespace: NamespaceId, index: Index, now: datetime) -> Segment | None:
        """Writes the file, publishes it, and removes what is too old. Raises NotFound if the namespace is gone.

        None if all that was derived until then was called in meanwhile: the file is gone again, it may hold what was
        erased.
        """
        id_ = new_id(now)
        path = f"{namespace}/{id_}{SUFFIX}"
        file = self.folder / path
        info = index.fold(file)
        segment = Segment(id_, index.revision, info.sha256, info.bytes, info.passages, self.fingerprint, FORMAT, path)

        def publish(session: Session) -> set[str] | None:
            namespaces.lock(session, namespace)
            if changes.is_rebuilt_after(session, namespace, segment.revision):
                return None
            segments.publish(session, namespace, segment, now)
            segments.trim(session, namespace, KEPT)
            return segments.paths(session, namespace)

        try:
            published = self.database.write(publish)
        except Exception:
            file.unlink(missing_ok=True)
            raise
        if published is None:
            file.unlink(missing_ok=True)
            return None
        self._remove_unless(namespace, published)
        return segment

    def sweep(self, namespace: NamespaceId) -> bool:
        """Removes the files of segments that were withdrawn; whether there were any."""
        published = self.database.read(lambda session: segments.paths(session, namespace))
        return self._remove_unless(namespace, published)

    def files(self, namespace: NamespaceId) -> list[Path]:
        return sorted((self.folder / namespace).glob("*"))

    def _remove_unless(self, namespace: NamespaceId, published: Collection[str]) -> bool:
        """Withdrawn, or left behind by a fold that died."""
        gone = [one for one in self.files(namespace) if f"{namespace}/{one.name}" not in published]
        for one in gone:
            one.unlink(missing_ok=True)
        return bool(gone)

    def remove_all(self, namespace: NamespaceId) -> None:
        """Removes the files of a namespace that is gone."""
        folder = self.folder / namespace
        for file in folder.glob("*"):
            file.unlink(missing_ok=True)
        if folder.exists():
            folder.rmdir()


def is_fold_due(delta: int, base: int) -> bool:
    return delta > max(LEAST_DELTA, base * DELTA_SHARE)


def is_fold_due_in(session: Session, files: SegmentFiles, namespace: NamespaceId) -> bool:
    """The same, without an index at hand."""
    segment = files.newest(session, namespace)
    revision, base = (segment.revision, segment.passages) if segment else (0, 0)
    return is_fold_due(passages.count_after(session, namespace, revision), base)

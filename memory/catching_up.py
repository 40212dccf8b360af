"""Follows the log of changes: what an index lacks is read in one transaction, then put in, in order."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from memory.store import changes, merges, namespaces, passages
from memory.store.database import Database
from memory.types import Change, ChangeKind, NamespaceId
from retrieval.index import Index
from retrieval.standing import Standing
from retrieval.types import Attributes, DocumentId, IndexedPassage, PassageId

MOST_CHANGES = 1000  # read in one transaction
# The old passages go, new ones may come.
REMADE = frozenset({
    ChangeKind.REPLACED, ChangeKind.ENRICHED, ChangeKind.REMOVED, ChangeKind.SHOWN, ChangeKind.RENAMED,
})  # fmt: skip
MOST_AT_ONCE = 64  # passages put in before searches get their turn


class Alone(Protocol):
    """Gives the index to one writer."""

    def __call__(self) -> AbstractContextManager[None]: ...


class MustRebuild(Exception):
    """Nothing derived from earlier changes may be kept."""


@dataclass(frozen=True, slots=True)
class Tail:
    """Changes that an index lacks, with what they need. Passages that a later change has replaced are not there."""

    changes: Sequence[Change]
    passages: Mapping[int, Sequence[IndexedPassage]]  # by sequence
    attributes: Mapping[DocumentId, Mapping[PassageId, Attributes]]  # of patched documents
    standing: Mapping[str, Standing]  # what stands for merged names
    whole: bool = False  # for an index that keeps hidden documents too


def rebuild(database: Database, namespace: NamespaceId, index: Index, whole: bool = False) -> None:
    """Fills an empty index from rows; `whole`: with hidden documents. Raises NotFound if the namespace is gone."""

    def fill(session: Session) -> None:
        revision = namespaces.revision(session, namespace)
        standing = merges.standing(session, namespace)
        index.standing = standing
        for batch in passages.for_index(session, namespace, index.fingerprint, 0, revision, standing, whole):
            index.add([one.passage for one in batch])
        index.revision = revision

    database.read(fill)


def catch_up(database: Database, namespace: NamespaceId, index: Index, alone: Alone, whole: bool = False) -> int:
    """Applies all changes up to now; how many there were. Raises MustRebuild."""
    applied = 0
    while True:
        tail = database.read(lambda session: read_tail(session, namespace, index, whole))
        if not tail.changes:
            _rename(index, tail, alone)
            return applied
        for some in _portions(tail):
            with alone():
                _apply(index, tail, some)
        applied += len(tail.changes)
        if len(tail.changes) < MOST_CHANGES:
            return applied


def read_tail(session: Session, namespace: NamespaceId, index: Index, whole: bool = False) -> Tail:
    log = changes.after(session, namespace, index.revision, MOST_CHANGES)
    is_renamed = any(change.kind is ChangeKind.RENAMED for change in log)
    known = index.standing
    standing = merges.standing(session, namespace) if is_renamed or known is None else known
    if not log:
        return Tail((), {}, {}, standing)
    if any(change.kind is ChangeKind.REBUILT for change in log) or (whole and is_renamed):
        raise MustRebuild  # hidden documents are not renamed one by one
    made: dict[int, list[IndexedPassage]] = {}
    last = log[-1].sequence
    for batch in passages.for_index(session, namespace, index.fingerprint, index.revision, last, standing, whole):
        for one in batch:
            made.setdefault(one.revision, []).append(one.passage)
    kinds = {ChangeKind.PATCHED, ChangeKind.HIDDEN} if whole else {ChangeKind.PATCHED}
    patched = {str(change.document_id) for change in log if change.kind in kinds}
    return Tail(log, made, passages.attributes(session, namespace, patched), standing, whole)


def _portions(tail: Tail) -> Iterator[list[Change]]:
    """Whole changes, as many as are put in at once."""
    portion: list[Change] = []
    size = 0
    for change in tail.changes:
        portion.append(change)
        size += 1 + len(tail.passages.get(change.sequence, ()))
        if size >= MOST_AT_ONCE:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _rename(index: Index, tail: Tail, alone: Alone) -> None:
    """A segment does not say which names were merged."""
    if index.standing is None:
        with alone():
            index.standing = tail.standing


def _apply(index: Index, tail: Tail, portion: Sequence[Change]) -> None:
    if tail.standing is not index.standing:
        index.standing = tail.standing
    waiting: list[IndexedPassage] = []
    for change in portion:
        if change.kind is not ChangeKind.ADDED:
            index.add(waiting)
            waiting = []
        document = change.document_id
        is_hidden = change.kind is ChangeKind.HIDDEN
        if document is not None and (change.kind in REMADE or (is_hidden and not tail.whole)):
            index.remove(document)
        elif document is not None and (change.kind is ChangeKind.PATCHED or is_hidden):
            index.patch(document, tail.attributes.get(document, {}))
        waiting += tail.passages.get(change.sequence, ())
    index.add(waiting)
    index.revision = portion[-1].sequence

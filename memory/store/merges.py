"""Queries about merges of names, and about the passages that have a name."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.orm import Session

from memory.merges import Merge, MergeStatus, Names
from memory.store.batches import MOST_PARAMETERS, batched
from memory.store.sleeping_tables import MergeRow
from memory.store.tables import PassageRow
from memory.types import NamespaceId
from retrieval.standing import Standing
from retrieval.types import DocumentId, EntityKind, PassageId

BATCH = 1000


def add(session: Session, namespace: NamespaceId, merges: Sequence[Merge]) -> None:
    rows = [
        {
            "id": one.id,
            "namespace_id": namespace,
            "name": one.name,
            "into_name": one.into,
            "display": one.display,
            "kind": one.kind.value,
            "status": one.status.value,
            "why": one.why,
            "actor": one.actor,
            "at": one.at,
        }
        for one in merges
    ]
    if rows:
        session.execute(insert(MergeRow), rows)


def replace(session: Session, namespace: NamespaceId, merge: Merge) -> None:
    """Its status, and who changed it when and why."""
    values = {"status": merge.status.value, "why": merge.why, "actor": merge.actor, "at": merge.at}
    session.execute(update(MergeRow).where(MergeRow.namespace_id == namespace, MergeRow.id == merge.id).values(values))


def remove(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> None:
    for some in batched(ids, MOST_PARAMETERS):
        session.execute(delete(MergeRow).where(MergeRow.namespace_id == namespace, MergeRow.id.in_(some)))


def find_many(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> dict[str, Merge]:
    """Those that are there, by id."""
    found: dict[str, Merge] = {}
    for some in batched(ids, MOST_PARAMETERS):
        rows = session.execute(select(MergeRow).where(MergeRow.namespace_id == namespace, MergeRow.id.in_(some)))
        found |= {row.id: _merge(row) for row in rows.scalars()}
    return found


def names(session: Session, namespace: NamespaceId) -> Names:
    """All that is merged or told apart."""
    known = MergeRow.status != MergeStatus.PROPOSED.value
    rows = session.execute(select(MergeRow).where(MergeRow.namespace_id == namespace, known)).scalars()
    return Names(map(_merge, rows))


def standing(session: Session, namespace: NamespaceId) -> dict[str, Standing]:
    """What stands for each name of an entity that has several."""
    return names(session, namespace).standing()


def naming(
    session: Session, namespace: NamespaceId, wanted: Collection[str], passages: Iterable[PassageId], after: int
) -> list[DocumentId]:
    """The documents with one of these names in one of these passages, or in one of a later revision than `after`.

    In the order in which their passages were written.
    """
    found: dict[str, int] = {}
    conditions: list[ColumnElement[bool]] = [PassageRow.id.in_(some) for some in batched(passages, MOST_PARAMETERS)]
    for condition in [*conditions, PassageRow.revision > after]:
        rows = session.execute(
            select(PassageRow.document_id, PassageRow.revision, PassageRow.mentions, PassageRow.llm_mentions).where(
                PassageRow.namespace_id == namespace, condition
            )
        )
        for document, revision, mentions, by_llm in rows:
            if any(isinstance(one, list) and one[0] in wanted for one in (*mentions, *(by_llm or ()))):
                found[document] = min(revision, found.get(document, revision))
    return [DocumentId(one) for one in sorted(found, key=lambda id_: (found[id_], id_))]


def forget_unnamed(session: Session, namespace: NamespaceId) -> int:
    """Takes out all merges with a name that no passage has any more, and spellings that none has; how many went."""
    known = session.execute(select(MergeRow).where(MergeRow.namespace_id == namespace)).scalars().all()
    wanted = {name for row in known for name in (row.name, row.into_name)}
    spelled: dict[str, set[str]] = defaultdict(set)
    if not wanted:
        return 0
    rows = session.execute(
        select(PassageRow.mentions, PassageRow.llm_mentions)
        .where(PassageRow.namespace_id == namespace)
        .execution_options(yield_per=BATCH)
    )
    for mentions, by_llm in rows:
        for one in (*mentions, *(by_llm or ())):
            if isinstance(one, list) and one[0] in wanted:
                spelled[str(one[0])].add(str(one[1]))
    gone = [row.id for row in known if not {row.name, row.into_name} <= spelled.keys()]
    for row in known:
        if row.display not in spelled[row.into_name] and row.id not in gone:
            row.display = min(spelled[row.into_name])
    session.flush()
    remove(session, namespace, gone)
    return len(gone)


def _merge(row: MergeRow) -> Merge:
    return Merge(
        id=row.id,
        name=row.name,
        into=row.into_name,
        display=row.display,
        kind=EntityKind(row.kind),
        status=MergeStatus(row.status),
        why=row.why,
        actor=row.actor,
        at=row.at,
    )

"""Queries about forgetting: what decides about items, what was archived when, and legal holds."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from memory.forgetting.plan import Verdict
from memory.forgetting.records import Forgetting, ForgettingStatus
from memory.forgetting.subjects import Hold, Subject, SubjectKind
from memory.ids import new_id
from memory.layers.transitions import Happening
from memory.store.batches import MOST_PARAMETERS, batched
from memory.store.documents import COLUMNS, WITHOUT_TEXT, stored
from memory.store.forgetting_tables import ForgettingRow, ForgottenRow, HoldRow
from memory.store.layer_tables import StatementRow, TransitionRow
from memory.store.tables import DocumentRow, PassageRow
from memory.types import NamespaceId, Page, StoredDocument


def add(session: Session, namespace: NamespaceId, forgetting: Forgetting) -> None:
    session.execute(
        insert(ForgettingRow).values(
            id=forgetting.id,
            namespace_id=namespace,
            status=forgetting.status.value,
            archived=forgetting.archived,
            purged=forgetting.purged,
            skipped=forgetting.skipped,
            actor=forgetting.actor,
            at=forgetting.at,
        )
    )


def replace(session: Session, namespace: NamespaceId, forgetting: Forgetting) -> None:
    session.execute(
        update(ForgettingRow)
        .where(ForgettingRow.namespace_id == namespace, ForgettingRow.id == forgetting.id)
        .values(
            status=forgetting.status.value,
            archived=forgetting.archived,
            purged=forgetting.purged,
            skipped=forgetting.skipped,
            undone_at=forgetting.undone_at,
        )
    )


def find(session: Session, namespace: NamespaceId, id_: str) -> Forgetting | None:
    row = session.execute(
        select(ForgettingRow).where(ForgettingRow.namespace_id == namespace, ForgettingRow.id == id_)
    ).scalar_one_or_none()
    return None if row is None else _forgetting(row)


def page(session: Session, namespace: NamespaceId, limit: int, before: str | None) -> Page[Forgetting]:
    """Newest first; `before` is the last id of the page before."""
    query = select(ForgettingRow).where(ForgettingRow.namespace_id == namespace)
    if before is not None:
        query = query.where(ForgettingRow.id < before)
    rows = session.execute(query.order_by(ForgettingRow.id.desc()).limit(limit + 1)).scalars().all()
    items = tuple(_forgetting(row) for row in rows[:limit])
    return Page(items, items[-1].id if len(rows) > limit else None)


def purged_at(session: Session, namespace: NamespaceId, at: datetime, actor: str) -> int:
    """How many items were purged for good, of what this actor forgot as of that moment."""
    mine = (ForgettingRow.namespace_id == namespace) & (ForgettingRow.at == at) & (ForgettingRow.actor == actor)
    return int(session.execute(select(func.coalesce(func.sum(ForgettingRow.purged), 0)).where(mine)).scalar_one())


def keep_archived(
    session: Session, namespace: NamespaceId, forgetting: str, verdicts: Iterable[Verdict], versions: dict[str, int]
) -> None:
    """What was archived, with the version that it has since."""
    rows = [
        {
            "forgetting_id": forgetting,
            "document_id": one.id,
            "namespace_id": namespace,
            "version": versions[one.id],
            "rule": one.rule,
            "why": one.why,
        }
        for one in verdicts
    ]
    if rows:
        session.execute(insert(ForgottenRow), rows)


def archived_by(session: Session, namespace: NamespaceId, forgetting: str) -> dict[str, int]:
    """The items that are still there, with the version that each had after it was archived."""
    rows = session.execute(
        select(ForgottenRow.document_id, ForgottenRow.version).where(
            ForgottenRow.namespace_id == namespace, ForgottenRow.forgetting_id == forgetting
        )
    )
    return {id_: version for id_, version in rows}


def items(
    session: Session, namespace: NamespaceId, after: str, limit: int, with_text: bool = True
) -> list[StoredDocument]:
    """Ready items by id, a batch at a time."""
    rows = session.execute(
        select(*(COLUMNS if with_text else WITHOUT_TEXT))
        .where(DocumentRow.namespace_id == namespace, DocumentRow.id > after, DocumentRow.status == "ready")
        .order_by(DocumentRow.id)
        .limit(limit)
    )
    return [stored(row, with_text) for row in rows]


def archived_at(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> dict[str, datetime]:
    """When each of these was archived for the last time."""
    found: dict[str, datetime] = {}
    for some in batched(ids, MOST_PARAMETERS):
        rows = session.execute(
            select(TransitionRow.document_id, func.max(TransitionRow.at))
            .where(
                TransitionRow.namespace_id == namespace,
                TransitionRow.document_id.in_(some),
                TransitionRow.kind == Happening.ARCHIVED.value,
            )
            .group_by(TransitionRow.document_id)
        )
        found.update({id_: at for id_, at in rows})
    return found


def names_of(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> dict[str, set[str]]:
    """The normal names that each of these mentions in its passages, and of whom or what it states something."""
    found: dict[str, set[str]] = {}
    for some in batched(ids, MOST_PARAMETERS):
        mentioned = select(PassageRow.document_id, PassageRow.mentions).where(
            PassageRow.namespace_id == namespace, PassageRow.document_id.in_(some)
        )
        for id_, mentions in session.execute(mentioned):
            named = (str(mention[0]) for mention in mentions if isinstance(mention, list))
            found.setdefault(id_, set()).update(named)
        said = select(StatementRow.document_id, StatementRow.subject).where(
            StatementRow.namespace_id == namespace, StatementRow.document_id.in_(some)
        )
        for id_, subject in session.execute(said):
            found.setdefault(id_, set()).add(subject)
    return found


def vectors_of(session: Session, namespace: NamespaceId, model: str, ids: Sequence[str]) -> dict[str, list[bytes]]:
    """The vectors int8[d] of the passages of each of these, in their order."""
    found: dict[str, list[bytes]] = {}
    for some in batched(ids, MOST_PARAMETERS):
        rows = session.execute(
            select(PassageRow.document_id, PassageRow.vector)
            .where(PassageRow.namespace_id == namespace, PassageRow.document_id.in_(some), PassageRow.model == model)
            .order_by(PassageRow.document_id, PassageRow.ordinal)
        )
        for id_, vector in rows:
            found.setdefault(id_, []).append(vector)
    return found


def holds(session: Session, namespace: NamespaceId) -> list[Hold]:
    """Oldest first."""
    rows = session.execute(select(HoldRow).where(HoldRow.namespace_id == namespace).order_by(HoldRow.id)).scalars()
    return [Hold(row.id, Subject(SubjectKind(row.kind), row.subject), row.reason, row.at, row.actor) for row in rows]


def put_hold(session: Session, namespace: NamespaceId, hold: Hold) -> None:
    """In the place of the one on the same subject, if there is one. The namespace is locked."""
    remove_hold(session, namespace, hold.subject)
    session.execute(
        insert(HoldRow).values(
            id=hold.id,
            namespace_id=namespace,
            kind=hold.subject.kind.value,
            subject=hold.subject.id,
            reason=hold.reason,
            actor=hold.actor,
            at=hold.at,
        )
    )


def remove_hold(session: Session, namespace: NamespaceId, subject: Subject) -> bool:
    """False if it is not there."""
    gone = session.execute(
        delete(HoldRow)
        .where(HoldRow.namespace_id == namespace, HoldRow.kind == subject.kind.value, HoldRow.subject == subject.id)
        .returning(HoldRow.id)
    )
    return gone.first() is not None


def started(now: datetime, actor: str) -> Forgetting:
    return Forgetting(new_id(now), ForgettingStatus.APPLYING, 0, 0, 0, actor, now)


def _forgetting(row: ForgettingRow) -> Forgetting:
    return Forgetting(
        row.id,
        ForgettingStatus(row.status),
        row.archived,
        row.purged,
        row.skipped,
        row.actor,
        row.at,
        row.undone_at,
    )

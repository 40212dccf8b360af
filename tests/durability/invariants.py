"""What is true of every database of the service at any moment, and so after any crash."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from memory.store.database import Database
from memory.store.tables import ChangeRow, DocumentRow, JobRow, NamespaceRow, OperationRow, PassageRow


def texts(database: Database) -> dict[str, str]:
    """The text of every document and memory, by id."""

    def read(session: Session) -> dict[str, str]:
        return {id_: text for id_, text in session.execute(select(DocumentRow.id, DocumentRow.text))}

    return database.read(read)


def violations(database: Database) -> list[str]:
    """One sentence for everything that is half there; none if all is whole."""

    def read(session: Session) -> list[str]:
        return [*_of_changes(session), *_of_passages(session), *_of_operations(session)]

    return database.read(read)


def unfinished(database: Database) -> list[str]:
    """What a worker has not done yet."""

    def read(session: Session) -> list[str]:
        pending = session.execute(select(DocumentRow.id).where(DocumentRow.status != "ready")).scalars()
        going_on = session.execute(select(OperationRow.id).where(OperationRow.status != "completed")).scalars()
        return [*pending, *going_on]

    return database.read(read)


def _of_changes(session: Session) -> list[str]:
    log = select(func.count(), func.min(ChangeRow.sequence), func.max(ChangeRow.sequence))
    found = []
    for id_, revision in session.execute(select(NamespaceRow.id, NamespaceRow.revision)):
        count, first, last = session.execute(log.where(ChangeRow.namespace_id == id_)).one()
        if (count, first or 1, last or 0) != (revision, 1, revision):
            found.append(f"revision {revision}, but {count} changes from {first} to {last}")
    return found


def _of_passages(session: Session) -> list[str]:
    rows = session.execute(select(PassageRow.document_id, PassageRow.ordinal, PassageRow.revision, PassageRow.text))
    ordinals: dict[str, list[int]] = {}
    revisions: dict[str, set[int]] = {}
    lengths: Counter[str] = Counter()
    for document, ordinal, revision, text in rows:
        ordinals.setdefault(document, []).append(ordinal)
        revisions.setdefault(document, set()).add(revision)
        lengths[document] += len("".join(text.split()))
    added = Counter(session.execute(select(ChangeRow.document_id).where(ChangeRow.kind == "document.added")).scalars())
    found = []
    columns = select(DocumentRow.id, DocumentRow.status, DocumentRow.passages, DocumentRow.revision, DocumentRow.text)
    for id_, status, passages, revision, text in session.execute(columns):
        mine = sorted(ordinals.get(id_, []))
        if status == "ready" and mine != list(range(passages)):
            found.append(f"ready document {id_} has the passages {mine} of {passages}")
        elif status == "ready" and lengths[id_] < len("".join(text.split())):
            found.append(f"the passages of {id_} do not cover its text")
        elif status == "pending" and revision == 0 and mine:
            found.append(f"document {id_} is not read yet, but has passages")
        if len(revisions.get(id_, ())) > 1:
            found.append(f"document {id_} has passages of two versions")
        if added[id_] != (revision > 0):
            found.append(f"document {id_} was added {added[id_]} times")
    return found


def _of_operations(session: Session) -> list[str]:
    jobs = set(session.execute(select(JobRow.unique_key).where(JobRow.kind == "ingest")).scalars())
    found = []
    rows = select(OperationRow.id, OperationRow.status, OperationRow.done, OperationRow.total, OperationRow.items)
    for id_, status, done, total, items in session.execute(rows):
        ids = _ids(items)
        if len(set(ids)) != len(ids) or done != len(ids) or done > total:
            found.append(f"operation {id_} has done {done} of {total}, with receipts for {len(ids)}")
        if status == "completed" and done != total:
            found.append(f"operation {id_} is completed with {done} of {total}")
        if status in {"pending", "processing"} and f"ingest:{id_}" not in jobs:
            found.append(f"operation {id_} is {status}, but nobody will go on with it")
    return found


def _ids(items: Sequence[object]) -> list[str]:
    return [str(item["id"]) for item in items if isinstance(item, Mapping)]

"""Queries about what an item that sleep made, or kept, stands for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from memory.store.batches import MOST_PARAMETERS, batched
from memory.store.sleeping_tables import DerivationRow
from memory.types import NamespaceId

GIST, REPEAT = "gist", "repeat"


@dataclass(frozen=True, slots=True)
class Derivation:
    """A source of an item that sleep made or kept, and the sentence that was taken over, if one was."""

    derived: str
    source: str
    ordinal: int
    kind: str  # GIST or REPEAT
    start: int | None = None  # characters of the source
    end: int | None = None


def add(session: Session, namespace: NamespaceId, derivations: Sequence[Derivation]) -> None:
    rows = [
        {
            "derived_id": one.derived,
            "source_id": one.source,
            "ordinal": one.ordinal,
            "namespace_id": namespace,
            "kind": one.kind,
            "start": one.start,
            "end": one.end,
        }
        for one in derivations
    ]
    if rows:
        session.execute(insert(DerivationRow), rows)


def remove(session: Session, namespace: NamespaceId, derived: str, sources: Iterable[str]) -> None:
    for some in batched(sources, MOST_PARAMETERS):
        where = (DerivationRow.namespace_id == namespace) & (DerivationRow.derived_id == derived)
        session.execute(delete(DerivationRow).where(where, DerivationRow.source_id.in_(some)))


# Every recall asks this: it is put together once. By whether the source is known.
_FOUND = {
    by_source: select(
        DerivationRow.derived_id,
        DerivationRow.source_id,
        DerivationRow.ordinal,
        DerivationRow.kind,
        DerivationRow.start,
        DerivationRow.end,
    )
    .where(DerivationRow.namespace_id == bindparam("namespace"), column.in_(bindparam("ids", expanding=True)))
    .order_by(DerivationRow.derived_id, DerivationRow.ordinal, DerivationRow.source_id)
    for by_source, column in {False: DerivationRow.derived_id, True: DerivationRow.source_id}.items()
}


def find(session: Session, namespace: NamespaceId, ids: Iterable[str], by_source: bool = False) -> list[Derivation]:
    """Of these items or, `by_source`, from these, in the order of their parts."""
    found: list[Derivation] = []
    for some in batched(ids, MOST_PARAMETERS):
        rows = session.execute(_FOUND[by_source], {"namespace": namespace, "ids": list(some)})
        found += [Derivation(*row) for row in rows]
    return found


def gists(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> set[str]:
    """Those of these items that sleep made of others."""
    found: set[str] = set()
    for some in batched(ids, MOST_PARAMETERS):
        where = (DerivationRow.namespace_id == namespace) & DerivationRow.derived_id.in_(some)
        query = select(DerivationRow.derived_id).where(where, DerivationRow.kind == GIST).distinct()
        found.update(session.execute(query).scalars())
    return found


def sources_of(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> dict[str, list[str]]:
    """The items that each of these stands for, if it is one that sleep made or kept."""
    found: dict[str, list[str]] = {}
    for one in find(session, namespace, ids):
        sources = found.setdefault(one.derived, [])
        if one.source not in sources:
            sources.append(one.source)
    return found

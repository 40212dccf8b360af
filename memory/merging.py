"""Entities merged and told apart: the names of one count as one, and no passage is rewritten for it.

Rows say which names are one entity's; the index applies them when it reads mentions. To merge a name, or to take that
back, is to let indexes read the passages that have it once more, as changes of the log.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from memory.errors import InvalidInput, NotFound, Problem
from memory.ids import new_id
from memory.merges import Merge, MergeStatus
from memory.parts import Parts
from memory.settling import Log
from memory.store import changes, documents, merges, namespaces, passages, sleeping
from memory.types import Change, ChangeKind, Namespace, NamespaceId
from retrieval.maps.entities import Entity, entity
from retrieval.maps.nodes import passages_of
from retrieval.normalize import normal_name
from retrieval.standing import Standing
from retrieval.types import PassageId

LONGEST = 200  # characters of a normal name that can be merged
ASKED = "asked"
NO_ENTITY = "Nothing in this namespace names this entity."


@dataclass(frozen=True, slots=True)
class Holders:
    """The passages that named some entities at a revision; later ones are looked for in the transaction."""

    revision: int = 0
    passages: tuple[PassageId, ...] = ()


def merge(parts: Parts, namespace: Namespace, name: str, into: str, *, now: datetime, actor: str) -> str:
    """The names of two entities are one's from now on; the normal name that it goes by, which is that of `into`.

    Whoever told them apart before has changed their mind. Raises NotFound for `name`, InvalidInput for `into`.
    """
    one, other = _entities(parts, namespace, name, into)
    holders = holders_of(parts, namespace, [one.name])

    def write(session: Session) -> int | None:
        revision = namespaces.lock(session, namespace.id)
        known = merges.names(session, namespace.id)
        root, target = known.stand_in(one.name), known.stand_in(other.name)
        if root == target:
            return revision
        if root != one.name:
            return None  # merged meanwhile: with names whose passages were not looked for
        merges.remove(session, namespace.id, [apart.id for apart in known.told_apart(root, target)])
        into_ = known.standing().get(target, Standing(other.name, other.display, other.kind))
        status = MergeStatus.MERGED
        new = Merge(new_id(now), root, target, into_.display, into_.kind, status, ASKED, actor, now)
        merges.add(session, namespace.id, [new])
        return _renew(session, namespace.id, known.under(root), holders, Log(actor, now))

    written = parts.database.write(write)
    if written is None:
        return merge(parts, namespace, name, into, now=now, actor=actor)
    parts.indexes.follow(namespace.id, written)
    return other.name


def unmerge(parts: Parts, namespace: Namespace, name: str, apart: str, *, now: datetime, actor: str) -> None:
    """The name `apart`, with all that was merged into it, is an entity of its own again.

    No night merges them again. Raises NotFound for the entity `name`, InvalidInput if `apart` is none of its names.
    """
    whole, part = normal_name(name), normal_name(apart)
    holders = holders_of(parts, namespace, [whole])

    def write(session: Session) -> int:
        namespaces.lock(session, namespace.id)
        known = merges.names(session, namespace.id)
        root = known.stand_in(whole)
        merged = {one.name: one for one in known.of(whole)}
        if part not in merged:
            raise _not_merged(root, merged, is_root=part == root)
        gone = merged[part]
        log = Log(actor, now)
        told = [one.id for one in known.apart if (one.name, one.into) == (gone.name, gone.into)]
        merges.remove(session, namespace.id, told)
        merges.replace(session, namespace.id, replace(gone, status=MergeStatus.APART, why=ASKED, actor=actor, at=now))
        return _renew(session, namespace.id, known.under(part), holders, log)

    parts.indexes.follow(namespace.id, parts.database.write(write))


def names_of(parts: Parts, namespace: Namespace, name: str) -> list[Merge]:
    """The merges that make up the entity of this normal name, oldest first."""
    return parts.database.read(lambda session: merges.names(session, namespace.id).of(name))


def holders_of(parts: Parts, namespace: Namespace, names: Iterable[str]) -> Holders:
    """The passages in recall that mention the entities of these normal names. No transaction may be open."""
    wanted = sorted(set(names))
    if not wanted:
        return Holders()
    revision = parts.database.read(lambda session: namespaces.revision(session, namespace.id))
    with parts.indexes.reading(namespace.id, revision) as index:
        entities = {row for name in wanted if (row := index.graph.entity(name)) >= 0}
        rows = sorted({row for one in entities for row in passages_of(index, one)})
        return Holders(index.revision, tuple(index.passage_id(row) for row in rows))


def holders_of_merges(parts: Parts, namespace: Namespace, ids: Collection[str]) -> Holders:
    """The passages that mention what these merges are about."""
    if not ids:
        return Holders()
    found = parts.database.read(lambda session: merges.find_many(session, namespace.id, ids))
    return holders_of(parts, namespace, [one.name for one in found.values()])


def holders_of_night(parts: Parts, namespace: Namespace, night: str) -> Holders:
    """The passages that mention what a night merged."""
    found = parts.database.read(lambda session: sleeping.merges_of(session, namespace.id, night))
    return holders_of_merges(parts, namespace, found)


def apply(
    session: Session, namespace: NamespaceId, ids: Collection[str], holders: Holders, log: Log
) -> tuple[set[str], int]:
    """Carries out what a night proposed, as far as it may be; the ids of what was merged, and the revision after it.

    What somebody merged otherwise or told apart meanwhile is dropped. The namespace is locked.
    """
    proposed = merges.find_many(session, namespace, ids)
    done: set[str] = set()
    renamed: set[str] = set()
    known = merges.names(session, namespace)
    for one in sorted(proposed.values(), key=lambda one: one.id):
        if one.status is MergeStatus.PROPOSED and known.may_merge(one.name, one.into):
            new = replace(one, status=MergeStatus.MERGED)
            merges.replace(session, namespace, new)
            known = known.and_(new)
            renamed |= known.under(one.name)
            done.add(one.id)
    merges.remove(session, namespace, proposed.keys() - done)
    return done, _renew(session, namespace, renamed, holders, log) if renamed else 0


def take_back(session: Session, namespace: NamespaceId, ids: Collection[str], holders: Holders, log: Log) -> int:
    """Undoes merges that are still in force; the revision after it, 0 if there is none. The namespace is locked."""
    known = merges.names(session, namespace)
    mine = [one for one in known.merged.values() if one.id in ids]
    renamed = {name for one in mine for name in known.under(one.name)}
    merges.remove(session, namespace, [one.id for one in mine])
    return _renew(session, namespace, renamed, holders, log) if renamed else 0


def _entities(parts: Parts, namespace: Namespace, name: str, into: str) -> tuple[Entity, Entity]:
    revision = parts.database.read(lambda session: namespaces.revision(session, namespace.id))
    with parts.indexes.reading(namespace.id, revision) as index:
        one, other = entity(index, normal_name(name)), entity(index, normal_name(into))
    if one is None:
        raise NotFound(NO_ENTITY)
    if other is None:
        raise InvalidInput([Problem("into", "is named by nothing in this namespace", "GET /v1/entities lists names")])
    if max(len(one.name), len(other.name)) > LONGEST:
        raise InvalidInput([Problem("into", "or the other name is too long", f"use names of up to {LONGEST}")])
    return one, other


def _not_merged(root: str, merged: Mapping[str, Merge], is_root: bool) -> InvalidInput | NotFound:
    if not merged:
        return NotFound("No names were merged into this entity.")
    what = "is the name that the others were merged into" if is_root else f"is no name of {root!r}"
    return InvalidInput([Problem("name", what, f"name one of {', '.join(sorted(merged))}")])


def _renew(session: Session, namespace: NamespaceId, names: Collection[str], holders: Holders, log: Log) -> int:
    """Every index reads the documents with these names again, and then knows what stands for what."""
    found = merges.naming(session, namespace, names, holders.passages, holders.revision)
    last = namespaces.advance(session, namespace, 1 + len(found))
    told = [Change(last - len(found), ChangeKind.RENAMED, None)]
    for revision, document in enumerate(found, last - len(found) + 1):
        passages.renew(session, namespace, document, revision)
        documents.advance(session, namespace, document, revision)
        told.append(Change(revision, ChangeKind.RENAMED, document))
    changes.append(session, namespace, told, log.actor, log.now)
    return last

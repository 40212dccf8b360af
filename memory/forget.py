"""Forgetting: a plan of what is archived or purged, shown or applied; undone as long as nothing has changed since."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from memory import history, holds, removing
from memory.errors import Conflict, InvalidInput, NotFound, NotUndone, Problem
from memory.forgetting import policies
from memory.forgetting.plan import Verdict, chosen, decide
from memory.forgetting.policies import Action, Policy
from memory.forgetting.records import Forgetting, ForgettingStatus
from memory.ids import cursor_id, known_form
from memory.layers.transitions import Happening, Move
from memory.measuring import Wish, candidates, parse
from memory.parts import Parts
from memory.settling import Log
from memory.store import documents, forgetting, namespaces, traces
from memory.types import ItemState, JsonValue, Kind, Namespace, NamespaceId, Page, StoredDocument

BATCH = 200  # items forgotten in one transaction
SETTING = "policies"
REVIVE = Move(Happening.REVIVED, "asked for", state=ItemState.ACTIVE)
UNDO = Move(Happening.UNFORGOTTEN, "the forgetting was undone", state=ItemState.ACTIVE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to forget: by these policies, or what a filter chooses; with neither, by the policies of the namespace."""

    policies: tuple[Policy, ...] | None = None
    filter: Mapping[str, JsonValue] | None = None
    action: Action = Action.ARCHIVE  # for what a filter chooses


@dataclass(frozen=True, slots=True)
class Forgot:
    """The plan, and what became of it; None: it was only shown."""

    plan: tuple[Verdict, ...]
    forgetting: Forgetting | None


@dataclass(frozen=True, slots=True)
class Undone:
    """How many items were revived; what was purged, deleted or erased stays gone."""

    forgetting: Forgetting
    revived: int


def policies_of(parts: Parts, namespace: Namespace) -> tuple[Policy, ...]:
    return parts.database.read(lambda session: _policies(session, namespace.id))


def set_policies(parts: Parts, namespace: Namespace, wanted: Sequence[Policy]) -> tuple[Policy, ...]:
    """Instead of those that are there. They are applied when somebody asks for it. Raises InvalidInput."""
    accepted = policies.accept(wanted)

    def write(session: Session) -> tuple[Policy, ...]:
        namespaces.lock(session, namespace.id)
        known = namespaces.settings_of(session, [namespace.id]).get(namespace.id, {})
        namespaces.set_settings(session, namespace.id, {**known, SETTING: policies.to_json(accepted)})
        return accepted

    return parts.database.write(write)


def plan(parts: Parts, namespace: Namespace, wanted: Wanted, now: datetime) -> list[Verdict]:
    """What would be forgotten now, and why. Raises InvalidInput, FilterInvalid."""
    if wanted.filter is not None:
        if wanted.policies is not None or not wanted.filter:
            raise InvalidInput([Problem("filter", "stands beside policies, or is empty", "send one or the other")])
        return chosen(candidates(parts, namespace, Wish(parse(wanted.filter, "filter")), now), wanted.action)
    rules = policies_of(parts, namespace) if wanted.policies is None else policies.accept(wanted.policies)
    if not rules:
        remedy = "send policies or a filter, or give the namespace policies"
        raise InvalidInput([Problem("policies", "there are none", remedy)])
    counts_tokens = any(rule.most_tokens is not None for rule in rules)
    return decide(rules, list(candidates(parts, namespace, Wish(None, counts_tokens), now)), now)


def forget(parts: Parts, namespace: Namespace, wanted: Wanted, *, dry_run: bool, now: datetime, actor: str) -> Forgot:
    """Decides, then does it, a batch a transaction; what was changed meanwhile is passed over.

    Raises InvalidInput, FilterInvalid.
    """
    verdicts = plan(parts, namespace, wanted, now)
    if dry_run:
        return Forgot(tuple(verdicts), None)
    return Forgot(tuple(verdicts), apply(parts, namespace, verdicts, now=now, actor=actor))


def apply(parts: Parts, namespace: Namespace, verdicts: Sequence[Verdict], *, now: datetime, actor: str) -> Forgetting:
    """Forgets what was decided. If its process dies, what it did stands and can be undone."""
    forgotten = forgetting.started(now, actor)
    parts.database.write(lambda session: forgetting.add(session, namespace.id, forgotten))
    log = Log(actor, now)
    for batch in _batches(verdicts):
        forgotten, revision = parts.database.write(
            partial(_apply, namespace=namespace.id, id_=forgotten.id, batch=batch, log=log)
        )
        parts.indexes.follow(namespace.id, revision)
        if forgotten.status is ForgettingStatus.UNDONE:  # by somebody else, meanwhile
            return forgotten
    done = replace(forgotten, status=ForgettingStatus.DONE)
    parts.database.write(lambda session: forgetting.replace(session, namespace.id, done))
    return done


def get(parts: Parts, namespace: Namespace, id_: str) -> Forgetting:
    """Raises NotFound."""
    return parts.database.read(lambda session: _find(session, namespace.id, id_))


def list_page(parts: Parts, namespace: Namespace, limit: int, cursor: str | None) -> Page[Forgetting]:
    """Newest first. Raises InvalidInput for a cursor that is none."""
    before = cursor_id(cursor)
    return parts.database.read(lambda session: forgetting.page(session, namespace.id, limit, before))


def undo(
    parts: Parts, namespace: Namespace, id_: str, excepted: Collection[str] = (), *, now: datetime, actor: str
) -> Undone:
    """Revives what was archived, but for those `excepted`: all of it or, if any was changed since, nothing.

    What was purged, deleted or erased stays gone. Raises NotFound, NotUndone with all conflicts, Conflict.
    """

    def write(session: Session) -> tuple[Undone, int]:
        namespaces.lock(session, namespace.id)
        forgotten = _find(session, namespace.id, id_)
        if forgotten.status is ForgettingStatus.UNDONE:
            raise Conflict("This forgetting was undone already.")
        versions = forgetting.archived_by(session, namespace.id, id_)
        wanted = {document: version for document, version in versions.items() if document not in excepted}
        _check_unchanged(documents.find_many(session, namespace.id, sorted(wanted)), wanted)
        moved = history.move(session, namespace.id, dict.fromkeys(wanted, UNDO), now, actor)
        undone = replace(forgotten, status=ForgettingStatus.UNDONE, undone_at=now)
        forgetting.replace(session, namespace.id, undone)
        return Undone(undone, len(moved.items)), moved.revision

    undone, revision = parts.database.write(write)
    parts.indexes.follow(namespace.id, revision)
    return undone


def revive(parts: Parts, namespace: Namespace, kind: Kind, id_: str, *, now: datetime, actor: str) -> StoredDocument:
    """Lets an archived item in again; it counts as recalled now. One that is active stays as it is.

    Raises NotFound, and Conflict for what is held back or has expired.
    """

    def write(session: Session) -> tuple[StoredDocument, int]:
        revision = namespaces.lock(session, namespace.id)
        found = documents.find(session, namespace.id, known_form(id_))
        if found is None or found.document.kind is not kind:
            raise NotFound
        item = found.document
        if item.state is ItemState.ACTIVE:
            return item, revision
        if item.state is ItemState.QUARANTINED:
            raise Conflict("It is held back, not archived: PATCH its state to active to let it in.")
        if item.expires_at is not None and item.expires_at <= now:
            raise Conflict("It has expired: PATCH expires_at to a later time, or to null, first.")
        moved = history.move(session, namespace.id, {id_: REVIVE}, now, actor)
        if not moved.items:
            raise Conflict("Its text is being read; try again when it is ready.")
        known = traces.find_many(session, namespace.id, [id_])
        traces.replace(session, namespace.id, [replace(one, last_recalled=now) for one in known.values()])
        return moved.items[0], moved.revision

    revived, revision = parts.database.write(write)
    parts.indexes.follow(namespace.id, revision)
    return revived


def _apply(
    session: Session, namespace: NamespaceId, id_: str, batch: Sequence[Verdict], log: Log
) -> tuple[Forgetting, int]:
    revision = namespaces.lock(session, namespace)
    known = _find(session, namespace, id_)
    if known.status is ForgettingStatus.UNDONE:
        return known, revision
    wanted = {one.id: one for one in batch}
    there = [one.document for one in documents.find_many(session, namespace, sorted(wanted))]
    same = [one for one in there if one.version == wanted[one.id].version and one.status == "ready"]
    held = holds.held(session, namespace, [one for one in same if wanted[one.id].action is Action.PURGE])
    purged = sorted(
        (one for one in same if wanted[one.id].action is Action.PURGE and one.id not in held), key=lambda one: one.id
    )
    moves = {
        one.id: Move(Happening.ARCHIVED, wanted[one.id].why, state=ItemState.ARCHIVED)
        for one in same
        if wanted[one.id].action is Action.ARCHIVE
    }
    moved = history.move(session, namespace, moves, log.now, log.actor)
    versions = {one.id: one.version for one in moved.items}
    forgetting.keep_archived(session, namespace, id_, [wanted[one.id] for one in moved.items], versions)
    revision = removing.remove(session, namespace, purged, log) if purged else moved.revision
    after = replace(
        known,
        archived=known.archived + len(moved.items),
        purged=known.purged + len(purged),
        skipped=known.skipped + len(batch) - len(moved.items) - len(purged),
    )
    forgetting.replace(session, namespace, after)
    return after, revision


def _check_unchanged(there: Sequence[documents.Placed], versions: Mapping[str, int]) -> None:
    changed = [one.document for one in there if one.document.version != versions[one.document.id]]
    if changed:
        remedy = "leave it out with `except`, or change it back"
        raise NotUndone([Problem(one.id, f"was changed since; it is {one.state.value} now", remedy) for one in changed])


def _find(session: Session, namespace: NamespaceId, id_: str) -> Forgetting:
    found = forgetting.find(session, namespace, known_form(id_))
    if found is None:
        raise NotFound
    return found


def _policies(session: Session, namespace: NamespaceId) -> tuple[Policy, ...]:
    return policies.from_json(namespaces.settings_of(session, [namespace]).get(namespace, {}).get(SETTING))


def _batches(verdicts: Sequence[Verdict]) -> Iterator[Sequence[Verdict]]:
    for start in range(0, len(verdicts), BATCH):
        yield verdicts[start : start + BATCH]

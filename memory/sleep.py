"""Sleep: a night stage by stage, each decided, written down, carried out, asked whether it hurt, and undone on request.

A night that is interrupted goes on where it was: what is planned is in the database before any of it is done.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from time import perf_counter

import numpy as np
from sqlalchemy.orm import Session

from memory import forget, ledger, recall
from memory.errors import Conflict, InvalidInput, NotFound, NotUndone, Problem
from memory.forgetting.policies import Action
from memory.ids import cursor_id, known_form, new_id
from memory.leases import Lease, Postponed
from memory.parts import Parts
from memory.settling import Log
from memory.sleeping import probing, reporting, settings
from memory.sleeping.records import (
    ChangeStatus,
    Night,
    NightChange,
    NightStatus,
    Probe,
    ProbeScore,
    StageName,
    StageReport,
    StageStatus,
    Trigger,
)
from memory.sleeping.settings import SleepSettings
from memory.stages import Tonight, decided
from memory.store import derivations, jobs, namespaces, sleeping
from memory.surveying import episodes
from memory.types import Namespace, NamespaceId, Page, Recall

SLEEP = "sleep"
SETTING = "sleep"
MOST_PROBES = 64
FOUND_WITHIN = 10
IN_RECALL = frozenset({StageName.SETTLE, StageName.CONSOLIDATE, StageName.RECONCILE})
"""Stages that must not cost recall. A budget does what its policies say, and its cost is reported."""

Write = Callable[[Callable[[Session], int]], int]


def settings_of(parts: Parts, namespace: Namespace) -> SleepSettings:
    return parts.database.read(lambda session: _settings(session, namespace.id))


def begin(
    parts: Parts,
    namespace: Namespace,
    *,
    trigger: Trigger = Trigger.ASKED,
    stages: Collection[StageName] | None = None,
    now: datetime,
    actor: str,
) -> Night:
    """A night that the worker sleeps through, or the one that runs already. Raises NotFound."""

    def write(session: Session) -> Night:
        namespaces.lock(session, namespace.id)
        night = _begun(session, namespace.id, trigger, stages, now, actor)
        jobs.defer(session, namespace.id, SLEEP, {"night": night.id}, now, f"{SLEEP}:{night.id}")
        return night

    return parts.database.write(write)


def sleep_through(
    parts: Parts,
    namespace: Namespace,
    *,
    now: datetime,
    actor: str,
    trigger: Trigger = Trigger.ASKED,
    stages: Collection[StageName] | None = None,
) -> Night:
    """The same, all of it in this process and before it returns."""

    def write(session: Session) -> Night:
        namespaces.lock(session, namespace.id)
        return _begun(session, namespace.id, trigger, stages, now, actor)

    night = parts.database.write(write)
    while night.status is NightStatus.RUNNING:
        night = _step(parts, namespace, night, parts.database.write)
    return night


def run(parts: Parts, lease: Lease) -> None:
    """The job: one step a turn, so that others have theirs. Raises Postponed until the night is over."""
    assert lease.job.namespace is not None
    owner, id_ = lease.job.namespace, str(lease.job.payload["night"])
    try:
        namespace = parts.database.read(lambda session: namespaces.get(session, owner))
        night = parts.database.read(lambda session: _find(session, namespace.id, id_))
        if night.status is NightStatus.RUNNING:
            night = _step(parts, namespace, night, lease.write)
    except NotFound:
        return  # the namespace was deleted during its night
    if night.status is NightStatus.RUNNING:
        raise Postponed(lease.watch.now)


def plan(
    parts: Parts, namespace: Namespace, now: datetime, stages: Collection[StageName] | None = None
) -> tuple[NightChange, ...]:
    """What each stage would change as things are now; later stages would see what earlier ones did. Writes nothing."""
    wanted = settings_of(parts, namespace).stages if stages is None else stages
    last = parts.database.read(lambda session: sleeping.newest_night(session, namespace.id))
    night = _new(wanted, Trigger.ASKED, 1 + (last.number if last else 0), now, "")
    tonight = Tonight(parts, namespace, night, _counting(last))
    return tuple(one for name in StageName if name in wanted for one in decided(tonight, name).changes)


def get(parts: Parts, namespace: Namespace, id_: str) -> Night:
    """Raises NotFound."""
    return parts.database.read(lambda session: _find(session, namespace.id, id_))


def list_page(parts: Parts, namespace: Namespace, limit: int, cursor: str | None) -> Page[Night]:
    """Newest first. Raises InvalidInput for a cursor that is none."""
    before = cursor_id(cursor)
    return parts.database.read(lambda session: sleeping.page(session, namespace.id, limit, before))


def changes_page(parts: Parts, namespace: Namespace, id_: str, limit: int, cursor: str | None) -> Page[NightChange]:
    """What a night changed, in its order. Raises NotFound, InvalidInput for a cursor that is none."""
    if cursor is not None and not cursor.isdecimal():
        raise InvalidInput([Problem("cursor", "is not a cursor of this list", "send next_cursor as it was received")])
    after = -1 if cursor is None else int(cursor)

    def read(session: Session) -> Page[NightChange]:
        _find(session, namespace.id, id_)
        found = sleeping.changes(session, namespace.id, id_, after=after, limit=limit + 1)
        following = str(found[limit - 1][0]) if len(found) > limit else None
        return Page(tuple(one for _, one in found[:limit]), following)

    return parts.database.read(read)


def undo(
    parts: Parts, namespace: Namespace, id_: str, excepted: Collection[str] = (), *, now: datetime, actor: str
) -> Night:
    """Everything is as it was before the night, but for the items `excepted`; or, if something else came after it,
    nothing is. What was erased or purged stays gone.

    Raises NotFound, NotUndone with all conflicts, Conflict if it is running, or undone already.
    """

    def write(session: Session) -> tuple[Night, int]:
        namespaces.lock(session, namespace.id)
        night = _find(session, namespace.id, id_)
        if night.status is not NightStatus.DONE:
            raise Conflict(f"This night is {night.status.value}; only one that is over can be undone, and once.")
        applied = sleeping.changes(session, namespace.id, night.id, status=ChangeStatus.APPLIED, newest_first=True)
        left_alone = frozenset(number for number, one in applied if one.document in excepted)
        wanted = [one for one in applied if one[0] not in left_alone]
        against = ledger.conflicts(session, namespace.id, _last_of_each(wanted))
        if against:
            raise NotUndone(list(against.values()))
        revision = 0
        for batch in _runs(wanted):
            revision = ledger.take_back(session, namespace.id, night, batch, (), Log(actor, now))
        undone = replace(night, status=NightStatus.UNDONE, undone_at=now)
        sleeping.replace_night(session, namespace.id, undone)
        return undone, revision

    undone, revision = parts.database.write(write)
    parts.indexes.follow(namespace.id, revision)
    return undone


def _step(parts: Parts, namespace: Namespace, night: Night, write: Write) -> Night:
    """The next piece of a night: what is left of it is less afterwards."""
    began = perf_counter()
    stage = night.next_stage
    if stage is None:
        over = replace(night, status=NightStatus.DONE, finished_at=night.at)
        return _kept(namespace, over, write)
    tonight = Tonight(parts, namespace, night, _last(parts, namespace, night))
    match stage.status:
        case StageStatus.TODO:
            night = _plan(tonight, stage, write)
        case StageStatus.ROLLING_BACK:
            night = _roll_back(tonight, stage, write)
        case _:
            night = _carry_out(tonight, stage, write)
    now_there = night.stage(stage.name)
    spent = replace(now_there, milliseconds=now_there.milliseconds + 1e3 * (perf_counter() - began))
    return _kept(namespace, night.with_stage(spent), write)


def _plan(tonight: Tonight, stage: StageReport, write: Write) -> Night:
    """Decides, and writes down what is to be done. The first stage also chooses the probes."""
    parts, namespace, night = tonight.parts, tonight.namespace, tonight.night
    is_first = stage == next(one for one in night.stages if one.status is not StageStatus.SKIPPED)
    probes = _probes(tonight) if is_first else None
    before = _score(probes) if probes is not None else _score_before(night, stage)
    wanted = decided(tonight, stage.name)
    planned = replace(stage, status=StageStatus.PLANNED, counts=wanted.counts, probes_before=before)

    def put_down(session: Session) -> int:
        if probes is not None:
            sleeping.add_probes(session, namespace.id, night.id, probes)
        sleeping.plan(session, namespace.id, night.id, wanted.changes)
        sleeping.replace_night(session, namespace.id, night.with_stage(planned))
        return 0

    write(put_down)
    if stage.name is StageName.FOLD and parts.database.read(partial(parts.indexes.is_fold_due, namespace=namespace.id)):
        parts.indexes.fold(namespace.id, night.at)
    return night.with_stage(planned)


def _carry_out(tonight: Tonight, stage: StageReport, write: Write) -> Night:
    """The next batch of what was planned; when there is none left, the probes are asked whether it hurt."""
    parts, namespace, night = tonight.parts, tonight.namespace, tonight.night
    planned = parts.database.read(
        lambda session: sleeping.changes(
            session, namespace.id, night.id, status=ChangeStatus.PLANNED, stage=stage.name, limit=ledger.BATCH
        )
    )
    if not planned:
        return _judge(tonight, stage)
    batch = next(iter(_runs(planned)))
    written = ledger.write_gists(parts, namespace.id, batch, night.at)
    model = parts.embedder.fingerprint
    revision = write(
        partial(ledger.apply, namespace=namespace.id, night=night, batch=batch, written=written, model=model)
    )
    parts.indexes.follow(namespace.id, revision)
    return night


def _judge(tonight: Tonight, stage: StageReport) -> Night:
    """Closes a stage, or begins to take it back if it cost the probes too much."""
    parts, namespace, night = tonight.parts, tonight.namespace, tonight.night
    done = _changes(tonight, stage.name)
    counts = {**stage.counts, **reporting.counts(done)}
    if stage.name is StageName.BUDGET:
        counts |= _purged(tonight)
    before, after = stage.probes_before, stage.probes_before
    if any(one.of.value in {"place", "gist"} for one in done) or stage.name is StageName.VERIFY:
        after = _score(_asked(parts, namespace, night))
    closed = replace(stage, status=StageStatus.DONE, counts=counts, probes_after=after)
    is_harmful = before is not None and after is not None and probing.costs_too_much(before, after)
    if is_harmful and stage.name in IN_RECALL:
        closed = replace(closed, status=StageStatus.ROLLING_BACK)
    said = [*reporting.sentences(counts)]
    if before is not None and after is not None and (said or stage.name is StageName.VERIFY):
        first = night.stages[0].probes_before if stage.name is StageName.VERIFY else before
        said.append(reporting.judged(first or before, after, closed.status is StageStatus.ROLLING_BACK))
    return night.with_stage(replace(closed, sentences=tuple(said)))


def _roll_back(tonight: Tonight, stage: StageReport, write: Write) -> Night:
    """Takes the next batch of a stage back, newest first; what was changed since stays."""
    parts, namespace, night = tonight.parts, tonight.namespace, tonight.night
    log = Log(ledger.ACTOR, night.at)

    def take(session: Session) -> int:
        applied = sleeping.changes(
            session, namespace.id, night.id, status=ChangeStatus.APPLIED, stage=stage.name, newest_first=True,
            limit=ledger.BATCH,
        )  # fmt: skip
        if not applied:
            return 0
        batch = next(iter(_runs(applied)))
        against = ledger.conflicts(session, namespace.id, batch)
        revision = ledger.take_back(session, namespace.id, night, batch, against.keys(), log)
        kept = dict.fromkeys(against, ChangeStatus.PASSED_OVER)
        sleeping.set_changes(session, namespace.id, night.id, kept, {})
        return revision

    revision = write(take)
    if revision:
        parts.indexes.follow(namespace.id, revision)
        return night
    return night.with_stage(replace(stage, status=StageStatus.ROLLED_BACK, probes_after=stage.probes_before))


def _kept(namespace: Namespace, night: Night, write: Write) -> Night:
    def keep(session: Session) -> int:
        namespaces.lock(session, namespace.id)
        sleeping.replace_night(session, namespace.id, night)
        return 0

    write(keep)
    return night


def _probes(tonight: Tonight) -> list[Probe]:
    """Questions from the memories themselves, with where their items stand before the night."""
    parts, namespace, night = tonight.parts, tonight.namespace, tonight.night
    rng = np.random.default_rng(int(night.id.replace("-", ""), 16))
    chosen = probing.choose(episodes(parts, namespace, night.at), rng, MOST_PROBES)
    return [replace(one, rank=_rank(parts, namespace, one, {one.document})) for one in chosen]


def _asked(parts: Parts, namespace: Namespace, night: Night) -> list[Probe]:
    """The probes of the night, with where what answers them stands now."""
    known = parts.database.read(lambda session: sleeping.probes(session, namespace.id, night.id))
    ids = [one.document for one in known]
    first = parts.database.read(lambda session: derivations.find(session, namespace.id, ids, by_source=True))
    after = [one.derived for one in first]
    second = parts.database.read(lambda session: derivations.find(session, namespace.id, after, by_source=True))
    stands: dict[str, set[str]] = {id_: {id_} for id_ in ids}
    for one in first:
        stands[one.source] |= {one.derived, *(other.derived for other in second if other.source == one.derived)}
    return [replace(one, rank=_rank(parts, namespace, one, stands[one.document])) for one in known]


def _rank(parts: Parts, namespace: Namespace, probe: Probe, wanted: Collection[str]) -> int | None:
    """Where the first of these stands in the answer to a probe. Asking leaves no trace."""
    found = recall.recall(parts, namespace, Recall(probe.question, top_k=FOUND_WITHIN)).results
    return next((rank for rank, one in enumerate(found) if one.document.id in wanted), None)


def _score(probes: Sequence[Probe]) -> ProbeScore:
    return probing.score([one.rank for one in probes])


def _score_before(night: Night, stage: StageReport) -> ProbeScore | None:
    """What the last stage before this one left."""
    place = night.stages.index(stage)
    return next((one.probes_after for one in reversed(night.stages[:place]) if one.probes_after is not None), None)


def _changes(tonight: Tonight, name: StageName) -> list[NightChange]:
    found = tonight.parts.database.read(
        lambda session: sleeping.changes(session, tonight.namespace.id, tonight.night.id, stage=name)
    )
    return [one for _, one in found]


def _purged(tonight: Tonight) -> dict[str, float]:
    """What policies want out of the archive for good; this is no change of the night, and no undo brings it back."""
    parts, namespace, night = tonight.parts, tonight.namespace, tonight.night
    if not forget.policies_of(parts, namespace):
        return {}
    found = forget.plan(parts, namespace, forget.Wanted(), night.at)
    verdicts = [one for one in found if one.action is Action.PURGE]
    if not verdicts:
        return {}
    return {"purged": float(forget.apply(parts, namespace, verdicts, now=night.at, actor=ledger.ACTOR).purged)}


def _runs(batch: Sequence[ledger.Numbered]) -> list[Sequence[ledger.Numbered]]:
    """Portions in which no item is changed twice in the same way, so that each change sees what the one before left."""
    found: list[list[ledger.Numbered]] = []
    seen: set[tuple[str, str, str, str]] = set()
    for number, one in batch:
        key = (one.of.value, one.kind, one.document, one.other)
        if not found or key in seen or len(found[-1]) == ledger.BATCH:
            found.append([])
            seen = set()
        found[-1].append((number, one))
        seen.add(key)
    return list(found)


def _last_of_each(newest_first: Sequence[ledger.Numbered]) -> list[ledger.Numbered]:
    """The last change of each thing: what it left is what must still be there."""
    found: dict[tuple[str, str, str, str, tuple[str, ...]], ledger.Numbered] = {}
    for number, one in newest_first:
        fields = tuple(sorted(one.after or {})) if one.of.value == "trace" else ()
        kind = "item" if one.of.value in {"place", "gist"} else one.of.value
        found.setdefault((kind, one.kind, one.document, one.other, fields), (number, one))
    return list(found.values())


def _begun(
    session: Session,
    namespace: NamespaceId,
    trigger: Trigger,
    stages: Collection[StageName] | None,
    now: datetime,
    actor: str,
) -> Night:
    last = sleeping.newest_night(session, namespace)
    if last is not None and last.status is NightStatus.RUNNING:
        return last
    wanted = _settings(session, namespace).stages if stages is None else stages
    night = _new(wanted, trigger, 1 + (last.number if last else 0), now, actor)
    sleeping.add_night(session, namespace, night)
    return night


def _new(stages: Collection[StageName], trigger: Trigger, number: int, now: datetime, actor: str) -> Night:
    reports = tuple(
        StageReport(name, StageStatus.TODO if name in stages else StageStatus.SKIPPED) for name in StageName
    )
    return Night(new_id(now), NightStatus.RUNNING, trigger, actor, now, number, reports)


def _last(parts: Parts, namespace: Namespace, night: Night) -> Night | None:
    """The night before this one, if it counts."""
    found = parts.database.read(lambda session: sleeping.night_number(session, namespace.id, night.number - 1))
    return _counting(found)


def _counting(night: Night | None) -> Night | None:
    return None if night is None or night.status is NightStatus.UNDONE else night


def _settings(session: Session, namespace: NamespaceId) -> SleepSettings:
    return settings.from_json(namespaces.settings_of(session, [namespace]).get(namespace, {}).get(SETTING))


def _find(session: Session, namespace: NamespaceId, id_: str) -> Night:
    found = sleeping.find_night(session, namespace, known_form(id_))
    if found is None:
        raise NotFound
    return found

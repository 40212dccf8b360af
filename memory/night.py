"""A night step by step: a stage is decided and written down, carried out in batches, judged, taken back if it hurt."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from time import perf_counter

from sqlalchemy.orm import Session

from memory import forget, ledger, merging, probes
from memory.forgetting.policies import Action
from memory.parts import Parts
from memory.settling import Log
from memory.sleeping import probing, reporting
from memory.sleeping.records import (
    ChangeOf,
    ChangeStatus,
    Night,
    NightChange,
    NightStatus,
    ProbeScore,
    StageName,
    StageReport,
    StageStatus,
)
from memory.stages import Tonight, decided
from memory.store import merges, namespaces, sleeping
from memory.types import Namespace

IN_RECALL = frozenset({StageName.SETTLE, StageName.CONSOLIDATE, StageName.RECONCILE})
"""Stages that must not cost recall. A budget does what its policies say, and its cost is reported."""

FELT = frozenset({ChangeOf.PLACE, ChangeOf.GIST, ChangeOf.NAMES})  # changes that recall can notice at once

Write = Callable[[Callable[[Session], int]], int]


def step(parts: Parts, namespace: Namespace, night: Night, write: Write) -> Night:
    """The next piece of a night: what is left of it is less afterwards."""
    began = perf_counter()
    stage = night.next_stage
    if stage is None:
        over = replace(night, status=NightStatus.DONE, finished_at=night.at + _spent(night))
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


def _spent(night: Night) -> timedelta:
    return timedelta(milliseconds=sum(one.milliseconds for one in night.stages))


def _plan(tonight: Tonight, stage: StageReport, write: Write) -> Night:
    """Decides, and writes down what is to be done. The first stage also chooses the probes."""
    parts, namespace, night = tonight.parts, tonight.namespace, tonight.night
    is_first = stage == next(one for one in night.stages if one.status is not StageStatus.SKIPPED)
    asked = probes.chosen(parts, namespace, night) if is_first else None
    before = probes.score(asked) if asked is not None else _score_before(night, stage)
    wanted = decided(tonight, stage.name)
    planned = replace(stage, status=StageStatus.PLANNED, counts=wanted.counts, probes_before=before)

    def put_down(session: Session) -> int:
        if asked is not None:
            sleeping.add_probes(session, namespace.id, night.id, asked)
        sleeping.plan(session, namespace.id, night.id, wanted.changes)
        merges.add(session, namespace.id, [one.merge for one in wanted.changes if one.merge is not None])
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
    batch = next(iter(ledger.runs(planned)))
    written = ledger.write_gists(parts, namespace.id, batch, night.at)
    merged = [one.document for _, one in batch if one.of is ChangeOf.NAMES]
    holders = merging.holders_of_merges(parts, namespace, merged)
    model = parts.embedder.fingerprint
    revision = write(
        partial(
            ledger.apply, namespace=namespace.id, night=night, batch=batch, written=written, model=model,
            holders=holders,
        )
    )  # fmt: skip
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
    is_felt = any(one.of in FELT for one in done) or stage.name is StageName.VERIFY
    if is_felt:
        after = probes.score(probes.asked(parts, namespace, night))
    closed = replace(stage, status=StageStatus.DONE, counts=counts, probes_after=after)
    is_harmful = before is not None and after is not None and probing.costs_too_much(before, after)
    if is_harmful and stage.name in IN_RECALL:
        closed = replace(closed, status=StageStatus.ROLLING_BACK)
    said = [*reporting.sentences(counts)]
    if before is not None and after is not None and is_felt:
        first = night.stages[0].probes_before if stage.name is StageName.VERIFY else before
        said.append(reporting.judged(first or before, after, closed.status is StageStatus.ROLLING_BACK))
    return night.with_stage(replace(closed, sentences=tuple(said)))


def _roll_back(tonight: Tonight, stage: StageReport, write: Write) -> Night:
    """Takes the next batch of a stage back, newest first; what was changed since stays."""
    parts, namespace, night = tonight.parts, tonight.namespace, tonight.night
    log = Log(ledger.ACTOR, night.at)
    holders = merging.holders_of_night(parts, namespace, night.id)

    def take(session: Session) -> int:
        applied = sleeping.changes(
            session, namespace.id, night.id, status=ChangeStatus.APPLIED, stage=stage.name, newest_first=True,
            limit=ledger.BATCH,
        )  # fmt: skip
        if not applied:
            return 0
        batch = next(iter(ledger.runs(applied)))
        against = ledger.conflicts(session, namespace.id, batch)
        revision = ledger.take_back(session, namespace.id, night, batch, against.keys(), log, holders)
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


def _last(parts: Parts, namespace: Namespace, night: Night) -> Night | None:
    """The night before this one, if it counts."""
    found = parts.database.read(lambda session: sleeping.night_number(session, namespace.id, night.number - 1))
    return counting(found)


def counting(night: Night | None) -> Night | None:
    return None if night is None or night.status is NightStatus.UNDONE else night

"""A night step by step: a stage is decided and written down, carried out in batches, judged, taken back if it hurt."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from time import perf_counter

from sqlalchemy.orm import Session

from memory import distilling, forget, ledger, merging, probes, taking_back
from memory.errors import NotFound
from memory.forgetting.policies import Action
from memory.freeing import give_back
from memory.leases import Write
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
from memory.store import distillations, forgetting, merges, namespaces, sleeping
from memory.types import Namespace

IN_RECALL = frozenset({StageName.SETTLE, StageName.CONSOLIDATE, StageName.RECONCILE})
"""Stages that must not cost recall. A budget does what its policies say, and its cost is reported."""

FELT = frozenset({ChangeOf.PLACE, ChangeOf.GIST, ChangeOf.NAMES})  # changes that recall can notice at once


def step(parts: Parts, namespace: Namespace, night: Night, write: Write) -> Night:
    """The next piece of a night, and the night after it: what is left of it is less.

    Others may be asleep on the same night. What one of them has done is not done again, and what this one worked out
    for a stage that has gone on meanwhile is dropped. Raises NotFound, StoreUnavailable, EmbedderError.
    """
    began = perf_counter()
    stage = night.next_stage
    if stage is None:
        return write(partial(_close, namespace=namespace, night=night))
    tonight = Tonight(parts, namespace, night, _last(parts, namespace, night))
    match stage.status:
        case StageStatus.TODO:
            after = _plan(tonight, stage, write)
        case StageStatus.ROLLING_BACK:
            after = _roll_back(tonight, stage, write)
        case _:
            after = _carry_out(tonight, stage, write)
    spent = 1e3 * (perf_counter() - began)
    return write(partial(_keep, namespace=namespace, night=night, after=after, milliseconds=spent))


def _keep(session: Session, namespace: Namespace, night: Night, after: StageReport, milliseconds: float) -> Night:
    """Puts down what a step made of its stage, unless somebody else has brought that further."""
    now_there = _locked(session, namespace, night)
    kept = after if _is_there(now_there, night, after.name) else now_there.stage(after.name)
    spent = now_there.stage(after.name).milliseconds + milliseconds
    going_on = now_there.with_stage(replace(kept, milliseconds=spent))
    sleeping.replace_night(session, namespace.id, going_on)
    return going_on


def _close(session: Session, namespace: Namespace, night: Night) -> Night:
    now_there = _locked(session, namespace, night)
    if now_there.status is not NightStatus.RUNNING or now_there.next_stage is not None:
        return now_there
    over = replace(now_there, status=NightStatus.DONE, finished_at=night.at + _spent(now_there))
    sleeping.replace_night(session, namespace.id, over)
    return over


def _locked(session: Session, namespace: Namespace, night: Night) -> Night:
    """The night as it is now, which nobody else changes until this transaction ends. Raises NotFound."""
    namespaces.lock(session, namespace.id)
    found = sleeping.find_night(session, namespace.id, night.id)
    if found is None:
        raise NotFound("This night is not there any more.")
    return found


def _is_there(now_there: Night, night: Night, stage: StageName) -> bool:
    """Whether a stage is where it was when this step began."""
    return now_there.stage(stage).status is night.stage(stage).status


def _spent(night: Night) -> timedelta:
    return timedelta(milliseconds=sum(one.milliseconds for one in night.stages))


def _plan(tonight: Tonight, stage: StageReport, write: Write) -> StageReport:
    """Decides, and writes down what is to be done. The first stage also chooses the probes, and an LLM is asked before,
    for as many turns as it takes."""
    parts, namespace, night = tonight.parts, tonight.namespace, tonight.night
    told = distilling.told(tonight, write) if stage.name is StageName.CONSOLIDATE else {}
    if told is None:
        return stage
    is_first = stage == next(one for one in night.stages if one.status is not StageStatus.SKIPPED)
    asked = probes.chosen(parts, namespace, night) if is_first else None
    before = probes.score(asked) if asked is not None else _score_before(night, stage)
    wanted = decided(tonight, stage.name)
    planned = replace(stage, status=StageStatus.PLANNED, counts={**wanted.counts, **told}, probes_before=before)

    def put_down(session: Session) -> None:
        now_there = _locked(session, namespace, night)
        if not _is_there(now_there, night, stage.name):
            return
        if asked is not None:
            sleeping.add_probes(session, namespace.id, night.id, asked)
        sleeping.plan(session, namespace.id, night.id, wanted.changes)
        made = {one.document for one in wanted.changes if one.of is ChangeOf.GIST}
        distillations.keep_only(session, namespace.id, night.id, made)
        merges.add(session, namespace.id, [one.merge for one in wanted.changes if one.merge is not None])
        sleeping.replace_night(session, namespace.id, now_there.with_stage(planned))

    write(put_down)
    give_back()
    return planned


def _carry_out(tonight: Tonight, stage: StageReport, write: Write) -> StageReport:
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
    written = ledger.write_gists(parts, namespace.id, night, batch)
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
    return stage


def _judge(tonight: Tonight, stage: StageReport) -> StageReport:
    """Closes a stage, or begins to take it back if it cost the probes too much."""
    parts, namespace, night = tonight.parts, tonight.namespace, tonight.night
    if stage.name is StageName.FOLD and parts.database.read(partial(parts.indexes.is_fold_due, namespace=namespace.id)):
        parts.indexes.fold(namespace.id, night.at)
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
    return replace(closed, sentences=tuple(said))


def _roll_back(tonight: Tonight, stage: StageReport, write: Write) -> StageReport:
    """Takes the next batch of a stage back, newest first; what was changed since stays."""
    parts, namespace, night = tonight.parts, tonight.namespace, tonight.night
    log = Log(ledger.ACTOR, night.at)
    holders = merging.holders_of_night(parts, namespace, night.id)

    def take(session: Session) -> int | None:
        _locked(session, namespace, night)
        applied = sleeping.changes(
            session, namespace.id, night.id, status=ChangeStatus.APPLIED, stage=stage.name, newest_first=True,
            limit=ledger.BATCH,
        )  # fmt: skip
        if not applied:
            return None
        batch = next(iter(ledger.runs(applied)))
        against = taking_back.conflicts(session, namespace.id, batch)
        revision = taking_back.take_back(session, namespace.id, night, batch, against.keys(), log, holders)
        kept = dict.fromkeys(against, ChangeStatus.PASSED_OVER)
        sleeping.set_changes(session, namespace.id, night.id, kept, {})
        return revision

    revision = write(take)
    if revision is None:
        return replace(stage, status=StageStatus.ROLLED_BACK, probes_after=stage.probes_before)
    parts.indexes.follow(namespace.id, revision)
    return stage


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
    """What policies want out of the archive for good; this is no change of the night, and no undo brings it back.

    Counted from what is kept of it, so that a process that died over it, or another one, is not forgotten.
    """
    parts, namespace, night = tonight.parts, tonight.namespace, tonight.night
    if not any(one.purges for one in forget.policies_of(parts, namespace)):
        return {}
    found = forget.plan(parts, namespace, forget.Wanted(), night.at)
    verdicts = [one for one in found if one.action is Action.PURGE]
    if verdicts:
        forget.apply(parts, namespace, verdicts, now=night.at, actor=ledger.ACTOR)
    purged = parts.database.read(lambda session: forgetting.purged_at(session, namespace.id, night.at, ledger.ACTOR))
    return {"purged": float(purged)} if purged else {}


def _last(parts: Parts, namespace: Namespace, night: Night) -> Night | None:
    """The night before this one, if it counts."""
    found = parts.database.read(lambda session: sleeping.night_number(session, namespace.id, night.number - 1))
    return counting(found)


def counting(night: Night | None) -> Night | None:
    return None if night is None or night.status is NightStatus.UNDONE else night

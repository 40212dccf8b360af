"""Queries about nights: their stages, planned and applied changes, and probes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Select, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from memory.layers.transitions import Happening
from memory.sleeping.records import (
    ChangeOf,
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
from memory.sleeping.settings import SETTING, SleepSettings, from_json
from memory.store import namespaces
from memory.store.batches import MOST_PARAMETERS, batched
from memory.store.sleeping_tables import NightChangeRow, NightRow, ProbeRow
from memory.types import JsonValue, NamespaceId, Page


def settings(session: Session, namespace: NamespaceId) -> SleepSettings:
    return from_json(namespaces.settings_of(session, [namespace]).get(namespace, {}).get(SETTING))


def add_night(session: Session, namespace: NamespaceId, night: Night) -> None:
    session.execute(insert(NightRow).values(namespace_id=namespace, **_night_values(night)))


def replace_night(session: Session, namespace: NamespaceId, night: Night) -> None:
    where = (NightRow.namespace_id == namespace) & (NightRow.id == night.id)
    session.execute(update(NightRow).where(where).values(**_night_values(night)))


def find_night(session: Session, namespace: NamespaceId, id_: str) -> Night | None:
    return _first(session, select(NightRow).where(NightRow.namespace_id == namespace, NightRow.id == id_))


def night_number(session: Session, namespace: NamespaceId, number: int) -> Night | None:
    return _first(session, select(NightRow).where(NightRow.namespace_id == namespace, NightRow.number == number))


def newest_night(session: Session, namespace: NamespaceId) -> Night | None:
    return _first(session, select(NightRow).where(NightRow.namespace_id == namespace).order_by(NightRow.number.desc()))


def page(session: Session, namespace: NamespaceId, limit: int, before: str | None) -> Page[Night]:
    """Newest first; `before` is the last id of the page before."""
    query = select(NightRow).where(NightRow.namespace_id == namespace)
    if before is not None:
        query = query.where(NightRow.id < before)
    rows = session.execute(query.order_by(NightRow.id.desc()).limit(limit + 1)).scalars().all()
    items = tuple(_night(row) for row in rows[:limit])
    return Page(items, items[-1].id if len(rows) > limit else None)


def plan(session: Session, namespace: NamespaceId, night: str, changes: Sequence[NightChange]) -> None:
    """Writes down what is to be done, after what was planned before."""
    last = session.execute(select(func.max(NightChangeRow.number)).where(NightChangeRow.night_id == night)).scalar_one()
    first = 0 if last is None else last + 1
    rows = [_change_values(namespace, night, number, one) for number, one in enumerate(changes, first)]
    if rows:
        session.execute(insert(NightChangeRow), rows)


def changes(
    session: Session,
    namespace: NamespaceId,
    night: str,
    *,
    status: ChangeStatus | None = None,
    stage: StageName | None = None,
    after: int = -1,
    limit: int | None = None,
    newest_first: bool = False,
) -> list[tuple[int, NightChange]]:
    """With their numbers, in their order or the reverse of it."""
    query = select(NightChangeRow).where(NightChangeRow.namespace_id == namespace, NightChangeRow.night_id == night)
    if status is not None:
        query = query.where(NightChangeRow.status == status.value)
    if stage is not None:
        query = query.where(NightChangeRow.stage == stage.value)
    if after >= 0:
        query = query.where(NightChangeRow.number > after)
    order = NightChangeRow.number.desc() if newest_first else NightChangeRow.number
    rows = session.execute(query.order_by(order).limit(limit)).scalars()
    return [(row.number, _change(row)) for row in rows]


def still_planned(session: Session, namespace: NamespaceId, night: str, numbers: Iterable[int]) -> frozenset[int]:
    """Those of these changes that nobody has carried out. The namespace is locked."""
    found: list[int] = []
    for some in batched(numbers, MOST_PARAMETERS):
        query = select(NightChangeRow.number).where(
            NightChangeRow.namespace_id == namespace,
            NightChangeRow.night_id == night,
            NightChangeRow.number.in_(some),
            NightChangeRow.status == ChangeStatus.PLANNED.value,
        )
        found += session.execute(query).scalars()
    return frozenset(found)


def places_of(session: Session, namespace: NamespaceId, night: str, ids: Iterable[str]) -> list[NightChange]:
    """Where a night moves these items, in its order."""
    found: dict[int, NightChange] = {}
    for some in batched(ids, MOST_PARAMETERS):
        query = select(NightChangeRow).where(
            NightChangeRow.namespace_id == namespace,
            NightChangeRow.night_id == night,
            NightChangeRow.document_id.in_(some),
            NightChangeRow.of == ChangeOf.PLACE.value,
        )
        found |= {row.number: _change(row) for row in session.execute(query).scalars()}
    return [found[number] for number in sorted(found)]


def merges_of(session: Session, namespace: NamespaceId, night: str) -> list[str]:
    """The ids of the merges of names that a night planned."""
    query = select(NightChangeRow.document_id).where(
        NightChangeRow.namespace_id == namespace,
        NightChangeRow.night_id == night,
        NightChangeRow.of == ChangeOf.NAMES.value,
    )
    return list(session.execute(query).scalars())


def set_changes(
    session: Session,
    namespace: NamespaceId,
    night: str,
    statuses: Mapping[int, ChangeStatus],
    afters: Mapping[int, Mapping[str, JsonValue]],
) -> None:
    """What became of planned changes, by number, and what they left, where that was not known before."""
    by_status: dict[ChangeStatus, list[int]] = defaultdict(list)
    for number, status in statuses.items():
        by_status[status].append(number)
    of_night = (NightChangeRow.namespace_id == namespace) & (NightChangeRow.night_id == night)
    for status, numbers in by_status.items():
        for some in batched(numbers, MOST_PARAMETERS):
            where = of_night & NightChangeRow.number.in_(some)
            session.execute(update(NightChangeRow).where(where).values(status=status.value))
    for number, after in afters.items():
        session.execute(update(NightChangeRow).where(of_night, NightChangeRow.number == number).values(after=after))


def add_probes(session: Session, namespace: NamespaceId, night: str, probes: Sequence[Probe]) -> None:
    rows = [
        {
            "night_id": night,
            "number": number,
            "namespace_id": namespace,
            "document_id": one.document,
            "question": one.question,
            "rank": one.rank,
        }
        for number, one in enumerate(probes)
    ]
    if rows:
        session.execute(insert(ProbeRow), rows)


def probes(session: Session, namespace: NamespaceId, night: str) -> list[Probe]:
    """In their order; those of items that were deleted meanwhile are gone."""
    where = (ProbeRow.namespace_id == namespace) & (ProbeRow.night_id == night)
    rows = session.execute(select(ProbeRow).where(where).order_by(ProbeRow.number)).scalars()
    return [Probe(row.document_id, row.question, row.rank) for row in rows]


def forget_items(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> None:
    """Not even the ids of what is erased stay in what nights changed. Takes as long as there are changes that name it.

    A gist goes with each of its sources, and nothing is put behind what is gone; the rest only stops to name it.
    """
    gone = frozenset(ids)
    for some in batched(sorted(gone), MOST_PARAMETERS):
        mine = (NightChangeRow.namespace_id == namespace) & NightChangeRow.document_id.in_(some)
        behind = mine & (NightChangeRow.of == ChangeOf.PLACE.value) & (NightChangeRow.other_id != "")
        stand_ins = set(session.execute(select(NightChangeRow.other_id).where(behind)).scalars())
        _forget_sources(session, namespace, stand_ins - gone, gone)
        session.execute(delete(NightChangeRow).where(mine))
        _forget_ends(session, namespace, some)


def _forget_sources(session: Session, namespace: NamespaceId, stand_ins: Iterable[str], gone: frozenset[str]) -> None:
    """In what stands for others; what is planned to stand for an item has a place of that item beside it."""
    naming = (ChangeOf.GIST.value, ChangeOf.REPEATS.value)
    for some in batched(stand_ins, MOST_PARAMETERS):
        mine = (NightChangeRow.namespace_id == namespace) & NightChangeRow.document_id.in_(some)
        for row in session.execute(select(NightChangeRow).where(mine, NightChangeRow.of.in_(naming))).scalars().all():
            known = _change(row).sources
            left: list[JsonValue] = [source for source in known if source not in gone]
            if len(left) < len(known) and row.of == ChangeOf.GIST.value:
                session.delete(row)
            elif len(left) < len(known):
                row.after = {**(row.after or {}), "sources": left}
    session.flush()


def _forget_ends(session: Session, namespace: NamespaceId, gone: Sequence[str]) -> None:
    """Edges to these items, and what stands behind them."""
    mine = (NightChangeRow.namespace_id == namespace) & NightChangeRow.other_id.in_(gone)
    is_undone_with_it = or_(
        NightChangeRow.of == ChangeOf.EDGE.value, NightChangeRow.status == ChangeStatus.PLANNED.value
    )
    session.execute(delete(NightChangeRow).where(mine, is_undone_with_it))
    for row in session.execute(select(NightChangeRow).where(mine)).scalars().all():
        row.after = {name: value for name, value in (row.after or {}).items() if name != "stands_in"}
        row.why, row.other_id = "", ""
    session.flush()


def _first(session: Session, query: Select[NightRow]) -> Night | None:
    row = session.execute(query.limit(1)).scalar_one_or_none()
    return None if row is None else _night(row)


def _night_values(night: Night) -> dict[str, str | int | list[JsonValue] | datetime | None]:
    return {
        "id": night.id,
        "number": night.number,
        "status": night.status.value,
        "trigger": night.trigger.value,
        "actor": night.actor,
        "at": night.at,
        "stages": [_stage_json(one) for one in night.stages],
        "finished_at": night.finished_at,
        "undone_at": night.undone_at,
    }


def _stage_json(stage: StageReport) -> dict[str, JsonValue]:
    return {
        "name": stage.name.value,
        "status": stage.status.value,
        "counts": dict(stage.counts),
        "sentences": list(stage.sentences),
        "milliseconds": stage.milliseconds,
        "probes_before": asdict(stage.probes_before) if stage.probes_before else None,
        "probes_after": asdict(stage.probes_after) if stage.probes_after else None,
    }


def _night(row: NightRow) -> Night:
    return Night(
        id=row.id,
        status=NightStatus(row.status),
        trigger=Trigger(row.trigger),
        actor=row.actor,
        at=row.at,
        number=row.number,
        stages=tuple(_stage(one) for one in row.stages if isinstance(one, Mapping)),
        finished_at=row.finished_at,
        undone_at=row.undone_at,
    )


def _stage(kept: Mapping[str, JsonValue]) -> StageReport:
    counts, sentences, milliseconds = kept["counts"], kept["sentences"], kept["milliseconds"]
    assert isinstance(counts, Mapping)
    assert isinstance(sentences, list)
    assert isinstance(milliseconds, float | int)
    return StageReport(
        name=StageName(str(kept["name"])),
        status=StageStatus(str(kept["status"])),
        counts={name: float(count) for name, count in counts.items() if isinstance(count, float | int)},
        sentences=tuple(map(str, sentences)),
        milliseconds=float(milliseconds),
        probes_before=_score(kept["probes_before"]),
        probes_after=_score(kept["probes_after"]),
    )


def _score(kept: JsonValue) -> ProbeScore | None:
    if not isinstance(kept, Mapping):
        return None
    return ProbeScore(int(str(kept["probes"])), float(str(kept["recall"])), float(str(kept["reciprocal_rank"])))


def _change_values(
    namespace: NamespaceId, night: str, number: int, one: NightChange
) -> dict[str, str | int | Mapping[str, JsonValue] | None]:
    return {
        "night_id": night,
        "number": number,
        "namespace_id": namespace,
        "stage": one.stage.value,
        "of": one.of.value,
        "document_id": one.document,
        "other_id": one.other or one.stand_in or "",
        "kind": one.kind or (one.happening.value if one.happening else ""),
        "before": one.before,
        "after": one.after,
        "why": one.why,
        "status": one.status.value,
    }


def _change(row: NightChangeRow) -> NightChange:
    of = ChangeOf(row.of)
    return NightChange(
        stage=StageName(row.stage),
        of=of,
        document=row.document_id,
        other=row.other_id if of is ChangeOf.EDGE else "",
        kind=row.kind if of is ChangeOf.EDGE else "",
        before=row.before,
        after=row.after,
        why=row.why,
        happening=Happening(row.kind) if of is ChangeOf.PLACE else None,
        status=ChangeStatus(row.status),
    )

"""News about a recalled memory: decided by its prediction error behind the protector, written with what undoes it.

A text is never overwritten. A memory that changes gets a successor with the new text, and ends where that begins, so
that history, `as_of` and undo need nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from memory.dynamics import neuromodulators, protector, reconsolidation
from memory.dynamics.fsrs import retrievability
from memory.dynamics.neuromodulators import NeuromodulatorState
from memory.dynamics.protector import Standing
from memory.dynamics.reconsolidation import MemoryKind, Mode, News, Window
from memory.errors import NotFound
from memory.ids import known_form, new_id
from memory.layers import learning
from memory.layers.semantic import Ending
from memory.layers.traces import Trace, strength_of
from memory.layers.transitions import Happening, Transition
from memory.levels import CHANNELS
from memory.parts import Parts
from memory.store import changes, documents, namespaces, reviews, transitions
from memory.store.documents import Placed
from memory.types import Change, ChangeKind, ItemState, JsonValue, LayerName, Namespace, StoredDocument
from retrieval.errors import EmbedderError
from retrieval.types import DocumentId

KINDS = {LayerName.EPISODIC.value: MemoryKind.EPISODIC, LayerName.PROCEDURAL.value: MemoryKind.PROCEDURAL}
MOST_SUCCESSORS = 100  # that are followed to the one that holds


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done about an item, and the text of its successor (or of a new episode), if there is one."""

    decision: reconsolidation.Reconsolidation
    text: str | None

    @property
    def ends_the_old(self) -> bool:
        return self.text is not None and (
            self.decision.raw == 1.0 or self.decision.mode in {Mode.SELECTIVE_EDIT, Mode.INTEGRATION}
        )


@dataclass(frozen=True, slots=True)
class Changed:
    """An entry of the audit: `id` undoes it."""

    id: str
    document: str
    mode: str  # confirmed, selective_edit, integration or new_episode
    stopped_by: str | None  # why nothing was changed
    prediction_error: float  # 0 to 1
    successor: str | None  # the item that has the new text
    undone_at: datetime | None = None


def plan(
    parts: Parts,
    namespace: Namespace,
    document: StoredDocument,
    trace: Trace,
    text: str,
    is_correction: bool,
    state: NeuromodulatorState,
    now: datetime,
    cosine: float | None = None,
) -> Plan:
    """What `text` does to an item. A correction always passes; other news only while the item is labile."""
    opened = parts.recalls.opened_at(namespace.id, document.id) if parts.dynamics.lability else now
    window = Window(
        document.id,
        KINDS.get(document.layer, MemoryKind.SEMANTIC),
        document.text,
        namespace.name,
        document.session_id,
        now if is_correction or opened is None else opened,
    )
    news = News(text, namespace.name, document.session_id, now, cosine, is_correction)
    params = replace(reconsolidation.RECOMMENDED, is_enabled=parts.dynamics.reconsolidation or is_correction)
    age = max(0.0, (now - document.recorded_at).total_seconds() / 86400)
    standing = Standing(trace.recalls, trace.confidence, age, document.layer == LayerName.CORE)
    decision = reconsolidation.reconsolidation(
        window,
        news,
        levels=neuromodulators.levels(state, now),
        threshold=protector.threshold(standing),
        params=params,
    )
    if opened is None and not is_correction and decision.stopped_by is None:
        decision = replace(decision, stopped_by=reconsolidation.Stop.NOT_OPEN)
    return Plan(decision, _successor_text(decision, news))


def distance(parts: Parts, old: str, new: str) -> float | None:
    """The cosine of two texts, -1 to 1; None if the embedder cannot be reached: then words alone decide."""
    try:
        first, second = parts.embedder.encode_question(old), parts.embedder.encode_question(new)
    except EmbedderError:
        return None
    return float(np.clip(first @ second, -1, 1))


def carry_out(
    session: Session,
    namespace: Namespace,
    document: StoredDocument,
    trace: Trace,
    planned: Plan,
    successor: str | None,
    now: datetime,
    actor: str,
) -> Changed:
    """Writes the audit, and ends what the successor replaces. The namespace is locked.

    Of two changes at once both are in the history, and the later one holds: it ends the successor of the earlier.
    """
    decision = planned.decision
    ended: list[str] = []
    if successor is not None and successor != document.id and planned.ends_the_old:
        current = _current(session, namespace, document)
        if current.id != successor:
            _end(session, namespace, [(current, Ending(now, now, successor))], now, actor)
            ended = [current.id]
    id_ = new_id(now)
    before: dict[str, JsonValue] = {"text": document.text, "ended": ended, **_strength(trace, now)}
    reviews.add_reconsolidation(
        session,
        namespace.id,
        learning.Reconsolidation(
            id=id_,
            document_id=document.id,
            mode=decision.mode.value,
            prediction_error=decision.raw,
            effective_error=decision.effective,
            before=before,
            after={
                "text": planned.text,
                "successor": successor,
                "stopped_by": decision.stopped_by.value if decision.stopped_by else None,
            },
            at=now,
            actor=actor,
            levels={channel: float(getattr(decision.levels, channel)) for channel in CHANNELS},
        ),
    )
    stopped = decision.stopped_by.value if decision.stopped_by else None
    return Changed(id_, document.id, decision.mode.value, stopped, decision.effective, successor)


def undo(parts: Parts, namespace: Namespace, id_: str, *, now: datetime, actor: str) -> Changed:
    """What was ended holds again, and what replaced it is archived. Undoing twice is once; what is erased stays erased.

    Raises NotFound.
    """

    def write(session: Session) -> Changed:
        namespaces.lock(session, namespace.id)
        known = reviews.find_reconsolidation(session, namespace.id, known_form(id_))
        if known is None:
            raise NotFound(f"There is no change {id_} here; it was never made, or its item is erased.")
        if known.undone_at is None:
            reviews.undo(session, namespace.id, id_, now)
            _restore(session, namespace, known, now, actor)
        return _changed(known, known.undone_at or now)

    undone = parts.database.write(write)
    parts.indexes.follow(namespace.id, parts.database.read(lambda s: namespaces.revision(s, namespace.id)))
    return undone


def _restore(
    session: Session, namespace: Namespace, known: learning.Reconsolidation, now: datetime, actor: str
) -> None:
    successor, ended = known.after.get("successor"), known.before.get("ended")
    wanted = [str(one) for one in ended] if isinstance(ended, Sequence) and not isinstance(ended, str) else []
    held = [
        one.document
        for one in documents.find_many(session, namespace.id, wanted)
        if one.document.superseded_by == successor
    ]
    _end(session, namespace, [(one, None) for one in held], now, actor)
    replaced = documents.find(session, namespace.id, str(successor)) if successor else None
    if replaced is not None and replaced.document.state is ItemState.ACTIVE:
        _archive(session, namespace, replaced, now, actor)


def _archive(session: Session, namespace: Namespace, placed: Placed, now: datetime, actor: str) -> None:
    was = placed.document
    revision = namespaces.advance(session, namespace.id, 1)
    after = replace(was, state=ItemState.ARCHIVED, version=was.version + 1, updated_at=now)
    documents.replace(session, namespace.id, Placed(after, placed.position, placed.places, revision))
    changes.append(session, namespace.id, [Change(revision, ChangeKind.PATCHED, DocumentId(was.id))], actor, now)
    states = {"state": was.state.value}, {"state": after.state.value}
    transitions.add(session, namespace.id, [Transition(was.id, Happening.ARCHIVED, now, actor, "undone", *states)])


def _end(
    session: Session,
    namespace: Namespace,
    endings: Sequence[tuple[StoredDocument, Ending | None]],
    now: datetime,
    actor: str,
) -> None:
    if not endings:
        return
    last = namespaces.advance(session, namespace.id, len(endings))
    for revision, (was, ending) in enumerate(endings, last - len(endings) + 1):
        documents.end(session, namespace.id, was.id, ending, revision, now)
        changes.append(session, namespace.id, [Change(revision, ChangeKind.PATCHED, DocumentId(was.id))], actor, now)
        kind = Happening.SUPERSEDED if ending else Happening.REINSTATED
        why = "corrected" if ending else "the change was undone"
        after = {"superseded_by": ending.superseded_by if ending else None}
        transitions.add(
            session,
            namespace.id,
            [Transition(was.id, kind, now, actor, why, {"superseded_by": was.superseded_by}, after)],
        )


def _current(session: Session, namespace: Namespace, document: StoredDocument) -> StoredDocument:
    """What holds in place of an item now."""
    for _ in range(MOST_SUCCESSORS):
        later = documents.find(session, namespace.id, document.superseded_by) if document.superseded_by else None
        if later is None:
            break
        document = later.document
    return document


def _successor_text(decision: reconsolidation.Reconsolidation, news: News) -> str | None:
    if decision.stopped_by is not None or decision.mode is Mode.CONFIRMED:
        return None
    return news.text if decision.mode is Mode.NEW_EPISODE else reconsolidation.edited(decision, news)


def _strength(trace: Trace, now: datetime) -> dict[str, JsonValue]:
    return {"stability": trace.stability, "retrievability": retrievability(strength_of(trace), now)}


def _changed(known: learning.Reconsolidation, undone_at: datetime) -> Changed:
    successor, stopped = known.after.get("successor"), known.after.get("stopped_by")
    return Changed(
        known.id,
        known.document_id,
        known.mode,
        str(stopped) if stopped else None,
        known.effective_error,
        str(successor) if successor else None,
        undone_at,
    )

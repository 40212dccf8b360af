"""What the layers keep: traces, reviews, edges, levels, and the moves that they decide."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from memory import core, documents, history, links, procedures, sessions, tenancy
from memory.errors import Conflict, NotFound, VersionMismatch
from memory.ids import new_id
from memory.layers.learning import Burst, Edge, Judgement, Levels, Reconsolidation, Review
from memory.layers.short_term import Role
from memory.layers.traces import Copies, Window
from memory.layers.transitions import Happening, Move
from memory.layers.working import SlotKind
from memory.parts import Parts
from memory.procedures import NewProcedure
from memory.sessions import NewMessage, NewSlot
from memory.store import layer_tables, learning, reviews, traces
from memory.store.tables import Row
from memory.types import Idempotency, ItemState, Kind, LayerName, Namespace, Principal
from tests.store.working import found, keep, note, said

HOUR = timedelta(hours=1)
MAPPERS = [each for each in Row.registry.mappers if each.class_.__module__ == layer_tables.__name__]


@pytest.fixture
def two(parts: Parts, namespace: Namespace, now: datetime) -> list[str]:
    receipts = keep(parts, namespace, now, said("The ferry leaves at six.", "Ida", "s"), note("A note.")).receipts
    return [receipt.id for receipt in receipts]


def counts(parts: Parts) -> dict[str, int]:
    def count(session: Session) -> dict[str, int]:
        return {
            mapper.class_.__tablename__: session.execute(select(func.count()).select_from(mapper.class_)).scalar_one()
            for mapper in MAPPERS
        }

    return parts.database.read(count)


def test_every_item_has_a_trace_that_can_be_replaced(
    parts: Parts, namespace: Namespace, now: datetime, two: list[str]
) -> None:
    known = parts.database.read(lambda session: traces.find_many(session, namespace.id, two))
    assert known.keys() == set(two)
    assert known[two[0]].context == {"session_id": "s"}
    changed = replace(
        known[two[0]],
        stability=9.5,
        recalls=2,
        pinned=True,
        copies=Copies(now, 0.1, 0.2, 0.3, now + HOUR),
        labile=Window(now + HOUR, {"text": "before"}),
    )
    parts.database.write(lambda session: traces.replace(session, namespace.id, [changed]))
    after = parts.database.read(lambda session: traces.find_many(session, namespace.id, two))
    assert after == {two[0]: changed, two[1]: known[two[1]]}


def test_what_use_leaves_behind_is_read_back_as_it_was(
    parts: Parts, namespace: Namespace, now: datetime, two: list[str]
) -> None:
    review = Review(two[0], 3, "useful", now, "test", 0.8, {"stability": 2.0}, {"stability": 5.0})
    change = Reconsolidation(
        new_id(now),
        two[0],
        "selective_edit",
        0.2,
        0.21,
        {"text": "a"},
        {"text": "b"},
        now + HOUR,
        "test",
        {"dopamine": 0.5},
    )
    edge = Edge("co_recall", two[0], two[1], 1.5, 0.9, 2, now)
    levels = Levels("ida", 0.5, 0.6, 0.4, 0.5, now, (Burst(now, {"dopamine": 0.8}),))
    judgement = Judgement("ida", "positive", True, now, 0.7)

    def write(session: Session) -> None:
        reviews.add(session, namespace.id, [review])
        reviews.add_reconsolidation(session, namespace.id, change)
        for weight in (1.0, 1.5):
            learning.put_edges(session, namespace.id, [replace(edge, weight=weight)])
        for dopamine in (0.9, 0.5):
            learning.put_levels(session, namespace.id, replace(levels, dopamine=dopamine))
        learning.add_judgements(session, namespace.id, [judgement])

    parts.database.write(write)

    def read(session: Session) -> list[object]:
        return [
            reviews.of_document(session, namespace.id, two[0], 9),
            reviews.reconsolidations(session, namespace.id, two[0], 9),
            learning.edges(session, namespace.id, "co_recall", [two[1]]),
            learning.levels(session, namespace.id, "ida"),
            learning.judgements_since(session, namespace.id, "ida", now),
        ]

    assert parts.database.read(read) == [[review], [change], [edge], levels, [judgement]]
    kinds = [one.kind for one in history.of(parts, namespace, Kind.MEMORY, two[0]).entries]
    assert kinds == [Happening.REMEMBERED, Happening.REVIEWED, Happening.RECONSOLIDATED]
    undone = [
        parts.database.write(lambda session: reviews.undo(session, namespace.id, change.id, now + HOUR))
        for _ in range(2)
    ]
    assert undone == [replace(change, undone_at=now + HOUR), None]


def test_layers_move_items_and_the_history_says_so(
    parts: Parts, namespace: Namespace, now: datetime, two: list[str]
) -> None:
    promote = Move(Happening.PROMOTED, "recalled 3 times", layer=LayerName.SEMANTIC)
    archive = Move(Happening.ARCHIVED, "faded", state=ItemState.ARCHIVED)
    moves = [(two[0], promote), (two[1], archive), (new_id(now), archive)]
    assert history.apply(parts, namespace, moves, now=now + HOUR, actor="sleep") == two
    assert history.apply(parts, namespace, moves, now=now + HOUR, actor="sleep") == []
    moved = documents.get(parts, namespace, Kind.MEMORY, two[0])
    assert (moved.layer, moved.reason, moved.version) == ("semantic", "recalled 3 times", 2)
    assert found(parts, namespace, "note ferry") == ["The ferry leaves at six."]
    entries = history.of(parts, namespace, Kind.MEMORY, two[0]).entries
    assert (entries[-1].kind, entries[-1].why, entries[-1].actor) == (Happening.PROMOTED, "recalled 3 times", "sleep")


def test_nothing_of_a_namespace_is_left_when_it_is_deleted(
    parts: Parts, namespace: Namespace, owner: Principal, now: datetime, two: list[str]
) -> None:
    other = tenancy.create_namespace(parts, owner, "other", now)
    test_what_use_leaves_behind_is_read_back_as_it_was(parts, namespace, now, two)
    for each in (namespace, other):
        keep(parts, each, now, said("Jonas Ferrow lives in Ghent.", "Ida"), said("Jonas Ferrow moved to Oslo.", "Ida"))
        links.open_up(parts, each, True, None)
    links.find(parts, owner, namespace, now)
    core.add(parts, namespace, "persona", "A gardener.", True, now=now, actor="test")
    procedures.add(parts, namespace, NewProcedure("Moor", ["Slow down."]), now=now, actor="test")
    sessions.add(parts, namespace, "s", [NewMessage(Role.USER, "Hello there.")], now=now, actor="test")
    sessions.hold(parts, namespace, "s", [NewSlot(SlotKind.GOAL, "Moor.")], keep=True, now=now)
    before = counts(parts)
    assert [name for name, count in before.items() if count == 0] == []
    for name in ("default", "other"):
        tenancy.delete_namespace(parts, owner, name)
    assert {name: count for name, count in counts(parts).items() if count} == {}


def test_a_procedure_that_is_sent_again_is_the_same_one(parts: Parts, namespace: Namespace, now: datetime) -> None:
    new = NewProcedure("Moor the ferry", ["Slow down.", "Throw the line."], tools=["line"])
    _, first = procedures.add(parts, namespace, new, now=now, actor="test")
    procedures.judge(parts, namespace, first.id, 0.0, "", now=now, actor="test")
    again, second = procedures.add(parts, namespace, new, now=now, actor="test")
    assert (second.id, second.tools, second.runs) == (first.id, ("line",), 2)
    assert again.receipts[0].status == "duplicate"


def test_messages_that_are_sent_again_are_written_once(parts: Parts, namespace: Namespace, now: datetime) -> None:
    new = [NewMessage(Role.USER, "Hello there."), NewMessage(Role.ASSISTANT, "Hello.")]
    key = Idempotency("k", "0" * 64)
    first, again = (sessions.add(parts, namespace, "s", new, now=now, actor="test", idempotency=key) for _ in range(2))
    assert [one.id for one in again.messages] == [one.id for one in first.messages]
    assert sessions.window(parts, namespace, "s").total == 2
    silent = [replace(one, remember=False) for one in new]
    for _ in range(2):
        sessions.add(parts, namespace, "t", silent, now=now, actor="test", idempotency=Idempotency("l", "0" * 64))
    assert sessions.window(parts, namespace, "t").total == 2
    dated = [replace(new[0], occurred_at=now)]
    for _ in range(2):  # without a key it is told by its time
        sessions.add(parts, namespace, "s", dated, now=now, actor="test")
    assert sessions.window(parts, namespace, "s").total == 3


def test_core_blocks_are_guarded_by_label_and_version(parts: Parts, namespace: Namespace, now: datetime) -> None:
    core.add(parts, namespace, "persona", "A gardener.", True, now=now, actor="test")
    with pytest.raises(Conflict):
        core.add(parts, namespace, " persona ", "A thief.", True, now=now, actor="test")
    change = {"pinned": None, "new_label": None, "now": now, "actor": "test"}
    core.change(parts, namespace, "persona", "Patient.", if_match=1, **change)  # type: ignore[arg-type]
    with pytest.raises(VersionMismatch):
        core.change(parts, namespace, "persona", "Hasty.", if_match=1, **change)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        core.get(parts, namespace, "human")
    assert core.get(parts, namespace, "persona").text == "Patient."


def test_an_item_of_another_namespace_has_no_history(
    parts: Parts, namespace: Namespace, owner: Principal, now: datetime, two: list[str]
) -> None:
    other = tenancy.create_namespace(parts, owner, "other", now)
    for verb in (
        lambda: history.of(parts, other, Kind.MEMORY, two[0]),
        lambda: history.of(parts, namespace, Kind.MEMORY, two[1]),  # a document
        lambda: procedures.judge(parts, other, two[0], 1.0, "", now=now, actor="test"),
    ):
        with pytest.raises(NotFound):
            verb()
    assert (
        history.apply(
            parts, other, [(two[0], Move(Happening.ARCHIVED, "x", state=ItemState.ARCHIVED))], now=now, actor="t"
        )
        == []
    )


def test_erasing_a_message_erases_it_from_the_gist(parts: Parts, namespace: Namespace, now: datetime) -> None:
    secret = sessions.add(
        parts, namespace, "s", [NewMessage(Role.USER, "The secret word is heron heron.")], now=now, actor="test"
    ).messages[0]
    more = [NewMessage(Role.USER, f"The heron number {n} came.", remember=False) for n in range(75)]
    sessions.add(parts, namespace, "s", more, now=now, actor="test")
    assert "secret" in sessions.window(parts, namespace, "s").gist
    documents.delete(parts, namespace, Kind.MEMORY, str(secret.document_id), None, now, "test")
    sessions.add(parts, namespace, "s", more[:1], now=now, actor="test")
    window = sessions.window(parts, namespace, "s")
    assert "heron" in window.gist
    assert "secret" not in window.gist


def test_a_fragment_is_completed_to_what_was_said(parts: Parts, namespace: Namespace, now: datetime) -> None:
    texts = ["The ferry leaves at six.", "Mira planted apple trees.", "The winch of the dome is stuck."]
    sessions.add(parts, namespace, "s", [NewMessage(Role.USER, text) for text in texts], now=now, actor="test")
    for text in texts:
        best = sessions.complete(parts, namespace, "s", text.rsplit(" ", 2)[0], 3)
        assert best[0].message.text == text
        assert sum(one.weight for one in best) == pytest.approx(1)
    assert sessions.complete(parts, namespace, "nobody", "ferry", 3) == []

"""Updates and contradictions: what held when, what was known when, and that all of it can be undone."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from memory import documents, history
from memory.documents import DocumentPatch
from memory.dynamics.switches import OFF
from memory.layers.transitions import Happening, Move
from memory.parts import Parts
from memory.recall import recall
from memory.store import transitions
from memory.store.layer_tables import StatementRow, TraceRow, TransitionRow
from memory.types import Draft, ItemState, Kind, Namespace, Recall, StoredDocument, TimeRange
from tests.store.working import keep, note, said, work_off

HOUR = timedelta(hours=1)


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def told(parts: Parts, namespace: Namespace, text: str, at: datetime, recorded: datetime, speaker: str = "Mira") -> str:
    return keep(parts, namespace, recorded, said(text, speaker, at=at)).receipts[0].id


def texts(parts: Parts, namespace: Namespace, now: datetime, **asked: object) -> set[str]:
    question = replace(Recall("Where does Mira live?", 20), **asked)  # type: ignore[arg-type]
    return {one.text for one in recall(parts, namespace, question, now=now).results}


def get(parts: Parts, namespace: Namespace, id_: str) -> StoredDocument:
    return documents.get(parts, namespace, Kind.MEMORY, id_)


@pytest.fixture
def moved(parts: Parts, namespace: Namespace, now: datetime) -> tuple[str, str]:
    """Ghent, then Oslo."""
    ghent = told(parts, namespace, "I live in Ghent.", day(1), now)
    return ghent, told(parts, namespace, "I moved to Oslo.", day(10), now + HOUR)


def test_what_was_superseded_is_out_of_the_answer(
    parts: Parts, namespace: Namespace, now: datetime, moved: tuple[str, str]
) -> None:
    later = now + 2 * HOUR
    assert texts(parts, namespace, later) == {"I moved to Oslo."}
    assert texts(parts, namespace, later, superseded=True) == {"I live in Ghent.", "I moved to Oslo."}
    assert texts(parts, namespace, later, document_ids=[moved[0]]) == {"I live in Ghent."}


def test_what_says_more_stays_but_what_holds_comes_before_it(parts: Parts, namespace: Namespace, now: datetime) -> None:
    told(parts, namespace, "I live in Ghent, and I grow roses.", day(1), now)
    told(parts, namespace, "I moved to Oslo.", day(10), now + HOUR)
    told(parts, namespace, "I have a flat in Rome.", day(20), now + 2 * HOUR)
    later, asked = now + 3 * HOUR, Recall("Does Mira live in Ghent and grow roses?", explain=True)

    def order(parts: Parts, question: Recall) -> list[str]:
        return [one.text for one in recall(parts, namespace, question, now=later).results]

    over, holds = "I live in Ghent, and I grow roses.", "I have a flat in Rome."
    assert order(parts, asked) == [holds, over]
    assert "validity" in recall(parts, namespace, asked, now=later).results[0].effects
    assert order(replace(parts, dynamics=OFF), asked)[0] == over
    assert order(parts, replace(asked, as_of=day(5))) == [over]
    assert order(parts, replace(asked, as_of=day(12)))[:2] == ["I moved to Oslo.", over]
    assert order(parts, replace(asked, query="Did Mira live in Ghent before, and grow roses?"))[0] == over


def test_the_past_answers_as_it_was(parts: Parts, namespace: Namespace, now: datetime, moved: tuple[str, str]) -> None:
    later = now + 2 * HOUR
    assert texts(parts, namespace, later, as_of=day(5)) == {"I live in Ghent."}
    assert texts(parts, namespace, later, as_of=day(10)) == {"I moved to Oslo."}
    assert texts(parts, namespace, later, known_at=now) == {"I live in Ghent."}
    assert texts(parts, namespace, later, as_of=day(12), known_at=now) == {"I live in Ghent."}
    assert texts(parts, namespace, later, time_range=TimeRange(None, day(5))) == {"I live in Ghent."}
    assert texts(parts, namespace, later, as_of=datetime(1990, 1, 1, tzinfo=UTC)) == set()


def test_news_that_arrive_late_do_not_overrule_newer_ones(parts: Parts, namespace: Namespace, now: datetime) -> None:
    told(parts, namespace, "I moved to Oslo.", day(10), now)
    ghent = told(parts, namespace, "I live in Ghent.", day(1), now + HOUR)
    assert texts(parts, namespace, now + HOUR) == {"I moved to Oslo."}
    assert get(parts, namespace, ghent).valid_to == day(10)


def test_a_move_that_is_announced_counts_from_its_day_on(parts: Parts, namespace: Namespace, now: datetime) -> None:
    told(parts, namespace, "I live in Ghent.", day(1), now)
    told(parts, namespace, "I moved to Oslo.", now + timedelta(days=30), now)
    assert texts(parts, namespace, now) == {"I live in Ghent.", "I moved to Oslo."}
    assert texts(parts, namespace, now + timedelta(days=31)) == {"I moved to Oslo."}


def test_only_the_same_attribute_of_the_same_subject_is_touched(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    kept = [
        told(parts, namespace, "I live in Ghent.", day(1), now, "Tom"),
        told(parts, namespace, "I work at Acme.", day(1), now),
        told(parts, namespace, "My favourite colour is green.", day(1), now),
        told(parts, namespace, "I live in Ghent. My cat is called Moritz.", day(1), now),
    ]
    told(parts, namespace, "I moved to Oslo.", day(10), now)
    assert [get(parts, namespace, id_).valid_to for id_ in kept] == [None] * 4
    history = parts.database.read(lambda session: transitions.of_document(session, namespace.id, kept[3], 10))
    assert [one.kind.value for one in history] == ["outdated"]
    assert history[0].why == "“I moved to Oslo.”"


def test_deleting_the_news_brings_the_old_back(
    parts: Parts, namespace: Namespace, now: datetime, moved: tuple[str, str]
) -> None:
    ghent, oslo = moved
    assert get(parts, namespace, ghent).superseded_by == oslo
    documents.delete(parts, namespace, Kind.MEMORY, oslo, None, now + 2 * HOUR, "test")
    assert get(parts, namespace, ghent).valid_to is None
    assert texts(parts, namespace, now + 3 * HOUR) == {"I live in Ghent."}
    history = parts.database.read(lambda session: transitions.of_document(session, namespace.id, ghent, 10))
    assert [one.kind.value for one in history] == ["superseded", "reinstated"]


def test_correcting_the_news_settles_anew(
    parts: Parts, namespace: Namespace, now: datetime, moved: tuple[str, str]
) -> None:
    ghent, oslo = moved
    change = DocumentPatch(text="I grow roses in Oslo.")
    documents.patch(parts, namespace, Kind.MEMORY, oslo, change, None, now + 2 * HOUR, "test")
    assert get(parts, namespace, ghent).valid_to is None
    change = DocumentPatch(text="I live in Rome.")
    documents.patch(parts, namespace, Kind.MEMORY, oslo, change, None, now + 3 * HOUR, "test")
    assert get(parts, namespace, ghent).superseded_by == oslo
    assert texts(parts, namespace, now + 4 * HOUR) == {"I live in Rome."}


def test_two_corrections_of_the_same_moment_one_wins_and_both_are_in_the_history(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    old = told(parts, namespace, "I live in Ghent.", day(1), now)
    both = keep(
        parts,
        namespace,
        now + HOUR,
        said("I live in Oslo.", "Mira", at=day(9)),
        said("I live in Rome.", "Mira", at=day(9)),
    )
    oslo, rome = (receipt.id for receipt in both.receipts)
    assert texts(parts, namespace, now + 2 * HOUR) == {"I live in Rome."}
    assert get(parts, namespace, oslo).superseded_by == rome

    def kinds(id_: str) -> list[str]:
        happened = parts.database.read(lambda session: transitions.of_document(session, namespace.id, id_, 9))
        return [one.kind.value for one in happened]

    assert [kinds(id_) for id_ in (old, oslo, rome)] == [["superseded"], ["superseded"], []]


def test_corrections_that_come_at_once_leave_one_that_holds(parts: Parts, namespace: Namespace, now: datetime) -> None:
    old = told(parts, namespace, "I live in Ghent.", day(1), now)
    places = ["Oslo", "Rome", "Paris", "Lund"]
    with ThreadPoolExecutor(len(places)) as pool:
        ids = list(pool.map(lambda place: told(parts, namespace, f"I live in {place}.", day(9), now), places))
    ended = [get(parts, namespace, id_).valid_to for id_ in ids]
    assert ended.count(None) == 1
    assert get(parts, namespace, old).superseded_by in ids
    for id_, end in zip(ids, ended, strict=True):
        happened = [one.kind for one in history.of(parts, namespace, Kind.MEMORY, id_).entries]
        assert (Happening.SUPERSEDED in happened) is (end is not None)
    holding = next(f"I live in {place}." for place, end in zip(places, ended, strict=True) if end is None)
    assert texts(parts, namespace, now) == {holding}


def test_documents_state_nothing(parts: Parts, namespace: Namespace, now: datetime) -> None:
    keep(parts, namespace, now, note("Mira lives in Ghent."), note("Mira lives in Oslo."))
    assert len(texts(parts, namespace, now)) == 2
    assert parts.database.read(lambda session: session.execute(select(StatementRow.id)).all()) == []


def test_time_zones_are_one_time(parts: Parts, namespace: Namespace, now: datetime) -> None:
    early, late = (datetime.fromisoformat(text) for text in ("2026-01-10T23:00:00-05:00", "2026-01-11T03:00:00+01:00"))
    first = told(parts, namespace, "I live in Oslo.", early, now)  # 04:00 UTC
    second = told(parts, namespace, "I live in Ghent.", late, now)  # 02:00 UTC: earlier
    assert (get(parts, namespace, first).valid_to, get(parts, namespace, second).superseded_by) == (None, first)


def test_what_is_encoded_later_states_its_facts_then(
    parts: Parts, namespace: Namespace, now: datetime, moved: tuple[str, str]
) -> None:
    parts.embedder.is_away = True  # type: ignore[attr-defined]
    rome = told(parts, namespace, "I live in Rome.", day(20), now + HOUR)
    parts.embedder.is_away = False  # type: ignore[attr-defined]
    assert get(parts, namespace, moved[1]).valid_to is None
    work_off(parts, now + 2 * HOUR)
    assert get(parts, namespace, moved[1]).superseded_by == rome
    assert texts(parts, namespace, now + 3 * HOUR) == {"I live in Rome."}


def test_states_take_items_out_of_recall_and_back(
    parts: Parts, namespace: Namespace, now: datetime, moved: tuple[str, str]
) -> None:
    def put(state: ItemState) -> None:
        documents.patch(parts, namespace, Kind.MEMORY, moved[1], DocumentPatch(state=state), None, now, "test")

    put(ItemState.ARCHIVED)
    assert texts(parts, namespace, now + 2 * HOUR) == {"I live in Ghent."}, "what is not there supersedes nothing"
    assert texts(parts, namespace, now + 2 * HOUR, archived=True) == {"I live in Ghent.", "I moved to Oslo."}
    put(ItemState.QUARANTINED)
    assert texts(parts, namespace, now + 2 * HOUR, archived=True) == {"I live in Ghent."}
    put(ItemState.ACTIVE)
    assert texts(parts, namespace, now + 2 * HOUR) == {"I moved to Oslo."}


def test_what_the_layers_archive_supersedes_nothing_and_may_come_back(
    parts: Parts, namespace: Namespace, now: datetime, moved: tuple[str, str]
) -> None:
    for state, wanted in ((ItemState.ARCHIVED, "I live in Ghent."), (ItemState.ACTIVE, "I moved to Oslo.")):
        move = Move(Happening.ARCHIVED, "faded", state=state)
        history.apply(parts, namespace, [(moved[1], move)], now=now + HOUR, actor="sleep")
        assert texts(parts, namespace, now + 2 * HOUR) == {wanted}
    history.apply(
        parts,
        namespace,
        [(moved[0], Move(Happening.ARCHIVED, "faded", state=ItemState.ARCHIVED))],
        now=now,
        actor="sleep",
    )
    assert get(parts, namespace, moved[0]).superseded_by == moved[1]


def test_what_holds_for_a_time_only_ends_nothing(
    parts: Parts, namespace: Namespace, now: datetime, moved: tuple[str, str]
) -> None:
    draft = replace(said("I live in Rome.", "Mira", at=day(20)), expires_at=now + timedelta(days=1))
    keep(parts, namespace, now, draft)
    assert get(parts, namespace, moved[1]).valid_to is None


def test_what_expires_is_out_from_then_on(parts: Parts, namespace: Namespace, now: datetime) -> None:
    keep(parts, namespace, now, Draft(Kind.MEMORY, "The code of the gate is 4711.", expires_at=now + HOUR))
    assert len(texts(parts, namespace, now)) == 1
    assert texts(parts, namespace, now + HOUR) == set()


def test_the_same_holds_in_an_index_that_was_built_anew(
    parts: Parts, namespace: Namespace, now: datetime, moved: tuple[str, str]
) -> None:
    before = texts(parts, namespace, now + 2 * HOUR)
    parts.indexes.fold(namespace.id, now)
    parts.indexes.refresh(namespace.id)
    assert texts(parts, namespace, now + 2 * HOUR) == before
    parts.indexes.forget(namespace.id)
    assert texts(parts, namespace, now + 2 * HOUR) == before


def test_nothing_of_a_memory_is_left_when_it_is_deleted(
    parts: Parts, namespace: Namespace, now: datetime, moved: tuple[str, str]
) -> None:
    for id_ in moved:
        documents.delete(parts, namespace, Kind.MEMORY, id_, None, now, "test")
    for table in (TraceRow.document_id, StatementRow.document_id, TransitionRow.document_id):
        assert parts.database.read(lambda session, table=table: session.execute(select(table)).all()) == []  # type: ignore[misc]

"""Hints with a database: what a night tells unasked, once, and what takes it out again."""

from datetime import datetime, timedelta

import pytest

from memory import documents, erase, feedback, forget, hints, jobs, sleep
from memory.errors import InvalidInput, NotFound
from memory.feedback import Feedback, Judged, Verdict
from memory.forgetting.subjects import Subject, SubjectKind
from memory.parts import Parts
from memory.sleeping import settings
from memory.sleeping.records import Night, StageName
from memory.sleeping.settings import SleepSettings
from memory.store import namespaces
from memory.store.hints import Hint
from memory.types import DocumentPatch, Kind, Namespace
from tests.store.working import keep, note, said

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
OLD = "Halvard Brennock lent the brass sextant to the museum of Skarrow."
TALK = ("Bread is baked on Monday.", "The roof leaks a little.", "Rain is on its way.", "The cat sleeps all day.")
NEW = "I met Halvard Brennock on the ferry this morning."


@pytest.fixture
def ends(parts: Parts, namespace: Namespace, now: datetime) -> tuple[str, str]:
    """Something of a month ago, and what was said on the day before `now + 30 days` about the same man."""
    wanted = SleepSettings(hints=True, stages=frozenset({StageName.SETTLE}))
    kept = settings.to_json(wanted)
    parts.database.write(lambda session: namespaces.change_setting(session, namespace.id, settings.SETTING, kept))
    (old,) = keep(parts, namespace, now, note(OLD)).receipts
    for number, text in enumerate(TALK):
        keep(parts, namespace, now + number * DAY, said(text, "Mira", "talk"))
    (new,) = keep(parts, namespace, now + 29.5 * DAY, said(NEW, "Mira", "ferry")).receipts
    return new.id, old.id


def slept(parts: Parts, namespace: Namespace, now: datetime) -> Night:
    return sleep.sleep_through(parts, namespace, now=now + 30 * DAY, actor="test")


def told(parts: Parts, namespace: Namespace, now: datetime) -> list[Hint]:
    return [one.hint for one in hints.list_page(parts, namespace, 50, None, now + 31 * DAY).items]


def test_a_night_tells_what_the_day_leads_to(
    parts: Parts, namespace: Namespace, now: datetime, ends: tuple[str, str]
) -> None:
    night = slept(parts, namespace, now)
    (one,) = hints.list_page(parts, namespace, 50, None, now + 31 * DAY).items
    assert (one.hint.source, one.hint.target, one.hint.at) == (*ends, night.at)
    assert (one.source.text, one.target.text) == (NEW, OLD)
    assert one.hint.why == "Both name Halvard Brennock; 30 days lie between them."
    assert [step.label for step in one.hint.path] == ["", "Halvard Brennock", ""]


def test_it_is_told_once(parts: Parts, namespace: Namespace, now: datetime, ends: tuple[str, str]) -> None:
    night = slept(parts, namespace, now)
    before = told(parts, namespace, now)
    hints.find(parts, namespace, night, parts.database.write)  # as when the worker died just after it
    slept(parts, namespace, now + HOUR)
    assert told(parts, namespace, now) == before
    hints.dismiss(parts, namespace, before[0].id, now + 31 * DAY)
    slept(parts, namespace, now + 2 * HOUR)
    assert told(parts, namespace, now) == []
    with pytest.raises(NotFound):
        hints.dismiss(parts, namespace, before[0].id, now + 31 * DAY)


def test_what_is_near_or_was_used_lately_is_no_hint(
    parts: Parts, namespace: Namespace, now: datetime, ends: tuple[str, str]
) -> None:
    used = Feedback([Judged(ends[1], Verdict.USED)], None)
    feedback.give(parts, namespace, used, now=now + 27 * DAY, actor="test")
    keep(parts, namespace, now + 28 * DAY, said("Halvard Brennock was here.", "Mira", "yesterday"))
    slept(parts, namespace, now)
    assert told(parts, namespace, now) == []


def test_without_being_asked_for_there_are_none(
    parts: Parts, namespace: Namespace, now: datetime, ends: tuple[str, str]
) -> None:
    kept = settings.to_json(SleepSettings())
    parts.database.write(lambda session: namespaces.change_setting(session, namespace.id, settings.SETTING, kept))
    slept(parts, namespace, now)
    assert told(parts, namespace, now) == []


def test_the_worker_tells_them_at_the_end_of_a_night(
    parts: Parts, namespace: Namespace, now: datetime, ends: tuple[str, str]
) -> None:
    sleep.begin(parts, namespace, now=now + 30 * DAY, actor="test")
    for turn in range(100):
        if not jobs.run_one(parts, now + 30 * DAY + turn * timedelta(minutes=1), "worker"):
            break
    assert [(one.source, one.target) for one in told(parts, namespace, now)] == [ends]


def test_what_left_recall_is_not_shown(
    parts: Parts, namespace: Namespace, now: datetime, ends: tuple[str, str]
) -> None:
    slept(parts, namespace, now)
    wanted = forget.Wanted(filter={"id": {"eq": ends[1]}})
    forgotten = forget.forget(parts, namespace, wanted, dry_run=False, now=now + 31 * DAY, actor="test").forgetting
    assert told(parts, namespace, now) == []
    assert forgotten is not None
    forget.undo(parts, namespace, forgotten.id, now=now + 31 * DAY, actor="test")
    assert len(told(parts, namespace, now)) == 1


@pytest.mark.parametrize("end", [0, 1])
def test_a_hint_goes_with_what_it_names(
    parts: Parts, namespace: Namespace, now: datetime, ends: tuple[str, str], end: int
) -> None:
    slept(parts, namespace, now)
    kind, changed = ((Kind.MEMORY, "It is gone."), (Kind.DOCUMENT, "It is gone."))[end]
    patch = DocumentPatch(text=changed)
    documents.patch(parts, namespace, kind, ends[end], patch, None, now + 31 * DAY, "test")
    assert told(parts, namespace, now) == []


def test_nothing_of_what_is_erased_stays_in_a_hint(
    parts: Parts, namespace: Namespace, now: datetime, ends: tuple[str, str]
) -> None:
    slept(parts, namespace, now)
    subject = Subject(SubjectKind.ENTITY, "Halvard Brennock")
    erased = erase.erase(parts, namespace, subject, now=now + 31 * DAY, actor="test")
    assert erased.proof["found"] == {}
    assert told(parts, namespace, now) == []


def test_a_list_is_paged_and_refuses_what_is_no_cursor(
    parts: Parts, namespace: Namespace, now: datetime, ends: tuple[str, str]
) -> None:
    keep(parts, namespace, now, note("The lamp of Marit Quillane burns paraffin."))
    keep(parts, namespace, now + 29.6 * DAY, said("Marit Quillane came by.", "Mira", "visit"))
    slept(parts, namespace, now)
    first = hints.list_page(parts, namespace, 1, None, now + 31 * DAY)
    second = hints.list_page(parts, namespace, 1, first.next_cursor, now + 31 * DAY)
    assert {one.hint.source for one in (*first.items, *second.items)} > {ends[0]}
    assert second.next_cursor is None
    with pytest.raises(InvalidInput):
        hints.list_page(parts, namespace, 1, "nonsense", now)
    with pytest.raises(NotFound):
        hints.dismiss(parts, namespace, "nonsense", now)

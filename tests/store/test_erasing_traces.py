"""Leaks that histories found: where names and former texts were left behind by an erasure."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from memory import core, documents, erase, feedback, history, insight, links, sessions, sleep, tenancy
from memory.errors import NotFound
from memory.feedback import Feedback, Judged, Verdict
from memory.forgetting.subjects import Subject, SubjectKind
from memory.layers.short_term import Role
from memory.layers.transitions import Happening
from memory.layers.working import SLOTS, SlotKind
from memory.parts import Limits, Parts
from memory.remember import remember
from memory.sessions import NewMessage, NewSlot
from memory.types import DocumentPatch, Draft, Idempotency, Kind, Namespace, Principal
from tests.store.bytes_on_disk import all_bytes, where
from tests.store.histories import token
from tests.store.working import found, keep, note, said, work_off

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LONG = "\n\n".join(["The sea was calm. " * 30] * 8)

Left = Callable[[SubjectKind, str, set[str]], set[tuple[str, str]]]


@pytest.fixture
def left(parts: Parts, namespace: Namespace, now: datetime, database_url: str, tmp_path: Path) -> Left:
    """Erases a subject; where these words stand afterwards."""

    def check(kind: SubjectKind, id_: str, words: set[str]) -> set[tuple[str, str]]:
        erase.erase(parts, namespace, Subject(kind, id_), now=now + DAY, actor="test")
        return where(words, all_bytes(database_url, tmp_path))

    return check


@pytest.fixture
def name() -> str:
    return token().capitalize()


def patched(parts: Parts, namespace: Namespace, now: datetime, id_: str, change: DocumentPatch) -> None:
    documents.patch(parts, namespace, Kind.MEMORY, id_, change, None, now, "test")


def hold(parts: Parts, namespace: Namespace, now: datetime, room: str, *contents: str) -> None:
    slots = [NewSlot(SlotKind.GOAL, one) for one in contents]
    sessions.hold(parts, namespace, room, slots, keep=True, now=now)


@pytest.mark.parametrize("kind", [SubjectKind.USER, SubjectKind.ENTITY])
def test_a_short_name_goes_from_what_is_in_mind(
    parts: Parts, namespace: Namespace, now: datetime, left: Left, name: str, kind: SubjectKind
) -> None:
    """In a conversation in which the user took no part, and in what found no place in mind any more."""
    keep(parts, namespace, now, said(f"{name} was here.", name))
    hold(parts, namespace, now, "room", f"Help {name}.", *(f"Ask {name} for part {n}." for n in range(SLOTS)))
    assert left(kind, name, {name}) == set()


@pytest.mark.parametrize("kind", [SubjectKind.USER, SubjectKind.ENTITY])
def test_a_short_name_goes_from_former_versions_of_core_blocks(
    parts: Parts, namespace: Namespace, now: datetime, left: Left, name: str, kind: SubjectKind
) -> None:
    keep(parts, namespace, now, said(f"{name} was here.", name))
    core.add(parts, namespace, "boat", f"{name} has the boat.", False, now=now, actor="test")
    core.change(parts, namespace, "boat", "It is sold.", None, None, if_match=None, now=now, actor="test")
    assert left(kind, name, {name}) == set()
    assert [one.text for one in core.versions(parts, namespace, "boat")] == ["It is sold."]


def test_what_left_the_mind_of_a_conversation_goes_with_what_is_in_it(
    parts: Parts, namespace: Namespace, now: datetime, left: Left, name: str
) -> None:
    keep(parts, namespace, now, said("I was here.", name, "room"))
    words = {token() for _ in range(SLOTS + 2)}
    hold(parts, namespace, now, "room", *(f"Part {word}." for word in sorted(words)))
    assert left(SubjectKind.USER, name, words) == set()


@pytest.mark.parametrize("remembers", [True, False])
def test_the_key_of_a_request_goes_with_any_of_its_messages(
    parts: Parts, namespace: Namespace, now: datetime, left: Left, name: str, remembers: bool
) -> None:
    key = token()
    new = [NewMessage(Role.USER, f"The boat of {one}.", speaker=one, remember=remembers) for one in (name, "Ada")]
    asked = Idempotency(key, "0" * 64)
    sessions.add(parts, namespace, "room", new, now=now, actor="test", idempotency=asked)
    assert left(SubjectKind.USER, name, {key, name}) == set()
    assert [one.speaker for one in sessions.window(parts, namespace, "room").messages] == ["Ada"]


def test_a_former_text_goes_with_the_entity_that_it_names(
    parts: Parts, namespace: Namespace, now: datetime, left: Left, name: str
) -> None:
    """From the history, the trace and the probes of an item that stays, for it does not name it any more."""
    draft = replace(said(f"Yesterday {name} painted the boat beside the harbour wall."), metadata={"place": name})
    (id_,) = (one.id for one in keep(parts, namespace, now, draft).receipts)
    sleep.sleep_through(parts, namespace, now=now + MINUTE, actor="test")
    patched(parts, namespace, now + MINUTE, id_, DocumentPatch(text="The boat is ready.", metadata={}))
    assert left(SubjectKind.ENTITY, name, {name}) == set()
    assert found(parts, namespace, "boat") == ["The boat is ready."]


def test_a_former_speaker_goes_from_the_history_and_the_reason_of_a_layer(
    parts: Parts, namespace: Namespace, now: datetime, left: Left, name: str
) -> None:
    (id_,) = (one.id for one in keep(parts, namespace, now, said("I live in Ghent.", name)).receipts)
    keep(parts, namespace, now, said("I was here.", name))
    patched(parts, namespace, now, id_, DocumentPatch(speaker="Ada"))
    assert left(SubjectKind.USER, name, {name}) == set()
    assert documents.get(parts, namespace, Kind.MEMORY, id_).speaker == "Ada"


def test_a_former_speaker_goes_from_the_receipts_of_an_operation(
    parts: Parts, namespace: Namespace, now: datetime, left: Left, name: str
) -> None:
    hasty = replace(parts, limits=Limits(passages_at_once=0))
    (id_,) = (one.id for one in keep(hasty, namespace, now, said("I live in Ghent.", name)).receipts)
    work_off(parts, now + MINUTE)
    patched(parts, namespace, now, id_, DocumentPatch(speaker="Ada"))
    assert left(SubjectKind.USER, name, {name}) == set()


def test_passages_of_a_former_text_go_before_the_worker_has_read_the_new_one(
    parts: Parts, namespace: Namespace, now: datetime, left: Left, name: str
) -> None:
    hasty = replace(parts, limits=Limits(passages_at_once=4))
    (id_,) = (one.id for one in keep(hasty, namespace, now, said(f"The {name} Boat House is shut.")).receipts)
    patched(hasty, namespace, now, id_, DocumentPatch(text=LONG))
    assert found(parts, namespace, "house") == [f"The {name} Boat House is shut."]
    assert left(SubjectKind.ENTITY, name, {name}) == set()
    work_off(parts, now + DAY)
    assert found(parts, namespace, "the calm sea")


@pytest.mark.parametrize("text", ["Yesterday {} painted the boat.", "{} lives in Ghent."])
def test_a_new_text_that_waits_to_be_read_is_not_lost_with_what_the_former_one_named(
    parts: Parts, namespace: Namespace, now: datetime, left: Left, name: str, text: str
) -> None:
    """Also if it mentioned the name as such, or stated something of it."""
    hasty = replace(parts, limits=Limits(passages_at_once=4))
    (id_,) = (one.id for one in keep(hasty, namespace, now, said(text.format(name))).receipts)
    patched(hasty, namespace, now, id_, DocumentPatch(text=LONG))
    assert left(SubjectKind.ENTITY, name, {name}) == set()
    assert documents.get(parts, namespace, Kind.MEMORY, id_).text == LONG
    assert found(parts, namespace, "boat in Ghent") == []
    work_off(parts, now + DAY)
    assert found(parts, namespace, "the calm sea")


def test_a_new_text_that_names_an_entity_goes_with_it_before_it_is_read(
    parts: Parts, namespace: Namespace, now: datetime, left: Left, name: str
) -> None:
    hasty = replace(parts, limits=Limits(passages_at_once=4))
    (id_,) = (one.id for one in keep(hasty, namespace, now, said("The boat is ready.")).receipts)
    patched(hasty, namespace, now, id_, DocumentPatch(text=f"{LONG} {name} has it."))
    assert left(SubjectKind.ENTITY, name, {name}) == set()
    with pytest.raises(NotFound):
        documents.get(parts, namespace, Kind.MEMORY, id_)


def test_what_a_former_text_stated_of_a_former_speaker_goes_before_the_new_one_is_read(
    parts: Parts, namespace: Namespace, now: datetime, left: Left, name: str
) -> None:
    hasty = replace(parts, limits=Limits(passages_at_once=4))
    (id_,) = (one.id for one in keep(hasty, namespace, now, said("I live in Ghent.", name)).receipts)
    keep(parts, namespace, now, said("I was here.", name))
    patched(hasty, namespace, now, id_, DocumentPatch(text=LONG, speaker="Ada"))
    assert left(SubjectKind.USER, name, {name}) == set()
    work_off(parts, now + DAY)
    assert found(parts, namespace, "the calm sea")


@pytest.mark.parametrize("kind", [SubjectKind.USER, SubjectKind.ENTITY])
def test_who_only_judged_is_erased(
    parts: Parts, namespace: Namespace, now: datetime, left: Left, name: str, kind: SubjectKind
) -> None:
    (id_,) = (one.id for one in keep(parts, namespace, now, said("The boat is ready.")).receipts)
    feedback.give(parts, namespace, Feedback([Judged(id_, Verdict.USED)], person=name), now=now, actor="test")
    assert insight.of(parts, namespace, name, now + MINUTE).events == 1
    assert left(kind, name, {name}) == set()
    with pytest.raises(NotFound):
        erase.erase(parts, namespace, Subject(kind, name), now=now + DAY, actor="test")


def test_a_conversation_that_is_called_after_an_entity_goes_with_it(
    parts: Parts, namespace: Namespace, now: datetime, left: Left, name: str
) -> None:
    hold(parts, namespace, now, f"about {name}", "Paint it.")
    assert left(SubjectKind.ENTITY, name, {name}) == set()


def test_a_correction_that_was_changed_goes_from_the_audit_of_what_it_corrected(
    parts: Parts, namespace: Namespace, now: datetime, left: Left
) -> None:
    word = token()
    (id_,) = (one.id for one in keep(parts, namespace, now, said("The boat is in the harbour.", "Ada")).receipts)
    judged = Judged(id_, Verdict.CORRECTED, f"The {word} boat is at sea.")
    (learned,) = feedback.give(parts, namespace, Feedback([judged]), now=now, actor="test")
    assert learned.changed is not None
    successor = str(learned.changed.successor)
    patched(parts, namespace, now, successor, DocumentPatch(text="It is neither here nor there."))
    assert left(SubjectKind.MEMORY, successor, {word}) == set()
    assert Happening.REVIEWED in {one.kind for one in history.of(parts, namespace, Kind.MEMORY, id_).entries}


def test_histories_of_others_do_not_quote_what_was_deleted_by_hand_before(
    parts: Parts, namespace: Namespace, now: datetime, left: Left, name: str
) -> None:
    word = token().capitalize()
    keep(parts, namespace, now, said("Halvard lives in Ghent.", "Ada"), said("I was here.", name))
    quoted = keep(parts, namespace, now + MINUTE, said(f"Halvard lives in {word}.", name)).receipts[0].id
    documents.delete(parts, namespace, Kind.MEMORY, quoted, None, now + 2 * MINUTE, "test")
    assert left(SubjectKind.USER, name, {word, name}) == set()


def test_links_by_names_of_former_texts_go(
    parts: Parts, namespace: Namespace, owner: Principal, now: datetime, left: Left, name: str
) -> None:
    other = tenancy.create_namespace(parts, owner, "other", now)
    for one in (namespace, other):
        links.open_up(parts, one, linkable=True, owner=None)
    there = keep(parts, other, now, note(f"Nobody has seen {name} today.")).receipts[0].id
    here = keep(parts, namespace, now, said(f"Yesterday {name} painted the boat.")).receipts[0].id
    assert {one.name for one in links.find(parts, owner, namespace, now)} == {name.casefold()}
    documents.delete(parts, other, Kind.DOCUMENT, there, None, now, "test")
    patched(parts, namespace, now, here, DocumentPatch(text="The boat is ready."))
    assert left(SubjectKind.MEMORY, here, {name}) == set()


def test_an_idempotency_key_that_names_a_user_goes(
    parts: Parts, namespace: Namespace, now: datetime, left: Left, name: str
) -> None:
    keep(parts, namespace, now, said("I was here.", name))
    draft = Draft(Kind.DOCUMENT, "The boat is ready.")
    asked = Idempotency(f"import of {name}", "0" * 64)
    remember(parts, namespace, [draft], now=now, actor="test", idempotency=asked)
    assert left(SubjectKind.USER, name, {name}) == set()
    assert found(parts, namespace, "boat") == ["The boat is ready."]

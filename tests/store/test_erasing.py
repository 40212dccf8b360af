"""Erasure leaves no byte: random histories, then a search through rows, pages, files and logs for what was unique."""

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url

from memory import atlas, core, documents, erase, feedback, history, merging, recall, sessions, tenancy
from memory.dynamics.substance import essence
from memory.errors import NotFound
from memory.feedback import Feedback, Judged, Verdict
from memory.forgetting.records import ErasureStatus
from memory.forgetting.subjects import Subject, SubjectKind
from memory.layers.short_term import Role
from memory.layers.transitions import Happening, Move
from memory.layers.working import SlotKind
from memory.parts import Parts
from memory.remember import remember
from memory.sessions import NewMessage, NewSlot
from memory.types import DocumentPatch, Draft, Idempotency, ItemState, Kind, Namespace, Principal, Recall
from tests.store.working import found, work_off

ARCHIVE = Move(Happening.ARCHIVED, "faded", state=ItemState.ARCHIVED)
PEOPLE, SESSIONS, ENTITIES = 2, 2, 2
WRITING = ("say", "document", "message", "slot", "core", "residence", "keyed", "later")
CHANGING = ("patch", "delete", "archive", "fold", "merge")
STEP = st.tuples(
    st.sampled_from([*WRITING, *WRITING, *CHANGING]), st.integers(0, 1), st.integers(0, 1), st.integers(0, 3)
)
HISTORIES = st.lists(STEP, min_size=3, max_size=14)
KINDS = st.sampled_from(list(SubjectKind))
WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)  # an example is a whole history: minutes each

_numbers = count(1)


def token(kind: str) -> str:
    """A word that stands nowhere else."""
    number = next(_numbers)
    letters = "".join(chr(ord("a") + number // 26**place % 26) for place in range(5))
    return f"qx{kind}zv{letters}kj"


@dataclass
class Item:
    id: str
    kind: Kind
    tokens: set[str]
    person: str | None
    session: str | None
    entity: str | None


@dataclass
class World:
    """What a history wrote, and which unique words belong to whom."""

    parts: Parts
    namespace: Namespace
    now: datetime
    people: list[str] = field(default_factory=lambda: [token("person") for _ in range(PEOPLE)])
    rooms: list[str] = field(default_factory=lambda: [token("session") for _ in range(SESSIONS)])
    things: list[str] = field(default_factory=lambda: [token("thing").capitalize() for _ in range(ENTITIES)])
    items: list[Item] = field(default_factory=list)
    loose: list[Item] = field(default_factory=list)  # messages, slots and blocks that are no items

    def do(self, step: tuple[str, int, int, int]) -> None:
        verb, person, room, which = step
        with suppress(NotFound):  # of something deleted before
            getattr(self, verb)(self.people[person], self.rooms[room], which)

    def text(self, which: int) -> tuple[str, str, str | None]:
        own = token("own")
        thing = self.things[which] if which < ENTITIES else None
        return own, f"Yesterday {thing or 'somebody'} painted the {own} boat beside the harbour wall.", thing

    def keep(self, draft: Draft, own: str, thing: str | None, key: str | None = None) -> None:
        asked = None if key is None else Idempotency(key, "0" * 64)
        kept = remember(self.parts, self.namespace, [draft], now=self.now, actor="test", idempotency=asked)
        for one in kept.receipts:
            self.items.append(Item(one.id, one.kind, {own}, draft.speaker, draft.session_id, thing))

    def say(self, person: str, room: str, which: int) -> None:
        own, text, thing = self.text(which)
        self.keep(Draft(Kind.MEMORY, text, speaker=person, session_id=room, metadata={"mood": own}), own, thing)

    def keyed(self, person: str, room: str, which: int) -> None:
        own, text, thing = self.text(which)
        self.keep(Draft(Kind.MEMORY, text, speaker=person, session_id=room, external_id=own), own, thing, own)

    def document(self, person: str, room: str, which: int) -> None:
        own, text, thing = self.text(which)
        self.keep(Draft(Kind.DOCUMENT, f"{text}\n\nAnother part.", title=f"On {own}", source=own), own, thing)

    def later(self, person: str, room: str, which: int) -> None:
        own, text, thing = self.text(which)
        self.keep(Draft(Kind.DOCUMENT, "\n\n".join([text] * 70 + ["The sea was calm. " * 700])), own, thing)
        work_off(self.parts, self.now + timedelta(seconds=1))

    def residence(self, person: str, room: str, which: int) -> None:
        own = token("own").capitalize()
        self.keep(Draft(Kind.MEMORY, f"I live in {own}.", speaker=person), own, None)

    def message(self, person: str, room: str, which: int) -> None:
        own, text, thing = self.text(which)
        new = [NewMessage(Role.USER, text, speaker=person, remember=which % 2 == 0)]
        kept = sessions.add(self.parts, self.namespace, room, new, now=self.now, actor="test").messages[0]
        item = Item(str(kept.document_id), Kind.MEMORY, {own}, person, room, thing)
        (self.loose if kept.document_id is None else self.items).append(item)

    def slot(self, person: str, room: str, which: int) -> None:
        own, text, thing = self.text(3)
        new = [NewSlot(SlotKind.GOAL, text)]
        sessions.hold(self.parts, self.namespace, room, new, keep=True, now=self.now)
        self.loose.append(Item("", Kind.MEMORY, {own}, None, room, thing))

    def core(self, person: str, room: str, which: int) -> None:
        own, text, _ = self.text(3)
        core.add(self.parts, self.namespace, own, f"{person}: {text}", False, now=self.now, actor="test")
        self.loose.append(Item("", Kind.MEMORY, {own}, person, None, None))

    def some(self, which: int) -> Item | None:
        return self.items[which % len(self.items)] if self.items else None

    def patch(self, person: str, room: str, which: int) -> None:
        if (item := self.some(which)) is not None:
            own = token("own")
            change = DocumentPatch(text=f"Instead the {own} was mended{f' with {item.entity}' if item.entity else ''}.")
            documents.patch(self.parts, self.namespace, item.kind, item.id, change, None, self.now, "test")
            item.tokens.add(own)

    def delete(self, person: str, room: str, which: int) -> None:
        if (item := self.some(which)) is not None:
            documents.delete(self.parts, self.namespace, item.kind, item.id, None, self.now, "test")

    def archive(self, person: str, room: str, which: int) -> None:
        if (item := self.some(which)) is not None:
            history.apply(self.parts, self.namespace, [(item.id, ARCHIVE)], now=self.now, actor="test")

    def merge(self, person: str, room: str, which: int) -> None:
        named = atlas.list_entities(self.parts, self.namespace, "", 200, None).items
        if len(named) > 1:
            one, other = named[which % len(named)], named[(which * 5 + 1) % len(named)]
            merging.merge(self.parts, self.namespace, one.name, other.name, now=self.now, actor="test")

    def fold(self, person: str, room: str, which: int) -> None:
        self.parts.indexes.fold(self.namespace.id, self.now)

    def subject(self, kind: SubjectKind, which: int) -> Subject:
        match kind:
            case SubjectKind.USER:
                return Subject(kind, self.people[which % PEOPLE])
            case SubjectKind.SESSION:
                return Subject(kind, self.rooms[which % SESSIONS])
            case SubjectKind.ENTITY:
                return Subject(kind, self.things[which % ENTITIES])
            case _:
                mine = [one.id for one in self.items if one.kind.value == kind.value]
                return Subject(kind, mine[which % len(mine)] if mine else "0" * 36)

    def words_of(self, subject: Subject) -> set[str]:
        """The unique words that belong to a subject."""
        match subject.kind:
            case SubjectKind.USER:
                mine = [one for one in [*self.items, *self.loose] if one.person == subject.id]
            case SubjectKind.SESSION:
                mine = [one for one in [*self.items, *self.loose] if one.session == subject.id]
            case SubjectKind.ENTITY:
                mine = [one for one in [*self.items, *self.loose] if one.entity == subject.id]
            case _:
                mine = [one for one in self.items if one.id == subject.id]
        own = {word for one in mine for word in one.tokens}
        if subject.kind not in {SubjectKind.DOCUMENT, SubjectKind.MEMORY}:
            own.add(subject.id)
        return own


def all_bytes(parts: Parts, database_url: str, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Everything that is stored: the files of SQLite, or rows and heap files of PostgreSQL; and all segments."""
    for file in folder.rglob("*"):
        if file.is_file():
            yield file.name, file.read_bytes()
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SHOW data_directory").fetchone()
        oid = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            for content in connection.execute(f"SELECT t::text FROM {table} t".encode()):
                yield str(table), str(content[0]).encode()
    assert row is not None
    assert oid is not None
    heap = Path(row[0]) / "base" / str(oid[0])
    assert heap.is_dir()
    for file in heap.iterdir():
        yield f"heap {file.name}", file.read_bytes()


def where(words: set[str], stored: list[tuple[str, bytes]]) -> set[tuple[str, str]]:
    spelled = {(word, form.encode()) for word in words for form in (word, word.casefold())}
    return {(word, name) for name, content in stored for word, form in spelled if form in content}


@pytest.fixture
def check(
    parts: Parts,
    owner: Principal,
    now: datetime,
    database_url: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> "Check":
    caplog.set_level(logging.DEBUG)
    return Check(parts, owner, now, database_url, tmp_path, caplog)


@dataclass
class Check:
    parts: Parts
    owner: Principal
    now: datetime
    url: str
    folder: Path
    log: pytest.LogCaptureFixture

    def __call__(self, steps: list[tuple[str, int, int, int]], kind: SubjectKind, which: int) -> None:
        name = token("space")
        world = World(self.parts, tenancy.create_namespace(self.parts, self.owner, name, self.now), self.now)
        for step in steps:
            world.do(step)
        subject = world.subject(kind, which)
        gone = world.words_of(subject)
        before = {item.id for item in world.items if self.is_there(world, item)}
        try:
            erasure = erase.erase(self.parts, world.namespace, subject, now=self.now, actor="test")
        except NotFound:
            assert not before or not gone & {word for one in world.items if one.id in before for word in one.tokens}
            return
        assert erasure.status in {ErasureStatus.PROVED, ErasureStatus.SCRUBBED}, erasure.proof
        stored = list(all_bytes(self.parts, self.url, self.folder))
        assert where(gone, stored) == set()
        assert not any(word in self.log.text for word in gone)
        left = {item.id for item in world.items if self.is_there(world, item)}
        assert left == {one.id for one in world.items if one.id in before and not one.tokens & gone}
        for word in sorted(gone)[:2]:
            assert not any(word in text.casefold() for text in found(self.parts, world.namespace, f"the {word} boat"))
        tenancy.delete_namespace(self.parts, self.owner, name)

    def is_there(self, world: World, item: Item) -> bool:
        try:
            documents.get(self.parts, world.namespace, item.kind, item.id)
        except NotFound:
            return False
        return True


@settings(max_examples=30, phases=WITHOUT_SHRINKING, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HISTORIES, KINDS, st.integers(0, 3))
def test_no_byte_of_what_was_erased_is_left(
    check: Check, steps: list[tuple[str, int, int, int]], kind: SubjectKind, which: int
) -> None:
    check(steps, kind, which)


@pytest.mark.slow
@settings(max_examples=150, phases=WITHOUT_SHRINKING, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HISTORIES, KINDS, st.integers(0, 3))
def test_no_byte_of_what_was_erased_is_left_in_many_histories(
    check: Check, steps: list[tuple[str, int, int, int]], kind: SubjectKind, which: int
) -> None:
    check(steps, kind, which)


def test_no_copy_of_a_text_that_was_corrected_is_left(
    parts: Parts, owner: Principal, now: datetime, database_url: str, tmp_path: Path
) -> None:
    """Corrections keep what was said before, and the log of recalls knows what was returned."""
    namespace = tenancy.create_namespace(parts, owner, token("space"), now)
    first, second, third = (token("own") for _ in range(3))
    person, question = token("person"), f"Which {first} boat is in the harbour?"
    other = Draft(Kind.MEMORY, "The lighthouse keeper paints every window in spring.")
    told = Draft(Kind.MEMORY, f"The {first} boat lies in the old harbour.", speaker=person)
    ids = [one.id for one in remember(parts, namespace, [told, other], now=now, actor="test").receipts]
    recalled = recall.recall(parts, namespace, Recall(question), now=now)
    corrected = [ids[0]]
    for number, word in enumerate((second, third), 1):
        at = now + timedelta(minutes=number)
        said = Judged(corrected[-1], Verdict.CORRECTED, f"The {word} boat lies in the new harbour.")
        learned = feedback.give(parts, namespace, Feedback([said]), now=at, actor="test")[0]
        assert learned.changed is not None
        corrected.append(str(learned.changed.successor))

    subject = Subject(SubjectKind.MEMORY, corrected[1])
    erase.erase(parts, namespace, subject, now=now + timedelta(minutes=5), actor="test")
    assert where({second}, list(all_bytes(parts, database_url, tmp_path))) == set()

    subject = Subject(SubjectKind.USER, person)
    erasure = erase.erase(parts, namespace, subject, now=now + timedelta(minutes=6), actor="test")
    assert erasure.status is ErasureStatus.PROVED, erasure.proof
    assert where({first, second, third, person}, list(all_bytes(parts, database_url, tmp_path))) == set()
    kept = parts.recalls.find(namespace.id, recalled.id)
    assert kept is not None
    assert {one.document for one in kept.results} == {ids[1]}
    assert first not in repr(kept)
    assert parts.recalls.opened_at(namespace.id, ids[0]) is None
    assert parts.recalls.opened_at(namespace.id, ids[1]) == now
    assert not parts.recalls.is_echo(namespace.id, essence(told.text, person), now)

"""Random histories for erasure: everything that the service writes, with words of which each belongs to somebody."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random

from memory import documents
from memory.errors import Conflict, NotFound, NotUndone
from memory.forgetting.subjects import Subject, SubjectKind
from memory.parts import Parts
from memory.remember import remember
from memory.types import Draft, Idempotency, Kind, Namespace, Principal, StoredDocument
from retrieval.errors import RetrievalError
from tests.fakes import MoodyEmbedder

PEOPLE, SESSIONS, THINGS = 2, 2, 2
SELDOM = 0.1
SCRAMBLING = 220_351_567  # shares no factor with 26, so that numbers become different words

Step = tuple[str, int, int, int]  # a verb, a person, a session and a number from 0 to 3
Verb = Callable[["World", str, str, int], None]

_numbers = count(1)


def token() -> str:
    """A word that stands nowhere else and is like no other; too short to be told from others by its length."""
    number = next(_numbers) * SCRAMBLING
    return "q" + "".join(chr(ord("a") + number // 26**place % 26) for place in range(6))


@dataclass
class Item:
    """A document or memory, or something else that is kept (without an id), and whose it is."""

    id: str
    kind: Kind
    tokens: set[str]  # all that it ever said
    person: str | None = None
    session: str | None = None
    thing: str | None = None
    names: frozenset[str] = frozenset()  # of others, which go only if it goes
    is_deleted: bool = False  # by hand

    def is_of(self, subject: Subject) -> bool:
        match subject.kind:
            case SubjectKind.USER:
                return self.person == subject.id
            case SubjectKind.SESSION:
                return self.session == subject.id
            case SubjectKind.ENTITY:
                return self.thing == subject.id
            case _:
                return self.id == subject.id


@dataclass
class World:
    """What a history wrote. `now` goes on with every step."""

    parts: Parts
    embedder: MoodyEmbedder
    owner: Principal
    namespace: Namespace
    now: datetime
    people: list[str] = field(default_factory=lambda: [token() for _ in range(PEOPLE)])
    rooms: list[str] = field(default_factory=lambda: [token() for _ in range(SESSIONS)])
    things: list[str] = field(default_factory=lambda: [token().capitalize() for _ in range(THINGS)])
    items: list[Item] = field(default_factory=list)
    loose: list[Item] = field(default_factory=list)  # messages, slots and blocks that are no items
    asked: set[str] = field(default_factory=set)  # words of questions, which are kept nowhere
    mates: list[Namespace] = field(default_factory=list)  # namespaces beside this one
    forgettings: list[str] = field(default_factory=list)
    second: timedelta = timedelta(seconds=1)  # after which a job that was just deferred is due
    changes: list[str] = field(default_factory=list)  # reconsolidations

    def do(self, verbs: Mapping[str, Verb], step: Step) -> None:
        verb, person, room, which = step
        self.now += timedelta(minutes=1)
        with suppress(NotFound, Conflict, NotUndone, RetrievalError):  # of what is gone, undone or poisoned already
            verbs[verb](self, self.people[person], self.rooms[room], which)

    def thing(self, which: int) -> str | None:
        return self.things[which] if which < THINGS else None

    def keep(self, draft: Draft, own: set[str], thing: str | None = None, key: str | None = None) -> Item:
        """What it is kept as: if it is there already, what it was."""
        asked = None if key is None else Idempotency(key, "0" * 64)
        kept = remember(self.parts, self.namespace, [draft], now=self.now, actor="test", idempotency=asked).receipts[0]
        known = next((one for one in self.items if one.id == kept.id), None)
        if known is not None:
            return known
        self.items.append(Item(kept.id, kept.kind, own, draft.speaker, draft.session_id, thing))
        return self.items[-1]

    def stored(self, item: Item) -> StoredDocument:
        """Raises NotFound."""
        return documents.get(self.parts, self.namespace, item.kind, item.id)

    def text(self, item: Item) -> str:
        return self.stored(item).text

    def is_there(self, item: Item) -> bool:
        try:
            self.stored(item)
        except NotFound:
            return False
        return True

    def some(self, which: int, kind: Kind | None = None) -> Item:
        """Raises NotFound."""
        found = [one for one in self.items if kind in {None, one.kind} and not one.is_deleted]
        if not found:
            raise NotFound
        return found[-1 - which % len(found)]

    def subject(self, kind: SubjectKind, rng: Random) -> Subject:
        """One that has something or, now and then and if there is none, one that may have nothing."""
        match kind:
            case SubjectKind.USER:
                known = self.people
            case SubjectKind.SESSION:
                known = self.rooms
            case SubjectKind.ENTITY:
                known = self.things
            case _:
                known = [one.id for one in self.items if one.kind.value == kind.value] or ["0" * 36]
        found = [Subject(kind, id_) for id_ in known]
        mine = [one for one in found if any(item.is_of(one) for item in [*self.items, *self.loose])]
        return rng.choice(found if rng.random() < SELDOM or not mine else mine)

    def words_of(self, subject: Subject, kept: Sequence[Item]) -> set[str]:
        """The words that belong to a subject, and stand in nothing that is kept."""
        mine = [one for one in [*self.items, *self.loose] if one.is_of(subject)]
        own = {word for one in mine for word in one.tokens}
        if subject.kind not in {SubjectKind.DOCUMENT, SubjectKind.MEMORY}:
            own.add(subject.id)
        return own - {word for one in kept for word in one.tokens | one.names}

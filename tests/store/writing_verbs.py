"""Verbs of histories that write: each way in which a text gets into the service."""

from memory import core, procedures, sessions
from memory.errors import NotFound
from memory.layers.short_term import Role
from memory.layers.working import SLOTS, SlotKind
from memory.procedures import NewProcedure
from memory.remember import remember
from memory.sessions import NewMessage, NewSlot
from memory.types import Draft, Idempotency, Kind
from tests.fakes import POISON
from tests.store.histories import Item, World, token
from tests.store.working import work_off

FILLER = " It is quite nice. Some say that the weather was windy. People like it."
LONG = "\n\n" + "\n\n".join(["The sea was calm. " * 30] * 6)  # more passages than are encoded at once


def text_of(own: str, thing: str | None) -> str:
    return f"Yesterday {thing or 'somebody'} painted the {own} boat beside the harbour wall."


def say(world: World, person: str, room: str, which: int) -> None:
    """A memory with a speaker, a session and metadata, which go into its context."""
    own, thing = token(), world.thing(which)
    draft = Draft(Kind.MEMORY, text_of(own, thing), speaker=person, session_id=room, metadata={"mood": own})
    world.keep(draft, {own}, thing)


def tell(world: World, person: str, room: str, which: int) -> None:
    """A memory of several sentences without a session, of which gists are made."""
    own, thing = token(), world.thing(which)
    world.keep(Draft(Kind.MEMORY, text_of(own, thing) + FILLER, speaker=person), {own}, thing)


def keyed(world: World, person: str, room: str, which: int) -> None:
    """A memory with an idempotency key and an external id, sent twice."""
    own, thing = token(), world.thing(which)
    draft = Draft(Kind.MEMORY, text_of(own, thing), speaker=person, session_id=room, external_id=own)
    for _ in range(2):
        world.keep(draft, {own}, thing, own)


def owned(world: World, person: str, room: str, which: int) -> None:
    """A document whose metadata says whose it is."""
    own, thing = token(), world.thing(which)
    draft = Draft(Kind.DOCUMENT, text_of(own, thing) + FILLER, metadata={"user_id": person, "deep": [{own: [own]}]})
    world.keep(draft, {own}, thing).person = person


def document(world: World, person: str, room: str, which: int) -> None:
    """A document with a title and a source."""
    own, thing = token(), world.thing(which)
    text = f"{text_of(own, thing)}{FILLER}\n\nAnother part."
    world.keep(Draft(Kind.DOCUMENT, text, title=f"On {own}", source=own), {own}, thing)


def bulk(world: World, person: str, room: str, which: int) -> None:
    """Several documents and a memory that wait for the worker."""
    drafts, own, thing = [], {token() for _ in range(3)}, world.thing(which)
    for number, word in enumerate(sorted(own)):
        kind = Kind.MEMORY if number == 0 else Kind.DOCUMENT
        drafts.append(Draft(kind, text_of(word, thing) + LONG, speaker=person if number == 0 else None))
    key = token()
    asked = Idempotency(key, "0" * 64)
    kept = remember(world.parts, world.namespace, drafts, now=world.now, actor="test", idempotency=asked)
    for draft, receipt in zip(drafts, kept.receipts, strict=True):
        said = {word for word in own if word in draft.text}
        world.items.append(Item(receipt.id, draft.kind, said, draft.speaker, None, thing))
    world.loose.append(Item("", Kind.MEMORY, {key}, None, None, thing))


def later(world: World, person: str, room: str, which: int) -> None:
    """The same, read by the worker."""
    bulk(world, person, room, which)
    work_off(world.parts, world.now + world.second)


def poison(world: World, person: str, room: str, which: int) -> None:
    """A memory that comes in while the embedder is away, and cannot be encoded when it is back."""
    own, thing = token(), world.thing(which)
    world.embedder.is_away = True
    try:
        world.keep(Draft(Kind.MEMORY, f"{text_of(own, thing)} It is {POISON}.", speaker=person), {own}, thing)
    finally:
        world.embedder.is_away = False
    work_off(world.parts, world.now + world.second)


def residence(world: World, person: str, room: str, which: int) -> None:
    """A statement in the first person: its next value ends it, and the reason of its layer names the speaker."""
    own = token().capitalize()
    world.keep(Draft(Kind.MEMORY, f"I live in {own}.", speaker=person), {own})


def state(world: World, person: str, room: str, which: int) -> None:
    """A statement about a thing, which ends those of others; with more beside it, only a part of theirs."""
    own, other = token().capitalize(), token()
    thing = world.things[which % 2]
    more = f" The {other} boat needs new paint." if which < 2 else ""
    world.keep(Draft(Kind.MEMORY, f"{thing} lives in {own}.{more}", speaker=person), {own, other}, thing)


def shared(world: World, person: str, room: str, which: int) -> None:
    """A statement about what everybody speaks of: histories of others quote it."""
    own, other = token().capitalize(), token()
    more = f" The {other} boat needs new paint." if which < 2 else ""
    world.keep(Draft(Kind.MEMORY, f"Halvard lives in {own}.{more}", speaker=person), {own, other})


def gossip(world: World, person: str, room: str, which: int) -> None:
    """A memory that names somebody else, who may be erased without it."""
    own, other = token(), next(one for one in world.people if one != person)
    text = f"I met {other.capitalize()} at the {own} market."
    world.keep(Draft(Kind.MEMORY, text, speaker=person), {own}).names = frozenset({other})


def triples(world: World, person: str, room: str, which: int) -> None:
    """Sentences in which an LLM finds facts."""
    own, thing = token().capitalize(), world.things[which % 2]
    text = f"{thing} painted {own}. Halvard knows {thing}."
    world.keep(Draft(Kind.MEMORY, text, speaker=person, session_id=room if which < 2 else None), {own}, thing)


def again(world: World, person: str, room: str, which: int) -> None:
    """What somebody said already, said again: it is held back."""
    said = world.some(which, Kind.MEMORY)
    text = world.text(said)
    draft = Draft(Kind.MEMORY, f"As I said before: {text}", speaker=person)
    world.keep(draft, set(said.tokens), said.thing).names = said.names


def message(world: World, person: str, room: str, which: int) -> None:
    """A message of a conversation, which becomes a memory or not."""
    own, thing = token(), world.thing(which)
    new = [NewMessage(Role.USER, text_of(own, thing), speaker=person, remember=which % 2 == 0)]
    _say(world, room, new, [Item("", Kind.MEMORY, {own}, person, room, thing)], None)


def chat(world: World, person: str, room: str, which: int) -> None:
    """Messages of two people in one request, with an idempotency key that only one of them would have chosen."""
    own, reply, thing = token(), token(), world.thing(which)
    other = next(one for one in world.people if one != person)
    remembers = which % 2 == 0
    new = [
        NewMessage(Role.USER, text_of(own, thing), speaker=person, remember=remembers),
        NewMessage(Role.ASSISTANT, f"The {reply} boat is ready.", speaker=other, remember=remembers),
    ]
    key = token()
    items = [Item("", Kind.MEMORY, {own}, person, room, thing), Item("", Kind.MEMORY, {reply}, other, room)]
    _say(world, room, new, items, key)
    world.loose.append(Item("", Kind.MEMORY, {key}, person, room, thing))


def chatter(world: World, person: str, room: str, which: int) -> None:
    """So many messages that the oldest go into the gist of the session."""
    own, thing = token(), world.thing(which)
    new = [NewMessage(Role.USER, f"{text_of(own, thing)} {n}", speaker=person, remember=False) for n in range(72)]
    _say(world, room, new, [Item("", Kind.MEMORY, {own}, person, room, thing)] * len(new), None)


def slot(world: World, person: str, room: str, which: int) -> None:
    """Something held in mind, which names a person and perhaps a thing."""
    own, thing = token(), world.thing(which)
    new = [NewSlot(SlotKind.GOAL, f"Help {person} and {thing or 'others'} with {own}.")]
    sessions.hold(world.parts, world.namespace, room, new, keep=True, now=world.now)
    world.loose.append(Item("", Kind.MEMORY, {own}, person, room, thing))


def crowd(world: World, person: str, room: str, which: int) -> None:
    """More than can be held in mind: what does not find a place becomes a message of nobody."""
    own, thing = [token() for _ in range(SLOTS + 1)], world.thing(which)
    new = [NewSlot(SlotKind.FACT, f"{person} has {word} of {thing or 'others'}.") for word in own]
    sessions.hold(world.parts, world.namespace, room, new, keep=True, now=world.now)
    world.loose.append(Item("", Kind.MEMORY, set(own), person, room, thing))


def block(world: World, person: str, room: str, which: int) -> None:
    """A core block that names a person and perhaps a thing."""
    own, thing = token(), world.thing(which)
    text = f"{person} has the {own} boat of {thing or 'others'}."
    core.add(world.parts, world.namespace, own, text, which == 0, now=world.now, actor="test")
    world.loose.append(Item("", Kind.MEMORY, {own}, person, None, thing))


def reblock(world: World, person: str, room: str, which: int) -> None:
    """A core block that said something of somebody, and does not any more."""
    blocks = core.blocks(world.parts, world.namespace)
    if not blocks:
        raise NotFound
    label, own = blocks[which % len(blocks)].label, token()
    text = f"The {own} boat is ready."
    core.change(world.parts, world.namespace, label, text, None, own, if_match=None, now=world.now, actor="test")


def procedure(world: World, person: str, room: str, which: int) -> None:
    """How something is done, and how that went, with a note."""
    own, note, thing = token(), token(), world.thing(which)
    new = NewProcedure(
        f"Painting the {own} boat",
        [f"Ask {thing or 'somebody'} for {own}", "Paint it"],
        [own],
        own,
        {"user_id": person},
    )
    _, made = procedures.add(world.parts, world.namespace, new, now=world.now, actor="test")
    procedures.judge(world.parts, world.namespace, made.id, which / 3, f"It was {note}.", now=world.now, actor="test")
    world.items.append(Item(made.id, Kind.MEMORY, {own, note}, person, None, thing))


def _say(world: World, room: str, new: list[NewMessage], items: list[Item], key: str | None) -> None:
    asked = None if key is None else Idempotency(key, "1" * 64)
    kept = sessions.add(world.parts, world.namespace, room, new, now=world.now, actor="test", idempotency=asked)
    for item, one in zip(items, kept.messages, strict=True):
        item.id = str(one.document_id or "")
        (world.loose if one.document_id is None else world.items).append(item)


WRITING = {
    "say": say,
    "tell": tell,
    "keyed": keyed,
    "owned": owned,
    "document": document,
    "bulk": bulk,
    "later": later,
    "poison": poison,
    "residence": residence,
    "state": state,
    "shared": shared,
    "gossip": gossip,
    "triples": triples,
    "again": again,
    "message": message,
    "chat": chat,
    "chatter": chatter,
    "slot": slot,
    "crowd": crowd,
    "block": block,
    "reblock": reblock,
    "procedure": procedure,
}

"""Verbs of histories that change, use or move what was written, and those of nights."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from memory import (
    answer,
    atlas,
    documents,
    enrichment,
    feedback,
    forget,
    hints,
    history,
    holds,
    links,
    merging,
    operations,
    recall,
    reconsolidating,
    sleep,
    tenancy,
)
from memory.answer import Asked
from memory.feedback import Feedback, Judged, Verdict
from memory.forgetting.policies import Action, Policy
from memory.forgetting.subjects import Subject, SubjectKind
from memory.layers.cross_context import LinkStatus
from memory.layers.transitions import Happening, Move
from memory.night import step
from memory.remember import remember
from memory.sleeping import settings
from memory.sleeping.records import NightStatus, StageName
from memory.sleeping.settings import SleepSettings
from memory.store import namespaces
from memory.types import DocumentPatch, Draft, ItemState, Kind, Namespace, Recall
from tests.store.histories import Item, World, token
from tests.store.working import work_off
from tests.store.writing_verbs import LONG, say, tell, text_of

ARCHIVE = Move(Happening.ARCHIVED, "faded", state=ItemState.ARCHIVED)
BUDGET = Policy(most_tokens=60)  # of which gists are made


def patch(world: World, person: str, room: str, which: int) -> None:
    """Another text: the history keeps the old one, and so does what the LLM was paid for."""
    item, own = world.some(which), token()
    _patch(world, item, DocumentPatch(text=text_of(own, item.thing)))
    item.tokens.add(own)


def unname(world: World, person: str, room: str, which: int) -> None:
    """A text that does not name the thing any more."""
    item, own = world.some(which), token()
    _patch(world, item, DocumentPatch(text=text_of(own, None)))
    item.tokens.add(own)
    item.thing = None


def outgrow(world: World, person: str, room: str, which: int) -> None:
    """The same with a text so long that the worker reads it later: until then the old passages serve."""
    item, own = world.some(which), token()
    _patch(world, item, DocumentPatch(text=text_of(own, None) + LONG))
    item.tokens.add(own)
    item.thing = None


def hand_over(world: World, person: str, room: str, which: int) -> None:
    """Somebody else is said to have said it."""
    item = world.some(which, Kind.MEMORY)
    change = DocumentPatch(speaker=person)
    if "user_id" in world.stored(item).metadata:
        change = replace(change, metadata={"user_id": person})
    _patch(world, item, change)
    item.person = person


def retitle(world: World, person: str, room: str, which: int) -> None:
    """Another title, source, metadata and external id."""
    item, own = world.some(which, Kind.DOCUMENT), token()
    owner = {name: value for name, value in world.stored(item).metadata.items() if name == "user_id"}
    change = DocumentPatch(title=own, source=own, external_id=own, metadata={**owner, "place": own})
    _patch(world, item, change)
    item.tokens.add(own)


def delete(world: World, person: str, room: str, which: int) -> None:
    """By hand: what only quotes it may stay until somebody is erased."""
    item = world.some(which)
    documents.delete(world.parts, world.namespace, item.kind, item.id, None, world.now, "test")
    item.is_deleted = True


def merge(world: World, person: str, room: str, which: int) -> None:
    """Two names of entities count as one."""
    named = atlas.list_entities(world.parts, world.namespace, "", 200, None).items
    if len(named) > 1:
        one, other = named[which % len(named)], named[(which * 5 + 1) % len(named)]
        merging.merge(world.parts, world.namespace, one.name, other.name, now=world.now, actor="test")


def archive(world: World, person: str, room: str, which: int) -> None:
    """Out of recall, by the layers."""
    history.apply(world.parts, world.namespace, [(world.some(which).id, ARCHIVE)], now=world.now, actor="test")


def revive(world: World, person: str, room: str, which: int) -> None:
    """Back into recall."""
    item = world.some(which)
    forget.revive(world.parts, world.namespace, item.kind, item.id, now=world.now, actor="test")


def forget_some(world: World, person: str, room: str, which: int) -> None:
    """By a filter that names a person; archived or, now and then, purged."""
    action = Action.PURGE if which == 3 else Action.ARCHIVE
    wanted = forget.Wanted(filter={"speaker": {"eq": person}}, action=action)
    done = forget.forget(world.parts, world.namespace, wanted, dry_run=False, now=world.now, actor="test")
    assert done.forgetting is not None
    world.forgettings.append(done.forgetting.id)


def unforget(world: World, person: str, room: str, which: int) -> None:
    """The latest forgetting is undone."""
    for id_ in world.forgettings[-1:]:
        forget.undo(world.parts, world.namespace, id_, now=world.now, actor="test")


def ask(world: World, person: str, room: str, which: int) -> None:
    """A recall, also of the archive, and an answer of the LLM: no question is kept anywhere."""
    own = token()
    world.asked.add(own)
    question = Recall(f"Who painted the {own} boat of {person}?", archived=which == 0, session_id=room)
    recall.recall(world.parts, world.namespace, question, now=world.now)
    answer.answer(world.parts, world.namespace, Asked(question), world.now)


def judge(world: World, person: str, room: str, which: int) -> None:
    """Feedback of a person, or of a thing that gives it, on two items: reviews, edges, levels, judgements."""
    mine = [world.some(which), world.some(which + 1)]
    verdict = Verdict.WRONG if which == 2 else Verdict.USED
    judged = [Judged(id_, verdict) for id_ in dict.fromkeys(one.id for one in mine)]
    who = world.things[0] if which == 3 else person
    feedback.give(world.parts, world.namespace, Feedback(judged, person=who), now=world.now, actor="test")


def correct(world: World, person: str, room: str, which: int) -> None:
    """A correction: the item gets a successor."""
    own, thing = token(), world.thing(which)
    _news(world, world.some(which), Verdict.CORRECTED, f"Instead the {own} was mended with {thing or 'nobody'}.", own)


def tell_news(world: World, person: str, room: str, which: int) -> None:
    """News about what was just recalled, which may change it."""
    item, own = world.some(which), token()
    text = world.text(item)
    recall.recall(world.parts, world.namespace, Recall(text, top_k=3), now=world.now)
    _news(world, item, Verdict.USED, f"{text} It was {own}.", own)


def uncorrect(world: World, person: str, room: str, which: int) -> None:
    """The latest change of a memory is undone."""
    for id_ in world.changes[-1:]:
        reconsolidating.undo(world.parts, world.namespace, id_, now=world.now, actor="test")


def read(world: World, person: str, room: str, which: int) -> None:
    """An LLM reads what waits: facts, mentions, its replies, and what it cost."""
    enrichment.start(world.parts, world.namespace, world.now)
    work_off(world.parts, world.now + world.second)


def retry(world: World, person: str, room: str, which: int) -> None:
    """The latest operation is cancelled or, if it is over, tried again."""
    for one in operations.list_page(world.parts, world.namespace, 1, None).items:
        verb = operations.cancel if which < 2 else operations.retry
        verb(world.parts, world.namespace, one.id, world.now)


def fold(world: World, person: str, room: str, which: int) -> None:
    """A segment is written."""
    world.parts.indexes.fold(world.namespace.id, world.now)


def link(world: World, person: str, room: str, which: int) -> None:
    """A name is found to be shared with another namespace, which forgets it again."""
    thing = world.things[which % 2]
    other = _mate(world)
    draft = Draft(Kind.DOCUMENT, f"Nobody has seen {thing} today.")
    there = remember(world.parts, other, [draft], now=world.now, actor="test").receipts[0]
    for one in links.find(world.parts, world.owner, world.namespace, world.now):
        status = LinkStatus.CONFIRMED
        links.decide(world.parts, world.owner, world.namespace, one.id, status, now=world.now, actor="test")
    documents.delete(world.parts, other, Kind.DOCUMENT, there.id, None, world.now, "test")


def hold(world: World, person: str, room: str, which: int) -> None:
    """A hold that is put and lifted again."""
    subject = Subject(SubjectKind.USER, person)
    holds.put(world.parts, world.namespace, subject, f"{person} asked", now=world.now, actor="test")
    holds.lift(world.parts, world.namespace, subject)


def wait(world: World, person: str, room: str, which: int) -> None:
    """Days pass, after which associations are worth telling, and answers are not kept any more."""
    world.now += timedelta(days=9)
    work_off(world.parts, world.now)


def night(world: World, person: str, room: str, which: int) -> None:
    """A whole night of all stages, with hints, and with a budget that makes gists, or without."""
    _prepare(world, which)
    sleep.sleep_through(world.parts, world.namespace, now=world.now, actor="test")


def doze(world: World, person: str, room: str, which: int) -> None:
    """A night that is interrupted: some of what it planned is not done."""
    _prepare(world, which)
    begun = sleep.begin(world.parts, world.namespace, now=world.now, actor="test")
    for _ in range(3 + 5 * which):
        if begun.status is NightStatus.RUNNING:
            begun = step(world.parts, world.namespace, begun, world.parts.database.write)


def wake(world: World, person: str, room: str, which: int) -> None:
    """The latest night is undone."""
    for one in sleep.list_page(world.parts, world.namespace, 1, None).items:
        sleep.undo(world.parts, world.namespace, one.id, now=world.now, actor="test")


def remind(world: World, person: str, room: str, which: int) -> None:
    """Something of long ago comes up again, and a night without a budget tells of it."""
    tell(world, person, room, which % 2)
    wait(world, person, room, which)
    say(world, person, room, which % 2)
    world.now += world.second
    night(world, person, room, 3)


def dismiss(world: World, person: str, room: str, which: int) -> None:
    """A hint is dismissed, and so kept."""
    for one in hints.list_page(world.parts, world.namespace, 1, None, world.now).items:
        hints.dismiss(world.parts, world.namespace, one.hint.id, world.now)


def _patch(world: World, item: Item, change: DocumentPatch) -> None:
    documents.patch(world.parts, world.namespace, item.kind, item.id, change, None, world.now, "test")


def _news(world: World, item: Item, verdict: Verdict, text: str, own: str) -> None:
    given = Feedback([Judged(item.id, verdict, text)])
    for learned in feedback.give(world.parts, world.namespace, given, now=world.now, actor="test"):
        changed = learned.changed
        if changed is None:
            continue
        world.changes.append(changed.id)
        if changed.successor is not None and changed.successor not in {one.id for one in world.items}:
            world.items.append(_successor(world, item, changed.successor, own))
        else:
            item.tokens.add(own)  # its history has what was said about it


def _successor(world: World, item: Item, id_: str, own: str) -> Item:
    """With those words of its predecessor that it took over."""
    after = Item(id_, item.kind, {own}, item.person, None, None)
    there = repr(world.stored(after)).casefold()
    after.tokens |= {word for word in item.tokens if word.casefold() in there}
    after.thing = next((thing for thing in world.things if thing.casefold() in there), None)
    return after


def _mate(world: World) -> Namespace:
    if not world.mates:
        world.mates.append(tenancy.create_namespace(world.parts, world.owner, token(), world.now))
        for one in (world.namespace, world.mates[0]):
            links.open_up(world.parts, one, linkable=True, owner=None)
    return world.mates[0]


def _prepare(world: World, which: int) -> None:
    policies: Sequence[Policy] = [BUDGET] if which < 3 else []
    forget.set_policies(world.parts, world.namespace, policies)
    kept = settings.to_json(SleepSettings(hints=True, stages=frozenset(StageName)))
    world.parts.database.write(
        lambda session: namespaces.change_setting(session, world.namespace.id, settings.SETTING, kept)
    )


CHANGING = {
    "patch": patch,
    "unname": unname,
    "outgrow": outgrow,
    "hand_over": hand_over,
    "retitle": retitle,
    "delete": delete,
    "merge": merge,
    "archive": archive,
    "revive": revive,
    "forget_some": forget_some,
    "unforget": unforget,
    "ask": ask,
    "judge": judge,
    "correct": correct,
    "tell_news": tell_news,
    "uncorrect": uncorrect,
    "read": read,
    "retry": retry,
    "fold": fold,
    "link": link,
    "hold": hold,
    "night": night,
    "wait": wait,
    "doze": doze,
    "wake": wake,
    "remind": remind,
    "dismiss": dismiss,
}

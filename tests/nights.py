"""A life in whose night every stage has something to do, and all that a night leaves behind, to be compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from memory import dusk, feedback, forget, recall
from memory.feedback import Feedback, Judged, Verdict
from memory.forgetting.policies import Policy
from memory.night import step
from memory.parts import Parts
from memory.sleeping.records import ChangeOf, ChangeStatus, Night, NightStatus
from memory.sleeping.settings import SleepSettings
from memory.store import sleeping
from memory.store.database import Database
from memory.store.tables import DocumentRow, Row
from memory.types import Draft, ItemState, Namespace, NamespaceId, Recall
from tests.store.working import keep, note, said

START = datetime(2025, 1, 10, 12, tzinfo=UTC)  # long before any clock that a worker may look at
BEDTIME = START + timedelta(days=30)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ROOM = 700  # tokens that the policy leaves
ANOTHER_WAY = ("As I said, ", "Again: ", "Remember, ")
OPENING = ("So", "Oh", "And", "But")
PEOPLE = ("Okafor", "Mira", "Tomas", "Ayla", "Ines", "Jonas")
THINGS = ("bicycle", "kettle", "violin", "ladder", "compass", "anvil", "loom", "lantern")
PLACES = ("Ghent", "Porto", "Graz", "Tartu", "Ostend")
SENTENCES = (
    "The {thing} of {place} was made in 19{number} by {who}.",
    "It is quite heavy.",
    "Some say that it is nice to see.",
    "In 18{number} the keeper {other} hid eleven people behind the {thing}.",
    "People like it.",
    "The weather there is often windy.",
)

# What differs between two nights that do the same: ids of chance, and clocks.
OF_CHANCE: Mapping[str, frozenset[str]] = {
    "passages": frozenset({"id"}),
    "transitions": frozenset({"id"}),
    "nights": frozenset({"stages", "finished_at"}),
}
NOT_COMPARED = frozenset({"jobs", "segments", "forgettings", "forgotten"})
"""The queue, files of indexes, and who purged in how many goes: a night counts what was purged itself."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """All rows of a database, and the night's report without its durations."""

    rows: Mapping[str, Sequence[tuple[object, ...]]]
    night: Night

    def differences(self, other: "Aftermath") -> dict[str, object]:
        """What is in one of them only, by table; the two reports if they are not the same. Nothing if all is."""
        found: dict[str, object] = {
            name: (sorted(set(mine) - set(theirs), key=repr), sorted(set(theirs) - set(mine), key=repr))
            for name, mine in self.rows.items()
            if mine != (theirs := other.rows[name])
        }
        return found if self.night == other.night else found | {"report": (self.night, other.night)}


def live(parts: Parts, namespace: Namespace) -> None:
    """Repeats, near repeats, long texts, talk, stated facts, what was archived long ago; and much of it used."""
    rng = Random(1)
    drafts = _drafts(rng)
    kept = [keep(parts, namespace, START + number * MINUTE, draft) for number, draft in enumerate(drafts)]
    ids = list(dict.fromkeys(one.receipts[0].id for one in kept))  # what is said twice in the same words is one item
    for number in range(9):  # whoever is used in three of them has become knowledge
        used = [ids[0], *rng.sample(ids[1:], 9)]
        wrong = rng.sample(sorted(set(ids) - set(used)), 2)
        judged = [Judged(one, Verdict.USED) for one in used] + [Judged(one, Verdict.WRONG) for one in wrong]
        feedback.give(parts, namespace, Feedback(judged), now=START + (1 + number) * DAY, actor="test")
    old = {"external_id": {"in": ["old-0", "old-1", "old-2"]}}
    forget.forget(parts, namespace, forget.Wanted(filter=old), dry_run=False, now=START + DAY, actor="test")
    forget.set_policies(parts, namespace, [Policy(most_tokens=ROOM, purge_after_days=20)])
    dusk.set_settings(parts, namespace, SleepSettings(hints=True), BEDTIME)


def _drafts(rng: Random) -> list[Draft]:
    said_twice = [
        f"{who} keeps a {thing} in {rng.choice(PLACES)}." for who in PEOPLE for thing in rng.sample(THINGS, 2)
    ]
    drafts = [said(f"{rng.choice(ANOTHER_WAY)}{text}") for text in said_twice] + [said(text) for text in said_twice]
    for who, thing, place in zip(PEOPLE, THINGS, [*PLACES, "Bergen"], strict=False):
        sold = f"{who} sold {rng.choice(PEOPLE)} a green {thing} with a {place} saddle and two bells."
        drafts += [said(f"{opening} {sold}") for opening in OPENING]
    drafts += [said(f"{rng.choice(PEOPLE)} lives in {rng.choice(PLACES)}.") for _ in range(12)]
    for session in range(3):
        turns = (
            f"Turn {turn} about the {rng.choice(THINGS)} in {rng.choice(PLACES)}. It was fine." for turn in range(8)
        )
        drafts += [said(turn, PEOPLE[session], f"session {session}") for turn in turns]
    drafts += [note(_long(rng), f"Story {number}") for number in range(14)]
    drafts += [note(f"An old {thing} nobody asks for.", external_id=f"old-{k}") for k, thing in enumerate(THINGS[:3])]
    return drafts


def _long(rng: Random) -> str:
    words = {"thing": rng.choice(THINGS), "place": rng.choice(PLACES), "number": rng.randrange(10, 99)}
    return " ".join(one.format(who=rng.choice(PEOPLE), other=rng.choice(PEOPLE), **words) for one in SENTENCES)


def go_on(parts: Parts, namespace: Namespace, night: Night) -> Night:
    """Sleeps through what is left of a night."""
    while night.status is NightStatus.RUNNING:
        night = step(parts, namespace, night, parts.database.write)
    return night


def aftermath(database: Database, namespace: Namespace, night: str) -> Aftermath:
    """What is there, all of one moment."""

    def read(session: Session) -> Aftermath:
        tables = {name: table for name, table in Row.metadata.tables.items() if name not in NOT_COMPARED}
        rows = {
            name: sorted(
                (
                    tuple(map(_plain, row))
                    for row in session.execute(
                        select(*(one for one in table.c if one.name not in OF_CHANCE.get(name, ())))
                    )
                ),
                key=repr,
            )
            for name, table in tables.items()
        }
        found = sleeping.find_night(session, namespace.id, night)
        assert found is not None
        stages = tuple(replace(one, milliseconds=0.0) for one in found.stages)
        return Aftermath(rows, replace(found, stages=stages, finished_at=None))

    return database.read(read)


def _plain(value: object) -> object:
    return repr(value) if isinstance(value, list | dict) else value


def answers(parts: Parts, namespace: Namespace, questions: Sequence[str]) -> list[list[tuple[str, float]]]:
    """To each question: items with their scores."""
    found = [recall.recall(parts, namespace, Recall(question, top_k=20)).results for question in questions]
    return [[(one.document.id, one.hit.score) for one in results] for results in found]


def lost(database: Database, namespace: NamespaceId, night: str) -> list[str]:
    """Items that this night took out of recall although what was to stand for them is not in recall, nor what stands
    for that; at any moment of the night there is none."""

    def read(session: Session) -> list[str]:
        states = {id_: state for id_, state in session.execute(select(DocumentRow.id, DocumentRow.state))}
        done = sleeping.changes(session, namespace, night, status=ChangeStatus.APPLIED)
        places = {one.document: one for _, one in done if one.of is ChangeOf.PLACE and _hides(one.after)}

        def is_told(id_: str) -> bool:
            if states.get(id_) == ItemState.ACTIVE:
                return True
            place = places.get(id_)
            return place is not None and (place.stand_in is None or is_told(place.stand_in))

        return sorted(id_ for id_, place in places.items() if id_ in states and not is_told(id_))

    return database.read(read)


def _hides(after: Mapping[str, object] | None) -> bool:
    return (after or {}).get("state") == ItemState.ARCHIVED

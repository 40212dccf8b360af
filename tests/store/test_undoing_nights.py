"""What comes between a night and its undoing: conflicts are all named, what is gone stays gone, the rest comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import String, cast, event, or_, select

from memory import documents, erase, feedback, forget, history, sleep, tenancy
from memory.errors import Conflict, NotUndone
from memory.feedback import Feedback, Judged, Verdict
from memory.forgetting.policies import Policy
from memory.forgetting.subjects import Subject, SubjectKind
from memory.ids import new_id
from memory.layers.transitions import Happening, Move
from memory.parts import Parts
from memory.sleeping.records import ChangeOf, ChangeStatus, Night, NightChange, NightStatus, StageName
from memory.sleeping.together import together
from memory.store import derivations, sleeping
from memory.store.sleeping_tables import DerivationRow, NightChangeRow, ProbeRow
from memory.types import DocumentPatch, ItemState, Kind, Namespace, Principal, StoredDocument
from tests.store.test_sleep import life, rows
from tests.store.working import found, keep, said

NAMING = (NightChangeRow.document_id, NightChangeRow.other_id, NightChangeRow.after, NightChangeRow.why)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NIGHT = 20 * DAY
ALIKE = tuple(f"{start} Okafor sold Mira a green bicycle with a Brooks saddle." for start in ("So", "Oh", "And", "But"))


def night_of(parts: Parts, namespace: Namespace, now: datetime, *stages: StageName) -> Night:
    return sleep.sleep_through(parts, namespace, now=now + NIGHT, actor="test", stages=stages or None)


def undone(parts: Parts, namespace: Namespace, night: Night, now: datetime, *excepted: str) -> Night:
    return sleep.undo(parts, namespace, night.id, excepted, now=now + NIGHT + DAY, actor="test")


def changes(parts: Parts, namespace: Namespace, night: Night, of: ChangeOf) -> list[NightChange]:
    page = sleep.changes_page(parts, namespace, night.id, 1000, None).items
    return [one for one in page if one.of is of and one.status is ChangeStatus.APPLIED]


def state(parts: Parts, namespace: Namespace, id_: str) -> ItemState:
    return documents.get(parts, namespace, Kind.MEMORY, id_).state


def judged(parts: Parts, namespace: Namespace, now: datetime, *ids: str) -> None:
    used = Feedback([Judged(one, Verdict.USED) for one in ids])
    feedback.give(parts, namespace, used, now=now, actor="test")


@pytest.fixture
def merged(parts: Parts, namespace: Namespace, now: datetime) -> tuple[list[str], Night]:
    """Three repeats each of two sayings, and the night that merged them."""
    texts = ("The ferry to Ostend leaves at six.", "Ayla keeps four hives behind the mill.")
    drafts = [said(f"{start}{text}") for start in ("", "As I said, ", "Again: ") for text in texts]
    ids = [keep(parts, namespace, now + number * HOUR, draft).receipts[0].id for number, draft in enumerate(drafts)]
    night = night_of(parts, namespace, now, StageName.RECONCILE)
    return ids, night


@pytest.fixture
def shortened(parts: Parts, namespace: Namespace, now: datetime) -> tuple[list[str], str, Night]:
    """Items of which one gist was made, with that gist."""
    ids = [keep(parts, namespace, now + number * HOUR, said(text)).receipts[0].id for number, text in enumerate(ALIKE)]
    night = night_of(parts, namespace, now, StageName.CONSOLIDATE)
    (gist,) = changes(parts, namespace, night, ChangeOf.GIST)
    return ids, gist.document, night


def test_all_conflicts_are_named_and_nothing_is_half_undone(
    parts: Parts, namespace: Namespace, now: datetime, merged: tuple[list[str], Night]
) -> None:
    _, night = merged
    archived = [one.document for one in changes(parts, namespace, night, ChangeOf.PLACE)]
    assert len(archived) >= 2
    late = now + NIGHT + HOUR
    forget.revive(parts, namespace, Kind.MEMORY, archived[0], now=late, actor="test")
    documents.patch(
        parts, namespace, Kind.MEMORY, archived[1], DocumentPatch(text="The mill burned."), None, late, "test"
    )
    before = rows(parts, frozenset())
    with pytest.raises(NotUndone) as caught:
        undone(parts, namespace, night, now)
    assert archived[1] in {one.field for one in caught.value.problems}
    assert rows(parts, frozenset()) == before
    assert sleep.get(parts, namespace, night.id).status is NightStatus.DONE
    excepted = [one.field for one in caught.value.problems]
    assert undone(parts, namespace, night, now, *excepted).status is NightStatus.UNDONE
    for id_ in set(archived) - set(excepted):
        assert state(parts, namespace, id_) is ItemState.ACTIVE
    with pytest.raises(Conflict):
        undone(parts, namespace, night, now)


def test_what_was_used_since_is_a_conflict_by_name(parts: Parts, namespace: Namespace, now: datetime) -> None:
    life(parts, namespace, now, 2)
    night = night_of(parts, namespace, now, StageName.REPLAY)
    replayed = [one.document for one in changes(parts, namespace, night, ChangeOf.TRACE)]
    judged(parts, namespace, now + NIGHT + HOUR, *replayed[:2])
    with pytest.raises(NotUndone) as caught:
        undone(parts, namespace, night, now)
    assert {one.field for one in caught.value.problems} == set(replayed[:2])
    assert undone(parts, namespace, night, now, *replayed[:2]).status is NightStatus.UNDONE


def test_what_stands_where_it_stood_before_the_night_is_no_conflict(
    parts: Parts, namespace: Namespace, now: datetime, merged: tuple[list[str], Night]
) -> None:
    _, night = merged
    archived = [one.document for one in changes(parts, namespace, night, ChangeOf.PLACE)]
    back = Move(Happening.RESTORED, "a mistake", state=ItemState.ACTIVE)
    history.apply(parts, namespace, [(archived[0], back)], now=now + NIGHT, actor="test")
    undone(parts, namespace, night, now)
    assert {state(parts, namespace, id_) for id_ in archived} == {ItemState.ACTIVE}


def test_associations_of_what_is_deleted_stay_gone(parts: Parts, namespace: Namespace, now: datetime) -> None:
    ids = [keep(parts, namespace, now, said(f"{name} sings.")).receipts[0].id for name in ("Ayla", "Tomas", "Ines")]
    judged(parts, namespace, now + HOUR, *ids)
    night = night_of(parts, namespace, now, StageName.DOWNSCALE)
    edges = changes(parts, namespace, night, ChangeOf.EDGE)
    assert edges
    gone = edges[0].other
    documents.delete(parts, namespace, Kind.MEMORY, gone, None, now + NIGHT, "test")
    assert undone(parts, namespace, night, now).status is NightStatus.UNDONE


@pytest.mark.parametrize("named", ["source", "gist"])
def test_a_gist_and_all_its_sources_are_left_alone_as_one(
    parts: Parts, namespace: Namespace, now: datetime, shortened: tuple[list[str], str, Night], named: str
) -> None:
    """Otherwise what they say would be in recall twice, or what one of them says nowhere."""
    _, gist, night = shortened
    sources = [one.document for one in changes(parts, namespace, night, ChangeOf.PLACE)]
    before = found(parts, namespace, "bicycle saddle sold")
    undone(parts, namespace, night, now, gist if named == "gist" else sources[0])
    assert state(parts, namespace, gist) is ItemState.ACTIVE
    assert {state(parts, namespace, one) for one in sources} == {ItemState.ARCHIVED}
    assert found(parts, namespace, "bicycle saddle sold") == before


@pytest.mark.parametrize("named", ["repeat", "survivor"])
def test_a_survivor_and_its_repeats_are_left_alone_as_one(
    parts: Parts, namespace: Namespace, now: datetime, merged: tuple[list[str], Night], named: str
) -> None:
    ids, night = merged
    first, second = changes(parts, namespace, night, ChangeOf.REPEATS)
    undone(parts, namespace, night, now, first.document if named == "survivor" else first.sources[0])
    left = {id_ for id_ in ids if state(parts, namespace, id_) is ItemState.ARCHIVED}
    assert left == set(first.sources)
    standing = parts.database.read(lambda session: derivations.sources_of(session, namespace.id, ids))
    assert {survivor: set(some) for survivor, some in standing.items()} == {first.document: left}
    assert state(parts, namespace, second.document) is ItemState.ACTIVE


@pytest.mark.parametrize("how", ["delete", "patch", "erase"])
def test_the_other_sources_are_shown_again_when_one_goes(
    parts: Parts, namespace: Namespace, now: datetime, shortened: tuple[list[str], str, Night], how: str
) -> None:
    ids, gist, night = shortened
    sources = [one.document for one in changes(parts, namespace, night, ChangeOf.PLACE) if one.document in ids]
    assert len(sources) > 1
    first, *others = sources
    late = now + NIGHT + HOUR
    if how == "delete":
        documents.delete(parts, namespace, Kind.MEMORY, first, None, late, "test")
    elif how == "patch":
        new = DocumentPatch(text="I sold it again.")
        documents.patch(parts, namespace, Kind.MEMORY, first, new, None, late, "test")
        assert state(parts, namespace, first) is ItemState.ACTIVE
    else:
        erase.erase(parts, namespace, Subject(SubjectKind.MEMORY, first), now=late, actor="test")
    assert {state(parts, namespace, id_) for id_ in others} == {ItemState.ACTIVE}
    assert gist not in {one.id for one in documents.list_page(parts, namespace, Kind.MEMORY, 50, None).items}
    undone(parts, namespace, night, now, *([first] if how == "patch" else []))
    assert {state(parts, namespace, id_) for id_ in others} == {ItemState.ACTIVE}
    assert len(found(parts, namespace, "bicycle saddle sold")) == len(ids) - (how != "patch")


def test_nothing_that_nights_keep_names_or_quotes_what_was_erased(
    parts: Parts, namespace: Namespace, now: datetime, shortened: tuple[list[str], str, Night]
) -> None:
    ids, gist, _ = shortened
    night_of(parts, namespace, now + DAY)
    gone = ids[0]
    erase.erase(parts, namespace, Subject(SubjectKind.MEMORY, gone), now=now + NIGHT + 2 * DAY, actor="test")
    quoting = select(NightChangeRow.number).where(or_(*(cast(column, String).contains(gone) for column in NAMING)))
    asking = select(ProbeRow.number).where(ProbeRow.document_id.in_((gone, gist)))
    standing = select(DerivationRow.ordinal).where(
        or_(DerivationRow.source_id == gone, DerivationRow.derived_id == gist)
    )
    for query in (quoting, asking, standing):
        assert parts.database.read(lambda session, query=query: session.execute(query).all()) == []  # type: ignore[misc]
    assert ALIKE[0] not in found(parts, namespace, "Okafor bicycle")


def test_an_erasure_reads_no_changes_but_those_that_name_what_it_erases(
    parts: Parts, namespace: Namespace, now: datetime, shortened: tuple[list[str], str, Night]
) -> None:
    ids, _, night = shortened
    others = [
        NightChange(
            StageName.SETTLE, ChangeOf.PLACE, new_id(now), after={"state": "archived", "stands_in": new_id(now)}
        )
        for _ in range(500)
    ]
    parts.database.write(lambda session: sleeping.plan(session, namespace.id, night.id, others))
    read: list[NightChangeRow] = []

    def note(row: NightChangeRow, _context: object) -> None:
        read.append(row)

    event.listen(NightChangeRow, "load", note)
    try:
        parts.database.write(lambda session: sleeping.forget_items(session, namespace.id, ids[:1]))
    finally:
        event.remove(NightChangeRow, "load", note)
    assert read
    assert len(read) <= len(ids) + 1


def test_what_is_erased_is_named_by_no_repeat(
    parts: Parts, namespace: Namespace, now: datetime, merged: tuple[list[str], Night]
) -> None:
    _, night = merged
    survivor = changes(parts, namespace, night, ChangeOf.REPEATS)[0]
    (behind, *_) = [one for one in changes(parts, namespace, night, ChangeOf.PLACE) if survivor.document in one.why]
    for gone in (behind.document, survivor.document):
        erase.erase(parts, namespace, Subject(SubjectKind.MEMORY, gone), now=now + NIGHT + DAY, actor="test")
        left = sleep.changes_page(parts, namespace, night.id, 1000, None).items
        assert left
        assert not any(gone in f"{one.document} {one.after} {one.why}" for one in left)
    assert undone(parts, namespace, night, now).status is NightStatus.UNDONE


@dataclass(frozen=True)
class Course:
    """A life before a night, how much of it the policy leaves, and what comes between the night and its undoing."""

    seed: int
    room: int  # tokens
    deleted: int
    used: int
    spared: int


COURSES = st.builds(
    Course,
    seed=st.integers(0, 10**6),
    room=st.integers(20, 300),
    deleted=st.integers(0, 2),
    used=st.integers(0, 2),
    spared=st.integers(0, 3),
)


@pytest.mark.parametrize("examples", [4, pytest.param(40, marks=pytest.mark.slow)])
def test_undo_is_exact_or_names_what_came_after(parts: Parts, now: datetime, owner: Principal, examples: int) -> None:
    @given(COURSES)
    @settings(max_examples=examples)
    def law(course: Course) -> None:
        assert_undone(parts, owner, now, course)

    law()


def assert_undone(parts: Parts, owner: Principal, now: datetime, course: Course) -> None:
    """Undone without what is named, everything that nobody touched since is where it was, and no content is torn."""
    home = tenancy.create_namespace(parts, owner, f"n{new_id(now)}", now)
    ids = sorted(set(life(parts, home, now, course.seed)))
    forget.set_policies(parts, home, [Policy(most_tokens=course.room)])
    before = {kind: documents.list_page(parts, home, kind, 200, None).items for kind in Kind}
    places = {one.id: (one.kind, one.layer, one.state, one.reason) for some in before.values() for one in some}
    night = night_of(parts, home, now)
    late = now + NIGHT + HOUR
    gone, touched = ids[: course.deleted], ids[course.deleted : course.deleted + course.used]
    for id_ in gone:
        documents.delete(parts, home, places[id_][0], id_, None, late, "test")
    if touched:
        judged(parts, home, late, *touched)
    done = [one for of in ChangeOf for one in changes(parts, home, night, of)]
    named = sorted({one.document for one in done if one.document not in gone})
    excepted = Random(course.seed).sample(named, min(course.spared, len(named)))
    try:
        undone(parts, home, night, now, *excepted)
    except NotUndone as error:
        assert course.used or course.deleted
        excepted += [one.field for one in error.problems]
        undone(parts, home, night, now, *excepted)
    after = {one.id: one for kind in Kind for one in documents.list_page(parts, home, kind, 200, None).items}
    left_alone = together(done, excepted)
    assert after.keys() - left_alone <= places.keys() - set(gone)
    for id_ in places.keys() - {*gone, *left_alone}:
        one = after[id_]
        assert (one.kind, one.layer, one.state, one.reason) == places[id_]
    assert torn(parts, home, done, after) == []


def torn(
    parts: Parts, namespace: Namespace, done: Sequence[NightChange], after: Mapping[str, StoredDocument]
) -> list[tuple[str, str]]:
    """Items in recall beside what stands for them, and items out of it although what was to stand for them is gone."""
    standing = parts.database.read(lambda session: derivations.find(session, namespace.id, after))
    in_recall = {id_ for id_, one in after.items() if one.state is ItemState.ACTIVE}
    twice = [(one.derived, one.source) for one in standing if {one.derived, one.source} <= in_recall]
    told_by = {(one.source, one.derived) for one in standing}
    behind = [(one.document, one.stand_in) for one in done if one.of is ChangeOf.PLACE and one.stand_in is not None]
    hidden = [pair for pair in behind if after.keys() >= {pair[0]} and pair[0] not in in_recall]
    return twice + [pair for pair in hidden if pair not in told_by]

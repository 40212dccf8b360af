"""Names merged and told apart in a database: what the index answers follows, and comes back exactly."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from memory import atlas, documents, dusk, erase, forget, history, jobs, merging, sleep, tenancy
from memory.errors import InvalidInput, NotFound
from memory.forgetting.subjects import Subject, SubjectKind
from memory.indexing import Indexes
from memory.layers.transitions import Happening, Move
from memory.merges import MergeStatus
from memory.parts import Parts
from memory.recall import recall
from memory.sleeping import probing
from memory.sleeping.records import ChangeOf, ChangeStatus, Night, NightStatus, StageName, StageStatus
from memory.sleeping.settings import SleepSettings
from memory.store import changes, merges, passages
from memory.store.sleeping_tables import MergeRow, NightChangeRow
from memory.types import ChangeKind, DocumentPatch, ItemState, Kind, Namespace, Principal, Recall
from tests.nights import go_on
from tests.store.working import keep, note, said

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PEOPLE = ("Mira Lund", "M. Lund", "Miriam Lund", "Tom Arken", "Thomas Arken", "Heron Labs")
PLACES = ("Ghent", "Porto", "Lake Orta", "Graz")
QUESTIONS = ("What did Mira Lund paint?", "Where is M. Lund?", "Who works at Heron Labs?", "Tom Arken and Porto")
STAGES = [StageName.RECONCILE]


def fill(parts: Parts, namespace: Namespace, now: datetime) -> list[str]:
    """Turns and a note about people who go by several names."""
    texts = [
        f"{person} painted the {place} bridge number {number}, and {PEOPLE[(number * 5 + 2) % 6]} saw it."
        for number, (person, place) in enumerate((one, other) for one in PEOPLE for other in PLACES)
    ]
    ids = []
    for number, text in enumerate(texts):
        draft = note(text, f"Bridge {number}") if number % 5 == 0 else said(text, "Ada", f"s{number % 3}")
        ids.append(keep(parts, namespace, now, draft).receipts[0].id)
    return ids


def answers(parts: Parts, namespace: Namespace) -> list[object]:
    """What is recalled with which score, and what the entities are."""
    found: list[object] = [scores(parts, namespace, question) for question in QUESTIONS]
    listed = atlas.list_entities(parts, namespace, "", 500, None).items
    found.append(sorted((one.name, one.display, one.kind.value, one.passages) for one in listed))
    found += [around(parts, namespace, name) for name in PEOPLE]
    return found


def scores(parts: Parts, namespace: Namespace, question: str) -> list[tuple[str, float]]:
    found = recall(parts, namespace, Recall(question, top_k=50)).results
    return sorted((one.id, round(one.hit.score, 5)) for one in found)


def around(parts: Parts, namespace: Namespace, name: str) -> object:
    try:
        portrait = atlas.portrait(parts, namespace, name)
    except NotFound:
        return None
    near = sorted((one.entity.name, one.edge.value, round(one.weight, 5)) for one in portrait.neighbours)
    return portrait.entity, sorted(one.id for one in portrait.passages), near


def join(parts: Parts, namespace: Namespace, now: datetime, name: str, into: str) -> str:
    return merging.merge(parts, namespace, name, into, now=now, actor="test")


def part(parts: Parts, namespace: Namespace, now: datetime, name: str, apart: str) -> None:
    merging.unmerge(parts, namespace, name, apart, now=now, actor="test")


@contextmanager
def restarted(parts: Parts, folder: Path) -> Iterator[Parts]:
    indexes = Indexes(parts.database, folder, parts.embedder.dimension, parts.embedder.fingerprint, 1 << 30)
    yield Parts(parts.database, indexes, parts.embedder)
    indexes.close()


def test_a_merged_entity_answers_to_all_its_names(parts: Parts, namespace: Namespace, now: datetime) -> None:
    fill(parts, namespace, now)
    mine, other = atlas.portrait(parts, namespace, "Mira Lund"), atlas.portrait(parts, namespace, "M. Lund")
    assert join(parts, namespace, now, "M. Lund", "MIRA LUND") == "mira lund"
    for name in ("M. Lund", "mira lund"):
        portrait = atlas.portrait(parts, namespace, name)
        assert portrait.entity.display == "Mira Lund"
        both = {one.id for one in (*mine.passages, *other.passages)}
        assert {one.id for one in portrait.passages} == both
        assert portrait.entity.passages == len(both)
        assert [(one.name, one.into, one.actor) for one in portrait.merges] == [("m lund", "mira lund", "test")]
    listed = [one.name for one in atlas.list_entities(parts, namespace, "m lund", 5, None).items]
    assert listed == ["mira lund", "miriam lund"], "found by a name that it no longer goes by"
    seeds = recall(parts, namespace, Recall("Where is M. Lund?", explain=True)).seeds
    assert "Mira Lund" in {one.label for one in seeds}


STEPS = st.lists(
    st.tuples(st.sampled_from(["join", "part"]), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)),
    min_size=1,
    max_size=6,
)


@pytest.mark.parametrize("examples", [5, pytest.param(60, marks=pytest.mark.slow)])
def test_live_rebuilt_folded_and_reopened_indexes_answer_alike(
    parts: Parts, owner: Principal, now: datetime, tmp_path: Path, examples: int
) -> None:
    @given(STEPS)
    @settings(max_examples=examples)
    def law(steps: list[tuple[str, str, str]]) -> None:
        assert_alike(parts, owner, now, tmp_path, steps)

    law()


def assert_alike(
    parts: Parts, owner: Principal, now: datetime, tmp_path: Path, steps: list[tuple[str, str, str]]
) -> None:
    fresh = tenancy.create_namespace(parts, owner, f"n{len(tenancy.list_namespaces(parts, owner))}", now)
    fill(parts, fresh, now)
    before = answers(parts, fresh)
    for number, (verb, one, other) in enumerate(steps):
        try:
            (join if verb == "join" else part)(parts, fresh, now + number * HOUR, one, other)
        except (InvalidInput, NotFound):
            assert verb == "part", "there is nothing to tell apart"
        if number == len(steps) // 2:
            parts.indexes.fold(fresh.id, now)
    live = answers(parts, fresh)
    with restarted(parts, tmp_path / "segments") as reopened:
        assert answers(reopened, fresh) == live, "from a segment and the changes after it"
    with restarted(parts, tmp_path / "none") as rebuilt:
        assert answers(rebuilt, fresh) == live, "from rows"
    parts.indexes.fold(fresh.id, now)
    with restarted(parts, tmp_path / "segments") as folded:
        assert answers(folded, fresh) == live, "from a segment alone"
    known = parts.database.read(lambda session: merges.names(session, fresh.id))
    for name in sorted(known.merged):
        part(parts, fresh, now + DAY, name, name)
    assert answers(parts, fresh) == before, "all told apart"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_chain_is_told_apart_in_any_order(
    parts: Parts, namespace: Namespace, now: datetime, order: tuple[int, ...]
) -> None:
    fill(parts, namespace, now)
    before = answers(parts, namespace)
    chain = [("M. Lund", "Miriam Lund"), ("Miriam Lund", "Mira Lund"), ("Mira Lund", "Heron Labs")]
    for name, into in chain:
        join(parts, namespace, now, name, into)
    assert atlas.portrait(parts, namespace, "M. Lund").entity.name == "heron labs"
    for number in order:
        part(parts, namespace, now, chain[number][0], chain[number][0])
    assert answers(parts, namespace) == before


def test_only_the_passages_of_a_name_are_read_again(parts: Parts, namespace: Namespace, now: datetime) -> None:
    fill(parts, namespace, now)
    join(parts, namespace, now, "Miriam Lund", "Mira Lund")
    own = {one.document.id for one in atlas.portrait(parts, namespace, "M. Lund").passages}
    revision = parts.database.read(lambda session: changes.after(session, namespace.id, 0, 10_000))[-1].sequence
    for do in (join, part):
        do(parts, namespace, now, *(("M. Lund", "Mira Lund") if do is join else ("Mira Lund", "M. Lund")))
        log = parts.database.read(lambda session, at=revision: changes.after(session, namespace.id, at, 10_000))  # type: ignore[misc]
        assert {one.kind for one in log} == {ChangeKind.RENAMED}
        assert {one.document_id for one in log} == {None, *own}
        revision = log[-1].sequence


def test_what_comes_in_later_under_a_merged_name_belongs_to_the_entity(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    fill(parts, namespace, now)
    join(parts, namespace, now, "M. Lund", "Mira Lund")
    new = keep(parts, namespace, now, said("M. Lund moved to Tartu.")).receipts[0].id
    assert new in {one.document.id for one in atlas.portrait(parts, namespace, "Mira Lund").passages}
    part(parts, namespace, now, "Mira Lund", "M. Lund")
    assert new not in {one.document.id for one in atlas.portrait(parts, namespace, "Mira Lund").passages}
    assert new in {one.document.id for one in atlas.portrait(parts, namespace, "M. Lund").passages}


def test_a_passage_that_comes_in_between_is_not_missed(
    parts: Parts, namespace: Namespace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written after the index was asked who has the name, and before the merge is."""
    fill(parts, namespace, now)
    look = merging.holders_of
    late: list[str] = []

    def looking(*args: object) -> merging.Holders:
        holders = look(*args)  # type: ignore[arg-type]
        late.append(keep(parts, namespace, now, said("M. Lund moved to Tartu.")).receipts[0].id)
        return holders

    monkeypatch.setattr(merging, "holders_of", looking)
    join(parts, namespace, now, "M. Lund", "Mira Lund")
    assert set(late) <= {one.document.id for one in atlas.portrait(parts, namespace, "Mira Lund").passages}


def test_a_name_that_somebody_else_merges_meanwhile_takes_its_new_entity_along(
    parts: Parts, namespace: Namespace, now: datetime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fill(parts, namespace, now)
    look = merging.holders_of

    def looking(*args: object) -> merging.Holders:
        monkeypatch.setattr(merging, "holders_of", look)
        holders = look(*args)  # type: ignore[arg-type]
        join(parts, namespace, now, "M. Lund", "Heron Labs")
        return holders

    monkeypatch.setattr(merging, "holders_of", looking)
    join(parts, namespace, now, "M. Lund", "Mira Lund")
    assert {atlas.portrait(parts, namespace, one).entity.name for one in ("M. Lund", "Heron Labs")} == {"mira lund"}
    live = answers(parts, namespace)
    with restarted(parts, tmp_path / "none") as rebuilt:
        assert answers(rebuilt, namespace) == live


def test_hidden_items_follow_when_they_are_shown(parts: Parts, namespace: Namespace, now: datetime) -> None:
    fill(parts, namespace, now)
    own = atlas.portrait(parts, namespace, "M. Lund").passages
    hidden = own[0].document
    away = Move(Happening.ARCHIVED, "faded", state=ItemState.ARCHIVED)
    history.apply(parts, namespace, [(hidden.id, away)], now=now, actor="test")
    whole = Recall("M. Lund", top_k=50, archived=True)
    recall(parts, namespace, whole)
    join(parts, namespace, now, "M. Lund", "Mira Lund")
    assert hidden.id in {one.document.id for one in recall(parts, namespace, whole).results}
    forget.revive(parts, namespace, hidden.kind, hidden.id, now=now, actor="test")
    assert hidden.id in {one.document.id for one in atlas.portrait(parts, namespace, "Mira Lund").passages}


def test_merging_asks_for_what_is_there(parts: Parts, namespace: Namespace, now: datetime) -> None:
    fill(parts, namespace, now)
    with pytest.raises(NotFound):
        join(parts, namespace, now, "Nobody", "Mira Lund")
    with pytest.raises(InvalidInput) as caught:
        join(parts, namespace, now, "Mira Lund", "Nobody")
    assert caught.value.problems[0].field == "into"
    with pytest.raises(NotFound):
        part(parts, namespace, now, "Mira Lund", "M. Lund")
    for _ in range(2):
        assert join(parts, namespace, now, "M. Lund", "Mira Lund") == "mira lund"
    for wrong in ("Mira Lund", "Tom Arken"):
        with pytest.raises(InvalidInput) as caught:
            part(parts, namespace, now, "Mira Lund", wrong)
        assert "m lund" in caught.value.problems[0].remedy


TALK = (
    "Katharine Hepburn met Otto Varga at the Zeebrugge pier with Ines Maes.",
    "Ines Maes showed Katherine Hepburn the lamp room of Zeebrugge.",
    "Otto Varga wrote to Katharine Hepburn about Pavel Drach.",
    "Katherine Hepburn and Pavel Drach dined with Otto Varga.",
    "The lamp room of Zeebrugge belongs to Pavel Drach.",
    "Katharine Hepburn keeps bees behind the mill.",
)
ONE, OTHER = "katharine hepburn", "katherine hepburn"


def lived(parts: Parts, namespace: Namespace, now: datetime, merges_names: bool = True) -> None:
    for number, text in enumerate(TALK):
        keep(parts, namespace, now + number * HOUR, said(text))
    dusk.set_settings(parts, namespace, SleepSettings(merge_names=merges_names), now)


def slept(parts: Parts, namespace: Namespace, now: datetime) -> Night:
    return sleep.sleep_through(parts, namespace, now=now, actor="test", stages=STAGES)


def state(parts: Parts, namespace: Namespace) -> Sequence[object]:
    """Entities and answers, and the merges that are kept."""
    listed = sorted((one.name, one.passages) for one in atlas.list_entities(parts, namespace, "", 500, None).items)
    found = [scores(parts, namespace, text) for text in TALK]
    query = select(MergeRow.id).where(MergeRow.namespace_id == namespace.id)
    return listed, found, parts.database.read(lambda session: session.execute(query).scalars().all())


def test_a_night_merges_names_if_that_is_wanted_and_undoing_it_is_exact(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    lived(parts, namespace, now)
    before = state(parts, namespace)
    planned = sleep.plan(parts, namespace, now + DAY, STAGES)
    assert [(one.merge.name, one.merge.into) for one in planned if one.merge] == [(OTHER, ONE)]
    assert state(parts, namespace) == before, "a dry run writes nothing"
    night = slept(parts, namespace, now + DAY)
    stage = night.stage(StageName.RECONCILE)
    assert (stage.status, stage.counts["names_merged"]) == (StageStatus.DONE, 1)
    assert stage.probes_after is not None
    assert any("another name" in one for one in stage.sentences)
    assert atlas.portrait(parts, namespace, OTHER).entity.name == ONE
    (change,) = [one for one in sleep.changes_page(parts, namespace, night.id, 50, None).items if one.merge]
    assert (change.of, change.status, change.merge.into if change.merge else "") == (
        ChangeOf.NAMES, ChangeStatus.APPLIED, ONE,
    )  # fmt: skip
    assert sleep.undo(parts, namespace, night.id, now=now + 2 * DAY, actor="test").status is NightStatus.UNDONE
    assert state(parts, namespace) == before


def test_a_night_merges_nothing_unasked(parts: Parts, namespace: Namespace, now: datetime) -> None:
    lived(parts, namespace, now, merges_names=False)
    assert not any(one.of is ChangeOf.NAMES for one in sleep.plan(parts, namespace, now + DAY, STAGES))


def test_nights_keep_no_names(parts: Parts, namespace: Namespace, now: datetime) -> None:
    lived(parts, namespace, now)
    night = slept(parts, namespace, now + DAY)
    rows = parts.database.read(
        lambda session: session.execute(select(NightChangeRow.before, NightChangeRow.after, NightChangeRow.why)).all()
    )
    assert rows
    assert "hepburn" not in f"{rows} {night}".casefold()


def test_what_somebody_told_apart_no_night_merges_again(parts: Parts, namespace: Namespace, now: datetime) -> None:
    lived(parts, namespace, now)
    slept(parts, namespace, now + DAY)
    part(parts, namespace, now + DAY, ONE, OTHER)
    again = slept(parts, namespace, now + 2 * DAY)
    assert "names_merged" not in again.stage(StageName.RECONCILE).counts
    assert join(parts, namespace, now + 3 * DAY, OTHER, ONE) == ONE, "people may change their minds"
    known = parts.database.read(lambda session: merges.names(session, namespace.id))
    assert (len(known.merged), known.apart) == (1, ())


def test_a_night_that_comes_second_passes_over(
    parts: Parts, namespace: Namespace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody merges one of the names otherwise between its plan and its doing."""
    lived(parts, namespace, now)
    look = merging.holders_of_merges

    def looking(*args: object) -> merging.Holders:
        monkeypatch.setattr(merging, "holders_of_merges", look)
        join(parts, namespace, now + DAY, OTHER, "Pavel Drach")
        return look(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(merging, "holders_of_merges", looking)
    night = slept(parts, namespace, now + DAY)
    assert night.stage(StageName.RECONCILE).counts.get("passed_over") == 1
    assert atlas.portrait(parts, namespace, OTHER).entity.name == "pavel drach"
    query = select(MergeRow.status).where(MergeRow.namespace_id == namespace.id)
    assert parts.database.read(lambda session: session.execute(query).scalars().all()) == [MergeStatus.MERGED.value]


def test_a_night_that_dies_while_it_merges_goes_on(
    parts: Parts, namespace: Namespace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived(parts, namespace, now)
    apply = merging.apply

    def dying(*args: object) -> object:
        apply(*args)  # type: ignore[arg-type]
        raise KeyboardInterrupt  # nothing of this batch is committed

    begun = sleep.begin(parts, namespace, stages=STAGES, now=now + DAY, actor="test")
    monkeypatch.setattr(merging, "apply", dying)
    with pytest.raises(KeyboardInterrupt):
        go_on(parts, namespace, begun)
    assert atlas.portrait(parts, namespace, OTHER).entity.name == OTHER
    monkeypatch.setattr(merging, "apply", apply)
    night = go_on(parts, namespace, sleep.get(parts, namespace, begun.id))
    assert night.stage(StageName.RECONCILE).counts["names_merged"] == 1
    assert atlas.portrait(parts, namespace, OTHER).entity.name == ONE


def test_a_merge_that_costs_recall_is_rolled_back(
    parts: Parts, namespace: Namespace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived(parts, namespace, now)
    before = state(parts, namespace)
    monkeypatch.setattr(probing, "costs_too_much", lambda *_: True)
    night = slept(parts, namespace, now + DAY)
    assert night.stage(StageName.RECONCILE).status is StageStatus.ROLLED_BACK
    assert state(parts, namespace) == before


def test_undoing_a_night_leaves_what_somebody_told_apart_since(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    lived(parts, namespace, now)
    listed = state(parts, namespace)[0]
    night = slept(parts, namespace, now + DAY)
    part(parts, namespace, now + DAY, ONE, OTHER)
    assert sleep.undo(parts, namespace, night.id, now=now + 2 * DAY, actor="test").status is NightStatus.UNDONE
    assert state(parts, namespace)[0] == listed
    known = parts.database.read(lambda session: merges.names(session, namespace.id))
    assert (len(known.merged), len(known.apart)) == (0, 1)


def test_names_that_only_the_erased_had_leave_the_merges(parts: Parts, namespace: Namespace, now: datetime) -> None:
    keep(parts, namespace, now, said("Mira Lund painted the bridge."), said("Tom Arken fixed the winch."))
    gone = keep(parts, namespace, now, said("Zofia Quillane sang in Porto.")).receipts[0].id
    kept = keep(parts, namespace, now, said("MIRA LUND sold the bridge.")).receipts[0].id
    join(parts, namespace, now, "Zofia Quillane", "Mira Lund")
    join(parts, namespace, now, "Tom Arken", "Mira Lund")
    done = erase.erase(parts, namespace, Subject(SubjectKind.MEMORY, gone), now=now, actor="test")
    assert done.counts["merges"] == 1
    query = select(MergeRow.name, MergeRow.into_name).where(MergeRow.namespace_id == namespace.id)
    assert parts.database.read(lambda session: session.execute(query).all()) == [("tom arken", "mira lund")]
    portrait = atlas.portrait(parts, namespace, "Tom Arken")
    assert kept in {one.document.id for one in portrait.passages}


def test_merging_and_nights_leave_the_rows_of_passages_as_they_are(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    ids = fill(parts, namespace, now)

    def mentions() -> list[object]:
        return [
            [(one.id, one.mentions) for one in parts.database.read(
                lambda session, id_=id_: passages.of_document(session, namespace.id, id_)  # type: ignore[misc]
            )]
            for id_ in ids
        ]  # fmt: skip

    before = mentions()
    join(parts, namespace, now, "M. Lund", "Mira Lund")
    assert mentions() == before
    documents.patch(
        parts, namespace, Kind.DOCUMENT, ids[0], DocumentPatch(text="M. Lund left."), None, now, "test"
    )  # what is merged is merged in what is changed later too
    assert ids[0] in {one.document.id for one in atlas.portrait(parts, namespace, "Mira Lund").passages}
    assert jobs.run_one(parts, now, "worker") in {True, False}

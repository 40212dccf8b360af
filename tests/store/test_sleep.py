"""Nights with a database: exact undo, going on after a death, gists and their sources, what is never brought back."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import Row, select

from memory import documents, erase, feedback, forget, history, jobs, ledger, sleep, tenancy
from memory.errors import Conflict, NotUndone
from memory.feedback import Feedback, Judged, Verdict
from memory.forgetting.policies import Policy
from memory.forgetting.subjects import Subject, SubjectKind
from memory.layers.transitions import Happening
from memory.parts import Parts
from memory.sleeping.records import ChangeOf, ChangeStatus, Night, NightStatus, StageName, StageStatus, Trigger
from memory.store import derivations, passages, traces
from memory.store.tables import Row as Table
from memory.types import DocumentPatch, Draft, ItemState, Kind, Namespace, Principal, Recall
from tests.nights import go_on
from tests.store.working import found, keep, note, results, said, work_off

DAY = timedelta(days=1)
WINDING = (
    "The old crane of Temse was moved to Antwerp in 1938 by Irma Wouters, and as everybody says it is nice to see. "
    "In 1952 the crane lifted the whole roof of the Halden Bank, which was quite something to look at from down there."
)
TWICE = ("The ferry to Ostend leaves at six.", "The ferry to Ostend leaves at six, as always.")
LONG = (
    "The lighthouse of Zeebrugge was built in 1931 by Emil Claes. It is quite tall. Some say that it is nice to see. "
    "In 1944 the keeper Jan Maes hid eleven people in the lamp room. People like it. The weather there is often windy."
)
LOG = frozenset({"version", "revision", "updated_at", "retired_at"})
COMPARED = ("documents", "passages", "traces", "edges", "statements", "derivations", "procedures")


def rows(parts: Parts, without: frozenset[str] = LOG) -> Mapping[str, Sequence[Row[tuple[object, ...]]]]:
    """All rows that are not merely a log, in the order of their keys."""

    def read() -> dict[str, Sequence[Row[tuple[object, ...]]]]:
        tables = {name: Table.metadata.tables[name] for name in COMPARED}
        return {
            name: parts.database.read(
                lambda session, table=table: session.execute(  # type: ignore[misc]
                    select(*(column for column in table.c if column.name not in without)).order_by(*table.primary_key)
                ).all()
            )
            for name, table in tables.items()
        }

    return read()


def slept(parts: Parts, namespace: Namespace, now: datetime) -> Night:
    return sleep.sleep_through(parts, namespace, now=now, actor="test")


def life(parts: Parts, namespace: Namespace, now: datetime, seed: int) -> list[str]:
    """A small history: repeats, facts that change, talk, reading, and some of it used."""
    rng = Random(seed)
    cities = ["Ghent", "Porto", "Graz", "Tartu"]
    drafts: list[Draft] = [said(f"Mira lives in {rng.choice(cities)}.") for _ in range(4)]
    drafts += [said(f"{who} lives in {rng.choice(cities)}.") for who in ("Tomas", "Ayla") for _ in range(3)]
    drafts += [said(text) for text in TWICE]
    drafts += [said(f"Turn {k} about the {rng.choice(['ferry', 'harbour', 'winch'])}.", "Mira", "s") for k in range(6)]
    drafts += [note(f"{LONG} This is copy {k} of {rng.randrange(100)}.", f"Lighthouse {k}") for k in range(4)]
    ids: list[str] = []
    for number, draft in enumerate(drafts):
        ids += [one.id for one in keep(parts, namespace, now + number * timedelta(hours=1), draft).receipts]
    used = [Judged(one, Verdict.USED) for one in rng.sample(sorted(set(ids)), 4)]
    wrong = [Judged(one, Verdict.WRONG) for one in rng.sample(sorted(set(ids) - {one.item for one in used}), 2)]
    feedback.give(parts, namespace, Feedback([*used, *wrong], None), now=now + 2 * DAY, actor="test")
    return ids


@pytest.mark.parametrize("seed", range(4))
def test_undoing_a_night_restores_all_but_the_log(parts: Parts, namespace: Namespace, now: datetime, seed: int) -> None:
    life(parts, namespace, now, seed)
    forget.set_policies(parts, namespace, [Policy(most_tokens=150)])
    before = rows(parts)
    night = slept(parts, namespace, now + 20 * DAY)
    assert night.status is NightStatus.DONE
    assert rows(parts) != before
    undone = sleep.undo(parts, namespace, night.id, now=now + 21 * DAY, actor="test")
    assert undone.status is NightStatus.UNDONE
    assert rows(parts) == before


def test_two_nights_are_undone_in_turn(parts: Parts, namespace: Namespace, now: datetime) -> None:
    life(parts, namespace, now, 7)
    before = rows(parts)
    first = slept(parts, namespace, now + 20 * DAY)
    between = rows(parts)
    forget.set_policies(parts, namespace, [Policy(most_tokens=120)])
    second = slept(parts, namespace, now + 21 * DAY)
    with pytest.raises(NotUndone):
        sleep.undo(parts, namespace, first.id, now=now + 22 * DAY, actor="test")
    sleep.undo(parts, namespace, second.id, now=now + 22 * DAY, actor="test")
    assert rows(parts) == between
    sleep.undo(parts, namespace, first.id, now=now + 23 * DAY, actor="test")
    assert rows(parts) == before


class Killed(Exception):
    pass


@pytest.mark.parametrize("after", [1, 2, 4, 7])
def test_a_night_that_was_interrupted_ends_as_an_unbroken_one(
    parts: Parts, namespace: Namespace, now: datetime, owner: Principal, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """The worker dies inside its `after`-th batch; the night, started anew from its rows, changes the same."""
    life(parts, namespace, now, 3)
    forget.set_policies(parts, namespace, [Policy(most_tokens=150)])
    monkeypatch.setattr(ledger, "BATCH", 5)
    begun = sleep.begin(parts, namespace, trigger=Trigger.ASKED, now=now + 20 * DAY, actor="test")
    batches = 0
    apply = ledger.apply

    def dying(*args: object, **kwargs: object) -> int:
        nonlocal batches
        batches += 1
        revision = apply(*args, **kwargs)  # type: ignore[arg-type]
        if batches == after:
            raise Killed  # nothing of this batch is committed
        return revision

    monkeypatch.setattr(ledger, "apply", dying)
    with pytest.raises(Killed):
        go_on(parts, namespace, begun)
    monkeypatch.setattr(ledger, "apply", apply)
    night = go_on(parts, namespace, sleep.get(parts, namespace, begun.id))
    interrupted = picture(parts, namespace)
    sleep.undo(parts, namespace, night.id, now=now + 21 * DAY, actor="test")
    again = slept(parts, namespace, now + 20 * DAY)
    assert [one.counts for one in again.stages] == [one.counts for one in night.stages]
    assert picture(parts, namespace) == interrupted


def picture(parts: Parts, namespace: Namespace) -> set[tuple[str, ...]]:
    """All items with their places and traces, without the ids of what the night made."""
    found: set[tuple[str, ...]] = set()
    for kind in Kind:
        for one in documents.list_page(parts, namespace, kind, 200, None).items:
            trace = parts.database.read(
                lambda session, id_=one.id: traces.find_many(session, namespace.id, [id_])[id_]  # type: ignore[misc]
            )
            strength = (str(trace.stability), str(trace.confidence), str(trace.replayed_at), str(trace.replays))
            found.add((one.text, one.layer, one.state.value, one.reason, *strength))
    return found


def test_the_worker_sleeps_a_step_a_turn_and_begins_no_second_night(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    life(parts, namespace, now, 1)
    first = sleep.begin(parts, namespace, now=now + 20 * DAY, actor="test")
    assert sleep.begin(parts, namespace, now=now + 20 * DAY, actor="other").id == first.id
    with pytest.raises(Conflict):
        sleep.undo(parts, namespace, first.id, now=now + 20 * DAY, actor="test")
    assert turns(parts, now + 20 * DAY) > len(StageName)
    assert sleep.get(parts, namespace, first.id).status is NightStatus.DONE


def turns(parts: Parts, now: datetime, most: int = 1000) -> int:
    """Jobs one after the other, while the clock goes on; how many there were."""
    count = 0
    while count < most and jobs.run_one(parts, now + count * timedelta(minutes=1), "worker"):
        count += 1
    return count


def test_a_namespace_that_is_deleted_during_its_night_ends_it(
    parts: Parts, namespace: Namespace, owner: Principal, now: datetime
) -> None:
    life(parts, namespace, now, 1)
    sleep.begin(parts, namespace, now=now + 20 * DAY, actor="test")
    assert turns(parts, now + 20 * DAY, most=4) == 4
    tenancy.delete_namespace(parts, owner, namespace.name)
    turns(parts, now + 21 * DAY)
    assert not jobs.counts(parts).get("failed")


def test_a_dry_run_writes_nothing(parts: Parts, namespace: Namespace, now: datetime) -> None:
    life(parts, namespace, now, 2)
    before = rows(parts, frozenset())
    assert sleep.plan(parts, namespace, now + 20 * DAY)
    assert rows(parts, frozenset()) == before
    assert sleep.list_page(parts, namespace, 10, None).items == ()


def test_what_says_the_same_stands_behind_the_newest(parts: Parts, namespace: Namespace, now: datetime) -> None:
    keep(parts, namespace, now, said(TWICE[0]))
    keep(parts, namespace, now + DAY, said(TWICE[1]))
    slept(parts, namespace, now + 2 * DAY)
    (only,) = results(parts, namespace, Recall("ferry"))
    assert len(only.sources) == 1


def test_an_archived_repeat_does_not_bring_back_what_it_ended(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    keep(parts, namespace, now, said("Mira lives in Porto."))
    keep(parts, namespace, now + DAY, said("Mira lives in Ghent."))
    keep(parts, namespace, now + 2 * DAY, said("Mira lives in Ghent, near the river."))
    assert not any("Porto" in text for text in found(parts, namespace, "Where does Mira live?"))
    slept(parts, namespace, now + 3 * DAY)
    texts = found(parts, namespace, "Where does Mira live?")
    assert texts
    assert not any("Porto" in text for text in texts)


@pytest.mark.parametrize("patched", [True, False])
def test_what_stood_behind_an_item_comes_back_when_that_goes_or_says_something_else(
    parts: Parts, namespace: Namespace, now: datetime, patched: bool
) -> None:
    keep(parts, namespace, now, said(TWICE[0]))
    keep(parts, namespace, now + DAY, said(TWICE[1]))
    slept(parts, namespace, now + 2 * DAY)
    (only,) = results(parts, namespace, Recall("ferry"))
    id_, late = only.document.id, now + 3 * DAY
    if patched:
        change = DocumentPatch(text="Tea is ready.")
        documents.patch(parts, namespace, Kind.MEMORY, id_, change, None, late, "test")
    else:
        documents.delete(parts, namespace, Kind.MEMORY, id_, None, late, "test")
    left = {one.text: one.sources for one in results(parts, namespace, Recall("ferry"))}
    (other,) = set(TWICE) - {only.text}
    assert left == ({other: (), "Tea is ready.": ()} if patched else {other: ()})


@pytest.fixture
def condensed(parts: Parts, namespace: Namespace, now: datetime) -> tuple[str, str]:
    """A long item and the gist that stands for it."""
    (kept,) = keep(parts, namespace, now, note(LONG, "Lighthouse")).receipts
    forget.set_policies(parts, namespace, [Policy(most_tokens=40)])
    night = sleep.sleep_through(
        parts, namespace, now=now + 20 * DAY, actor="test", stages=[StageName.BUDGET, StageName.VERIFY]
    )
    made = sleep.changes_page(parts, namespace, night.id, 50, None).items
    gist = next(one.document for one in made if one.of is ChangeOf.GIST)
    assert documents.get(parts, namespace, Kind.DOCUMENT, kept.id).state is ItemState.ARCHIVED
    assert documents.get(parts, namespace, Kind.DOCUMENT, gist).state is ItemState.ACTIVE
    return kept.id, gist


def test_a_gist_says_what_its_source_says_word_for_word(
    parts: Parts, namespace: Namespace, condensed: tuple[str, str]
) -> None:
    source, gist = condensed
    text = documents.get(parts, namespace, Kind.DOCUMENT, gist).text
    made = parts.database.read(lambda session: derivations.find(session, namespace.id, [gist]))
    assert {one.source for one in made} == {source}
    assert text == " ".join(LONG[one.start : one.end].strip() for one in made)
    assert len(text) < 0.7 * len(LONG)
    (result,) = results(parts, namespace, Recall("Who built the lighthouse?"))
    assert (result.document.id, result.sources) == (gist, (source,))


def test_a_gist_is_found_by_the_vectors_of_what_it_is_cut_from(
    parts: Parts, namespace: Namespace, condensed: tuple[str, str]
) -> None:
    source, gist = condensed
    model = parts.embedder.fingerprint
    read = parts.database.read(lambda session: passages.readings(session, namespace.id, model, [source, gist]))
    (whole,), (cut,) = read[source], read[gist]
    assert (cut.vector == whole.vector).all()
    assert 0 < len(cut.sentence_vectors) < len(whole.sentence_vectors)
    assert {one.tobytes() for one in cut.sentence_vectors} < {one.tobytes() for one in whole.sentence_vectors}


def test_a_clause_has_the_vector_of_its_sentence_and_a_gist_the_substance_of_its_source(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    (kept,) = keep(parts, namespace, now, said(WINDING)).receipts
    for room, day in ((50, 20), (30, 21)):  # the second night shortens what the first one made
        forget.set_policies(parts, namespace, [Policy(most_tokens=room)])
        night = sleep.sleep_through(parts, namespace, now=now + day * DAY, actor="test", stages=[StageName.BUDGET])
    made = sleep.changes_page(parts, namespace, night.id, 50, None).items
    gist = next(one.document for one in made if one.of is ChangeOf.GIST)
    text = documents.get(parts, namespace, Kind.MEMORY, gist).text
    quoted = parts.database.read(lambda session: derivations.find(session, namespace.id, [gist]))
    assert text == " ".join(WINDING[one.start : one.end] for one in quoted if one.source == kept.id)
    model = parts.embedder.fingerprint
    read = parts.database.read(lambda session: passages.readings(session, namespace.id, model, [kept.id, gist]))
    (whole,), (cut,) = read[kept.id], read[gist]
    sentences = [WINDING[start:end] for start, end in whole.sentences.tolist()]
    assert len(cut.sentences) == len(cut.sentence_vectors) > 0
    for (start, end), vector in zip(cut.sentences.tolist(), cut.sentence_vectors, strict=True):
        source = next(number for number, one in enumerate(sentences) if text[start:end].split(",")[0] in one)
        assert len(text[start:end]) < len(sentences[source])
        assert (vector == whole.sentence_vectors[source]).all()
    known = parts.database.read(lambda session: traces.find_many(session, namespace.id, [kept.id, gist]))
    assert known[gist].substance == known[kept.id].substance


def test_a_source_that_changes_or_goes_takes_its_gist_along(
    parts: Parts, namespace: Namespace, now: datetime, condensed: tuple[str, str]
) -> None:
    source, _ = condensed
    late = now + 21 * DAY
    documents.patch(
        parts, namespace, Kind.DOCUMENT, source, DocumentPatch(text="The lighthouse is gone."), None, late, "test"
    )
    assert found(parts, namespace, "lighthouse") == ["The lighthouse is gone."]


def test_a_source_that_gets_a_text_to_be_read_later_is_found_again_without_its_gist(
    parts: Parts, namespace: Namespace, now: datetime, condensed: tuple[str, str]
) -> None:
    source, _ = condensed
    late = now + 21 * DAY
    long = DocumentPatch(text="\n\n".join(["The lighthouse is gone.", *["The sea was calm. " * 40] * 80]))
    waiting = documents.patch(parts, namespace, Kind.DOCUMENT, source, long, None, late, "test")
    assert (waiting.status, waiting.state) == ("pending", ItemState.ACTIVE)
    work_off(parts, late)
    assert any("The lighthouse is gone." in text for text in found(parts, namespace, "lighthouse"))


def test_an_erased_source_is_in_no_gist_and_no_probe(
    parts: Parts, namespace: Namespace, now: datetime, condensed: tuple[str, str]
) -> None:
    source, _ = condensed
    subject = Subject(SubjectKind.DOCUMENT, source)
    erased = erase.erase(parts, namespace, subject, now=now + 21 * DAY, actor="test")
    assert erased.proof["found"] == {}
    assert found(parts, namespace, "lighthouse") == []
    (night,) = sleep.list_page(parts, namespace, 10, None).items
    left = sleep.changes_page(parts, namespace, night.id, 50, None).items
    assert source not in {one.document for one in left}


def test_a_stage_that_costs_its_probes_too_much_is_taken_back_exactly(
    parts: Parts, namespace: Namespace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was called wrong a dozen times has faded after twelve years. It goes, but not half a memory in one night."""
    ids = sorted(set(life(parts, namespace, now, 5)))
    for _ in range(12):
        wrong = Feedback([Judged(one, Verdict.WRONG) for one in ids])
        feedback.give(parts, namespace, wrong, now=now + 3 * DAY, actor="test")
    monkeypatch.setattr(ledger, "BATCH", 5)
    before = rows(parts)
    stages = [StageName.SETTLE, StageName.VERIFY]
    night = sleep.sleep_through(parts, namespace, now=now + 12 * 365 * DAY, actor="test", stages=stages)
    stage = night.stage(StageName.SETTLE)
    assert stage.status is StageStatus.ROLLED_BACK
    assert stage.sentences[-1].startswith("Rolled back: ")
    assert rows(parts) == before
    made = sleep.changes_page(parts, namespace, night.id, 1000, None).items
    assert len(made) > 2 * ledger.BATCH
    assert {one.status for one in made} == {ChangeStatus.UNDONE}
    for one in made:
        kind = next(kind for kind in Kind if is_of(parts, namespace, kind, one.document))
        told = [entry.kind for entry in history.of(parts, namespace, kind, one.document).entries]
        assert told[-2:] == [Happening.ARCHIVED, Happening.TAKEN_BACK]
    assert (night.status, night.stage(StageName.VERIFY).status) == (NightStatus.DONE, StageStatus.DONE)
    assert night.stage(StageName.VERIFY).probes_after == stage.probes_before


def is_of(parts: Parts, namespace: Namespace, kind: Kind, id_: str) -> bool:
    return id_ in {one.id for one in documents.list_page(parts, namespace, kind, 200, None).items}

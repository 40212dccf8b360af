"""Feedback: reviews, edges, corrections with undo, conflicts, repetitions that are held back, and what is refused."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from memory import documents, feedback, history, insight, strength
from memory.dynamics.switches import OFF
from memory.errors import InvalidInput, NotFound
from memory.feedback import Feedback, Judged, Learned, Verdict
from memory.layers.traces import Trace
from memory.layers.transitions import Happening
from memory.parts import Parts
from memory.recall import recall
from memory.reconsolidating import undo
from memory.reranking import CO_RECALL
from memory.store import learning, traces
from memory.types import ItemState, Kind, Namespace, Recall, Recalled
from tests.store.working import keep, note, said

DAY = timedelta(days=1)


def ask(parts: Parts, namespace: Namespace, query: str, now: datetime) -> Recalled:
    return recall(parts, namespace, Recall(query), now=now)


def texts(parts: Parts, namespace: Namespace, query: str, now: datetime) -> list[str]:
    return [result.text for result in ask(parts, namespace, query, now).results]


def kept_traces(parts: Parts, namespace: Namespace, ids: list[str]) -> dict[str, Trace]:
    return parts.database.read(lambda session: traces.find_many(session, namespace.id, ids))


def judge(
    parts: Parts, namespace: Namespace, now: datetime, *judged: Judged, recall: str | None = None
) -> list[Learned]:
    return feedback.give(parts, namespace, Feedback(judged, recall), now=now, actor="test")


def remembered(parts: Parts, namespace: Namespace, now: datetime, *said_: str) -> list[str]:
    return [one.id for one in keep(parts, namespace, now, *(said(text, "Mira") for text in said_)).receipts]


def test_what_was_used_holds_longer_and_what_was_wrong_shorter(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    good, bad = remembered(parts, namespace, now, "The ferry leaves at six.", "The ferry leaves at nine.")
    before = kept_traces(parts, namespace, [good, bad])
    judge(parts, namespace, now + 3 * DAY, Judged(good, Verdict.USED), Judged(bad, Verdict.WRONG))
    after = kept_traces(parts, namespace, [good, bad])
    assert after[good].stability > before[good].stability
    assert after[bad].stability < before[bad].stability
    assert after[good].surprise > 0 > after[bad].surprise
    assert after[good].recalls == 1
    assert after[bad].recalls == 0
    assert after[bad].trust < 1


def test_a_result_can_be_named_by_its_passage(parts: Parts, namespace: Namespace, now: datetime) -> None:
    (id_,) = remembered(parts, namespace, now, "The ferry leaves at six.")
    passage = documents.passages(parts, namespace, id_)[0].id
    assert judge(parts, namespace, now, Judged(passage, Verdict.USEFUL))[0].document == id_


def test_what_is_used_together_is_linked_in_the_order_of_use(parts: Parts, namespace: Namespace, now: datetime) -> None:
    first, second = remembered(parts, namespace, now, "Otters hold hands.", "Rafts of otters drift in kelp.")
    for _ in range(2):
        judge(parts, namespace, now + DAY, Judged(first, Verdict.USED), Judged(second, Verdict.USED))
    edges = parts.database.read(lambda session: learning.edges(session, namespace.id, CO_RECALL, [first]))
    assert [(edge.source, edge.target, edge.count) for edge in edges] == [(first, second, 2)]
    assert edges[0].variance < 1


def test_a_correction_takes_the_place_of_what_was_wrong_until_it_is_undone(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    (id_,) = remembered(parts, namespace, now, "The spare key hangs behind the blue door.")
    (learned,) = judge(
        parts, namespace, now + DAY, Judged(id_, Verdict.CORRECTED, "The spare key lies under the flowerpot.")
    )
    assert learned.changed is not None
    later = now + 2 * DAY
    assert texts(parts, namespace, "Where is the spare key?", later) == ["The spare key lies under the flowerpot."]
    old = documents.get(parts, namespace, Kind.MEMORY, id_)
    assert old.superseded_by == learned.changed.successor
    assert Happening.RECONSOLIDATED in {one.kind for one in history.of(parts, namespace, Kind.MEMORY, id_).entries}
    for _ in range(2):  # undoing twice is once
        undone = undo(parts, namespace, learned.changed.id, now=later, actor="test")
        assert undone.undone_at == later
    assert texts(parts, namespace, "Where is the spare key?", later) == ["The spare key hangs behind the blue door."]
    new = documents.get(parts, namespace, Kind.MEMORY, str(learned.changed.successor))
    assert new.state is ItemState.ARCHIVED  # kept


def test_of_two_corrections_at_once_one_holds_and_both_are_in_the_history(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    (id_,) = remembered(parts, namespace, now, "The spare key hangs behind the blue door.")
    right = ["The spare key lies under the flowerpot.", "The spare key is at the neighbour's."]
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(judge, parts, namespace, now + DAY, Judged(id_, Verdict.CORRECTED, text)) for text in right]
        changes = [future.result()[0].changed for future in both]
    holding = texts(parts, namespace, "Where is the spare key?", now + 2 * DAY)
    assert len(holding) == 1
    assert holding[0] in right
    entries = history.of(parts, namespace, Kind.MEMORY, id_).entries
    assert sum(one.kind is Happening.RECONSOLIDATED for one in entries) == 2
    for change in changes:
        assert change is not None
        kept = documents.get(parts, namespace, Kind.MEMORY, str(change.successor))
        assert kept.text in right


def test_news_changes_only_what_was_recalled_a_moment_ago(parts: Parts, namespace: Namespace, now: datetime) -> None:
    (id_,) = remembered(parts, namespace, now, "The choir meets on Friday in the old hall.")
    news = Judged(id_, Verdict.USED, "The choir meets on Monday in the old hall.")
    later = now + DAY
    (closed,) = judge(parts, namespace, later, news)
    assert closed.changed is not None
    assert closed.changed.stopped_by == "not_open"
    asked = ask(parts, namespace, "When does the choir meet?", later)
    (opened,) = judge(parts, namespace, later + timedelta(minutes=5), news, recall=asked.id)
    assert opened.changed is not None
    assert opened.changed.stopped_by is None
    assert opened.changed.successor is not None


def test_what_is_not_here_is_named_and_nothing_is_written(parts: Parts, namespace: Namespace, now: datetime) -> None:
    here, gone = remembered(parts, namespace, now, "The ferry leaves at six.", "The ferry leaves at nine.")
    documents.delete(parts, namespace, Kind.MEMORY, gone, None, now, "test")
    before = kept_traces(parts, namespace, [here])
    with pytest.raises(NotFound, match=gone):
        judge(parts, namespace, now, Judged(here, Verdict.USED), Judged(gone, Verdict.USED))
    with pytest.raises(NotFound, match="no-such-recall"):
        judge(parts, namespace, now, Judged(here, Verdict.USED), recall="no-such-recall")
    with pytest.raises(NotFound):
        undo(parts, namespace, here, now=now, actor="test")
    assert kept_traces(parts, namespace, [here]) == before


def test_all_that_is_wrong_with_feedback_is_said_at_once(parts: Parts, namespace: Namespace, now: datetime) -> None:
    with pytest.raises(InvalidInput) as refused:
        judge(parts, namespace, now, Judged("a", Verdict.CORRECTED), Judged("a", Verdict.USED))
    assert [problem.field for problem in refused.value.problems] == ["results[0].text", "results[1].id"]


def test_a_clock_that_goes_backwards_weakens_nothing(parts: Parts, namespace: Namespace, now: datetime) -> None:
    (id_,) = remembered(parts, namespace, now, "The ferry leaves at six.")
    (learned,) = judge(parts, namespace, now - 5 * DAY, Judged(id_, Verdict.USED))
    assert learned.retrievability == 1
    assert kept_traces(parts, namespace, [id_])[id_].last_recalled == now


def test_judgements_calibrate_what_answers_were_thought_to_be_worth(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    remembered(parts, namespace, now, "The ferry leaves at six.")
    asked = ask(parts, namespace, "When does the ferry leave?", now)
    chance = asked.results[0].hit.probability
    judge(parts, namespace, now, Judged(asked.results[0].id, Verdict.USED), recall=asked.id)
    found = insight.of(parts, namespace, "test", now)
    assert (found.events, found.rated) == (1, 1)
    assert found.brier == pytest.approx((1 - chance) ** 2)
    assert found.calibration_error == pytest.approx(1 - chance)
    assert insight.of(parts, namespace, "somebody else", now).events == 0


def test_the_forecast_begins_now_and_only_falls(parts: Parts, namespace: Namespace, now: datetime) -> None:
    (id_,) = remembered(parts, namespace, now, "The ferry leaves at six.")
    found = strength.of(parts, namespace, Kind.MEMORY, id_, now=now + DAY, days=30, step=10)
    assert [point.day for point in found.forecast] == [0, 10, 20, 30]
    values = [point.retrievability for point in found.forecast]
    assert values == sorted(values, reverse=True)
    assert values[0] == found.retrievability
    with pytest.raises(NotFound):
        strength.of(parts, namespace, Kind.DOCUMENT, id_, now=now)


def test_what_is_said_again_is_held_back_and_makes_the_first_stronger(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    (first,) = remembered(parts, namespace, now, "The choir meets on Friday.")
    (again,) = remembered(parts, namespace, now + 3 * DAY, "As I said before: The choir meets on Friday.")
    assert documents.get(parts, namespace, Kind.MEMORY, again).state is ItemState.QUARANTINED
    held = documents.Wanted(state=ItemState.QUARANTINED)
    assert [one.id for one in documents.list_page(parts, namespace, Kind.MEMORY, 10, None, held).items] == [again]
    trace = kept_traces(parts, namespace, [first])[first]
    assert trace.said_at == now + 3 * DAY
    assert trace.stability > 2.31
    entry = history.of(parts, namespace, Kind.MEMORY, again).entries[-1]
    assert entry.kind is Happening.QUARANTINED
    assert first in entry.why
    documents.patch(
        parts, namespace, Kind.MEMORY, again, documents.DocumentPatch(state=ItemState.ACTIVE), None, now, "test"
    )
    assert documents.get(parts, namespace, Kind.MEMORY, again).state is ItemState.ACTIVE


def test_the_echo_of_a_recall_is_no_evidence(parts: Parts, namespace: Namespace, now: datetime) -> None:
    keep(parts, namespace, now, note("The lighthouse was built in 1871."))
    (first,) = remembered(parts, namespace, now, "The choir meets on Friday.")
    before = kept_traces(parts, namespace, [first])
    later = now + DAY
    ask(parts, namespace, "When was the lighthouse built, and when does the choir meet?", later)
    echoes = keep(
        parts,
        namespace,
        later + timedelta(minutes=1),
        said("As you said before: the lighthouse was built in 1871.", "assistant"),
        said("The choir meets on Friday.", "Mira", at=later),
    )
    for receipt in echoes.receipts:
        assert documents.get(parts, namespace, Kind.MEMORY, receipt.id).state is ItemState.QUARANTINED
    assert kept_traces(parts, namespace, [first]) == before


def test_a_turn_of_a_conversation_and_what_is_over_are_never_held_back(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    kept = keep(parts, namespace, now, said("ok", "Mira", session="s"))
    kept2 = keep(parts, namespace, now + DAY, said("ok", "Mira", session="s"))
    old = remembered(parts, namespace, now, "I live in Ghent.")
    remembered(parts, namespace, now + DAY, "I live in Porto.")
    back = remembered(parts, namespace, now + 2 * DAY, "I live in Ghent.")
    for id_ in (kept.receipts[0].id, kept2.receipts[0].id, back[0]):
        assert documents.get(parts, namespace, Kind.MEMORY, id_).state is ItemState.ACTIVE
    holding = texts(parts, namespace, "Where does Mira live?", now + 3 * DAY)
    assert "I live in Ghent." in holding
    assert "I live in Porto." not in holding
    assert old != back


def test_with_every_mechanism_off_recall_is_that_of_search(parts: Parts, namespace: Namespace, now: datetime) -> None:
    off = replace(parts, dynamics=OFF)
    keep(off, namespace, now, *(said(f"The choir meets on day {number}.", "Mira") for number in range(5)))
    found = recall(off, namespace, Recall("When does the choir meet?"), now=now)
    assert [result.effects for result in found.results] == [{}] * 5
    scores = [result.hit.score for result in found.results]
    assert scores == sorted(scores, reverse=True)


def test_documents_without_feedback_rank_as_search_ranks_them(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    keep(parts, namespace, now, *(note(f"The choir meets on day {number}.") for number in range(20)))
    on = recall(parts, namespace, Recall("When does the choir meet?"), now=now + 40 * DAY)
    off = recall(replace(parts, dynamics=OFF), namespace, Recall("When does the choir meet?"), now=now + 40 * DAY)
    assert [(one.id, one.hit.score) for one in on.results] == [(one.id, one.hit.score) for one in off.results]

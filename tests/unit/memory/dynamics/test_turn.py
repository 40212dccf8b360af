"""One turn: what is said is encoded, what is recalled is scored, what comes back is learned from."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.neuromodulators import Signal, initial
from memory.dynamics.protector import Standing
from memory.dynamics.reconsolidation import MemoryKind, Mode, News, Stop, Window
from memory.dynamics.turn import (
    Candidate,
    Said,
    TurnParams,
    edge_factor,
    encode,
    learn,
    rescore,
    score,
    strengthened,
    turn,
)
from memory.errors import ParamsInvalid

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
CALM = Said(valence=0.0, arousal=0.1, nearest=0.9)
NEWS = News("Alice works in sales", "work", "s1", NOW + timedelta(minutes=1))
shares = st.floats(0, 1)


def candidate(content: str = "Alice works in engineering", fused: float = 0.5) -> Candidate:
    return Candidate(Window("m1", MemoryKind.SEMANTIC, content, "work", "s1", NOW), fused)


def test_what_is_new_and_moving_is_encoded_more_strongly() -> None:
    dull = encode(initial(NOW), CALM, NOW)
    striking = encode(initial(NOW), Said(valence=-0.9, arousal=0.9, nearest=0.1), NOW)
    assert striking.levels.dopamine > dull.levels.dopamine
    assert striking.priority.is_moving
    assert striking.copies.initial > dull.copies.initial
    assert striking.copies.importance > dull.copies.importance


def test_the_score_is_the_published_order_of_factors() -> None:
    found = replace(candidate(fused=0.6), retrievability=0.25, context=1.2, edge=1.1, surprise=0.5, priority=0.7)
    assert score(found) == pytest.approx(0.6 * 0.5 * 1.2 * 1.05 * 1.1 + 0.07, abs=1e-9)
    assert score(replace(found, edge=9.0)) == pytest.approx(0.6 * 0.5 * 1.2 * 1.05 * 2 + 0.07, abs=1e-9)


def test_edges_count_as_published() -> None:
    assert edge_factor(1, 1) == pytest.approx(1.2, abs=1e-9)
    assert edge_factor(5, 0.0265) == pytest.approx(2.438, abs=5e-4)
    with pytest.raises(ParamsInvalid) as raised:
        edge_factor(-1, 0)
    assert len(raised.value.problems) == 2


@given(shares, shares, shares, shares)
def test_what_is_better_kept_never_scores_lower(fused: float, one: float, other: float, priority: float) -> None:
    low, high = sorted((one, other))
    found = replace(candidate(fused=fused), priority=priority)
    assert score(replace(found, retrievability=low)) <= score(replace(found, retrievability=high))
    assert score(replace(found, surprise=low)) <= score(replace(found, surprise=high))


def test_the_best_come_first_and_no_more_than_asked_for() -> None:
    found = [candidate("a", 0.1), candidate("b", 0.9), candidate("c", 0.5)]
    assert [each.candidate.window.content for each in rescore(found, 2)] == ["b", "c"]
    assert rescore(found, 0) == rescore([], 5) == []


def test_a_confirmation_refreshes_and_calms() -> None:
    same = replace(NEWS, text="Alice works in engineering")
    learned = learn(candidate(), same, encode(initial(NOW), CALM, NOW).levels)
    assert learned.decision.mode is Mode.CONFIRMED
    assert learned.is_natural_recall
    assert learned.surprise > 0
    assert learned.event.signal is Signal.CONFIRMATION
    kept = encode(initial(NOW), CALM, NOW).copies
    assert strengthened(kept, learned).recorded_at == same.at


def test_a_correction_passes_the_protector_and_a_remark_does_not() -> None:
    guarded = replace(candidate(), standing=Standing(10, 1.0, 3650.0, is_core=True))
    levels = encode(initial(NOW), CALM, NOW).levels
    remark = learn(guarded, NEWS, levels)
    assert remark.decision.stopped_by is Stop.PROTECTED
    assert not remark.acceptance.is_accepted
    correction = learn(guarded, replace(NEWS, is_correction=True), levels)
    assert correction.decision.stopped_by is None
    assert correction.event.signal is Signal.REJECTION
    assert correction.surprise < 0
    kept = encode(initial(NOW), CALM, NOW).copies
    assert strengthened(kept, correction) is kept


def test_a_turn_encodes_recalls_and_learns_in_this_order() -> None:
    found = turn(initial(NOW), CALM, [candidate("b", 0.1), candidate()], [NEWS], NOW)
    assert [each.candidate.window.content for each in found.returned] == ["Alice works in engineering", "b"]
    assert [each.decision.content for each in found.learned] == ["Alice works in engineering"]
    assert len(found.state.bursts) == 2
    assert found.state.updated_at == NEWS.at
    assert found.learned[0].decision.levels == found.encoded.levels


def test_a_turn_that_recalls_nothing_learns_nothing() -> None:
    found = turn(initial(NOW), CALM, [], [NEWS], NOW)
    assert not found.returned
    assert not found.learned
    assert found.state == found.encoded.state


def test_all_bad_params_are_named_at_once() -> None:
    with pytest.raises(ParamsInvalid) as raised:
        TurnParams(retention_power=2, edge_ceiling=0.5, priority_weight=-1)
    assert len(raised.value.problems) == 3

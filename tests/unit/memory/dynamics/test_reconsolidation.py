"""What news does to a recalled memory."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory.dynamics.neuromodulators import Levels
from memory.dynamics.reconsolidation import (
    COMPAT,
    RECOMMENDED,
    MemoryKind,
    Mode,
    News,
    ReconsolidationParams,
    Sign,
    Stop,
    Window,
    contradicts,
    edited,
    effective_error,
    mode_of,
    prediction_error,
    reconsolidation,
    undone,
)
from memory.errors import ParamsInvalid

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
ALERT = Levels(dopamine=0.5, noradrenaline=0.9, serotonin=0.2, acetylcholine=0.5)
JOB = "Alice works in engineering"
DEADLINE = "The project deadline is Friday"
PRICE = "The stock price always increases in Q4"
PRICE_NEWS = "The stock price never increases during the holiday season"
ORDER = list(Mode)
shares = st.floats(0, 1)
texts = st.lists(
    st.sampled_from(["the", "deadline", "is", "Friday", "Monday", "3", "4", "not", "tea", "Anna"]), max_size=8
).map(" ".join)


def window(content: str = "Alice works in engineering", kind: MemoryKind = MemoryKind.SEMANTIC) -> Window:
    return Window("m1", kind, content, "work", "s1", NOW)


def news(text: str, later: float = 1, *, session: str | None = "s1", is_correction: bool = False) -> News:
    return News(text, "work", session, NOW + timedelta(minutes=later), is_correction=is_correction)


@pytest.mark.parametrize(
    ("before", "after", "raw", "mode", "alert", "alert_mode"),
    [
        (JOB, f"{JOB} team", 0.2, "selective_edit", 0.246, "selective_edit"),
        (DEADLINE, "The project deadline is next Monday", 3 / 7, "integration", 3.69 / 7, "integration"),
        (PRICE, PRICE_NEWS, 7 / 11, "integration", 0.7827272727, "new_episode"),
        ("Anna likes tea", "Anna likes tea", 0, "confirmed", 0, "confirmed"),
    ],
)  # fmt: skip
def test_it_gives_the_published_errors_and_modes(
    before: str, after: str, raw: float, mode: str, alert: float, alert_mode: str
) -> None:
    found = prediction_error(before, news(after), COMPAT)
    assert found == pytest.approx(raw, abs=1e-9)
    assert mode_of(found) == mode
    assert effective_error(found, ALERT) == pytest.approx(alert, abs=1e-9)
    assert mode_of(effective_error(found, ALERT)) == alert_mode


def test_another_session_and_a_contradiction_count_as_published() -> None:
    assert effective_error(0.2) == pytest.approx(0.21, abs=1e-9)
    assert effective_error(0.2, is_same_session=False) == pytest.approx(0.11, abs=1e-9)
    contradicted = prediction_error(PRICE, news(PRICE_NEWS), replace(COMPAT, contradiction=0.2))
    assert contradicted == pytest.approx(0.8363636364, abs=1e-9)
    assert mode_of(contradicted) is Mode.NEW_EPISODE


def test_embeddings_make_a_rewording_small() -> None:
    reworded = replace(news("Alice is an engineer"), cosine=0.95)
    assert prediction_error("Alice works in engineering", reworded, COMPAT) > 0.8
    assert prediction_error("Alice works in engineering", reworded) < 0.4
    with pytest.raises(ParamsInvalid, match="cosine"):
        prediction_error("tea", replace(reworded, cosine=math.nan))


@given(texts)
def test_the_same_words_confirm(text: str) -> None:
    for params in (COMPAT, RECOMMENDED):
        decision = reconsolidation(window(text), news(text), params=params)
        assert (decision.mode, decision.stopped_by, decision.raw) == (Mode.CONFIRMED, None, 0)


@given(shares, shares)
def test_a_larger_error_never_calls_for_less(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert ORDER.index(mode_of(low)) <= ORDER.index(mode_of(high))


@given(shares, shares, shares, shares)
def test_noradrenaline_never_lowers_and_serotonin_never_raises_an_error(
    raw: float, one: float, other: float, fixed: float
) -> None:
    low, high = sorted((one, other))
    assert effective_error(raw, Levels(0, low, fixed, 0)) <= effective_error(raw, Levels(0, high, fixed, 0))
    assert effective_error(raw, Levels(0, fixed, low, 0)) >= effective_error(raw, Levels(0, fixed, high, 0))


@settings(max_examples=60)
@given(texts, texts, st.floats(-1, 1), st.booleans())
def test_errors_are_shares(before: str, after: str, cosine: float, is_correction: bool) -> None:
    said = replace(news(after, is_correction=is_correction), cosine=cosine)
    assert 0 <= prediction_error(before, said) <= 1
    assert 0 <= reconsolidation(window(before), said).effective <= 1


@given(texts, st.floats(10.001, 1e5))
def test_a_closed_window_changes_nothing(text: str, later: float) -> None:
    decision = reconsolidation(window(), news(text, later))
    assert decision.stopped_by is Stop.NOT_OPEN
    assert edited(decision, news(text, later)) == "Alice works in engineering"


def test_the_last_instant_is_open_and_so_is_a_clock_that_went_backwards() -> None:
    assert reconsolidation(window(), news("Alice works in sales", 10)).stopped_by is None
    assert reconsolidation(window(), news("Alice works in sales", -60)).stopped_by is None


def test_another_context_is_blocked() -> None:
    elsewhere = replace(news("Alice works in sales"), context="home")
    assert reconsolidation(window(), elsewhere).stopped_by is Stop.OTHER_CONTEXT
    disabled = replace(RECOMMENDED, is_enabled=False)
    assert reconsolidation(window(), elsewhere, params=disabled).stopped_by is Stop.DISABLED


def test_the_protector_stops_changes_but_neither_confirmations_nor_corrections() -> None:
    small = news("Alice works in engineering team")
    assert reconsolidation(window(), small, threshold=0.5).stopped_by is Stop.PROTECTED
    same = news("Alice works in engineering")
    assert reconsolidation(window(), same, threshold=0.5).stopped_by is None
    assert reconsolidation(window(), same, threshold=0.5, params=COMPAT).stopped_by is Stop.PROTECTED
    correction = news("Alice works in sales", is_correction=True)
    decision = reconsolidation(window(), correction, threshold=1.05)
    assert (decision.raw, decision.stopped_by) == (1.0, None)
    assert reconsolidation(window(), correction, threshold=1.05, params=COMPAT).stopped_by is Stop.PROTECTED


def test_a_preference_changes_only_at_the_third_signal_within_a_week() -> None:
    liking = window("Anna likes green tea", MemoryKind.PREFERENCE)
    said = news("Anna likes black tea")
    recent = [Sign(0.5, NOW - timedelta(days=day)) for day in (1, 6)]
    assert reconsolidation(liking, said).stopped_by is Stop.WAITING
    assert reconsolidation(liking, said, signs=recent[:1]).stopped_by is Stop.WAITING
    assert reconsolidation(liking, said, signs=recent).stopped_by is None
    assert (
        reconsolidation(liking, said, signs=[recent[0], Sign(0.5, NOW - timedelta(days=8))]).stopped_by is Stop.WAITING
    )
    assert reconsolidation(liking, said, signs=[recent[0], Sign(0.1, NOW)]).stopped_by is Stop.WAITING
    assert reconsolidation(liking, replace(said, is_correction=True)).stopped_by is None
    assert reconsolidation(liking, said, params=COMPAT).stopped_by is None


@settings(max_examples=60)
@given(texts, texts)
def test_undoing_restores_and_undoing_twice_changes_nothing(before: str, after: str) -> None:
    said = news(after)
    decision = reconsolidation(window(before), said)
    taken_back = undone(decision, NOW + timedelta(days=1))
    assert edited(taken_back, said) == taken_back.content == before
    assert undone(taken_back, NOW + timedelta(days=2)) is taken_back


def test_an_edit_takes_the_new_words_and_an_integration_keeps_both() -> None:
    small, large = news("Alice works in engineering team"), news("Alice works in sales and marketing")
    assert edited(reconsolidation(window(), small), small) == small.text
    decision = reconsolidation(window(), large)
    assert decision.mode is Mode.INTEGRATION
    assert edited(decision, large) == f"Alice works in engineering\n{large.text}"
    other = news("Bob plays chess on the boat")
    assert reconsolidation(window(), other).mode is Mode.NEW_EPISODE
    assert edited(reconsolidation(window(), other), other) == "Alice works in engineering"


@pytest.mark.parametrize(
    ("first", "second", "is_contradiction"),
    [
        ("The deadline is Friday", "The deadline is Monday", True),
        ("The room has 3 windows", "The room has 4 windows", True),
        ("Anna likes tea", "Anna does not like tea", False),  # "likes" and "like" are different words
        ("They like tea", "They do not like tea", True),
        ("They like tea", "They like tea", False),
        ("They like tea", "Nobody ever saw 4 ships there", False),
        ("", "", False),
    ],
)
def test_a_contradiction_is_a_denial_or_another_number_or_day(first: str, second: str, is_contradiction: bool) -> None:
    assert contradicts(first, second) is is_contradiction
    assert contradicts(second, first) is is_contradiction


def test_an_error_that_is_no_share_calls_for_nothing() -> None:
    for error in (math.nan, -0.1, 1.1):
        with pytest.raises(ParamsInvalid, match="error"):
            mode_of(error)


def test_an_unknown_session_counts_as_another() -> None:
    unknown = reconsolidation(replace(window(), session=None), news("Alice works in sales", session=None))
    assert unknown.penalty == 0.1


def test_empty_texts_agree_and_an_empty_one_does_not_agree_with_words() -> None:
    assert prediction_error("", news("")) == 0
    assert prediction_error("", news("tea")) == 1


def test_all_bad_input_is_named_at_once() -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(ParamsInvalid) as raised:
        reconsolidation(replace(window(), opened_at=naive), replace(news("tea"), at=naive))
    assert {each.field for each in raised.value.problems} == {"opened_at", "at"}
    with pytest.raises(ParamsInvalid) as raised:
        ReconsolidationParams(embedding=2, edit_from=0.5, integrate_from=0.4, episode_from=0.3)
    assert len(raised.value.problems) == 3

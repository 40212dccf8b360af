"""Predicted difficulty and the route it leads to."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory.dynamics.effort import RECOMMENDED, EffortParams, Reason, Route, contributors, effort, route
from memory.errors import ParamsInvalid

COST = {Route.FAST: 0, Route.HYBRID: 1, Route.FULL: 2}
words = st.sampled_from(
    [
        "When",
        "how",
        "many",
        "Anna",
        "Carla",
        "before",
        "not",
        "last",
        "year",
        "and",
        ",",
        "list",
        "all",
        "hobbies",
        "that",
        "did",
        "read",
        "yesterday",
        "IBM",
    ]
)
questions = st.lists(words, max_size=30).map(" ".join)
shares = st.floats(0, 1)


@pytest.mark.parametrize(
    ("question", "misses", "difficulty", "expected"),
    [
        ("When did Caroline graduate?", 0, 0.05, Route.FAST),
        ("What did Caroline say last year?", 1, 0.208, Route.FAST),
        ("List all hobbies that Melanie and Caroline share, except painting", 0, 0.54, Route.HYBRID),
        ("How many books did Anna and Ben read before Carla arrived last year?", 0, 0.814, Route.FULL),
    ],
)
def test_it_gives_the_published_difficulties(question: str, misses: int, difficulty: float, expected: Route) -> None:
    found = effort(question, recent_misses=misses)
    assert found.difficulty == pytest.approx(difficulty, abs=1e-9)
    assert found.route is expected


@settings(max_examples=60)
@given(questions, st.integers(0, 5))
def test_the_contributors_sum_to_the_difficulty(question: str, misses: int) -> None:
    found = effort(question, recent_misses=misses)
    assert found == effort(question, recent_misses=misses)
    parts = found.contributors
    total = math.fsum(getattr(parts, name) for name in parts.__slots__)
    assert found.difficulty == pytest.approx(min(1, total), abs=1e-9)
    assert 0 <= found.difficulty <= 1


@given(shares, shares)
def test_without_a_band_there_is_no_hybrid_route(difficulty: float, threshold: float) -> None:
    assert route(difficulty, EffortParams(threshold=threshold, band=0)) is not Route.HYBRID


@given(shares, shares, shares)
def test_a_lower_threshold_never_makes_a_route_cheaper(difficulty: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    lower, higher = (route(difficulty, EffortParams(threshold=each)) for each in (low, high))
    assert COST[lower] >= COST[higher]


@given(shares, shares)
def test_a_harder_question_never_takes_a_cheaper_route(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert COST[route(high)] >= COST[route(low)]


def test_what_is_forced_wins_over_what_is_measured_elsewhere_over_an_empty_question() -> None:
    forced = effort("", is_full_forced=True, external=0.0)
    assert (forced.route, forced.difficulty, forced.overridden_by) == (Route.FULL, 1.0, Reason.FORCED)
    external = effort("", external=3.0)
    assert (external.route, external.difficulty, external.overridden_by) == (Route.FULL, 1.0, Reason.EXTERNAL)
    empty = effort("  ", recent_misses=9)
    assert (empty.route, empty.difficulty, empty.overridden_by) == (Route.FAST, 0.0, Reason.EMPTY)


def test_all_capitals_and_the_first_words_are_no_names() -> None:
    assert contributors("Who Met IBM or NASA").entities == 0
    assert contributors("Did Anna meet Ben").entities > 0


def test_negative_misses_count_as_none() -> None:
    assert contributors("Anna?", recent_misses=-3).recent_misses == 0


def test_a_difficulty_that_is_no_number_is_refused() -> None:
    with pytest.raises(ParamsInvalid, match="difficulty"):
        effort("Anna?", external=math.nan)


def test_all_bad_params_are_named_at_once() -> None:
    with pytest.raises(ParamsInvalid) as raised:
        EffortParams(threshold=2, band=-1, scale=math.inf)
    assert {problem.field for problem in raised.value.problems} == {"threshold", "band", "scale"}
    assert RECOMMENDED.threshold == 0.5

"""Recall, worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.metrics import CUTOFFS, all_at, best_ranks, by_category, recall_at, relevant_ranks, summary
from bench.types import Outcome


def outcome(relevant: int, *ranks: int, category: str = "", ms: float = 1.0) -> Outcome:
    return Outcome("q", category, relevant, ranks, ms)


def test_recall_is_the_share_of_the_relevant_in_the_top_k() -> None:
    found = outcome(3, 1, 4)
    assert recall_at(1, found) == pytest.approx(1 / 3)
    assert recall_at(2, found) == pytest.approx(1 / 3)
    assert recall_at(5, found) == pytest.approx(2 / 3)
    assert recall_at(20, found) == pytest.approx(2 / 3)


def test_all_needs_every_relevant_passage() -> None:
    assert all_at(5, outcome(2, 1, 5)) == 1
    assert all_at(5, outcome(2, 1, 6)) == 0
    assert all_at(8, outcome(2, 1, 6)) == 1
    assert all_at(8, outcome(3, 1, 6)) == 0


def test_means_are_over_questions_not_over_relevant_passages() -> None:
    found = summary([outcome(1, 1), outcome(4, 2), outcome(1)])
    assert found.recall[1] == pytest.approx(1 / 3)
    assert found.recall[2] == pytest.approx((1 + 1 / 4) / 3)
    assert found.complete[5] == pytest.approx(1 / 3)


def test_latencies_are_percentiles() -> None:
    found = summary([outcome(1, 1, ms=float(ms)) for ms in range(1, 102)])
    assert (found.ms_p50, found.ms_p95) == (51.0, 96.0)


def test_a_document_that_two_passages_found_counts_once_at_its_best() -> None:
    ranks = best_ranks(["a", "b", "a", "c"], {"a": ["1"], "b": ["2"], "c": ["3"]})
    assert ranks == {"1": 1, "2": 2, "3": 3}


def test_ids_of_equal_documents_share_a_rank() -> None:
    assert best_ranks(["a", "b"], {"a": ["1", "1 again"], "b": ["2"]}) == {"1": 1, "1 again": 1, "2": 2}


def test_a_document_that_is_not_of_the_data_still_takes_its_place() -> None:
    assert best_ranks(["foreign", "b"], {"b": ["2"]}) == {"2": 2}


def test_what_is_found_deeper_than_asked_does_not_count() -> None:
    assert relevant_ranks({"a": 3, "b": 21, "c": 1}, {"a", "b", "c", "absent"}) == (1, 3)


def test_categories_are_summed_up_apart() -> None:
    found = by_category([outcome(1, 1, category="one"), outcome(1, category="two"), outcome(1, 3, category="two")])
    assert list(found) == ["one", "two"]
    assert (found["one"].recall[5], found["two"].recall[5], found["two"].questions) == (1.0, 0.5, 2)
    assert by_category([outcome(1, 1)]) == {}


@given(st.sets(st.integers(1, 30), max_size=8), st.integers(0, 3))
def test_a_deeper_look_never_finds_less(ranks: set[int], lost: int) -> None:
    relevant = len(ranks) + lost
    if relevant:
        found = [recall_at(k, outcome(relevant, *sorted(ranks))) for k in CUTOFFS]
        assert found == sorted(found)
        assert found[0] >= 0
        assert found[-1] <= 1

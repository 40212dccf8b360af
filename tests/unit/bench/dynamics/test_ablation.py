"""The ablation: what counts as stale, exact tests, arms, and a small life lived through the real verbs."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.dynamics.ablation import NOTHING, ON, arms, is_stale, live, stores
from bench.dynamics.ablation_report import compared, holm, markdown, sign_flip, summary
from bench.dynamics.lifelog import LifeLogParams, Task, life_log
from bench.dynamics.statements import Share
from bench.errors import BenchError
from bench.types import Collection
from memory.dynamics.switches import OFF, RECOMMENDED
from memory.types import Draft, Kind
from retrieval.embedders.hashing import HashingEmbedder

TASK = Task(30, "changed", "Where?", (frozenset({"new", "again"}),), frozenset({"old"}))


def test_the_first_that_is_said_of_it_decides_whether_an_answer_is_stale() -> None:
    assert is_stale(TASK, ["other", "old", "new"])
    assert not is_stale(TASK, ["other", "again", "old"])
    assert is_stale(TASK, ["old"])
    assert not is_stale(TASK, ["other"])  # missing, not stale
    assert is_stale(replace(TASK, stale=frozenset()), ["old"]) is None


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=8))
def test_holm_never_lowers_a_p_value_nor_changes_the_order(values: dict[str, float]) -> None:
    adjusted = holm(values)
    assert all(values[name] <= adjusted[name] <= 1 for name in values)
    ordered = sorted(values, key=lambda name: values[name])
    assert [adjusted[name] for name in ordered] == sorted(adjusted.values())


def test_holm_multiplies_the_smallest_by_all_and_the_largest_by_one() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})


def test_signs_are_flipped_in_every_way() -> None:
    assert sign_flip([1.0] * 10) == pytest.approx(2 / 1024)
    assert sign_flip([1.0, -1.0]) == 1
    assert sign_flip([]) == 1


def test_arms_differ_from_what_is_shipped_in_one_switch_and_share_a_store_if_they_write_alike() -> None:
    found = arms(["rivalry", "retention", "reinforcement"])
    assert found["without rivalry"] == RECOMMENDED.without("rivalry")
    assert found["with retention"] == RECOMMENDED.including("retention")
    assert [set(group) for group in stores(found)] == [
        {ON, "without rivalry", "with retention"},
        {"without reinforcement"},
    ]
    with pytest.raises(BenchError, match="telepathy"):
        arms(["telepathy"])


def test_a_small_life_is_lived_through_remember_recall_and_feedback() -> None:
    reading = Collection("none", (Draft(Kind.DOCUMENT, "Nothing to read.", external_id="r"),), ())
    log = life_log(LifeLogParams(1, Share.DEVELOPMENT, people=2, reading=1), [], reading)
    embedder = HashingEmbedder()
    on = live(log, 1, {ON: RECOMMENDED}, embedder)
    off = live(log, 1, {NOTHING: OFF}, embedder)
    outcomes = {ON: on.outcomes[ON], NOTHING: off.outcomes[NOTHING]}
    assert len(outcomes[ON]) == len(outcomes[NOTHING]) == len(log.tasks)
    assert on.held_back > 0 == off.held_back
    assert on.in_recall + on.held_back == off.in_recall
    assert compared(outcomes[ON], outcomes[ON])["recall"] == 0
    assert summary(outcomes)["arms"]
    assert "| all on |" in markdown(outcomes, "A small life")

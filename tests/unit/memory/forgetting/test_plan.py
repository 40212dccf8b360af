"""What is forgotten: laws of the plan, whatever the policies and the items are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.errors import InvalidInput
from memory.forgetting import policies
from memory.forgetting.plan import Candidate, chosen, decide, value_of
from memory.forgetting.policies import Action, Policy
from memory.types import ItemState, Kind

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TIMES = st.integers(-400, 400).map(lambda days: NOW + timedelta(days=days))
ITEM = Candidate("a", Kind.MEMORY, "episodic", ItemState.ACTIVE, 1, None, None, False, False, 0.9, 0.1, 10, 40)


def candidates(count: int = 12) -> st.SearchStrategy[list[Candidate]]:
    one = st.builds(
        replace,
        st.just(ITEM),
        layer=st.sampled_from(policies.LAYERS),
        state=st.sampled_from(ItemState),
        expires_at=st.none() | TIMES,
        archived_at=st.none() | TIMES,
        is_pinned=st.booleans(),
        is_held=st.booleans(),
        retrievability=st.floats(0, 1),
        value=st.floats(-1, 1),
        tokens=st.integers(0, 100),
        bytes=st.integers(0, 400),
    )
    return st.lists(one, max_size=count).map(lambda some: [replace(one, id=str(n)) for n, one in enumerate(some)])


POLICY = st.builds(
    Policy,
    layer=st.none() | st.sampled_from(policies.LAYERS),
    least_retrievability=st.none() | st.floats(0, 1),
    most_items=st.none() | st.integers(0, 10),
    most_tokens=st.none() | st.integers(0, 300),
    most_bytes=st.none() | st.integers(0, 1000),
    expired=st.sampled_from(Action),
    purge_after_days=st.none() | st.floats(0, 400),
)
POLICIES = st.lists(POLICY, max_size=3, unique_by=lambda policy: policy.layer)


@given(POLICIES, candidates(), TIMES)
def test_pins_and_holds_are_kept_whatever_the_policies(
    rules: list[Policy], items: list[Candidate], now: datetime
) -> None:
    by_id = {one.id: one for one in items}
    for verdict in decide(rules, items, now):
        item = by_id[verdict.id]
        assert item.state is not ItemState.QUARANTINED
        assert not (item.is_held and verdict.action is Action.PURGE)
        assert not item.is_pinned or verdict.rule == "expired"
        assert not (verdict.action is Action.ARCHIVE and item.state is ItemState.ARCHIVED)
        assert verdict.why


@given(st.integers(0, 10), st.integers(0, 300), st.integers(0, 1000), candidates())
def test_a_budget_is_kept_and_only_the_least_valuable_go(
    most: int, tokens: int, size: int, items: list[Candidate]
) -> None:
    items = [replace(one, state=ItemState.ACTIVE, expires_at=None) for one in items]
    rule = Policy(most_items=most, most_tokens=tokens, most_bytes=size)
    gone = {one.id for one in decide([rule], items, NOW)}
    left = [one for one in items if one.id not in gone]
    free = [one for one in left if not one.is_pinned]
    assert not free or len(left) <= most
    assert not free or sum(one.tokens for one in left) <= tokens
    assert not free or sum(one.bytes for one in left) <= size
    forgotten = [one.value for one in items if one.id in gone]
    assert not free or not forgotten or max(forgotten) <= min(one.value for one in free)


@given(POLICIES, candidates(), TIMES)
def test_a_plan_that_was_applied_leaves_nothing_to_do(
    rules: list[Policy], items: list[Candidate], now: datetime
) -> None:
    rules = [replace(rule, purge_after_days=None) for rule in rules]
    verdicts = {one.id: one.action for one in decide(rules, items, now)}
    archived = [
        replace(one, state=ItemState.ARCHIVED, archived_at=now) if one.id in verdicts else one
        for one in items
        if verdicts.get(one.id) is not Action.PURGE
    ]
    assert {one.id for one in decide(rules, archived, now) if one.action is Action.ARCHIVE} == set()


def test_a_clock_that_went_back_forgets_nothing() -> None:
    rule = Policy(purge_after_days=0.5)
    item = replace(ITEM, state=ItemState.ARCHIVED, archived_at=NOW)
    assert decide([rule], [item], NOW - timedelta(days=900)) == []
    assert [one.action for one in decide([rule], [item], NOW + timedelta(days=1))] == [Action.PURGE]


def test_a_filter_spares_pins_and_what_is_held() -> None:
    items = [ITEM, replace(ITEM, id="b", is_pinned=True), replace(ITEM, id="c", is_held=True)]
    assert [one.id for one in chosen(items, Action.PURGE)] == ["a"]
    assert [one.id for one in chosen(items, Action.ARCHIVE)] == ["a", "c"]


def test_what_is_recalled_often_is_worth_more_and_what_is_long_is_worth_less() -> None:
    usual = {"chars": 200, "entities": 2, "variance": 0.1, "recalls": 1, "confidence": 0.7, "days": 3.0}
    worth = value_of(**usual)
    assert value_of(**usual | {"recalls": 5}) > worth > value_of(**usual | {"chars": 4000})
    assert worth > value_of(**usual | {"days": 80.0})


@given(POLICIES)
def test_policies_are_kept_as_they_are(rules: list[Policy]) -> None:
    assert policies.from_json(policies.to_json(rules)) == tuple(rules)


@pytest.mark.parametrize(
    ("given_", "field"),
    [
        ({"layer": "working"}, "layer"),
        ({"least_retrievability": 1.5}, "least_retrievability"),
        ({"most_items": -1}, "most_items"),
        ({"purge_after_days": float("nan")}, "purge_after_days"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(given_: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Policy(**given_)  # type: ignore[arg-type]
    assert [one.field for one in caught.value.problems] == [field]


def test_a_layer_has_one_policy() -> None:
    with pytest.raises(InvalidInput) as caught:
        policies.accept([Policy(), Policy(layer="base"), Policy(most_items=3)])
    assert [one.field for one in caught.value.problems] == ["policies[2].layer"]

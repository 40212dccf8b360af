"""What held when: laws of the settlement, whatever the order in which statements come and go."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.layers.semantic import (
    Ending,
    Statement,
    Step,
    changed,
    endings,
    is_same_value,
    may_matter,
    settle,
    successions,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def statement(id_: str, value: str, day: int, negated: bool = False, whole: bool = True) -> Statement:
    at = NOW + timedelta(days=day)
    return Statement(id_, f"d{id_}", "mira", "residence", value, negated, value, whole, at, at)


def steps(statements: list[Statement]) -> list[Step]:
    return [Step(one.id, one.document_id, one.superseded_by) for one in statements]


@st.composite
def timelines(draw: st.DrawFn) -> list[Statement]:
    values = st.tuples(st.sampled_from(["Ghent", "Oslo", "Rome"]), st.integers(0, 5), st.booleans())
    return [statement(str(n), value, day, negated) for n, (value, day, negated) in enumerate(draw(st.lists(values)))]


def _ends(statements: list[Statement]) -> dict[str, tuple[datetime | None, str | None]]:
    return {one.id: (one.valid_to, one.superseded_by) for one in statements}


@given(timelines(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_decides_nothing(timeline: list[Statement], random: Random) -> None:
    shuffled = list(timeline)
    random.shuffle(shuffled)
    assert _ends(settle(shuffled, NOW)) == _ends(settle(timeline, NOW))


@given(timelines(), st.data())
def test_taking_a_statement_away_is_as_if_it_had_never_been(timeline: list[Statement], data: st.DataObject) -> None:
    settled = settle(timeline, NOW)
    if settled:
        gone = data.draw(st.sampled_from(settled))
        left = [one for one in settled if one.id != gone.id]
        assert _ends(settle(left, NOW)) == _ends(settle([one for one in timeline if one.id != gone.id], NOW))


@given(timelines(), st.integers(0, 6))
def test_at_any_time_one_value_holds(timeline: list[Statement], day: int) -> None:
    at = NOW + timedelta(days=day, hours=12)
    holding = {
        one.value
        for one in settle(timeline, NOW)
        if not one.negated and one.valid_from <= at and (one.valid_to is None or one.valid_to > at)
    }
    assert len(holding) <= 1


@given(timelines())
def test_settling_again_changes_nothing_and_keeps_when_it_became_known(timeline: list[Statement]) -> None:
    once = settle(timeline, NOW)
    again = settle(once, NOW + timedelta(days=9))
    assert again == once
    assert changed(once, again) == []


def test_the_newer_statement_ends_the_older_one() -> None:
    ghent, oslo = settle([statement("2", "Oslo", 5), statement("1", "Ghent", 1)], NOW)
    assert (ghent.valid_to, ghent.superseded_by, ghent.retired_at) == (oslo.valid_from, "2", NOW)
    assert oslo.valid_to is None


def test_saying_the_same_again_ends_nothing() -> None:
    assert [one.valid_to for one in settle([statement("1", "Ghent", 1), statement("2", "Ghent, Belgium", 2)], NOW)] == [
        None,
        None,
    ]


def test_a_denial_ends_its_own_value_only() -> None:
    ghent, denial = settle([statement("1", "Ghent", 1), statement("2", "Ghent", 2, negated=True)], NOW)
    assert ghent.superseded_by == denial.id
    assert settle([statement("1", "Ghent", 1), statement("2", "Oslo", 2, negated=True)], NOW)[0].valid_to is None


def test_of_two_at_the_same_time_the_later_recorded_wins() -> None:
    first = statement("2", "Ghent", 1)
    second = replace(statement("1", "Oslo", 1), recorded_at=first.recorded_at + timedelta(seconds=1))
    assert [one.superseded_by for one in settle([second, first], NOW)] == ["1", None]


def test_a_document_ends_with_the_last_of_its_statements() -> None:
    both = [statement("1", "Ghent", 1), replace(statement("2", "555", 1), document_id="d1", attribute="phone")]
    ended = [replace(one, valid_to=NOW, retired_at=NOW, superseded_by="9") for one in both]
    assert endings([ended[0], both[1]], {"9": "d9"}) == {"d1": None}
    assert endings(ended, {"9": "d9"}) == {"d1": Ending(NOW, NOW, "d9")}
    assert endings([replace(one, is_whole=False) for one in ended], {"9": "d9"}) == {"d1": None}


@pytest.mark.parametrize(("left", "right", "same"), [("Ghent", "the Ghent", True), ("Ghent", "Oslo", False)])
def test_values_are_compared_by_their_words(left: str, right: str, same: bool) -> None:
    assert is_same_value(left, right) is same


@given(timelines(), st.data())
def test_what_does_not_count_ends_nothing_but_can_be_ended(timeline: list[Statement], data: st.DataObject) -> None:
    silent = data.draw(st.sets(st.sampled_from([one.id for one in timeline]))) if timeline else set()
    settled = settle([replace(one, counts=one.id not in silent) for one in timeline], NOW)
    assert not silent & {one.superseded_by for one in settled}
    loud = [one for one in settled if one.counts]
    assert _ends(loud) == _ends(settle([one for one in timeline if one.id not in silent], NOW))


@given(timelines(), timelines(), st.data())
def test_what_does_not_matter_need_not_be_read(
    timeline: list[Statement], more: list[Statement], data: st.DataObject
) -> None:
    settled = settle(timeline, NOW)
    gone = data.draw(st.sets(st.sampled_from(settled), max_size=2)) if settled else set()
    new = [replace(one, id=f"n{one.id}", document_id=f"n{one.document_id}") for one in more[:2]]
    if gone or new:
        since = min(one.valid_from for one in [*gone, *new])
        left = [one for one in settled if one not in gone]
        read = [one for one in left if may_matter(one, since)]
        unread = [one for one in left if not may_matter(one, since)]
        assert _ends([*settle([*read, *new], NOW), *unread]) == _ends(settle([*left, *new], NOW))


@given(timelines())
def test_what_is_over_is_followed_by_what_came_later_up_to_what_holds(timeline: list[Statement]) -> None:
    settled = settle(timeline, NOW)
    followed = successions(steps(settled), {one.id: one for one in steps(settled)})
    assert followed.keys() == {one.document_id for one in settled if one.valid_to is not None}
    by_document = {one.document_id: one for one in settled}
    for document, later in followed.items():
        times = [by_document[document].valid_from, *(by_document[one].valid_from for one in later)]
        assert times == sorted(times)
        assert len(set(later)) == len(later)
        assert by_document[later[-1]].valid_to is None


def test_what_says_something_that_still_holds_is_not_over() -> None:
    first, second = statement("1", "Ghent", 0), statement("2", "Oslo", 1)
    phone = replace(statement("3", "555", 0), document_id="d1", attribute="phone")
    settled = [*settle([first, second], NOW), phone]
    assert successions(steps(settled), {one.id: one for one in steps(settled)}) == {}

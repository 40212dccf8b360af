"""What is in mind fades with time and makes room; what was said leaves the window and becomes a gist."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.layers.short_term import COMPACT_AFTER, LONGEST_GIST, Message, Role, compact, extract, within
from memory.layers.working import GONE, SLOTS, Slot, SlotKind, decay, hold

NOW = datetime(2026, 3, 1, tzinfo=UTC)
minutes = st.lists(st.floats(0.1, 60), min_size=1, max_size=8)


def slot(id_: str, relevance: float = 1.0, content: str = "") -> Slot:
    return Slot(id_, SlotKind.FACT, content or id_, relevance, NOW, NOW)


slots = st.lists(st.tuples(st.integers(0, 12), st.floats(0, 1)), max_size=14).map(
    lambda pairs: [slot(str(number), relevance) for number, relevance in dict(pairs).items()]
)


def test_relevance_falls_by_the_minute_whenever_somebody_looks() -> None:
    held = [slot("a")]
    seen = []
    for minute in (10, 20, 30):
        held = decay(held, NOW + timedelta(minutes=minute))
        seen.append(round(held[0].relevance, 4))
    assert seen == [0.6065, 0.3679, 0.2231]


@given(minutes)
def test_looking_often_fades_nothing_faster(steps: list[float]) -> None:
    held, at = [slot("a")], NOW
    for step in steps:
        at += timedelta(minutes=step)
        held = decay(held, at)
    once = decay([slot("a")], at)
    assert len(held) == len(once)
    assert all(math.isclose(one.relevance, other.relevance) for one, other in zip(held, once, strict=True))


def test_a_clock_that_goes_back_fades_nothing() -> None:
    later = decay([slot("a")], NOW + timedelta(minutes=10))
    assert decay(later, NOW) == later


@given(slots, slots)
def test_seven_fit_and_nothing_is_lost(before: list[Slot], new: list[Slot]) -> None:
    held = hold(before, new, NOW)
    assert len(held.slots) <= SLOTS
    there = {one.content for one in [*held.slots, *held.evicted]}
    assert there == {one.content for one in new} | {one.content for one in before if one.relevance > GONE}
    if held.evicted:
        assert min(one.relevance for one in held.slots) >= max(one.relevance for one in held.evicted)


def test_what_is_said_again_is_refreshed_in_its_slot() -> None:
    held = hold([slot("a", 0.2, "move")], [slot("b", 0.9, "move")], NOW)
    assert [(one.id, one.relevance) for one in held.slots] == [("a", 0.9)]


def message(number: int, text: str = "word", tokens: int = 1) -> Message:
    return Message(f"{number:03}", "s", Role.USER, text, tokens, NOW)


@given(st.lists(st.integers(0, 9), max_size=20), st.integers(0, 25), st.none() | st.integers(0, 40))
def test_a_window_is_the_newest_without_gaps(sizes: list[int], most: int, tokens: int | None) -> None:
    messages = [message(number, tokens=size) for number, size in enumerate(sizes)]
    kept = within(messages, most, tokens)
    assert kept == messages[len(messages) - len(kept) :]
    assert len(kept) <= most
    assert tokens is None or sum(one.tokens for one in kept) <= tokens


@given(st.lists(st.text(alphabet="abc de", max_size=30), max_size=12), st.integers(0, 120))
def test_a_gist_is_made_of_what_was_said_in_its_order(lines: list[str], most: int) -> None:
    gist = extract(lines, most)
    assert sum(len(line) + 1 for line in gist) <= most + len(gist)
    left = iter(lines)
    assert all(line in left for line in gist)


def test_a_gist_keeps_what_is_talked_about_and_drops_chatter() -> None:
    said = ["Hm.", "The ferry to the islands leaves at six.", "We take the ferry to the islands.", "So.", "Cats purr."]
    assert extract(said, 45) == ["The ferry to the islands leaves at six."]


@pytest.mark.parametrize(("count", "is_made"), [(COMPACT_AFTER - 1, False), (COMPACT_AFTER, True)])
def test_few_messages_are_not_worth_a_gist(count: int, is_made: bool) -> None:
    left = [message(number, f"The ferry number {number} leaves.") for number in range(count)]
    made = compact("", left)
    assert (made is not None) is is_made
    if made:
        assert made.through == left[-1].id
        assert len(made.gist) <= LONGEST_GIST

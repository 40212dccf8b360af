"""Merges of names: one name an entity, no cycles, and whatever is taken away leaves what the rest alone would make."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from memory.forgetting.needles import LEAST_WORD
from memory.merges import REASONS, Merge, MergeStatus, Names
from memory.merging import ASKED
from memory.sleeping.likenesses import (
    ARTICLE,
    INITIALS,
    JOINED,
    LEGAL,
    LETTER,
    MIDDLE,
    ROLE,
    SPELLED,
    STATED,
    STOPS,
)
from retrieval.types import EntityKind

AT = datetime(2026, 3, 1, tzinfo=UTC)
LETTERS = "abcdefgh"
PAIRS = st.lists(st.tuples(st.sampled_from(LETTERS), st.sampled_from(LETTERS)), max_size=12)


def merge(number: int, name: str, into: str, status: MergeStatus = MergeStatus.MERGED) -> Merge:
    return Merge(f"{number:03}", name, into, into.upper(), EntityKind.NAME, status, "", "test", AT)


def grown(pairs: list[tuple[str, str]]) -> list[Merge]:
    """Merges one after the other, each between the names that stand for two entities."""
    done: list[Merge] = []
    for number, (one, other) in enumerate(pairs):
        known = Names(done)
        name, into = known.stand_in(one), known.stand_in(other)
        if known.may_merge(name, into):
            done.append(merge(number, name, into))
    return done


@given(PAIRS)
def test_every_entity_has_one_name_and_the_names_are_shared_out(pairs: list[tuple[str, str]]) -> None:
    known = Names(grown(pairs))
    roots = {known.stand_in(name) for name in LETTERS}
    assert all(known.stand_in(root) == root for root in roots)
    groups = [known.under(root) for root in sorted(roots)]
    assert sorted(name for group in groups for name in group) == list(LETTERS)
    assert {name: one.name for name, one in known.standing().items()} == {
        name: known.stand_in(name) for name in LETTERS if len(known.under(known.stand_in(name))) > 1
    }


@given(PAIRS, st.randoms(use_true_random=False))
def test_merges_are_taken_back_in_any_order(pairs: list[tuple[str, str]], chance: object) -> None:
    left = grown(pairs)
    while left:
        gone = chance.choice(left)  # type: ignore[attr-defined]  # a Random
        before = Names(left)
        root, apart = before.stand_in(gone.name), before.under(gone.name)
        left = [one for one in left if one is not gone]
        after = Names(left)
        for name in LETTERS:
            was = before.stand_in(name)
            assert after.stand_in(name) == (gone.name if was == root and name in apart else was)
    assert Names(left).standing() == {}


@given(PAIRS)
def test_what_is_told_apart_is_not_merged_by_way_of_others(pairs: list[tuple[str, str]]) -> None:
    apart = merge(900, "a", "b", MergeStatus.APART)
    done: list[Merge] = [apart]
    for number, (one, other) in enumerate(pairs):
        known = Names(done)
        name, into = known.stand_in(one), known.stand_in(other)
        if known.may_merge(name, into):
            done.append(merge(number, name, into))
    known = Names(done)
    assert known.stand_in("a") != known.stand_in("b")
    assert known.told_apart("a", "b") == [apart]


def test_reasons_are_kept_as_words_that_no_search_for_erased_ones_looks_for() -> None:
    rules = {STATED, SPELLED, STOPS, JOINED, ARTICLE, LEGAL, ROLE, INITIALS, MIDDLE, LETTER, ASKED}
    assert rules == REASONS.keys()
    assert all(len(code) < LEAST_WORD for code in (*rules, *MergeStatus, *EntityKind))


def test_what_is_only_proposed_stands_for_nothing() -> None:
    known = Names([replace(merge(1, "a", "b"), status=MergeStatus.PROPOSED)])
    assert (known.stand_in("a"), known.of("a"), known.standing()) == ("a", [], {})

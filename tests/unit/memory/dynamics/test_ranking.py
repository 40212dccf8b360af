"""What the mechanisms make of a ranking: what each adds, what is folded, and that the newest of rivals comes first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics import rivalry
from memory.dynamics.fsrs import Rating, first_strength
from memory.dynamics.ranking import NOBODY, Called, Candidate, Companion, Ranked, RankingParams, rank
from memory.dynamics.substance import PLAIN, essence, substance, without_introduction
from memory.dynamics.switches import ALL, MECHANISMS, OFF, RANKING, RECOMMENDED, Dynamics
from memory.errors import ParamsInvalid

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MIRA = Called({"mira"})
scores = st.floats(-5, 5).map(lambda score: round(score, 6))
candidates = st.builds(
    Candidate,
    document=st.uuids().map(str),
    score=scores,
    is_memory=st.booleans(),
    essence=st.sampled_from(["", "a", "b"]),
    substance=st.floats(0, 1),
    is_theirs=st.booleans(),
    about=st.frozensets(st.sampled_from(["mira", "tomas"])),
    said_at=st.integers(0, 50).map(lambda day: NOW - timedelta(days=day)),
    strength=st.just(first_strength(Rating.GOOD, NOW - timedelta(days=9))),
    surprise=st.floats(-1, 1),
    salience=st.floats(0, 1),
    trust=st.floats(0, 1),
    session=st.sampled_from([None, "one", "two"]),
)
lists = st.lists(candidates, max_size=12)


def vectors(count: int, seed: int = 0) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    found = np.random.default_rng(seed).standard_normal((count, 8)).astype(np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def ranked(given_: list[Candidate], dynamics: Dynamics, past: bool = False, called: Called = MIRA) -> list[Ranked]:
    return rank(given_, vectors(len(given_)), [], NOW, dynamics, is_about_the_past=past, called=called)


@given(lists)
def test_with_all_off_the_order_is_that_of_the_scores(found: list[Candidate]) -> None:
    after = ranked(found, OFF)
    assert [one.score for one in after] == sorted((one.score for one in found), reverse=True)
    assert all(not one.effects for one in after)
    assert sorted(one.number for one in after) == list(range(len(found)))


@given(lists)
def test_scores_never_rise_on_the_way_down_and_the_effects_explain_them(found: list[Candidate]) -> None:
    after = ranked(found, ALL)
    values = [one.score for one in after]
    assert all(later <= earlier + 1e-9 for earlier, later in pairwise(values))
    for one in after:
        assert one.score == pytest.approx(found[one.number].score + sum(one.effects.values()))


@given(lists)
def test_nothing_is_lost_but_what_a_better_result_says(found: list[Candidate]) -> None:
    after = ranked(found, ALL)
    kept = {one.number for one in after}
    assert len(kept) == len(after)
    for number, one in enumerate(found):
        if number not in kept:
            assert one.essence
            assert any(found[other].essence == one.essence for other in kept)


@given(lists)
def test_documents_are_moved_by_feedback_alone_unless_somebody_who_speaks_is_named(found: list[Candidate]) -> None:
    documents = [replace(one, is_memory=False, surprise=0.0, trust=1.0) for one in found]
    assert ranked(documents, ALL, called=NOBODY) == ranked(documents, OFF)


def test_each_switch_moves_what_it_is_for() -> None:
    plain = Candidate("a", 1.0, is_memory=True, strength=first_strength(Rating.GOOD, NOW - timedelta(days=30)))
    changed = {
        "usefulness": replace(plain, surprise=0.5),
        "trust": replace(plain, trust=0.5),
        "substance": replace(plain, substance=1.0),
        "context": replace(plain, is_theirs=True),
        "salience": replace(plain, salience=1.0),
        "retention": plain,
    }
    for name, one in changed.items():
        assert set(ranked([one], OFF.including(name))[0].effects) == {name}
        assert name not in ranked([one], ALL.without(name))[0].effects


def test_what_was_used_together_pulls_the_other_up() -> None:
    found = [Candidate("a", 3.0), Candidate("b", 1.1), Candidate("c", 1.0)]
    edge = Companion("a", "c", 1.0, 0.5)
    after = rank(found, vectors(3), [edge], NOW, OFF.including("companions"))
    assert [one.number for one in after] == [0, 2, 1]
    assert after[1].effects["companions"] == pytest.approx(0.15)


def statement(place: int, day: int, about: str = "mira") -> Candidate:
    said_at = NOW + timedelta(days=day)
    return Candidate(str(place), 5.0 - place, True, "", 0.4, False, frozenset({about}), said_at)


def cluster() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Two statements of one kind, and two of another, of one person: a common part and one for the kind."""
    rows = np.array([[2, 1, 0, 0.1], [2, 0, 1, 0.1], [2, 1, 0, -0.1], [2, 0, 1, -0.1]], np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_of_rivals_the_newest_comes_first_and_others_keep_their_order() -> None:
    found = [statement(0, 1), statement(1, 3), statement(2, 2), statement(3, 0)]
    only = OFF.including("rivalry")
    assert [one.number for one in rank(found, cluster(), [], NOW, only)] == [2, 0, 1, 3]
    asked = [replace(one, is_asked=place == 0) for place, one in enumerate(found)]
    assert [one.number for one in rank(asked, cluster(), [], NOW, only)] == [0, 1, 2, 3]
    past = rank(found, cluster(), [], NOW, only, is_about_the_past=True)
    assert [one.number for one in past] == [0, 1, 2, 3]
    strangers = [replace(one, about=frozenset({str(place)})) for place, one in enumerate(found)]
    assert [one.number for one in rank(strangers, cluster(), [], NOW, only)] == [0, 1, 2, 3]


@given(st.integers(0, 30), st.dictionaries(st.integers(0, 29), st.integers(0, 29)))
def test_raising_is_a_permutation(count: int, newest: dict[int, int]) -> None:
    inside = {place: rival for place, rival in newest.items() if place < count and rival < count}
    assert sorted(rivalry.raised(count, inside)) == list(range(count))


def test_switches_are_known_by_name() -> None:
    assert set(RANKING) <= set(MECHANISMS)
    assert not OFF.reranks
    assert all(getattr(ALL, name) for name in MECHANISMS)
    with pytest.raises(TypeError):
        RECOMMENDED.without("telepathy")


def test_params_out_of_range_are_all_named() -> None:
    with pytest.raises(ParamsInvalid) as refused:
        RankingParams(usefulness=-1, trust=float("nan"))
    assert [problem.field for problem in refused.value.problems] == ["usefulness", "trust"]


@pytest.mark.parametrize(
    "text",
    [
        "As I said before: the choir meets on Friday.",
        "And as I mentioned earlier, the choir meets on Friday.",
        "As you said: The choir meets on Friday!",
        "Let me repeat that the choir meets on Friday",
        "Wie gesagt: The choir meets on Friday.",
    ],
)
def test_how_something_is_introduced_makes_no_difference(text: str) -> None:
    assert essence(text, "Mira") == essence("The choir meets on Friday.", "mira")


def test_what_differs_in_a_word_or_a_speaker_is_something_else() -> None:
    said = essence("The choir meets on Friday.", "Mira")
    assert said != essence("The choir meets on Monday.", "Mira")
    assert said != essence("The choir never meets on Friday.", "Mira")
    assert said != essence("The choir meets on Friday.", "Tomas")
    assert essence("?!") == essence("", "Mira") == ""


@given(st.text(max_size=80))
def test_substance_is_a_share_and_no_text_is_too_odd(text: str) -> None:
    assert 0 <= substance(text) <= 1
    assert len(essence(text)) in {0, 32}
    assert text.endswith(without_introduction(text))


def test_a_story_has_more_substance_than_a_greeting_and_an_answer_more_than_a_question() -> None:
    story = "We took the early boat to the island and found the old chapel open for the first time in years."
    assert substance("Hi Mira!") < PLAIN < substance(story)
    assert substance(story) > substance(story.replace(".", "?"))


def told_apart(is_turn: bool, is_memory: bool = True) -> list[Ranked]:
    found = [
        Candidate(str(number), 4.0 - number, is_memory, substance=0.3, about={"mira"}, session="a" if is_turn else None)
        for number in range(4)
    ]
    return rank(found, vectors(4), [], NOW, OFF.including("separation"), question=vectors(4)[2])


def test_what_is_said_of_one_person_is_told_apart_by_the_question() -> None:
    after = told_apart(is_turn=False)
    assert after[0].number == 2
    assert sum(one.effects.get("separation", 0.0) for one in after) == pytest.approx(0, abs=1e-5)
    assert sorted(one.score for one in after) == pytest.approx([1.0, 2.0, 3.0, 4.0])


@pytest.mark.parametrize(("is_turn", "is_memory"), [(True, True), (False, False)])
def test_turns_and_documents_are_not_told_apart(is_turn: bool, is_memory: bool) -> None:
    after = told_apart(is_turn, is_memory)
    assert [one.number for one in after] == [0, 1, 2, 3]
    assert not any(one.effects for one in after)


def test_what_was_said_without_those_whom_the_question_names_comes_after_what_was_not() -> None:
    found = [
        Candidate("elsewhere", 1.3, is_memory=True, session="two"),
        Candidate("anywhere", 1.25, is_memory=True),
        Candidate("document", 1.2),
        Candidate("heard", 1.1, is_memory=True, session="one"),
        Candidate("of her", 1.0, is_memory=True, about={"mira"}),
        Candidate("hers", 0.9, is_memory=True, session="one", is_theirs=True),
    ]
    only = OFF.including("context")
    assert [found[one.number].document for one in ranked(found, only)] == [
        "hers",
        "anywhere",
        "heard",
        "of her",
        "elsewhere",
        "document",
    ]
    weighed = ranked(found, only, called=Called({"mira"}, is_weighed=True))
    assert [found[one.number].document for one in weighed] == [
        "anywhere",
        "heard",
        "of her",
        "hers",
        "elsewhere",
        "document",
    ]
    assert [one.number for one in ranked(found, only, called=NOBODY)] == [0, 1, 2, 3, 4, 5]


def test_what_holds_comes_right_before_what_it_ended() -> None:
    found = [
        Candidate("over", 3.0, is_memory=True, followed_by=("gone", "then", "now")),
        Candidate("else", 2.0, is_memory=True),
        Candidate("then", 1.0, is_memory=True, followed_by=("now",)),
        Candidate("now", 0.0, is_memory=True),
    ]
    only = OFF.including("validity")
    after = ranked(found, only)
    assert [found[one.number].document for one in after] == ["now", "over", "else", "then"]
    assert after[0].effects == {"validity": pytest.approx(3.0)}
    assert [one.number for one in ranked(found, only, past=True)] == [0, 1, 2, 3]
    assert [one.number for one in ranked(found, OFF)] == [0, 1, 2, 3]

"""Names of speakers are found in a question, put as they would put it, and nothing else changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.normalize import normal_name
from retrieval.questions import Speakers, asked

SPEAKERS = ["Caroline", "Dr. Mei Lin", "user", "Renée Öz"]
CALLED = Speakers().called(SPEAKERS)


@pytest.mark.parametrize(
    ("question", "wording", "speakers"),
    [
        ("What did Caroline research?", "What did I research?", {"Caroline"}),
        ("What is Caroline's favourite painting?", "What is my favourite painting?", {"Caroline"}),
        ("Where did Renée and Caroline meet in May?", "Where did I and I meet in May?", {"Renée Öz", "Caroline"}),
        ("where does caroline live", "where does I live", {"Caroline"}),
        ("Which user reported it?", "Which user reported it?", set()),
        ("What did Melanie paint?", "What did Melanie paint?", set()),
        ("Who is Caroline?", "Who is Caroline?", {"Caroline"}),
        ("Did RENÉE ÖZ call?", "Did I call?", {"Renée Öz"}),
        ("What did Mei say to Dr. Mei Lin's son?", "What did I say to my son?", {"Dr. Mei Lin"}),
        ("Wo wohnt Caroline?", "Wo wohnt?", {"Caroline"}),
    ],
)
def test_speakers_speak_of_themselves(question: str, wording: str, speakers: set[str]) -> None:
    found = asked(question, CALLED)
    assert (found.wording, set(found.speakers)) == (wording, speakers)
    assert found.text == question


@given(st.text(max_size=60))
def test_a_question_without_speakers_is_encoded_as_it_is(question: str) -> None:
    assert asked(question, {}).wording == question
    assert not asked(question, {}).speakers


@given(st.lists(st.sampled_from(["Caroline", "river", "what", "Lin", "of", "Caroline's"]), min_size=1, max_size=8))
def test_every_other_word_stays_in_its_order(words: list[str]) -> None:
    found = asked(" ".join(words), CALLED)
    without = [word for word in words if normal_name(word) != "caroline"]
    spoken = [{"Caroline": "I", "Caroline's": "my"}.get(word, word) for word in words]
    assert found.wording.split() in (without, spoken, words)


def test_what_speakers_are_called_follows_new_speakers() -> None:
    speakers = Speakers()
    assert set(speakers.called(["Ada Love"])) == {"ada love", "ada"}
    assert set(speakers.called(["Ada Love", "Ada Byron"])) == {"ada love", "ada", "ada byron"}
    assert speakers.called(["Ada Love", "Ada Byron"])["ada"] == {"Ada Love", "Ada Byron"}


@pytest.mark.parametrize("question", ["When did it rain?", "In what year was it?", "How long did it take?", "Wann?"])
def test_questions_for_a_time_are_known(question: str) -> None:
    assert asked(question, {}).is_when


@pytest.mark.parametrize("question", ["What happened whenever it rained?", "Who won?"])
def test_other_questions_are_not_for_a_time(question: str) -> None:
    assert not asked(question, {}).is_when

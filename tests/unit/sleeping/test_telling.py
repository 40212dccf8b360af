"""What sentences tell, and what leaving them out is expected to cost."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory.sleeping.episodes import Episode
from memory.sleeping.telling import Place, Telling, Weights, by_price, chance, known_of, sentences_of, told
from tests.unit.sleeping.made import episode, namespaces

some = settings(max_examples=40, deadline=None)


def _read(episodes: list[Episode]) -> list[list[Telling]]:
    weights = Weights(one.text for one in episodes)
    return [sentences_of(number, one, weights) for number, one in enumerate(episodes)]


@some
@given(namespaces())
def test_every_sentence_has_a_price_and_prices_never_grow(episodes: list[Episode]) -> None:
    for one, sentences in zip(episodes, _read(episodes), strict=True):
        priced = list(by_price(sentences, known_of(one)))
        assert sorted(each.sentence.start for each in priced) == [each.start for each in sentences]
        assert all(before.price >= after.price >= 0 for before, after in pairwise(priced))


@some
@given(namespaces(), st.data())
def test_the_lazy_order_is_that_of_looking_at_all_each_time(episodes: list[Episode], data: st.DataObject) -> None:
    for one, sentences in zip(episodes, _read(episodes), strict=True):
        chances = data.draw(st.lists(st.floats(0.1, 1), min_size=len(sentences), max_size=len(sentences)))
        known = known_of(one)
        left, covered = dict(enumerate(sentences)), set(known)
        for added in by_price(sentences, known, chances):
            prices = {
                number: chances[number]
                * told([each], covered)
                / (told(sentences, known) or 1)
                / (each.tokens + 5) ** 0.5
                for number, each in left.items()
            }
            assert added.price == pytest.approx(max(prices.values()))
            number = next(number for number, each in left.items() if each is added.sentence)
            covered |= left.pop(number).words.keys()


@some
@given(namespaces())
def test_what_sentences_add_sums_up_to_what_all_tell(episodes: list[Episode]) -> None:
    for sentences in _read(episodes):
        assert sum(each.worth for each in by_price(sentences)) == pytest.approx(told(sentences))


def test_rare_words_names_and_numbers_weigh_more() -> None:
    common = [episode(f"{number}", "The river was nice.") for number in range(9)]
    (rare,) = _read([episode("a", "The river saw Cremona in 1644."), *common])[0]
    assert rare.words["river"] < rare.words["saw"] < rare.words["cremona"] == rare.words["1644"]


def test_what_answers_with_names_is_likelier_to_be_asked_for_than_a_goodbye() -> None:
    answer = episode("a", "I met Amina in Ghent last week.", speaker="Nadia", session="one")
    goodbye = episode("b", "Thank you, talk to you soon!", speaker="Nadia", session="one")
    (said,), (waved,) = _read([answer, goodbye])
    assert chance(answer, said, Place(is_answer=True), 4.0) > 3 * chance(goodbye, waved, Place(is_ending=True), 2.0)


def test_the_first_and_the_shorter_sentences_of_a_document_are_worth_more_for_their_room() -> None:
    one = episode(
        "a",
        "Ghent lies on the Lys. Rain falls on the Lys. It rains on the river and on all of its banks.",
        title="Ghent",
    )
    lead, short, long = (chance(one, sentence, Place(), 1.0) for sentence in _read([one])[0])
    assert lead > short > long

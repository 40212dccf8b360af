"""What a cited source supports: every sentence of its own, and nothing with a name, a number or a denial of others."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from memory.sleeping.support import Cited, SupportParams, support
from memory.sleeping.wording import tokens
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.sentences import sentences
from retrieval.types import EncoderInput

SAID_AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
WORDS_ALONE = SupportParams(least_cosine=-1)
NAMES = ("Mira", "Tomas", "Ayla", "Okafor", "Zoë", "Brennock")
VERBS = ("sold", "owes", "married", "taught", "has never met", "lives near")
_embedder = HashingEmbedder()


def cited(text: str, speaker: str | None = None, at: datetime | None = None, id_: str = "1") -> Cited:
    spans = tuple(sentences(text))
    encoding = _embedder.encode_passages([EncoderInput("", text, spans)])[0]
    said = tuple(text[span.start : span.end] for span in spans)
    return Cited(id_, said, encoding.sentences, speaker, at)


def supports(statement: str, *sources: Cited, params: SupportParams | None = None) -> tuple[str, ...]:
    vector = _embedder.encode_passages([EncoderInput("", statement, ())])[0].vector
    return support(statement, vector, sources, params or SupportParams())


def all_of(texts: Sequence[str]) -> list[Cited]:
    return [cited(text, id_=str(number)) for number, text in enumerate(texts)]


sayings = st.builds("{} {} {}.".format, st.sampled_from(NAMES), st.sampled_from(VERBS), st.sampled_from(NAMES))
texts = st.lists(sayings, min_size=1, max_size=3).map(" ".join)
sources = st.lists(texts, min_size=1, max_size=4)


@given(st.one_of(st.text(max_size=120), texts), sources)
def test_a_quote_of_a_source_is_always_supported(text: str, others: Sequence[str]) -> None:
    source = cited(text, id_="quoted")
    for sentence in source.sentences:
        found = support(sentence, np.zeros(source.vectors.shape[1], np.float32), [*all_of(others), source])
        assert "quoted" in found


@given(sources, st.data())
def test_a_name_that_no_cited_source_has_is_never_supported(told: Sequence[str], data: st.DataObject) -> None:
    words = data.draw(st.sampled_from(" ".join(told).split(". "))).rstrip(".").split()
    words.insert(data.draw(st.integers(0, len(words))), "Vandersteen")
    assert supports(f"{' '.join(words)}.", *all_of(told), params=WORDS_ALONE) == ()


@given(
    number=st.from_regex(r"[1-9][0-9]{0,3}(\.[0-9]{1,2})?", fullmatch=True),
    other=st.from_regex(r"[-$€]?[1-9][0-9]{0,3}(\.[0-9]{1,2})?%?", fullmatch=True),
    place=st.sampled_from(("The path to Ghent is {} long.", "{} people came.", "Mira paid {} for it.")),
)
def test_another_number_is_never_supported(number: str, other: str, place: str) -> None:
    assume(number != other)
    assert supports(place.format(other), cited(place.format(number)), params=WORDS_ALONE) == ()
    assert supports(place.format(number), cited(place.format(number)))


@given(st.sampled_from(NAMES), st.sampled_from(NAMES), st.sampled_from(VERBS), sources)
def test_swapped_names_are_never_supported(first: str, second: str, verb: str, others: Sequence[str]) -> None:
    assume(first != second)
    swapped = f"{second} {verb} {first}."
    assume(all(swapped not in text for text in others))
    assert supports(swapped, cited(f"{first} {verb} {second}."), *all_of(others), params=WORDS_ALONE) == ()


@given(sources, sources, st.data())
def test_more_sources_take_no_support_away(few: Sequence[str], more: Sequence[str], data: st.DataObject) -> None:
    first, second = data.draw(sayings), data.draw(sayings)
    statement = f"{first.rstrip('.')} and {second}"
    if supports(statement, *all_of(few), params=WORDS_ALONE):
        assert supports(statement, *all_of([*few, *more]), params=WORDS_ALONE)


@given(sources)
def test_what_is_not_cited_is_not_supported(told: Sequence[str]) -> None:
    for text in told:
        assert supports(text) == ()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("Mira moved to Ghent.", "Well, I moved to Ghent."),
        ("Mira moved to Ghent.", "As I said before: I moved to Ghent, which was hard."),
        ("Mira moved to Ghent on 28 February 2026.", "I moved to Ghent yesterday."),
        ("Mira moved to Ghent in February 2026.", "I moved to Ghent yesterday."),
        ("Mira lives in Ghent.", "I live in Ghent, near the river."),
        ("Mira's brother does not like the sea.", "My brother doesn't like the sea."),
        ("Mira is a nurse.", "I'm a nurse."),
        ("Okafor sold a bicycle.", "Okafor, who is my uncle, sold a bicycle."),
        ("The ferry leaves at six.", "The ferry leaves at six, as always."),
        ("The ferry leaves at 6:30.", "Actually, the ferry leaves at 6:30 on weekdays."),
    ],
)
def test_clauses_of_a_source_are_supported(statement: str, told: str) -> None:
    assert supports(statement, cited(told, "Mira", SAID_AT), params=WORDS_ALONE) == ("1",)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("Mira sold Okafor a bicycle.", "Okafor sold Mira a bicycle."),
        ("Okafor sold a bicycle.", "Okafor sold Mira a bicycle."),
        ("Mira moved to Ghent.", "Tomas moved to Ghent."),
        ("Mira moved to Ghent.", "Mira said that Tomas moved to Ghent."),
        ("Tomas moved to Ghent.", "Mira said that Tomas moved to Ghent."),
        ("Mira lives in Ghent.", "The brother of Mira lives in Ghent."),
        ("Mira lives in Ghent.", "Mira's brother lives in Ghent."),
        ("Mira lives in Ghent.", "Mira lived in Ghent."),
        ("Mira moved to Ghent.", "Mira wants to move to Ghent."),
        ("Mira moved from Ghent to Porto.", "Mira moved from Porto to Ghent."),
        ("Peter moved to Ghent.", "Peters moved to Ghent."),
        ("The path is 5 km long.", "The path is 3.5 km long."),
        ("It was -5 degrees in Ghent.", "It was 5 degrees in Ghent."),
        ("The saddle cost €5.", "The saddle cost $5."),
        ("Mira moved on 27 February 2026.", "Mira moved yesterday."),
        ("Mira moved yesterday.", "Mira moved on 28 February 2026."),
        ("Mira likes the sea.", "Mira does not like the sea."),
        ("Mira does not like the sea.", "Mira likes the sea."),
        ("Mira sings.", "It is not true that Mira sings."),
        ("Mira sings.", "Does Mira sing?"),
        ("The ferry stops.", "If it rains, the ferry stops."),
        ("Mira sold the bicycle.", "Mira sold the bicycle saddle."),
        ("She works at the harbour.", "Mira moved, and she works at the harbour."),
        ("Mira moved because Tomas sang.", "Mira moved. Tomas sang."),
        ("Mira hates people.", "Mira hates people who sing."),
        ("Mira lives in Ghent.", "Mira lives in Ghent (until 2020)."),
        ("Mira lives in Ghent.", "Mira lives in Ghent no longer."),
        ("Mira is a nurse.", "Mira is not a nurse but a doctor."),
        ("Mira kills Tomas.", "In the play, Mira kills Tomas."),
        ("Tomas leaves.", "Had Mira sung, Tomas leaves."),
        ("Mira's debt is 20.", "Mira's debt is 500, Tomas's debt is 20."),
        ("Mira met Okafor.", "Mira met Tomas, Ayla met Okafor."),
        ("Mira met Tomas and met Okafor.", "Mira met Tomas, Ayla met Okafor."),
        ("Mira hit Tomas and cried.", "Mira hit Tomas, and Ayla cried."),
        ("Mira left Ghent in 2021.", "Mira left Ghent in 2020, Tomas in 2021."),
        ("The ferry leaves at 6.", "The ferry leaves at 6:30."),
        ("Mira was born on 5 March 1985.", "Mira was born on 3 May 1985."),
        ("Mira lives in New.", "Mira lives in New York."),
    ],
)  # fmt: skip
def test_what_a_source_does_not_say_is_not_supported(statement: str, told: str) -> None:
    assert supports(statement, cited(told, None, SAID_AT), params=WORDS_ALONE) == ()


@pytest.mark.parametrize(
    ("second", "statement", "found"),
    [
        ("Mira works at the harbour.", "Mira moved to Ghent and works at the harbour.", ("1", "2")),
        ("Mira works at the harbour.", "Mira moved to Ghent, and she works at the harbour.", ("1", "2")),
        ("Tomas works at the harbour.", "Mira moved to Ghent and Tomas works at the harbour.", ("1", "2")),
        ("Tomas works at the harbour.", "Mira moved to Ghent and works at the harbour.", ()),
        ("Tomas works at the harbour.", "Mira moved to Ghent, and she works at the harbour.", ()),
        ("Tomas works at the harbour.", "Mira works at the harbour.", ()),
        ("Tomas works at the harbour.", "Mira moved to the harbour.", ()),
        ("Mira never worked at the harbour.", "Mira moved to Ghent and worked at the harbour.", ()),
    ],
)
def test_merged_facts_are_each_supported_by_a_source(second: str, statement: str, found: tuple[str, ...]) -> None:
    assert supports(statement, cited("Mira moved to Ghent."), cited(second, id_="2"), params=WORDS_ALONE) == found
    if found:
        assert supports(statement, cited("Mira moved to Ghent.")) == ()


def test_what_lies_far_from_its_source_is_not_supported() -> None:
    source = cited("Well, Mira moved to Ghent, as everybody knows.")
    far = -source.vectors[0]
    assert support("Mira moved to Ghent.", far, [source]) == ()
    assert support("Mira moved to Ghent.", far, [source], WORDS_ALONE) == ("1",)


def test_the_speaker_stands_for_i_and_a_day_for_yesterday() -> None:
    found = [one.forms[0] for one in tokens("I didn't see my boat yesterday.", "Mira", SAID_AT)]
    assert found == ["=mira", "did", "not", "see", "=mira", "'s", "boat", "2026-02-28"]

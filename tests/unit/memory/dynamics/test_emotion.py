"""Texts feel as they say, in English and German, negated or not; shouting never calms."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.emotion import (
    COMPAT,
    RECOMMENDED,
    Domain,
    Emotion,
    EmotionParams,
    emotion_from,
    emotion_of,
    first_boost,
    tone,
)
from memory.dynamics.emotion_words import AROUSAL, NEGATIVE, NEGATORS, POSITIVE, SIGNIFICANCE, Lexicon
from memory.errors import ParamsInvalid

PRESETS = [RECOMMENDED, COMPAT]
VOCABULARY = [*POSITIVE.listed, *NEGATIVE.listed, *AROUSAL.listed, *SIGNIFICANCE.listed, "the", "weather", "und"]
shares = st.floats(0, 1)
texts = st.lists(st.sampled_from([*VOCABULARY, *NEGATORS, "URGENT", "!", "?", "but"]), max_size=12).map(" ".join)


@pytest.mark.parametrize(
    ("text", "sentiment", "arousal", "valence", "significance", "consolidation", "multiplier"),
    [
        ("I am absolutely thrilled — I got the promotion!", 0.55, 0.35, 0.775, 0.85, 0.65, 2.7),
        ("URGENT: deadline now!!!", 0, 0.9, 0.5, 0, 0.36, 2.8),
        ("This is a terrible, horrible failure", -0.8333333333, 0.3, 0.0833333333, 0.5, 0.42, 2.6666666667),
        ("The weather is nice today.", 0.245, 0.3, 0.6225, 0, 0.12, 1.6),
        ("I need to buy groceries.", 0, 0.2, 0.5, 0, 0.08, 1.4),
        ("", 0, 0, 0.5, 0, 0, 1),
    ],
)
def test_published_numbers(
    text: str,
    sentiment: float,
    arousal: float,
    valence: float,
    significance: float,
    consolidation: float,
    multiplier: float,
) -> None:
    found = emotion_of(text, COMPAT)
    numbers = [found.sentiment, found.arousal, found.valence, found.significance, found.consolidation]
    assert numbers == pytest.approx([sentiment, arousal, valence, significance, consolidation], abs=1e-9)
    assert found.multiplier == pytest.approx(multiplier, abs=1e-9)
    assert found.is_significant == (consolidation >= 0.3)


@pytest.mark.parametrize(
    ("text", "weight"), [("I love my family", 0.57), ("The deploy failed and I am frustrated", 0.12)]
)
def test_published_weights(text: str, weight: float) -> None:
    assert emotion_of(text, COMPAT).consolidation == pytest.approx(weight, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "domain", "valence", "modifier", "effective"),
    [
        ("This urgent bug is terrible", Domain.WORK, 0.185, 0.063, 0.248),
        ("I love my family", Domain.PERSONAL, 0.7625, 0.105, 0.867),
        ("This proof is difficult", Domain.LEARNING, 0.3125, 0.019, 0.331),
        ("This proof is difficult", Domain.OTHER, 0.3125, 0, 0.313),
        ("This proof is nice", Domain.LEARNING, 0.63125, 0, 0.631),
        ("This bug is terrible", Domain.WORK, 0.15, 0, 0.15),
        ("I love my family", Domain.CREATIVE, 0.7625, 0.039, 0.802),
    ],
)
def test_published_tones(text: str, domain: Domain, valence: float, modifier: float, effective: float) -> None:
    found = tone(text, emotion_of(text, COMPAT), domain)
    assert found.valence == pytest.approx(valence, abs=1e-9)
    assert [found.modifier, found.effective] == pytest.approx([modifier, effective], abs=1e-9)


def test_the_anchors_of_the_specification() -> None:
    anchors = [
        (POSITIVE, {"thrilled": 0.9, "brilliant": 0.85, "love": 0.7, "good": 0.4, "nice": 0.35}),
        (NEGATIVE, {"terrible": 0.9, "horrible": 0.9, "failure": 0.7, "anxious": 0.7, "difficult": 0.5, "bug": 0.5}),
        (AROUSAL, {"emergency": 1.0, "urgent": 0.85, "deadline": 0.8, "now": 0.6}),
        (SIGNIFICANCE, {"wedding": 0.95, "surgery": 0.9, "promotion": 0.85, "family": 0.75, "love": 0.75}),
    ]
    for lexicon, words in anchors:
        assert {word: lexicon.listed[word] for word in words} == words


@pytest.mark.parametrize("lexicon", [POSITIVE, NEGATIVE, AROUSAL, SIGNIFICANCE])
def test_words_are_found_as_they_are_listed(lexicon: Lexicon) -> None:
    for word, intensity in lexicon.listed.items():
        assert 0 < intensity <= 1
        assert word == word.casefold()
        assert len(word) > 1
        assert lexicon.inflected[word] == intensity


def test_no_word_is_good_and_bad() -> None:
    assert POSITIVE.inflected.keys() & NEGATIVE.inflected.keys() == set()
    assert NEGATORS & {*POSITIVE.inflected, *NEGATIVE.inflected} == set()


@given(texts, st.sampled_from(PRESETS))
def test_numbers_stay_in_their_ranges(text: str, params: EmotionParams) -> None:
    found = emotion_of(text, params)
    assert -1 <= found.sentiment <= 1
    assert 0 <= found.valence <= 1
    assert 0 <= found.arousal <= 1
    assert 0 <= found.significance <= 1
    assert 0 <= found.consolidation <= 1
    assert 1 <= found.multiplier <= 3
    assert 1 <= first_boost(found) <= 2


@given(st.text(max_size=60), st.sampled_from(PRESETS))
def test_any_text_has_an_emotion(text: str, params: EmotionParams) -> None:
    assert 1 <= emotion_of(text, params).multiplier <= 3


@given(st.permutations(["we", "love", "terrible", "urgent", "wedding", "weather", "nice"]), st.sampled_from(PRESETS))
def test_the_order_of_words_does_not_matter_without_negation(words: list[str], params: EmotionParams) -> None:
    straight = emotion_of(" ".join(words), params)
    other = emotion_of(" ".join(sorted(words)), params)
    assert straight.sentiment == pytest.approx(other.sentiment)
    assert straight.significance == pytest.approx(other.significance)
    assert straight.arousal == pytest.approx(other.arousal)


@given(texts)
def test_capitals_only_ever_stir(text: str) -> None:
    calm, title = emotion_of(text.lower()), emotion_of(text.title())
    assert title.sentiment == calm.sentiment
    assert emotion_of(text.upper()).arousal >= calm.arousal - 1e-12


@given(texts, st.integers(1, 5))
def test_an_exclamation_mark_never_calms(text: str, count: int) -> None:
    assert emotion_of(text + "!" * count).arousal >= emotion_of(text).arousal


def test_only_the_published_formula_is_calmed_by_an_exclamation_mark() -> None:
    assert emotion_of("emergency", COMPAT).arousal == 1
    assert emotion_of("emergency!", COMPAT).arousal == pytest.approx(0.775)
    assert emotion_of("emergency!").arousal == 1


def test_a_neutral_text_is_not_remembered_longer() -> None:
    assert emotion_of("I need to buy groceries.").multiplier == 1
    assert emotion_of("Die API liefert JSON über HTTP.").multiplier == 1
    assert emotion_of("", RECOMMENDED) == Emotion(0, 0, 0, 0, 1, is_significant=False)
    assert emotion_of(" \n ?! ").sentiment == 0


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [("nice", "brilliant"), ("good", "love"), ("strange", "terrible"), ("schlecht", "furchtbar")],
)
def test_a_stronger_word_says_more(weaker: str, stronger: str) -> None:
    weak, strong = (emotion_of(f"the weather was {word} there").sentiment for word in (weaker, stronger))
    assert abs(strong) > abs(weak)
    assert strong * weak > 0


@pytest.mark.parametrize(
    "text",
    [
        "This is not good",
        "The food wasn't very nice",
        "I don’t love it",
        "I never enjoyed the trip",
        "Das ist nicht gut",
        "Das war kein Erfolg",
        "Ich liebe dich nicht",
        "Er freut sich nie",
        "ohne Freude",
    ],
)
def test_negated_praise_is_blame(text: str) -> None:
    assert emotion_of(text).sentiment < 0


@pytest.mark.parametrize(
    "text",
    [
        "Not bad at all",
        "no problem",
        "It isn't difficult",
        "nicht schlecht",
        "Das ist kein Fehler",
        "not only good",
        "nicht nur gut",
        "not without joy",
        "gut, nicht schlecht",
        "gut und nicht schlecht",
        "I did not go, it was wonderful here",
        "nicht teuer aber gut",
    ],
)
def test_negated_blame_double_negation_and_other_clauses_are_praise(text: str) -> None:
    assert emotion_of(text).sentiment > 0


@pytest.mark.parametrize("text", ["good", "terrible", "gut", "furchtbar"])
def test_turning_a_word_round_weakens_it(text: str) -> None:
    plain, negated = emotion_of(text).sentiment, emotion_of(f"nicht {text}").sentiment
    assert plain * negated < 0
    assert abs(negated) < abs(plain)


def test_what_is_not_urgent_does_not_stir() -> None:
    assert emotion_of("this is not urgent").arousal == 0
    assert emotion_of("das ist kein Notfall").arousal == 0
    assert emotion_of("this is urgent").arousal == 1


@pytest.mark.parametrize(
    ("inflected", "listed"),
    [
        ("loving", "love"),
        ("failed", "fail"),
        ("bugs", "bug"),
        ("allergies", "allergy"),
        ("schreckliche", "schrecklich"),
        ("gutes", "gut"),
        ("hasst", "hassen"),
        ("todes", "tod"),
    ],
)
def test_inflected_forms_count_as_their_word(inflected: str, listed: str) -> None:
    assert emotion_of(f"ab {inflected} cd") == emotion_of(f"ab {listed} cd")
    assert emotion_of(f"ab {inflected} cd", COMPAT).sentiment == 0


@pytest.mark.parametrize("text", ["baden", "winter", "paint", "sonst", "button", "kind", "painting", "wine", "klassen"])
def test_words_that_look_alike_are_left_alone(text: str) -> None:
    assert emotion_of(text).multiplier == 1


@given(st.floats(-1, 1), shares, shares, st.tuples(shares, shares, shares), st.sampled_from(PRESETS))
def test_more_feeling_is_never_remembered_for_less_time(
    sentiment: float, arousal: float, significance: float, more: tuple[float, float, float], params: EmotionParams
) -> None:
    before = emotion_from(sentiment, arousal, significance, params)
    after = emotion_from(max(abs(sentiment), more[0]), max(arousal, more[1]), max(significance, more[2]), params)
    assert after.multiplier >= before.multiplier
    assert after.consolidation >= before.consolidation


def test_all_that_is_wrong_is_in_one_error() -> None:
    with pytest.raises(ParamsInvalid) as caught:
        EmotionParams(by_arousal=2, most_boost=0, negated=-1)
    assert [problem.field for problem in caught.value.problems] == ["by_arousal", "most_boost", "negated"]
    with pytest.raises(ParamsInvalid) as caught:
        emotion_from(math.nan, 2, -1)
    assert [problem.field for problem in caught.value.problems] == ["sentiment", "arousal", "significance"]

"""The rules find what a passage names, in any script, and little else."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.extractors.rules import Alias, aliases, mentions, question_names
from retrieval.normalize import normal_name
from retrieval.sentences import sentences
from retrieval.types import EntityKind, Mention, Span

SAID = datetime(2024, 5, 15, tzinfo=UTC)
PARTS = [
    "Ada",
    "Lovelace",
    "the",
    "of",
    "and",
    "The",
    "I",
    "II",
    "Dr.",
    "(WHO)",
    "World",
    "Health",
    '"',
    "“",
    "”",
    "\n",
]
PARTS += ["1995", "May", "5,", "12,345", "東京", "は", "「", "」", "iPhone", "O'Brien's", ".", "? ", "Лев", "known as"]
PARTS += ["한국은", "दिल्ली", "ไทย", "القاهرة"]
texts = st.lists(st.sampled_from(PARTS), max_size=30).map(" ".join) | st.text(max_size=80)


def found(text: str, title: str = "", speaker: str | None = None, at: datetime | None = None) -> dict[str, Mention]:
    return {mention.name: mention for mention in mentions(title, text, list(sentences(text)), speaker, at)}


@given(texts, texts, st.none() | texts, st.none() | st.just(SAID))
def test_mentions_are_normal_counted_and_placed(
    body: str, title: str, speaker: str | None, at: datetime | None
) -> None:
    spans = list(sentences(body))
    result = mentions(title, body, spans, speaker, at)
    assert result == mentions(title, body, spans, speaker, at)
    assert len({mention.name for mention in result}) == len(result)
    for mention in result:
        assert mention.name
        assert mention.kind is EntityKind.DATE or mention.name == normal_name(mention.name)
        assert mention.in_title or mention.count > 0
        assert list(mention.sentences) == sorted(set(mention.sentences))
        assert all(0 <= ordinal < len(spans) for ordinal in mention.sentences)
        assert len(mention.sentences) <= mention.count


@given(texts)
def test_any_question_is_read(question: str) -> None:
    named = question_names(question)
    assert len({each.name for each in named}) == len(named)
    assert all(each.name for each in named)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("He met Ada Lovelace in London.", ["ada lovelace", "london"]),
        ("However, she met J. R. R. Tolkien.", ["j r r tolkien"]),
        ("Yesterday the University of Chicago won.", ["university of chicago"]),
        ("The King of France slept.", ["king of france", "france"]),
        ("Ludwig van Beethoven and Wolfgang Amadeus Mozart.", ["ludwig van beethoven", "wolfgang amadeus mozart"]),
        ("The Department of Health and Human Services.", ["department of health and human services"]),
        ("The Baltimore and Ohio Railroad ran.", ["baltimore and ohio railroad"]),
        ("We heard Simon & Garfunkel.", ["simon garfunkel"]),
        ("They saw Trinidad and Tobago. Trinidad and Tobago won.", ["trinidad and tobago"]),
        ("Dr. Smith's dog bit Mr. O’Brien.", ["smith", "o brien"]),
        ("He saw General Motors.", ["general motors"]),
        ("Singer Taylor Swift left.", ["singer taylor swift", "taylor swift"]),
        ("World War I and Apollo 11 ended.", ["world war i", "apollo", "apollo 11"]),
        ("He took Vitamin A, Elizabeth I or Mel and I.", ["vitamin a", "elizabeth i", "mel"]),
        ("Knowing I can. Sounds good! Painting helps. Thankfully, Caroline came.", ["caroline"]),
        ("At the 1920 Summer Olympics.", ["summer olympics", "1920 summer olympics", "1920"]),
        ("My iPhone and a B-52 from AT&T.", ["iphone", "b 52", "at t"]),
        ("They sang “Shake It Off” there.", ["shake it off"]),
        ('"Come Home," she said.', ["come home"]),
        ("We love it. Music helps. This is so NICE.", []),
        ("I think I'm fine, and It's OK.", []),
        ("See you on Monday in June.", []),
        ("He flew to the US and it was IT.", ["us", "it"]),
        ("Dogs bark. The dogs of Dogs Trust.", ["dogs trust"]),
        ("It cost 1,234 dollars or 5 million, not 7.", ["1234", "5 million"]),
        ("Лев Толстой написал «Войну и мир».", ["лев толстой", "войну и мир"]),
        ("Ο Σωκράτης ζούσε στην Αθήνα.", [normal_name("Σωκράτης"), "αθηνα"]),
        ("Er traf Ludwig Wittgenstein in Wien.", ["ludwig wittgenstein", "wien"]),
        ("「吾輩は猫である」はアメリカのiPhoneより", ["吾輩は猫である", "アメリカ", "iphone"]),
        ("中华人民共和国的首都是北京。", ["中华人民共和国", "首都", "北京"]),
        ("서울은 대한민국의 수도이다.", ["서울", "대한민국"]),
        ("القاهرة هي عاصمة مصر", ["القاهرة", "عاصمة", "مصر"]),
        ("भारत की राजधानी दिल्ली है।", ["भारत", "राजधानी", "दिल्ली"]),
    ],
)
def test_names_are_found(text: str, names: list[str]) -> None:
    result = found(text)
    if text.isascii() or "“" in text or any("а" <= character <= "я" for character in text):
        assert sorted(result) == sorted(names)
    assert set(names) <= set(result)


def test_a_passage_names_its_title_with_and_without_the_parenthesis() -> None:
    result = found("Mercury orbits. The planet Mercury is small.", title="Mercury (planet)")
    assert list(result)[:2] == ["mercury planet", "mercury"]
    assert result["mercury"] == Mention("mercury", "Mercury", EntityKind.TITLE, 2, True, (0, 1))
    assert result["mercury planet"].count == 0


def test_the_speaker_and_relative_dates_are_named() -> None:
    result = found("I met Mel yesterday. Mel smiled.", speaker="Caroline", at=SAID)
    assert list(result) == ["caroline", "mel", "2024-05-14", "2024-05"]
    assert result["caroline"].kind is EntityKind.SPEAKER
    assert result["mel"].count == 2
    assert result["mel"].sentences == (0, 1)
    assert result["2024-05-14"].kind is EntityKind.DATE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The World Health Organization (WHO) met.", [Alias("world health organization", "who")]),
        ("The WHO (World Health Organization) met.", [Alias("world health organization", "who")]),
        ("The Department of Defense (DoD) met.", [Alias("department of defense", "dod")]),
        ("Samuel Clemens, better known as Mark Twain.", [Alias("samuel clemens", "mark twain")]),
        ("Eminem (born Marshall Mathers; 1972).", [Alias("eminem", "marshall mathers")]),
        ("He went to Oslo (TBD) and (OK).", []),
        ("No names here.", []),
    ],
)
def test_aliases_are_what_the_text_says_is_one_thing(text: str, expected: list[Alias]) -> None:
    assert aliases(text) == expected
    assert {name for alias in expected for name in (alias.name, alias.alias)} <= set(found(text))


def test_a_question_names_joined_names_as_one_and_as_two() -> None:
    named = question_names("Were Ada Lovelace and Alan Turing born in May 1990?")
    assert [each.name for each in named] == [
        "ada lovelace and alan turing", "ada lovelace", "alan turing", "1990-05", "1990",
    ]  # fmt: skip
    assert [each.capitalised for each in named] == [True, True, True, False, False]
    assert [each.name for each in question_names("When did Melanie's son camp?")] == ["melanie"]


def test_ten_thousand_names_are_found_in_one_document() -> None:
    def letters(number: int) -> str:
        return "".join(chr(97 + int(digit)) for digit in f"{number:05}")

    text = " ".join(f"There Ada{letters(number)} and Bob{letters(number)} met." for number in range(5_000))
    assert len(mentions("", text, list(sentences(text)))) == 10_000


def test_sentences_are_those_that_were_given() -> None:
    assert mentions("", "Ada and Bob. Ada.", [Span(0, 12), Span(13, 17)])[0].sentences == (0, 1)

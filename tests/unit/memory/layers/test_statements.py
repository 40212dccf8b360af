"""Functional facts read out of plain statements: what counts, what does not, and whose they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.layers.statements import NOBODY, Reading, read

Fact = tuple[str, str, str]


def facts(text: str, speaker: str | None = "Tom") -> list[Fact]:
    return [(one.subject, one.attribute, one.value) for one in read(text, speaker).said if not one.negated]


def denied(text: str) -> list[Fact]:
    return [(one.subject, one.attribute, one.value) for one in read(text, "Tom").said if one.negated]


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("I live in Ghent.", ("tom", "residence", "Ghent")),
        ("Mira lives in Ghent now.", ("mira", "residence", "Ghent")),
        ("I moved to Berlin last week!", ("tom", "residence", "Berlin")),
        ("I've moved from Ghent to Oslo.", ("tom", "residence", "Oslo")),
        ("Actually, we live in New York City.", ("tom", "residence", "New York City")),
        ("The office moved to Antwerp.", ("office", "residence", "Antwerp")),
        ("My mom lives in Oslo.", ("tom mother", "residence", "Oslo")),
        ("Mira's phone is +32 470 12 34 56.", ("mira", "phone", "+32 470 12 34 56")),
        ("My work phone is now 555 12345.", ("tom", "work phone", "555 12345")),
        ("James' e-mail is james@example.org", ("james", "email", "james@example.org")),
        ("My favourite colour is green.", ("tom", "favourite colour", "green")),
        ("Mira's favorite food is fish and chips.", ("mira", "favourite food", "fish and chips")),
        ("My favorite hero is Aragorn, he grows so much.", ("tom", "favourite hero", "Aragorn")),
        ("The deadline of the Heron project is Friday.", ("heron", "deadline", "Friday")),
        ("The Heron deadline has been moved to next Monday.", ("heron", "deadline", "next Monday")),
        ("I work at Acme as a welder.", ("tom", "employer", "Acme")),
        ("Ida Noor works for Grey Petrel Ltd.", ("ida noor", "employer", "Grey Petrel Ltd")),
        ("My boss is Anna Meyer.", ("tom", "manager", "Anna Meyer")),
        ("The server is now offline.", ("server", "availability", "offline")),
        ("I'm vegan now.", ("tom", "diet", "vegan")),
        ("Mira is now a captain.", ("mira", "occupation", "captain")),
        ("Mira is now in Antwerp.", ("mira", "location", "Antwerp")),
        ("I have lived in Ghent since 2019.", ("tom", "residence", "Ghent")),
        ("Mira has settled down in Porto.", ("mira", "residence", "Porto")),
        ("I've got a small flat in Graz, near the river.", ("tom", "residence", "Graz")),
        ("We moved into a new house in Leeds.", ("tom", "residence", "Leeds")),
        ("My home is in Tampere.", ("tom", "residence", "Tampere")),
        ("Mira has made Aarhus her home.", ("mira", "residence", "Aarhus")),
        ("Mira sold the house and moved to Porto.", ("mira", "residence", "Porto")),
        ("I moved to Oslo on Saturday.", ("tom", "residence", "Oslo")),
        ("I work at the city library.", ("tom", "employer", "the city library")),
        ("Mira has landed a new job at Solvane.", ("mira", "employer", "Solvane")),
        ("I started at Acme on Monday.", ("tom", "employer", "Acme")),
        ("Mira was hired by Acme.", ("mira", "employer", "Acme")),
        ("My new job is at Acme.", ("tom", "employer", "Acme")),
        ("Mira has joined Acme as an engineer.", ("mira", "employer", "Acme")),
        ("I switched jobs from Acme to Solvane.", ("tom", "employer", "Solvane")),
        ("I quit, and I work at Acme now.", ("tom", "employer", "Acme")),
        ("Mira left Acme and now works for Solvane.", ("mira", "employer", "Solvane")),
        ("Mira makes a living at Solvane.", ("mira", "employer", "Solvane")),
        ("You can reach Mira on 0171 554149.", ("mira", "phone", "0171 554149")),
        ("Call me on 0171 554149.", ("tom", "phone", "0171 554149")),
        ("I changed my number, it is 0171 554149 now.", ("tom", "phone", "0171 554149")),
        ("Mira has a new phone number: 0171 554149.", ("mira", "phone", "0171 554149")),
        ("Mira can be reached at 0171 554149.", ("mira", "phone", "0171 554149")),
        ("The deadline of Mira's project is the 3rd of May.", ("mira", "deadline", "the 3rd of May")),
        ("The deadline of my project has slipped to June 7.", ("tom", "deadline", "June 7")),
        ("They pushed my deadline back to Friday.", ("tom", "deadline", "Friday")),
        ("The client has extended Mira's deadline until the 3rd of May.", ("mira", "deadline", "the 3rd of May")),
        ("Mira's deadline was postponed until Friday.", ("mira", "deadline", "Friday")),
        ("Mira has to submit by Friday.", ("mira", "deadline", "Friday")),
        ("I was given an extension until June 7.", ("tom", "deadline", "June 7")),
        ("My project is due on Friday.", ("tom", "deadline", "Friday")),
        ("I have a new favourite dish: ramen.", ("tom", "favourite dish", "ramen")),
        ("Ich wohne in Köln.", ("tom", "residence", "Köln")),
        ("Mira ist nach Gent gezogen.", ("mira", "residence", "Gent")),
        ("Meine Telefonnummer ist 0176 1234567.", ("tom", "phone", "0176 1234567")),
        ("Miras Telefonnummer ist jetzt 0176 123456.", ("mira", "phone", "0176 123456")),
        ("Mira arbeitet bei Siemens.", ("mira", "employer", "Siemens")),
        ("Der Abgabetermin von Heron ist Freitag.", ("heron", "deadline", "Freitag")),
    ],
)
def test_a_plain_statement_is_read(text: str, fact: Fact) -> None:
    assert facts(text) == [fact]


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("I no longer work at Acme.", ("tom", "employer", "Acme")),
        ("Mira doesn't live in Ghent anymore.", ("mira", "residence", "Ghent")),
        ("Mira's phone number is not 555123 anymore.", ("mira", "phone", "555123")),
        ("The shop is no longer open.", ("shop", "opening", "open")),
        ("Ich wohne nicht mehr in Köln.", ("tom", "residence", "Köln")),
    ],
)
def test_a_denial_is_read_as_one(text: str, fact: Fact) -> None:
    assert (denied(text), facts(text)) == ([fact], [])


@pytest.mark.parametrize(
    "text",
    [
        "Do you live in Ghent?",
        "If I live in Ghent, I work at Acme.",
        "Tom said Mira lives in Ghent.",
        "Maybe I live in Ghent.",
        "She lives in Rome.",
        "My sister lives in Oslo.",  # there may be two of them
        "We moved to the next task.",
        "I moved to React 18.",
        "I work at night.",
        "My phone is broken.",
        "My boss is great.",
        "I lived in Ghent.",
        "I am happy now.",
        "The deadline is Friday.",  # of what?
        "May I live in Ghent?",
        "I may live in Ghent.",
        "I work at the office.",
        "I work at the moment.",
        "I started at 9 AM.",
        "I joined the gym.",
        "I joined Acme.",  # a company, a choir, a call?
        "I have a house in Tuscany.",  # and live elsewhere
        "I have a room in Brussels.",
        "I have to call my mother by Friday.",
        "I have until Friday to decide.",
        "I have to finish by lunch.",
        "I left Ghent and then it rained.",
        "Call me on Friday.",
        "You can call Mira on Skype.",
        "I got a job.",
        "They moved my desk to Oslo.",
    ],
)
def test_what_is_no_plain_statement_is_left_alone(text: str) -> None:
    assert read(text, "Tom") == Reading()


def test_who_speaks_without_a_name_is_one_and_the_same() -> None:
    assert facts("I live in Ghent.", None) == [(NOBODY, "residence", "Ghent")]


def test_a_speaker_who_is_called_by_name_is_the_same_subject() -> None:
    assert facts("I live in Ghent.", "Mira") == facts("Mira lives in Ghent.", "Tom")


def test_a_text_is_whole_only_if_it_says_nothing_else() -> None:
    assert read("I live in Ghent. My phone is 555 1234.", "Tom").is_whole
    assert not read("I live in Ghent. The dog had puppies yesterday.", "Tom").is_whole
    assert not read("I live in Ghent and grow roses.", "Tom").is_whole


@given(st.text(max_size=300), st.none() | st.text(max_size=20))
def test_any_text_can_be_read(text: str, speaker: str | None) -> None:
    for one in read(text, speaker).said:
        assert one.subject
        assert one.value
        assert one.text in text

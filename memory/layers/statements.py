"""Reads functional facts out of plain statements by rules, English and German: "I moved to Ghent". Pure, no model.

Precision comes first: a sentence counts only if a rule fits the whole of it. Questions, wishes and reports do not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from memory.layers.attributes import ATTRIBUTES, CONDITIONS, FAVOURITE, LONGEST_VALUE, RELATIONS, Check, anything
from memory.layers.statement_rules import CHANGE, RULES, Rule
from retrieval.normalize import normal_name
from retrieval.sentences import sentences

LONGEST_TEXT = 4_000  # characters; what is longer tells a story, and is no statement
LONGEST_SENTENCE = 240
NOBODY = "the one who speaks"  # the subject of "I" where no speaker is named


@dataclass(frozen=True, slots=True)
class Said:
    """That a subject has (or, negated, has no longer) a value of an attribute, in the words of `text`."""

    subject: str  # a normal name
    attribute: str
    value: str
    negated: bool
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text states; `is_whole` if it says nothing else."""

    said: tuple[Said, ...] = ()
    is_whole: bool = False


_OPENING = re.compile(
    r"^(?:(?:oh|yes|yeah|no|nope|well|ok|okay|hey|hi|hello|so|actually|btw|by the way|fyi|update|correction|note|also|"
    r"heads up|just so you know|to be clear|as of \w+(?: \w+)?|since \w+(?: \w+)?|today|last \w+|this \w+|übrigens|"
    r"ja|nein|also|hallo)\s*[,:;!–—-]+\s*|(?:and|but|so|actually|now|currently|also|yes)\s+)+",
    re.IGNORECASE,
)
_TIME = re.compile(
    r",?\s+(?:now|currently|these days|at the moment|right now|today|any ?more|any longer|again|too|as well|for now|"
    r"recently|already|finally|yesterday|jetzt|nun|since\b.*|as of\b.*|until\b.*|starting\b.*|seit\b.*|ab\b.*|"
    r"(?:last|this|next)\s+(?:week|month|year|spring|summer|autumn|fall|winter|monday|tuesday|wednesday|thursday|"
    r"friday|saturday|sunday|weekend|january|february|march|april|may|june|july|august|september|october|november|"
    r"december)|on\s+(?:mon|tues|wednes|thurs|fri|satur|sun)day(?:\s+(?:morning|afternoon|evening|night))?|"
    r"(?:over|at)\s+the\s+weekend|in\s+(?:january|february|march|april|may|june|july|august|september|october|november|december|\d{4})\b.*|"
    r"(?:a|an|two|three|four|five|six|a few|several|\d+)\s+(?:days?|weeks?|months?|years?)\s+ago)$",
    re.IGNORECASE,
)
_JUST_NOW = re.compile(
    r"\s+(?:now|currently|again|instead|from now on|as of today|any ?more|any longer|jetzt)$", re.IGNORECASE
)
_GOES_ON = re.compile(
    r"\s*(?:[;(:–—]|,|\s-\s|\s(?:but|because|which|who|where|so|while|although|though|if|when|aber|weil|und|and|"
    r"as an?|as the)\s).*$"
)
_NEW_CLAUSE = re.compile(
    r"\s*(?:[;(–—]|\s-\s|,\s+(?:and|but|he|she|it|i|we|they|you|which|who|because|so|und|aber|er|sie|es|ich|wir)\s|"
    r"\s(?:because|but|which|although|weil|aber)\s).*$",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?i:if|would|might|could|should|maybe|perhaps|probably|wish|hope|vielleicht|würde|wenn)\b|\bmay\b|^May\s+(?:I|we)\b"
)  # the month of May is no doubt
_ARTICLE = re.compile(r"^(?:the|our|der|die|das|den|dem|unsere?)\s+", re.IGNORECASE)
_FIRST = {"i", "we", "me", "us", "my", "our", "ich", "wir", "mein", "meine", "unser", "unsere"}
_KINDS = {"project", "projekt"}  # "the Heron project" is Heron
_PRONOUNS = """
he she it they you this that there these those here what who where when why how everyone everybody
someone somebody nobody
er sie es ihr das dies hier dort man wer was wo wann jemand niemand
if but and so because since while although maybe perhaps
"""
_NO_NAMES = frozenset(_PRONOUNS.split())


def read(text: str, speaker: str | None = None) -> Reading:
    """The functional facts that a text states, in their order. "I" is the speaker."""
    if len(text) > LONGEST_TEXT:
        return Reading()
    said: list[Said] = []
    is_whole = True
    for span in sentences(text):
        found, is_all = _statement(text[span.start : span.end], speaker)
        if found is not None:
            said.append(found)
        is_whole = is_whole and is_all
    return Reading(tuple(said), is_whole and bool(said))


def _statement(sentence: str, speaker: str | None) -> "tuple[Said | None, bool]":
    """What a sentence states, and whether that is all it says."""
    plain = _OPENING.sub("", sentence.strip()).strip(" \"'“”*").rstrip("!. ")
    if "?" in sentence or len(plain) > LONGEST_SENTENCE or _OPEN.search(plain):
        return None, False
    plain = plain[:1].upper() + plain[1:]
    for wording in _wordings(plain):
        for rule in RULES:
            match = rule.pattern.fullmatch(wording)
            if match is not None:
                found, is_all = _said(rule, match, sentence.strip(), speaker)
                if found is not None:
                    return found, is_all
    return None, False


def _wordings(plain: str) -> Iterator[str]:
    """The sentence, and without what only announces the change that the rest of it states."""
    yield plain
    change = CHANGE.fullmatch(plain)
    if change is not None:
        yield f"{change['s']} {change['rest']}"


def _said(rule: Rule, match: "re.Match[str]", sentence: str, speaker: str | None) -> "tuple[Said | None, bool]":
    groups = match.groupdict()
    subject = _subject(groups["s"], speaker)
    if groups.get("c"):
        return Said(subject, CONDITIONS[groups["c"]], groups["c"], rule.negated, sentence) if subject else None, True
    attribute, check = rule.attribute, rule.check
    if groups.get("n"):
        attribute, check = _attribute(groups["n"], groups.get("kind"))
    value, is_all = _value(groups["v"], rule)
    if not subject or not check(value) or len(value.split()) > LONGEST_VALUE:
        return None, False
    return Said(subject, attribute, value, rule.negated, sentence), is_all


def _attribute(noun: str, kind: str | None) -> tuple[str, Check]:
    """The attribute that a noun names: a work phone is not a phone."""
    spelled = " ".join(noun.lower().split())
    if spelled.startswith("lieblings"):
        return f"{FAVOURITE} {spelled.removeprefix('lieblings')}", anything
    if spelled.startswith("favo"):
        return f"{FAVOURITE} {normal_name(spelled.split(' ', 1)[1])}", anything
    attribute, check = ATTRIBUTES[spelled]
    return (f"{kind.strip().lower()} {attribute}" if kind else attribute), check


def _value(text: str, rule: Rule) -> "tuple[str, bool]":
    """The value without what goes on after it, and whether nothing did."""
    value = text.strip()
    for trailing in _trailing(rule):
        while (shorter := trailing.sub("", value)) != value:
            value = shorter
    if not rule.is_place:
        cut = _NEW_CLAUSE.sub("", value)
        return cut.strip(" ,.\"'"), cut == value
    cut = _GOES_ON.sub("", value)
    return _TIME.sub("", cut).strip(" ,.\"'"), cut == value


def _trailing(rule: Rule) -> Iterator[re.Pattern[str]]:
    yield _JUST_NOW
    if rule.is_place:
        yield _TIME


def _subject(spelled: str, speaker: str | None) -> str:
    """A normal name; empty if nobody can tell who is meant."""
    words = normal_name(_ARTICLE.sub("", spelled)).split()
    me = normal_name(speaker or "") or NOBODY
    if normal_name(spelled) in _FIRST:
        return me
    if not words or words[0] in _NO_NAMES or len(words) > 5:
        return ""
    if words[0] in _FIRST and len(words) == 2:
        return me if words[1] in _KINDS else f"{me} {RELATIONS[words[1]]}" if words[1] in RELATIONS else ""
    if words[0] in _FIRST:
        return ""
    if spelled[:1].isupper() and spelled.split(maxsplit=1)[0].lower() in _NO_NAMES:
        return ""
    return " ".join(words[:-1] if len(words) > 1 and words[-1] in _KINDS else words)

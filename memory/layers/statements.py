"""Reads functional facts out of plain statements by rules, English and German: "I moved to Ghent". Pure, no model.

Precision comes first: a sentence counts only if a rule fits the whole of it. Questions, wishes and reports do not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from memory.layers.attributes import (
    ATTRIBUTES,
    CONDITION,
    CONDITIONS,
    EMPLOYER,
    FAVOURITE,
    LOCATION,
    LONGEST_VALUE,
    NAME,
    NOUN,
    OCCUPATION,
    RELATION,
    RELATIONS,
    RESIDENCE,
    THING_NOUN,
    Check,
    anything,
    is_named,
    is_place_name,
)
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


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    attribute: str  # empty: the noun says it
    negated: bool = False
    check: Check = anything
    is_place: bool = False  # a time may follow the value


_CAPITAL = r"[A-ZÄÖÜ][\w’'-]*"
_PERSON = rf"(?:{_CAPITAL}(?:\s+(?:van|von|de|der|of|the|{_CAPITAL}|\d+)){{0,4}}?)"
_OWN = rf"(?:[Mm]y|[Mm]eine?)\s+(?:{RELATION})"
_THING = r"(?:[Tt]he|[Oo]ur|[Dd]er|[Dd]ie|[Dd]as|[Uu]nsere?)\s+[\w-]+(?:\s+[\w-]+){0,2}?"
_S = rf"(?P<s>I|Ich|ich|{_OWN}|{_PERSON}|{_THING})"
_WE = rf"(?P<s>I|We|Ich|Wir|ich|wir|{_OWN}|{_PERSON}|{_THING})"
_V = r"(?P<v>.+)"
_BE = r"(?:\s+(?:am|is|are)|['’](?:m|s|re))"
_HAVE = r"(?:\s+(?:have|has)|['’](?:ve|s))?"
_NOW = r"(?:\s+(?:now|currently|still|just|recently|already|finally|actually))?"
_NOT = r"\s+(?:no longer|do not|does not|don['’]t|doesn['’]t)"
_OWNER = rf"(?P<s>[Mm]y|[Oo]ur|{_OWN}['’]s|{_PERSON}(?:['’]s|(?<=s)['’]))"
_IS_NOT = r"(?:is not|isn['’]t|is no longer)"
_TURNED = (
    r"(?:is|are|has changed to|changed to|moved to|has moved to|"
    r"(?:has been|was|got) (?:changed|moved|pushed|pushed back|postponed|updated|set) to)"
)


def _rule(
    pattern: str, attribute: str = "", negated: bool = False, check: Check = anything, place: bool = False
) -> _Rule:
    return _Rule(re.compile(pattern), attribute, negated, check, place)


def _place(pattern: str, attribute: str, negated: bool = False) -> _Rule:
    return _rule(pattern, attribute, negated, is_place_name if attribute == RESIDENCE else is_named, place=True)


_RULES = (
    # where somebody lives
    _place(rf"{_WE}{_NOW}\s+(?:lives?|resides?){_NOW}\s+in\s+{_V}", RESIDENCE),
    _place(rf"{_WE}{_BE}{_NOW}\s+(?:living|residing|based)\s+in\s+{_V}", RESIDENCE),
    _place(rf"{_S}{_HAVE}{_NOW}\s+(?:moved|relocated)(?:\s+back)?(?:\s+from\s+.+?)?\s+to\s+{_V}", RESIDENCE),
    _place(rf"{_WE}{_NOT}\s+live\s+in\s+{_V}", RESIDENCE, negated=True),
    _place(rf"{_WE}\s+no longer\s+lives\s+in\s+{_V}", RESIDENCE, negated=True),
    _place(rf"{_S}{_HAVE}{_NOW}\s+moved\s+(?:away\s+from|out\s+of)\s+{_V}", RESIDENCE, negated=True),
    _place(rf"{_WE}\s+(?:wohnt?e?n?|lebt?e?n?)\s+nicht\s+mehr\s+in\s+{_V}", RESIDENCE, negated=True),
    _place(rf"{_WE}\s+(?:wohnt?|wohne|lebt|lebe)(?:\s+(?:jetzt|nun|inzwischen))?\s+in\s+{_V}", RESIDENCE),
    _place(rf"{_S}\s+(?:ist|bin)\s+nach\s+(?P<v>.+?)\s+(?:um)?gezogen", RESIDENCE),
    # for whom somebody works
    _place(rf"{_S}{_NOW}\s+works?{_NOW}\s+(?:at|for)\s+{_V}", EMPLOYER),
    _place(rf"{_S}{_BE}{_NOW}\s+(?:working|employed)\s+(?:at|for|by)\s+{_V}", EMPLOYER),
    _place(
        rf"{_S}{_HAVE}{_NOW}\s+started\s+(?:working|(?:a|my|his|her|their)\s+(?:new\s+)?job)\s+(?:at|for)\s+{_V}",
        EMPLOYER,
    ),
    _place(rf"{_S}{_NOT}\s+works?\s+(?:at|for)\s+{_V}", EMPLOYER, negated=True),
    _place(
        rf"{_S}{_HAVE}{_NOW}\s+(?:left|quit)\s+(?:my|his|her|their)\s+(?:job|position)\s+at\s+{_V}",
        EMPLOYER,
        negated=True,
    ),
    _place(rf"{_S}{_HAVE}{_NOW}\s+resigned\s+from\s+{_V}", EMPLOYER, negated=True),
    _place(rf"{_S}\s+arbeitet?\s+nicht\s+mehr\s+(?:bei|für)\s+{_V}", EMPLOYER, negated=True),
    _place(rf"{_S}\s+arbeitet?(?:\s+(?:jetzt|nun))?\s+(?:bei|für)\s+{_V}", EMPLOYER),
    # as what
    _rule(rf"{_S}{_NOW}\s+works?{_NOW}\s+as\s+(?:an?|the)\s+{_V}", OCCUPATION, place=True),
    _rule(rf"{_S}\s+arbeitet?(?:\s+(?:jetzt|nun))?\s+als\s+{_V}", OCCUPATION, place=True),
    # attributes that have a noun
    _rule(rf"{_OWNER}\s+{{N}}\s+{_IS_NOT}\s+{_V}", negated=True),
    _rule(rf"{_OWNER}\s+{{N}}\s+{_TURNED}{_NOW}\s+{_V}"),
    _rule(rf"[Tt]he\s+{{N}}\s+(?:of|for)\s+(?P<s>.+?)\s+{_IS_NOT}\s+{_V}", negated=True),
    _rule(rf"[Tt]he\s+{{N}}\s+(?:of|for)\s+(?P<s>.+?)\s+{_TURNED}{_NOW}\s+{_V}"),
    _rule(
        rf"[Tt]he\s+(?P<s>[\w-]+(?:\s+[\w-]+){{0,2}}?)\s+(?P<n>{THING_NOUN})\s+{_IS_NOT}\s+{_V}",
        negated=True,
    ),
    _rule(rf"[Tt]he\s+(?P<s>[\w-]+(?:\s+[\w-]+){{0,2}}?)\s+(?P<n>{THING_NOUN})\s+{_TURNED}{_NOW}\s+{_V}"),
    _rule(rf"(?P<s>[Mm]eine?|[Uu]nsere?)\s+{{N}}\s+(?:ist|lautet)\s+nicht\s+mehr\s+{_V}", negated=True),
    _rule(
        rf"(?:(?P<s>[Mm]eine?|[Uu]nsere?|[A-ZÄÖÜ][\w-]*?(?:\s+[A-ZÄÖÜ][\w-]*?)*?)(?:s|['’])?)\s+{{N}}\s+(?:ist|lautet)(?:\s+(?:jetzt|nun))?\s+{_V}"
    ),
    _rule(rf"(?:[Dd]er|[Dd]ie|[Dd]as)\s+{{N}}\s+(?:von|für)\s+(?P<s>.+?)\s+(?:ist|lautet)(?:\s+(?:jetzt|nun))?\s+{_V}"),
    # what is one of a few words, or changes its name or place
    _rule(rf"{_S}{_BE}{_NOW}\s+(?P<c>{CONDITION})(?:\s+(?:now|again))?"),
    _rule(rf"{_S}{_BE}(?:\s+not|\s+no longer)\s+(?P<c>{CONDITION})(?:\s+any ?(?:more|longer))?", negated=True),
    _rule(rf"{_S}\s+ist\s+(?:jetzt\s+|nun\s+)?(?P<c>{CONDITION})"),
    _rule(rf"{_S}\s+(?:is|are)\s+now\s+(?:called|named)\s+{_V}", NAME, check=is_named),
    _place(rf"{_S}\s+(?:is|are)\s+now\s+(?:located\s+)?(?:in|at)\s+{_V}", LOCATION),
    _rule(rf"{_S}{_BE}\s+now\s+(?:an?|the)\s+{_V}", OCCUPATION, place=True),
)
_NOUN = (
    rf"(?:new\s+|current\s+|neue[rs]?\s+)?(?P<kind>(?:work|home|office|private|second)\s+)?(?P<n>(?i:{NOUN})|"
    r"favou?rite\s+[\w-]+(?:\s+[\w-]+)?|Lieblings\w+)"
)
_READY = tuple(
    _Rule(re.compile(one.pattern.pattern.replace("{N}", _NOUN)), one.attribute, one.negated, one.check, one.is_place)
    for one in _RULES
)

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
    r"december)|in\s+(?:january|february|march|april|may|june|july|august|september|october|november|december|\d{4})\b.*|"
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
    r"\b(?:if|would|might|may|could|should|maybe|perhaps|probably|wish|hope|vielleicht|würde|wenn)\b", re.IGNORECASE
)
_ARTICLE = re.compile(r"^(?:the|our|der|die|das|den|dem|unsere?)\s+", re.IGNORECASE)
_FIRST = {"i", "we", "my", "our", "ich", "wir", "mein", "meine", "unser", "unsere"}
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
    for rule in _READY:
        match = rule.pattern.fullmatch(plain)
        if match is not None:
            found, is_all = _said(rule, match, sentence.strip(), speaker)
            if found is not None:
                return found, is_all
    return None, False


def _said(rule: _Rule, match: "re.Match[str]", sentence: str, speaker: str | None) -> "tuple[Said | None, bool]":
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


def _value(text: str, rule: _Rule) -> "tuple[str, bool]":
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


def _trailing(rule: _Rule) -> Iterator[re.Pattern[str]]:
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
    if words[0] in _FIRST:
        return f"{me} {RELATIONS[words[1]]}" if len(words) == 2 and words[1] in RELATIONS else ""
    if spelled[:1].isupper() and spelled.split(maxsplit=1)[0].lower() in _NO_NAMES:
        return ""
    return " ".join(words[:-1] if len(words) > 1 and words[-1] in _KINDS else words)

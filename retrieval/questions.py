"""What a question says besides its words: which speakers it names, and whether it asks for a time.

In a conversation everybody's name stands everywhere: before each turn that they say, and in many that others say to
them. A name in the question then draws the question's vector to all of that, and away from what is asked. So names of
speakers are left out of what is encoded and looked up, and count as what they are: a wish for what these people said.
In English they give way to "I" and "my", which is how speakers speak of themselves.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import regex

from retrieval.normalize import STOP_WORDS, normal_name
from retrieval.synonyms import bare_name

LONGEST = 4  # words of a speaker's name that are looked for
ROLES = frozenset("user assistant system human ai bot agent customer speaker host guest".split())  # noqa: SIM905

_WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}\p{M}]*+(?:['’ʼ＇]s(?!\w))?+")
_POSSESSIVE = regex.compile(r"['’ʼ＇]s$")
_GAP_BEFORE_SIGN = regex.compile(r"\s+(?=[?!.,;:])")
_WHEN = regex.compile(
    r"\b(?:when|what (?:year|month|day|date|time)|which (?:year|month|day|date)|how long|how recently"
    r"|wann|quand|cuándo|quando|когда|når|när|wanneer|kiedy)\b|いつ|何時|什么时候|何时|언제",
    regex.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is searched for: `wording` is `text` as the speakers whom it names would put it."""

    text: str
    wording: str
    speakers: frozenset[str]
    is_when: bool


class Speakers:
    """The speakers of one index by what they are called: their names, and their first names."""

    def __init__(self) -> None:
        self._known = 0
        self._called: Mapping[str, frozenset[str]] = {}

    def called(self, speakers: Sequence[object]) -> Mapping[str, frozenset[str]]:
        """Speakers by normal name. `speakers` only ever grows, so the map is made anew only when it has grown."""
        if len(speakers) != self._known:
            found: dict[str, set[str]] = {}
            for speaker in speakers:
                for name in _names(str(speaker)):
                    found.setdefault(name, set()).add(str(speaker))
            self._called = {name: frozenset(bearers) for name, bearers in found.items()}
            self._known = len(speakers)
        return self._called


def asked(question: str, called: Mapping[str, frozenset[str]]) -> Asked:
    """What is asked; `called` are the speakers by normal name, none of whom need be named."""
    found = list(_named(question, called)) if called else []
    speakers = frozenset(speaker for _, _, bearers in found for speaker in bearers)
    return Asked(question, _reworded(question, found), speakers, _WHEN.search(question) is not None)


def _names(speaker: str) -> Iterator[str]:
    name = normal_name(speaker)
    bare = bare_name(name)
    words = bare.split()
    if not words or words[0] in ROLES:
        return
    yield from {name, bare}
    if 1 < len(words) <= 3 and len(words[0]) > 1:
        yield words[0]


def _named(question: str, called: Mapping[str, frozenset[str]]) -> Iterator["_Found"]:
    words = list(_WORD.finditer(question))
    cased = not question.islower()
    start = 0
    while start < len(words):
        for end in range(min(len(words), start + LONGEST), start, -1):
            part = question[words[start].start() : words[end - 1].end()]
            bearers = called.get(normal_name(part))
            if bearers and not (cased and part[0].islower()):
                yield words[start].start(), words[end - 1].end(), bearers
                start = end
                break
        else:
            start += 1


def _reworded(question: str, found: Sequence["_Found"]) -> str:
    """The question without what was found, unless nothing but small words would be left."""
    if not found:
        return question
    rest = _replaced(question, found, "", "")
    if all(word in STOP_WORDS for word in normal_name(rest).split()):
        return question
    is_english = any(word in STOP_WORDS for word in rest.casefold().split())
    return _replaced(question, found, "I", "my") if is_english else rest


def _replaced(question: str, found: Sequence["_Found"], subject: str, owner: str) -> str:
    kept, at = [], 0
    for start, end, _ in found:
        kept += [question[at:start], owner if _POSSESSIVE.search(question, start, end) else subject]
        at = end
    return _GAP_BEFORE_SIGN.sub("", " ".join("".join([*kept, question[at:]]).split()))


_Found = tuple[int, int, frozenset[str]]

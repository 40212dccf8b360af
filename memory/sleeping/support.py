"""Whether a statement is supported by the sources that it cites. Pure.

A sentence counts as supported if it is one of a cited source, word for word, or if it is put together of clauses that
stand in cited sources: the same words in the same order, whole clauses left out or joined, "I" replaced by who speaks,
"yesterday" by its date. Each clause comes from one sentence, so that no names of one get the deeds of another; nothing
in that sentence may deny or doubt what is taken from it. Besides, the embedder has to find the statement close to a
sentence of a source that supports it. Source: a proposal of this project. It drops much that is true and said in other
words: that costs an extract in its place, while what is false would be remembered.
"""

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from memory.dynamics import similarity
from memory.dynamics.checks import require, within
from memory.sleeping.episodes import Vectors
from memory.sleeping.wording import Token, tokens

_DOUBTS = """
if unless whether might may could would should must shall perhaps maybe probably possibly supposedly allegedly almost
apparently nearly hardly barely scarcely without nobody nothing nowhere none neither nor either or except unlike instead
hope hoped hopes want wanted wants plan planned plans planning wish wished try tried tries trying think thought thinks
believe believed believes claim claimed claims say said says tell told tells ask asked asks heard hear hears rumour
rumor rumoured lie lied seem seems seemed appear appears appeared expect expected expects intend intended intends
consider considered considering dream dreamt dreamed pretend pretended imagine imagined refuse refused refuses fail
failed fails forgot forget forgets decline declined promise promised offer offered suggest suggested doubt doubted deny
denied according supposed used former formerly fake joke joked joking story novel film fiction guess suppose assume
assumed likely unlikely about going gonna soon had were until till play plays movie movies films book books game games
opera poem song tale series role character stories novels dreams
wenn ob vielleicht wahrscheinlich angeblich fast beinahe ohne niemand nichts weder noch oder will wollte möchte soll
sollte könnte würde hofft glaubt glaube behauptet sagt sagte plant
"""
_OPEN_ENDS = "and but because in on at with from for by since before after during"
_DANGLING = "of to in on at with from for by as is was have had do will can and but or that 's not no"
_UNCLEAR = "his her hers their its him them this that these those there here i we you my our"
DOUBTS = frozenset(_DOUBTS.split())  # in the same sentence these may take back what a clause of it says
CONNECTING = frozenset(("and", "but", "while", "whereas"))
OPEN_ENDS = frozenset(_OPEN_ENDS.split())  # before these a clause may be over
DANGLING = frozenset(_DANGLING.split())  # with these it is not
PRONOUNS = frozenset(("he", "she", "they", "it"))
UNCLEAR = PRONOUNS | frozenset(_UNCLEAR.split())  # who or what that is, only the source knows


@dataclass(frozen=True, slots=True)
class SupportParams:
    """How close and how long a statement has to be."""

    least_cosine: float = 0.5  # to a sentence of a source; MiniLM: from .77 for what it says, to .23 for other things
    shortest: int = 2  # words that count, of a clause
    longest_subject: int = 4  # words of a name that a clause may take over from the one before it

    def __post_init__(self) -> None:
        require(
            within("least_cosine", self.least_cosine, -1, 1),
            within("shortest", self.shortest, 1),
            within("longest_subject", self.longest_subject, 1),
        )


RECOMMENDED = SupportParams()


@dataclass(frozen=True, slots=True, eq=False)
class Cited:
    """A source as far as it can support something. `said_at` None: its relative dates are words."""

    id: str
    sentences: tuple[str, ...]
    vectors: Vectors  # [s, d], of the sentences
    speaker: str | None = None
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Sentence:
    source: int
    text: str
    tokens: tuple[Token, ...]


def support(
    statement: str, vector: Vectors, cited: Sequence[Cited], params: SupportParams = RECOMMENDED
) -> tuple[str, ...]:
    """Ids of those of the cited sources that support this one sentence, `vector` [d]; empty if they do not."""
    quoted = [one for one in cited if " ".join(statement.split()) in {" ".join(text.split()) for text in one.sentences}]
    if quoted:
        return tuple(one.id for one in quoted)
    if "?" in statement:
        return ()
    known = [
        _Sentence(number, text, tuple(tokens(text, one.speaker, one.said_at)))
        for number, one in enumerate(cited)
        for text in one.sentences
        if "?" not in text
    ]
    wanted = tokens(statement)
    if not wanted or wanted[0].word in UNCLEAR:
        return ()
    found = _covered(wanted, known, params)
    is_close = any(_closeness(vector, cited[number]) >= params.least_cosine for number in found)
    return tuple(cited[number].id for number in sorted(found)) if is_close else ()


def _closeness(vector: Vectors, source: Cited) -> float:
    return float(np.max(source.vectors @ vector)) if len(source.vectors) else -1.0


def _covered(wanted: Sequence[Token], known: Sequence[_Sentence], params: SupportParams) -> Set[int]:
    """The sources of all clauses of a statement; empty if one of them has none."""
    whole = _saying(wanted, known, params)
    if whole:
        return whole
    subject = _subject(wanted, params.longest_subject)
    for end in reversed(_joints(wanted)):
        first = _saying(wanted[:end], known, params)
        rest = _continued(wanted[end:], subject, known, params) if first else frozenset()
        if rest:
            return first | rest
    return frozenset()


def _continued(
    wanted: Sequence[Token], subject: Sequence[Token], known: Sequence[_Sentence], params: SupportParams
) -> Set[int]:
    """The sources of the clauses after the first: of its subject, or whole sentences with one of their own."""
    while wanted and wanted[0].word in CONNECTING:
        wanted = wanted[1:]
    for end in (len(wanted), *reversed(_joints(wanted))):
        clause = [replace(one, begins=one.begins and place > 0) for place, one in enumerate(wanted[:end])]
        found = _of_subject(clause, subject, known, params) or _whole(clause, known, params)
        rest = _continued(wanted[end:], subject, known, params) if found and end < len(wanted) else found
        if rest:
            return found | rest
    return frozenset()


def _of_subject(
    clause: Sequence[Token], subject: Sequence[Token], known: Sequence[_Sentence], params: SupportParams
) -> frozenset[int]:
    told = clause[1:] if clause and clause[0].word in PRONOUNS else clause
    return _saying([*subject, *told], known, params) if subject and told else frozenset()


def _whole(clause: Sequence[Token], known: Sequence[_Sentence], params: SupportParams) -> frozenset[int]:
    """The sources with a sentence that says this and nothing else."""
    if len(clause) < params.shortest or clause[0].word in UNCLEAR:
        return frozenset()
    alike = (one for one in known if len(one.tokens) == len(clause))
    return frozenset(
        one.source
        for one in alike
        if all(_is_same(said, there, not at) for at, (said, there) in enumerate(zip(clause, one.tokens, strict=True)))
    )


def _saying(wanted: Sequence[Token], known: Sequence[_Sentence], params: SupportParams) -> frozenset[int]:
    """The sources with a sentence of which this is a clause, or several."""
    if len(wanted) < params.shortest or wanted[-1].word in DANGLING:
        return frozenset()
    return frozenset(one.source for one in known if _says(one, wanted))


def _says(sentence: _Sentence, wanted: Sequence[Token]) -> bool:
    return any(
        _is_untouched(sentence, places)
        for start, token in enumerate(sentence.tokens)
        if token.begins and (places := _places(sentence.tokens, start, wanted))
    )


def _places(there: Sequence[Token], start: int, wanted: Sequence[Token]) -> list[int]:
    """Where the words stand one after the other, clauses between marks left out; empty if they do not."""
    places: list[int] = []
    at = start
    for number, token in enumerate(wanted):
        is_first = number == 0
        while at < len(there) and not _is_same(token, there[at], is_first or (bool(places) and at > places[-1] + 1)):
            if is_first or not there[at].begins:
                return []
            at = next((place for place in range(at + 1, len(there)) if there[place].begins), len(there))
        if at == len(there):
            return []
        places.append(at)
        at += 1
    is_over = at == len(there) or there[at].begins or there[at].word in OPEN_ENDS
    return places if is_over else []


def _is_same(wanted: Token, there: Token, may_begin: bool) -> bool:
    return wanted.forms[0] in there.forms and (may_begin or wanted.begins == there.begins)


def _is_untouched(sentence: _Sentence, places: Collection[int]) -> bool:
    """Whether nothing else in the sentence denies or doubts what stands there."""
    taken = frozenset(places)
    left = [token for place, token in enumerate(sentence.tokens) if place not in taken]
    said = " ".join(token.raw for token in left)
    return not any(token.word in DOUBTS for token in left) and similarity.negation(said) == similarity.AFFIRMED


def _subject(wanted: Sequence[Token], longest: int) -> Sequence[Token]:
    """The name that a statement begins with, as far as its words are capitalised; empty if it is too long."""
    length = 0
    while length < len(wanted) and wanted[length].raw[:1].isupper() and (length == 0 or not wanted[length].begins):
        length += 1
    return wanted[:length] if length <= longest else ()


def _joints(wanted: Sequence[Token]) -> list[int]:
    """Where a clause may end."""
    return [place for place, one in enumerate(wanted) if place and (one.begins or one.word in CONNECTING)]

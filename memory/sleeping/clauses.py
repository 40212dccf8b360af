"""Where a sentence can be cut so that a part of it still says what the whole says. Pure; English and German.

Cuts are at marks and before words that join clauses, never inside of brackets or quotes, and only where enough words
stand on both sides. What doubts or denies is marked: without it, the rest of its sentence would say something else.
Source: a proposal of this project.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from memory.dynamics import similarity
from memory.sleeping.episodes import Sentence

LEAST_WORDS = 4  # of a clause

_JOINING = """
and but or because so which who whom whose where when while although though after before since until if unless that's
und aber oder denn weil sodass welche welcher welches wobei während nachdem bevor obwohl wenn falls
"""
_BEARING = """
if unless whether may might could would perhaps maybe probably possibly supposedly allegedly apparently almost nearly
hardly barely without nobody nothing nowhere none neither nor except instead hope hopes hoped want wants wanted wish
wished try tries tried trying pretend pretended imagine imagined refuse refused fail failed forgot decline declined deny
denied doubt doubted claim claims claimed rumour rumor fake
wenn ob falls vielleicht wahrscheinlich angeblich fast beinahe ohne niemand nichts weder noch wollte möchte würde
könnte hofft behauptet
"""
_CUT = regex.compile(rf"(?<=[,;:)\]—–])\s+|\s+(?=[(\[—–])|\s+(?=(?:{'|'.join(_JOINING.split())})\b)", regex.IGNORECASE)
_WORD = regex.compile(r"[\w'’]+")
BEARING = frozenset(_BEARING.split())  # these may take back what the rest of their sentence says
_OPEN, _CLOSE = "([{“„«", ")]}”»"


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence, in characters of the item's text. The others say the same without it unless it `bears`."""

    start: int
    end: int
    bears: bool = False  # it doubts or denies


def clauses_of(text: str, sentence: Sentence, least: int = LEAST_WORDS) -> list[Clause]:
    """The clauses of a sentence in order, all of it but for white space between them; itself, if it has no more."""
    borders = list(_borders(text, sentence, least))
    if not borders:
        return [Clause(sentence.start, sentence.end)]
    starts = [sentence.start, *(after for _, after in borders)]
    ends = [*(before for before, _ in borders), sentence.end]
    return [Clause(start, end, _bears(text[start:end])) for start, end in zip(starts, ends, strict=True)]


def _borders(text: str, sentence: Sentence, least: int) -> Iterator[tuple[int, int]]:
    """White space at which the sentence can be cut: where it begins and ends."""
    begin = sentence.start
    for gap in _CUT.finditer(text, sentence.start, sentence.end):
        if not (_is_long(text, begin, gap.start(), least) and _is_long(text, gap.end(), sentence.end, least)):
            continue
        if _is_closed(text[sentence.start : gap.start()]):
            yield gap.start(), gap.end()
            begin = gap.end()


def _is_long(text: str, start: int, end: int, least: int) -> bool:
    found = _WORD.finditer(text, start, end)
    return sum(1 for _ in zip(range(least), found, strict=False)) == least


def _is_closed(before: str) -> bool:
    """Whether no bracket or quote is open at its end."""
    opened = sum(before.count(mark) for mark in _OPEN) - sum(before.count(mark) for mark in _CLOSE)
    return opened <= 0 and before.count('"') % 2 == 0


def _bears(clause: str) -> bool:
    said = (word if word == "May" else word.lower() for word in _WORD.findall(clause))
    return not BEARING.isdisjoint(said) or similarity.negation(clause) != similarity.AFFIRMED

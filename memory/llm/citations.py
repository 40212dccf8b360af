"""Citations in an answer: only those of sources that are there stay, in a whole text and in one that streams. Pure."""

import re
from collections.abc import Iterable, Iterator, Set

from memory.llm.salvage import without_thoughts

NOT_FOUND = "NOT FOUND"  # what the prompt asks for where the sources have no answer
LONGEST_MARK = 40  # characters of a citation; what is longer is text in brackets
THOUGHTS = ("<think", "<reasoning")

_MARK = re.compile(r"\s?\[\s*\d{1,4}(?:\s*[,;]\s*\d{1,4})*\s*\]")
_OPEN = re.compile(r"\s?\[[\d\s,;]*\]?$|\s$")
_END_OF_THOUGHT = re.compile(r"</(?:think|thinking|reasoning)>", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")


def checked(text: str, known: Set[int]) -> str:
    """The text without citations of what is not among the `known` sources."""
    return _MARK.sub(lambda mark: _kept(mark, known), text)


def cited(text: str) -> list[int]:
    """The numbers that a text cites, each once, in order."""
    return list(dict.fromkeys(int(number) for mark in _MARK.findall(text) for number in _NUMBER.findall(mark)))


def is_abstention(text: str) -> bool:
    """Also where a model says so in its own case or with a full stop."""
    return not text.strip() or text.strip().upper().startswith(NOT_FOUND)


def streamed(pieces: Iterable[str], known: Set[int]) -> Iterator[str]:
    """The checked text as early as possible: thoughts, an abstention and marks that may be wrong are held back."""
    held = ""
    has_begun = False
    for piece in pieces:
        held += piece
        if not has_begun:
            said = _opening(held, known)
            if said is None:
                continue
            held, has_begun = said, True
        ready, held = _split(held)
        if ready:
            yield checked(ready, known)
    rest = checked(held if has_begun else without_thoughts(held), known)
    if rest and (has_begun or not is_abstention(rest)):
        yield rest


def _opening(held: str, known: Set[int]) -> str | None:
    """What is said after thinking; None as long as it may still be a thought or an abstention, also after marks that
    go.
    """
    said = held.lstrip()
    if any(mark.startswith(said.lower()[: len(mark)]) for mark in THOUGHTS):
        if not _END_OF_THOUGHT.search(said):
            return None
        said = without_thoughts(said) + said[len(said.rstrip()) :]  # that end is no end yet
    bare = checked(said, known).lstrip()
    may_be_a_mark = _OPEN.match(bare) is not None and len(bare) <= LONGEST_MARK
    return None if may_be_a_mark or NOT_FOUND.startswith(bare.upper()[: len(NOT_FOUND)]) else said


def _split(text: str) -> tuple[str, str]:
    """What can be said, and an end that may become a citation, or is one of which it matters what follows."""
    found = _OPEN.search(text)
    if found is None or len(text) - found.start() > LONGEST_MARK:
        return text, ""
    return text[: found.start()], text[found.start() :]


def _kept(mark: re.Match[str], known: Set[int]) -> str:
    """What is left of a mark; where nothing is, a space stays, or takes its place, before a word and nowhere else."""
    numbers = [number for number in _NUMBER.findall(mark[0]) if int(number) in known]
    space = mark[0][: len(mark[0]) - len(mark[0].lstrip())]
    if numbers:
        return f"{space}[{', '.join(numbers)}]"
    return (space or " ") if mark.string[mark.end() : mark.end() + 1].isalnum() else ""

"""The units of a text that passages are packed from: sentences, headings, list items, rows of tables, lines of code."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

import regex

from retrieval.sentences import sentences

_LINE = regex.compile(r"[^\n\r\f\v\x1c-\x1e\x85\u2028\u2029]++")
_HEADING = regex.compile(r"[ ]{0,3}#{1,6}(?:\s|$)")
_FENCE = regex.compile(r"[ ]{0,3}(```+|~~~+)")
_ROW = regex.compile(r"\s*+\|.*\|\s*$")
_ITEM = regex.compile(r"\s*+(?:[-*+•‣◦▪·–]|\p{N}{1,3}[.)、]|[a-zA-Z][.)])\s++\S")
_QUOTE = regex.compile(r"\s*+>")
_WORDLESS = regex.compile(r"[^\p{L}\p{N}]*+")
_RUNS_ON = regex.compile(r"[\p{L}\p{M}\p{N},–—-]\s*+$")  # a line that ends like this may go on in the next
_CONTINUES = regex.compile(r"\s*+[\"'“‘«(]*+(?:(?P<lower>\p{Ll})|\p{L})")

# Lines of plain text shorter or longer than this are not taken for lines that somebody wrapped by hand.
SHORTEST_WRAPPED = 40
SHORTEST_WRAPPED_BEFORE_CAPITAL = 60
LONGEST_WRAPPED = 130
LONGEST_RULE = 80  # a longer run of signs is not a rule below a line, but text of its own


@dataclass(frozen=True, slots=True)
class Unit:
    """Characters `start` to `end` that stay together, if they fit.

    `opens` a paragraph; `leads` to the next unit and should stand with it; `apart`: it goes on inside a word of the
    unit before it, and stays out of its passage, as the tokens of both together are not known.
    """

    start: int
    end: int
    opens: bool = False
    leads: bool = False
    is_heading: bool = False
    apart: bool = False


class _Kind(Enum):
    PLAIN = "plain"
    ITEM = "item"
    LINE = "line"  # stands alone: a quotation's line, a line of code or JSON
    HEADING = "heading"
    ROW = "row"
    FENCE = "fence"


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    kind: _Kind
    after_blank: bool


def units(text: str, format: str) -> Iterator[Unit]:
    """The units of a text in order; they hold every visible character. `format`: text, markdown or json."""
    held: Unit | None = None
    for unit in _raw_units(text, _lines(text, format)):
        if held is None:
            held = unit
        elif _is_wordless(text, unit) and not unit.opens:
            held = replace(held, end=unit.end)  # a rule or a closing bracket belongs to what stands before it
        else:
            yield held
            held = unit
    if held is not None:
        yield held


def _is_wordless(text: str, unit: Unit) -> bool:
    return unit.end - unit.start <= LONGEST_RULE and _WORDLESS.fullmatch(text, unit.start, unit.end) is not None


def _lines(text: str, format: str) -> Iterator[_Line]:
    before, blank, fence = 0, True, ""
    for found in _LINE.finditer(text):
        line = found[0]
        blank = blank or len(text[before : found.start()].replace("\r\n", "\n")) > 1
        before = found.end()
        if line.isspace():
            blank = True
            continue
        kind = _Kind.LINE if format == "json" or fence else _kind(line, format)
        if format == "markdown" and (mark := _FENCE.match(line)):
            kind = _Kind.LINE if fence else _Kind.FENCE
            fence = _fence_after(fence, mark[1], line)
        yield _Line(found.start(), found.end(), kind, blank)
        blank = False


def _fence_after(fence: str, mark: str, line: str) -> str:
    """The fence that is open after a line with a mark; only one of its own kind, alone on the line, closes it."""
    if not fence:
        return mark
    return "" if mark.startswith(fence) and line.strip() == mark else fence


def _kind(line: str, format: str) -> _Kind:
    if format == "markdown":
        if _HEADING.match(line):
            return _Kind.HEADING
        if _ROW.match(line):
            return _Kind.ROW
        if _QUOTE.match(line):
            return _Kind.LINE
    return _Kind.ITEM if _ITEM.match(line) else _Kind.PLAIN


def _raw_units(text: str, lines: Iterator[_Line]) -> Iterator[Unit]:
    block: list[_Line] = []
    for line in lines:
        if block and not _goes_on(text, block[-1], line):
            yield from _block_units(text, block)
            block = []
        block.append(line)
    if block:
        yield from _block_units(text, block)


def _goes_on(text: str, line: _Line, following: _Line) -> bool:
    """Whether two lines are one block: an opening fence and the first line of code, or prose wrapped by hand."""
    if line.kind is _Kind.FENCE:
        return True
    if following.after_blank or following.kind is not _Kind.PLAIN or line.kind not in (_Kind.PLAIN, _Kind.ITEM):
        return False
    length = line.end - line.start
    if not SHORTEST_WRAPPED <= length <= LONGEST_WRAPPED or not _RUNS_ON.search(text, line.end - 1, line.end):
        return False
    start = _CONTINUES.match(text, following.start, following.end)
    return start is not None and (bool(start["lower"]) or length >= SHORTEST_WRAPPED_BEFORE_CAPITAL)


def _block_units(text: str, block: list[_Line]) -> Iterator[Unit]:
    first, last = block[0], block[-1]
    if first.kind not in (_Kind.PLAIN, _Kind.ITEM):
        start, end = _stripped(text, first.start, last.end)
        leads = first.kind is _Kind.HEADING or (first.kind is _Kind.ROW and first.after_blank)
        yield Unit(start, end, first.after_blank, leads, first.kind is _Kind.HEADING)
        return
    opens = first.after_blank
    for span in sentences(text, first.start, last.end):
        yield Unit(span.start, span.end, opens)
        opens = False


def _stripped(text: str, start: int, end: int) -> "_Bounds":
    while text[start].isspace():
        start += 1
    while text[end - 1].isspace():
        end -= 1
    return start, end


_Bounds = tuple[int, int]

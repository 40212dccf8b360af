"""Splitting a text into passages: whole sentences up to a size, headings with what follows them, no overlap.

Every visible character of the text is in exactly one passage, in order. Sizes are tokens as the encoder counts them,
counted once a sentence: white space is taken to cost nothing, and two neighbours no more than the sum.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import regex

from retrieval.blocks import Unit, units
from retrieval.types import Piece, Span

CountTokens = Callable[[str], int]

CHARACTERS_A_TOKEN = 16  # a longer word is one unknown token to some encoders, which must not make an endless passage
SMALL = 0.25  # of the target: a last passage below this joins the one before it, if that has room
FULL_AT_PARAGRAPH = 0.75  # of the target: from here on a new paragraph opens a new passage
FULL_AT_HEADING = 0.4

_CLAUSE = regex.compile(r"(?r)[,;:、，；：،؛—–)\]]\s*+")  # (?r): the last one is found first
_GAP = regex.compile(r"(?r)\s++")
_JOINED = regex.compile(r"[\p{M}\u200d\p{EMod}]|(?<=[\u200d\p{RI}]).")  # is read as one character with what precedes
_VISIBLE = regex.compile(r"\S")


@dataclass(frozen=True, slots=True)
class _Sized:
    unit: Unit
    tokens: int


def split(
    text: str, count_tokens: CountTokens, format: str = "text", target_tokens: int = 180, max_tokens: int = 240
) -> list[Piece]:
    """The passages of a text; `format` is text, markdown or json.

    Passages have about `target_tokens` and never more than `max_tokens`, unless a single character does.
    """
    limits = _Limits(count_tokens, min(target_tokens, max_tokens), max_tokens)
    sized = [part for unit in units(text, format) for part in _fit(text, unit, limits)]
    return [_piece(text, group) for group in _pack(sized, limits)]


def split_whole(
    text: str, count_tokens: CountTokens, format: str = "text", target_tokens: int = 180, max_tokens: int = 240
) -> list[Piece]:
    """One passage if the text fits in `max_tokens` (a chat turn is not torn apart), else as `split`."""
    if len(text) > max_tokens * CHARACTERS_A_TOKEN or count_tokens(text) > max_tokens:
        return split(text, count_tokens, format, target_tokens, max_tokens)
    group = [_Sized(unit, 0) for unit in units(text, format)]
    return [_piece(text, group)] if group else []


@dataclass(frozen=True, slots=True)
class _Limits:
    count_tokens: CountTokens
    target: int
    most: int

    @property
    def characters(self) -> int:
        return self.most * CHARACTERS_A_TOKEN


def _fit(text: str, unit: Unit, limits: _Limits) -> Iterator[_Sized]:
    """The unit, cut as often as needed for every part to fit."""
    waiting = [unit]
    while waiting:
        part = waiting.pop()
        length = part.end - part.start
        if length > limits.characters:
            waiting.extend(reversed(_cut(text, part, limits.characters)))
            continue
        tokens = limits.count_tokens(text[part.start : part.end])
        if tokens <= limits.most or length == 1:
            yield _Sized(part, tokens)
        else:
            waiting.extend(reversed(_cut(text, part, max(1, length * limits.target // tokens))))


def _cut(text: str, unit: Unit, length: int) -> list[Unit]:
    """Parts of at most `length` characters, ending with a clause, a word, or at least a character."""
    parts: list[Unit] = []
    start = unit.start
    while start < unit.end:
        end = unit.end if unit.end - start <= length else _border(text, start, start + length)
        stop = end
        while stop > start and text[stop - 1].isspace():
            stop -= 1
        if stop > start:
            inside_word = bool(parts) and parts[-1].end == start
            parts.append(replace(unit, start=start, end=stop, leads=unit.leads and end == unit.end, apart=inside_word))
        visible = _VISIBLE.search(text, end, unit.end)
        start = visible.start() if visible else unit.end
    parts[0] = replace(parts[0], apart=unit.apart)
    return parts


def _border(text: str, start: int, limit: int) -> int:
    early = start + (limit - start) // 2
    for pattern in (_CLAUSE, _GAP):
        if found := pattern.search(text, early, limit):
            return found.end()
    border = limit
    while border > early and _JOINED.match(text, border):
        border -= 1
    return border if border > early else limit


def _pack(sized: Sequence[_Sized], limits: _Limits) -> list[list[_Sized]]:
    groups: list[list[_Sized]] = []
    group: list[_Sized] = []
    tokens = 0
    for part in sized:
        if group and _is_full(tokens, part, limits):
            group, carried = _without_leaders(group, limits.most - part.tokens)
            groups.append(group)
            group, tokens = carried, sum(carrier.tokens for carrier in carried)
        group.append(part)
        tokens += part.tokens
    if groups and not group[0].unit.apart and _is_small(tokens, groups[-1], limits):
        group = groups.pop() + group
    return [*groups, group] if group else groups


def _is_small(tokens: int, before: Sequence[_Sized], limits: _Limits) -> bool:
    return tokens < SMALL * limits.target and tokens + sum(part.tokens for part in before) <= limits.most


def _is_full(tokens: int, following: _Sized, limits: _Limits) -> bool:
    together = tokens + following.tokens
    if together > limits.most or following.unit.apart:
        return True
    if following.unit.is_heading:
        return tokens >= FULL_AT_HEADING * limits.target
    if following.unit.opens:
        return tokens >= FULL_AT_PARAGRAPH * limits.target or (together > limits.target and tokens * 2 >= limits.target)
    return together > limits.target and tokens * 2 >= limits.target


def _without_leaders(group: list[_Sized], room: int) -> "_Carried":
    """The group, and the headings at its end, which go with what follows if there is room for them."""
    keep = len(group)
    while keep > 1 and group[keep - 1].unit.leads and not group[keep - 1].unit.apart and group[keep - 1].tokens <= room:
        keep -= 1
        room -= group[keep].tokens
    return group[:keep], group[keep:]


_Carried = tuple[list[_Sized], list[_Sized]]


def _piece(text: str, group: Sequence[_Sized]) -> Piece:
    start, end = group[0].unit.start, group[-1].unit.end
    sentences = tuple(Span(part.unit.start - start, part.unit.end - start) for part in group)
    return Piece(Span(start, end), text[start:end], sentences)

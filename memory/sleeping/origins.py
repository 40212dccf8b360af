"""Where the sentences of a gist come from if it was made of gists: in the items that people said. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from memory.sleeping.episodes import Part


def traced(parts: Sequence[Part], made_of: Mapping[str, Sequence[Part]]) -> list[Part]:
    """The same words as parts of the items of which the gists in `made_of` are made; parts of other items stay.

    The text of a gist is its parts with one space between them. A part that reaches over several of them becomes
    several, each as far as it reaches.
    """
    return [origin for part in parts for origin in _origins(part, made_of)]


def _origins(part: Part, made_of: Mapping[str, Sequence[Part]]) -> Iterator[Part]:
    if part.source not in made_of:
        yield part
        return
    begin = 0  # of the inner part, in the text of the gist
    for inner in made_of[part.source]:
        length = inner.end - inner.start
        start, end = max(part.start, begin), min(part.end, begin + length)
        if start < end:
            yield from _origins(Part(inner.source, inner.start + start - begin, inner.start + end - begin), made_of)
        begin += length + 1

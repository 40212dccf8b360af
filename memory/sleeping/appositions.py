"""Names of which a text says that they are one thing's: "World Health Organization (WHO)". Pure."""

import regex

from retrieval.extractors.aliases import find_aliases
from retrieval.normalize import normal_name

_LEADS_IN = regex.compile(r"(?:^|\s)(?:in|of|and|for|du|de|van|von|&)\s$")
_LEADS_ON = regex.compile(r"\s(?:in|of|and|for|from|&)\s(?:the\s)?\p{Lu}")
_STOP = regex.compile(r"\p{Ll}{2}\.\s\p{Lu}")
_SAYS_SO = regex.compile(r"\b(?:known|nicknamed|a\.?k\.?a|née)\b")


def stated(text: str) -> list[tuple[str, str]]:
    """Pairs of normal names of which a text says that they are one thing's: the full name, then the short one."""
    found = []
    for one in find_aliases(text):
        between = text[one.end : one.alias_start] if one.alias_start >= one.end else text[one.alias_end : one.start]
        if not ("(" in between or _SAYS_SO.search(between)) or _is_cut(text, one.start, one.end, one.alias_end):
            continue
        pair = normal_name(text[one.start : one.end]), normal_name(text[one.alias_start : one.alias_end])
        if all(pair) and pair[0] != pair[1]:
            found.append(pair)
    return found


def _is_cut(text: str, start: int, end: int, alias_end: int) -> bool:
    """Whether a name may go on before or after what was taken for it, or is two sentences."""
    around = _LEADS_IN.search(text[max(0, start - 8) : start]) or _LEADS_ON.match(text, alias_end)
    return around is not None or _STOP.search(text, start, max(end, alias_end)) is not None

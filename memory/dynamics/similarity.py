"""How alike two texts are by their words, and whether a text denies something. Pure; English and German.

Source: the ZenBrain repository (zensation-ai/zenbrain, Apache-2.0), module `similarity`; no paper stands behind it.
What the original got wrong and `RECOMMENDED` does not: words kept their punctuation, "cannot", "can't" and "won't"
went unseen, two denials in one clause counted as a denial, and "nicht mehr" left "mehr" behind.
"""

import re
from dataclasses import dataclass

from memory.dynamics.checks import require, within

APOSTROPHE = "['’]"
COMPAT_CUES = (
    r"no longer",
    rf"doesn{APOSTROPHE}t",
    rf"don{APOSTROPHE}t",
    rf"isn{APOSTROPHE}t",
    rf"hasn{APOSTROPHE}t",
    r"not",
    r"never",
    r"no",
    r"nicht mehr",
    r"nicht",
    r"kein\w*",
    r"nie(?:mals)?",
)
COMPAT_STRIPPED = (
    r"no longer",
    *(rf"{verb}{APOSTROPHE}t" for verb in ("doesn", "don", "isn", "hasn", "can", "won")),
    r"not",
    r"never",
    r"nicht",
    r"kein\w*",
    r"nie(?:mals)?",
)
CUES = (
    r"no (?:longer|more)",
    r"cannot",
    rf"\w+n{APOSTROPHE}t",
    r"not",
    r"never",
    r"no",
    r"nicht (?:mehr|länger)",
    r"nicht",
    r"kein(?:e|en|em|er|es|erlei)?(?: mehr)?",
    r"nie(?:mals)?",
)
CLAUSE_END = re.compile(r"[,;:.!?]+(?=\s|$)|\b(?:and|or|but|und|oder|aber|sondern)\b", re.IGNORECASE)
PUNCTUATION = ".,;:!?\"'()[]{}«»„“”…"


@dataclass(frozen=True, slots=True)
class SimilarityParams:
    """Which words count, and which expressions (regular, whole words, longest first) deny."""

    least_letters: int = 3  # shorter words are ignored
    cues: tuple[str, ...] = CUES
    stripped: tuple[str, ...] = CUES
    drops_punctuation: bool = True
    cancels_pairs: bool = True  # an even number of denials in one clause affirms

    def __post_init__(self) -> None:
        require(within("least_letters", self.least_letters, 1))


COMPAT = SimilarityParams(cues=COMPAT_CUES, stripped=COMPAT_STRIPPED, drops_punctuation=False, cancels_pairs=False)
RECOMMENDED = SimilarityParams()


@dataclass(frozen=True, slots=True)
class Negation:
    """Whether something is denied, the up to two words after the cue, and how sure that is (0-1)."""

    is_negated: bool
    target: str | None
    confidence: float


AFFIRMED = Negation(False, None, 0.0)


def words(text: str, params: SimilarityParams = RECOMMENDED) -> frozenset[str]:
    """Lower-cased words of at least `least_letters` letters."""
    found = text.lower().split()
    if params.drops_punctuation:
        found = [word.strip(PUNCTUATION) for word in found]
    return frozenset(word for word in found if len(word) >= params.least_letters)


def jaccard(first: str, second: str, params: SimilarityParams = RECOMMENDED) -> float:
    """Share of the words of both that they have in common, 0 to 1; 0 if either has none."""
    return overlap(words(first, params), words(second, params))


def overlap(first: frozenset[str], second: frozenset[str]) -> float:
    """Jaccard index of two sets, 0 to 1; 0 if either is empty."""
    if not first or not second:
        return 0.0
    shared = len(first & second)
    return shared / (len(first) + len(second) - shared)


def negation(text: str, params: SimilarityParams = RECOMMENDED) -> Negation:
    """What the text denies. Confidence: .85 with a target, .6 without, .3 if several cues meet, 0 without any."""
    if not params.cancels_pairs:
        return _denial(text, _distinct_cues(text, params.cues))
    clauses = [(clause, _cue_count(clause, params.cues)) for clause in CLAUSE_END.split(text)]
    denying = [clause for clause, count in clauses if count % 2]
    if not denying:
        return Negation(False, None, 0.3) if any(count for _, count in clauses) else AFFIRMED
    return _denial(denying[0], _distinct_cues(denying[0], params.cues))


def stripped(text: str, params: SimilarityParams = RECOMMENDED) -> str:
    """The text without what denies, spaces collapsed: never longer than before. Not idempotent."""
    return " ".join(_pattern(params.stripped).sub(" ", text).split())


def flips_polarity(first: str, second: str, params: SimilarityParams = RECOMMENDED) -> bool:
    """Whether one denies and the other does not."""
    return negation(first, params).is_negated != negation(second, params).is_negated


def _pattern(cues: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(cues)})\b", re.IGNORECASE)  # re keeps what it compiled


def _cue_count(clause: str, cues: tuple[str, ...]) -> int:
    return len(_pattern(cues).findall(clause))


def _distinct_cues(text: str, cues: tuple[str, ...]) -> int:
    """How many different cues there are; what one matched is blanked before the next is looked for."""
    count = 0
    for cue in cues:
        text, matched = _pattern((cue,)).subn(" ", text)
        count += bool(matched)
    return count


def _denial(text: str, cue_count: int) -> Negation:
    if not cue_count:
        return AFFIRMED
    if cue_count > 1:
        return Negation(True, None, 0.3)
    found = _pattern((*COMPAT_CUES, *CUES)).search(text)
    target = " ".join(text[found.end() :].split()[:2]).rstrip(PUNCTUATION) if found else ""
    return Negation(True, target, 0.85) if target else Negation(True, None, 0.6)

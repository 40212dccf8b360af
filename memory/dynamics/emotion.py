"""How a text feels, how much that matters, and how much longer it is therefore remembered. Pure.

Sources: McGaugh, Annual Review of Neuroscience 27 (2004); LaBar & Cabeza, Nature Reviews Neuroscience 7 (2006);
zensation-ai/zenbrain, module emotional (b8d3adc). There negation is not seen, an exclamation mark may calm a text down,
and a neutral text is remembered 1.4 times as long. The words are our own: `emotion_words`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from memory.dynamics.checks import clip, require, round_half_up, within
from memory.dynamics.emotion_words import (
    AROUSAL,
    DIFFICULTY,
    MERE,
    NEGATIVE,
    NEGATORS,
    POSITIVE,
    SIGNIFICANCE,
    TRAILING_NEGATORS,
    TURNS,
    URGENCY,
)

CALM = 0.2  # arousal of a text in which something was found
_REACH = 3  # words between a negator and what it negates
_EDGES = ".,!?;:'\"()[]{}„“”‚‘’«»…–—-*"
_KNOWN = frozenset(word for lexicon in (POSITIVE, NEGATIVE, AROUSAL, SIGNIFICANCE) for word in lexicon.inflected)
_CLAUSE_ENDS = (".", ",", "!", "?", ";", ":", ")", "…", "–", "—")


@dataclass(frozen=True, slots=True)
class EmotionParams:
    """How a text is judged. Raises ParamsInvalid with all that is out of range."""

    by_arousal: float = 0.4  # weight in consolidation
    by_significance: float = 0.6
    most_boost: float = 3.0  # of stability
    notable: float = 0.3  # consolidation from which a text is significant
    negated: float = 0.5  # what is left of a word's intensity when it is turned round; 0 ignores negated words
    is_literal: bool = False  # as published: words as listed, no negation, mean arousal

    def __post_init__(self) -> None:
        require(
            within("by_arousal", self.by_arousal, 0, 1),
            within("by_significance", self.by_significance, 0, 1),
            within("most_boost", self.most_boost, 1),
            within("notable", self.notable, 0, 1),
            within("negated", self.negated, 0, 1),
        )


RECOMMENDED = EmotionParams()
COMPAT = EmotionParams(is_literal=True)


@dataclass(frozen=True, slots=True)
class Emotion:
    """How a text feels."""

    sentiment: float  # -1 (bad) to 1 (good)
    arousal: float  # 0 to 1
    significance: float  # of what it tells, 0 to 1
    consolidation: float  # how much it deserves to be kept, 0 to 1
    multiplier: float  # of stability: 1 for a neutral text, up to 3
    is_significant: bool

    @property
    def valence(self) -> float:
        """The sentiment on a scale from 0 (bad) to 1 (good)."""
        return (self.sentiment + 1) / 2


class Domain(StrEnum):
    """What a text is about, as far as it changes its tone."""

    WORK = "work"
    PERSONAL = "personal"
    LEARNING = "learning"
    CREATIVE = "creative"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Tone:
    """A valence in its domain."""

    valence: float  # of the text alone, [0, 1]
    modifier: float  # rounded to 3 decimals
    effective: float  # [0, 1], rounded to 3 decimals


@dataclass(frozen=True, slots=True)
class _Word:
    text: str  # casefolded, without punctuation
    clause: int
    is_loud: bool  # in capitals


@dataclass(slots=True)
class _Sum:
    """Intensities of one kind that were found."""

    total: float = 0.0
    count: int = 0
    largest: float = 0.0

    def add(self, intensity: float) -> None:
        self.total += intensity
        self.count += 1
        self.largest = max(self.largest, intensity)


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found in a text."""

    positive: _Sum
    negative: _Sum
    arousal: _Sum
    significance: _Sum

    @property
    def judgements(self) -> int:
        return self.positive.count + self.negative.count


def emotion_of(text: str, params: EmotionParams = RECOMMENDED) -> Emotion:
    """How a text feels, by its words, capitals and marks, in English or German. An empty text is neutral."""
    words = _words(text)
    if not words:
        return emotion_from(0.0, 0.0, 0.0, params)
    found = _found(words, params)
    sentiment = _sentiment(found, len(words))
    stirred = _mean_arousal(text, words, found) if params.is_literal else _arousal(text, words, found)
    return emotion_from(sentiment, stirred, _significance(found), params)


def emotion_from(sentiment: float, arousal: float, significance: float, params: EmotionParams = RECOMMENDED) -> Emotion:
    """The emotion of three judgements, which a caller may know better than any lexicon. Raises ParamsInvalid."""
    require(
        within("sentiment", sentiment, -1, 1),
        within("arousal", arousal, 0, 1),
        within("significance", significance, 0, 1),
    )
    consolidation = clip(params.by_arousal * arousal + params.by_significance * significance)
    stirred = arousal if params.is_literal else max(0.0, arousal - CALM) / (1 - CALM)
    strongest = max(abs(sentiment), stirred, significance)
    multiplier = clip(1 + 2 * strongest, 1, params.most_boost)
    return Emotion(sentiment, arousal, significance, consolidation, multiplier, consolidation >= params.notable)


def first_boost(emotion: Emotion) -> float:
    """What emotion multiplies the first stability by, from 1 to 2."""
    return clip(emotion.multiplier, 1, 2)


def tone(text: str, emotion: Emotion, domain: Domain) -> Tone:
    """The valence of a text in its domain: urgency is no bad news at work, nor difficulty in learning."""
    words = {word.text for word in _words(text)}
    valence = emotion.valence
    modifier = 0.0
    if domain is Domain.WORK and words & URGENCY:
        modifier = (0.5 - valence) * 2 * 0.1
    elif domain is Domain.PERSONAL:
        modifier = (valence - 0.5) * 2 * 0.2
    elif domain is Domain.LEARNING and valence < 0.5 and words & DIFFICULTY:
        modifier = (0.5 - valence) * 2 * 0.05
    elif domain is Domain.CREATIVE:
        modifier = (valence - 0.5) * 0.15
    return Tone(valence, round_half_up(modifier, 3), round_half_up(clip(valence + modifier), 3))


def _sentiment(found: _Found, length: int) -> float:
    """The mean judgement, weaker in a text of many other words."""
    if not found.judgements:
        return 0.0
    mean = (found.positive.total - found.negative.total) / found.judgements
    return clip(mean * (0.5 + min(found.judgements / length, 0.5)), -1, 1)


def _arousal(text: str, words: Sequence[_Word], found: _Found) -> float:
    """The most stirring word and the loudness, on top of the calm of any text with feeling: more never calms."""
    has_feeling = bool(found.judgements or found.arousal.count)
    loud = sum(word.is_loud and _is_loud_for_sure(word.text) for word in words) if not text.isupper() else 0
    bonus = min(0.15 * text.count("!"), 0.5) + min(0.05 * text.count("?"), 0.2) + min(0.1 * loud, 0.3)
    return clip(CALM * has_feeling + found.arousal.largest + bonus)


def _is_loud_for_sure(word: str) -> bool:
    """Short words in capitals are mostly acronyms."""
    return len(word) > 4 or any(word in lexicon.inflected for lexicon in (POSITIVE, NEGATIVE, AROUSAL))


def _mean_arousal(text: str, words: Sequence[_Word], found: _Found) -> float:
    exclamations, loud = text.count("!"), sum(word.is_loud for word in words)
    total = (
        found.arousal.total + min(0.15 * exclamations, 0.5) + min(0.05 * text.count("?"), 0.2) + min(0.1 * loud, 0.3)
    )
    count = found.arousal.count + (exclamations > 0)
    return min(CALM + total / count, 1.0) if count else CALM + 0.1 * bool(found.judgements)


def _significance(found: _Found) -> float:
    significance = found.significance.total / max(found.significance.count, 1)
    felt = (found.positive.total + found.negative.total) / max(found.judgements, 1)
    return clip(max(significance, 0.6 * felt) if felt > 0.7 else significance)


def _words(text: str) -> list[_Word]:
    words, clause = [], 0
    for token in text.replace("’", "'").split():
        bare = token.strip(_EDGES)
        if not bare or bare.casefold() in TURNS:
            clause += 1
        words.append(_Word(bare.casefold(), clause, len(bare) > 1 and bare.isupper() and bare.isalpha()))
        clause += token.endswith(_CLAUSE_ENDS)
    return words


def _found(words: Sequence[_Word], params: EmotionParams) -> _Found:
    found = _Found(_Sum(), _Sum(), _Sum(), _Sum())
    for position, word in enumerate(words):
        if word.text in _KNOWN:
            is_negated = not params.is_literal and _is_felt(word.text) and _is_negated(words, position)
            _add(found, word.text, is_negated, params)
    return found


def _add(found: _Found, word: str, is_negated: bool, params: EmotionParams) -> None:
    for lexicon, own, opposite in (
        (POSITIVE, found.positive, found.negative),
        (NEGATIVE, found.negative, found.positive),
    ):
        felt = lexicon.intensity(word, params.is_literal)
        if felt is not None and not is_negated:
            own.add(felt)
        elif felt is not None and params.negated > 0:
            opposite.add(felt * params.negated)
    stirring = AROUSAL.intensity(word, params.is_literal)
    if stirring is not None and not is_negated:
        found.arousal.add(stirring)
    telling = SIGNIFICANCE.intensity(word, params.is_literal)
    if telling is not None:
        found.significance.add(telling)


def _is_felt(word: str) -> bool:
    return word in POSITIVE.inflected or word in NEGATIVE.inflected or word in AROUSAL.inflected


def _is_negated(words: Sequence[_Word], position: int) -> bool:
    """An odd number of negators shortly before it in its clause, or a German one after it that negates nothing else."""
    clause = words[position].clause
    before = [word for word in words[max(0, position - _REACH) : position] if word.clause == clause]
    after = [word for word in words[position + 1 : position + 1 + 2 * _REACH] if word.clause == clause]
    following = [*(word.text for word in before[1:]), words[position].text]
    negators = sum(_negates(word.text, next_) for word, next_ in zip(before, following, strict=False))
    if negators:
        return negators % 2 == 1
    trailing = [number for number, word in enumerate(after[:_REACH]) if word.text in TRAILING_NEGATORS]
    return bool(trailing) and not any(_is_felt(word.text) for word in after[trailing[0] + 1 :])


def _negates(word: str, next_word: str) -> bool:
    return (word in NEGATORS or word.endswith("n't")) and next_word not in MERE

"""Questions made of the memories themselves, by which a night is judged, and what follows from the answers. Pure.

Source: proposals of this project. A question has the names and some of the words of one sentence, so that it can be
asked of any namespace without a language model, and is not the sentence itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np
import regex

from memory.dynamics.checks import above, ordered, require, within
from memory.sleeping.episodes import Episode, Sentence
from memory.sleeping.records import Probe, ProbeScore
from retrieval.normalize import STOP_WORDS, words

FOUND_WITHIN = 10  # ranks

_WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}\p{M}'’-]*")


@dataclass(frozen=True, slots=True)
class ProbeParams:
    """How questions are made, what a stage may cost, and how hard replay answers to forgetting."""

    share: float = 0.5  # of the content words of a sentence that a question has; names are always in it
    least_words: int = 3  # content words that a sentence must have to be asked about
    most_words: int = 8  # of a question
    most_recall_lost: float = 0.02  # share of the probes; a single probe never decides
    most_rank_lost: float = 0.05  # mean of 1 / rank
    target: float = 0.95  # recall of the probes that replay aims at
    response: float = 2.0  # growth of the logarithm of the gain per unit of recall that is missing
    least_gain: float = 0.5
    most_gain: float = 2.0

    def __post_init__(self) -> None:
        require(
            above("share", self.share, 0),
            within("share", self.share, 0, 1),
            within("least_words", self.least_words, 1),
            ordered("least_words", self.least_words, "most_words", self.most_words),
            within("most_recall_lost", self.most_recall_lost, 0, 1),
            within("most_rank_lost", self.most_rank_lost, 0, 1),
            within("target", self.target, 0, 1),
            within("response", self.response, 0),
            above("least_gain", self.least_gain, 0),
            ordered("least_gain", self.least_gain, "most_gain", self.most_gain),
        )


RECOMMENDED = ProbeParams()


@dataclass(frozen=True, slots=True)
class ReplayedNight:
    """What an earlier night replayed with, and how its probes did before it."""

    gain: float
    before: ProbeScore


def order(recalls: Mapping[str, int], rng: np.random.Generator, count: int) -> list[str]:
    """In which order items are to be asked about, by how often each has helped: for half of `count` questions what was
    used, the most used first, then the rest by chance. The order of `recalls` does not matter.
    """
    used = sorted((id_ for id_, times in recalls.items() if times), key=lambda id_: (-recalls[id_], id_))
    first = used[: (count + 1) // 2]
    others = sorted(recalls.keys() - set(first))
    return first + [others[number] for number in rng.permutation(len(others)).tolist()]


def choose(
    episodes: Iterable[Episode], rng: np.random.Generator, count: int, params: ProbeParams = RECOMMENDED
) -> list[Probe]:
    """Up to `count` questions, at most one an item, in their order; no more is read than it takes.

    Items without a sentence that can be asked about are passed over.
    """
    probes: list[Probe] = []
    for one in episodes:
        if len(probes) >= count:
            break
        if question := _question(one, rng, params):
            probes.append(Probe(one.id, question))
    return probes


def _question(one: Episode, rng: np.random.Generator, params: ProbeParams) -> str:
    """Empty if no sentence has enough words."""
    candidates = [asked for sentence in one.sentences if (asked := _asked(one, sentence, rng, params))]
    return candidates[int(rng.integers(len(candidates)))] if candidates else ""


def _asked(one: Episode, sentence: Sentence, rng: np.random.Generator, params: ProbeParams) -> str:
    """The names of a sentence, then some of its other words in another order."""
    named = {word for name in one.names for word in name.split()}
    content = [
        word
        for word in dict.fromkeys(_WORD.findall(one.text[sentence.start : sentence.end]))
        if not STOP_WORDS.issuperset(words(word))
    ]
    if len(content) < params.least_words:
        return ""
    names = [word for word in content if named.intersection(words(word))]
    others = [word for word in content if not named.intersection(words(word))]
    wanted = min(max(1, round(params.share * len(others))), params.most_words - 1)
    picked = [others[int(number)] for number in rng.permutation(len(others))[:wanted]]
    kept = names[: params.most_words - len(picked)]
    return " ".join((*kept, *picked)) + "?"


def score(ranks: Sequence[int | None]) -> ProbeScore:
    """How the probes did whose ranks, from 0, these are; None: not found. Perfect where nothing was asked."""
    if not ranks:
        return ProbeScore(0, 1.0, 1.0)
    found = [rank for rank in ranks if rank is not None and rank < FOUND_WITHIN]
    return ProbeScore(len(ranks), len(found) / len(ranks), sum(1 / (1 + rank) for rank in found) / len(ranks))


def costs_too_much(before: ProbeScore, after: ProbeScore, params: ProbeParams = RECOMMENDED) -> bool:
    """Whether what happened between the two took more from the same probes than it may."""
    if not before.probes or not after.probes:
        return False
    one = 1 / min(before.probes, after.probes)
    recall_lost = before.recall - after.recall
    rank_lost = before.reciprocal_rank - after.reciprocal_rank
    slack = 1e-9
    return (
        recall_lost > max(params.most_recall_lost, one) + slack or rank_lost > max(params.most_rank_lost, one) + slack
    )


def replay_gain(earlier: Sequence[ReplayedNight], params: ProbeParams = RECOMMENDED) -> float:
    """What the stability gained by replay is multiplied by tonight; 1 before the first night.

    An integral controller: from the gain of the last of the earlier nights (oldest first), up by what its probes missed
    of the target and down by what they had over it, so that replay grows only as long as things are forgotten.
    """
    if not earlier:
        return 1.0
    last = earlier[-1]
    missing = params.target - last.before.recall if last.before.probes else 0.0
    gain = last.gain * exp(params.response * missing)
    return min(params.most_gain, max(params.least_gain, gain))

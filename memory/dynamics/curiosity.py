"""How much is asked about a topic that little is known of, and what to do about it: the curiosity gap. Pure.

Source: the published description of ZenBrain's curiosity gap; it defines neither ratio, so the caller brings both.
The proposal here: `asked_ratio` is the topic's share of the latest questions, `fact_ratio` its facts over the facts
expected.
"""

from dataclasses import dataclass
from enum import StrEnum

from memory.dynamics.checks import ordered, require, within


class Curiosity(StrEnum):
    NOTHING = "nothing"
    ASK = "ask"  # the user
    RESEARCH = "research"


@dataclass(frozen=True, slots=True)
class CuriosityParams:
    """Where asking and where research begin (strictly above), as a gap of 0-1."""

    ask_above: float = 0.3
    research_above: float = 0.8

    def __post_init__(self) -> None:
        require(
            within("ask_above", self.ask_above, 0, 1),
            within("research_above", self.research_above, 0, 1),
            ordered("ask_above", self.ask_above, "research_above", self.research_above),
        )


COMPAT = RECOMMENDED = CuriosityParams()


def gap(asked_ratio: float, fact_ratio: float, confidence: float, retrieval_score: float) -> float:
    """0 (well known or never asked) to 1. Raises ParamsInvalid, with every problem, for an input outside 0-1."""
    require(
        within("asked_ratio", asked_ratio, 0, 1),
        within("fact_ratio", fact_ratio, 0, 1),
        within("confidence", confidence, 0, 1),
        within("retrieval_score", retrieval_score, 0, 1),
    )
    return 0.4 * asked_ratio + 0.3 * (1 - fact_ratio) + 0.2 * (1 - confidence) + 0.1 * (1 - retrieval_score)


def wanted(topic_gap: float, facts: int, params: CuriosityParams = RECOMMENDED) -> Curiosity:
    """What a gap of 0-1 calls for: research only where no fact is known at all."""
    require(within("topic_gap", topic_gap, 0, 1))
    if topic_gap > params.research_above and facts == 0:
        return Curiosity.RESEARCH
    return Curiosity.ASK if topic_gap > params.ask_above else Curiosity.NOTHING

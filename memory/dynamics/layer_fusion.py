"""Which layers a kind of question trusts most, and one score out of the similarities of several layers. Pure.

Source: ZenBrain paper (arXiv 2604.23878v2), cross-layer fusion: score(d) = max over layers of w(layer, kind) cos(q,
d). The paper publishes two weights (temporal: episodic 2.0; factual: semantic 1.8), which are `COMPAT`; the other
weights of `RECOMMENDED` and the way a question is classified are a proposal of this project. The original mixed
scales (core always first, lexical results 0); a maximum of weighted cosines does not.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from memory.dynamics.checks import require, within
from memory.dynamics.temporal_routes import decompose

HOW_TO = re.compile(
    r"\bhow (?:do|does|can|should|would) (?:i|we|you|one)\b|\bhow to\b"
    r"|\b(?:steps|step by step|procedure|workflow|instructions|recipe)\b"
    r"|\bwie (?:kann|soll|muss) (?:ich|man)\b|\bwie (?:mache|macht|geht)\b|\b(?:schritte|anleitung|ablauf|vorgehen)\b",
    re.IGNORECASE,
)
FACT = re.compile(r"\b(?:who|whom|whose|what|which|where|wer|wen|wem|wessen|was|welche[rsnm]?|wo)\b", re.IGNORECASE)


class QuestionKind(StrEnum):
    TEMPORAL = "temporal"
    PROCEDURAL = "procedural"
    FACTUAL = "factual"
    GENERAL = "general"


Weights = Mapping[str, float]  # by the name of the layer; 1 where it is not named
PUBLISHED: Mapping[QuestionKind, Weights] = MappingProxyType(
    {QuestionKind.TEMPORAL: {"episodic": 2.0}, QuestionKind.FACTUAL: {"semantic": 1.8}}
)
PROPOSED: Mapping[QuestionKind, Weights] = MappingProxyType(
    {
        QuestionKind.TEMPORAL: {"episodic": 2.0, "semantic": 1.0, "procedural": 0.8, "core": 0.8},
        QuestionKind.PROCEDURAL: {"procedural": 1.8, "semantic": 1.0, "episodic": 0.8},
        QuestionKind.FACTUAL: {"semantic": 1.8, "core": 1.2, "episodic": 1.0},
    }
)


@dataclass(frozen=True, slots=True)
class LayerFusionParams:
    """How much a kind of question trusts a layer: factors of 0 and up."""

    weights: Mapping[QuestionKind, Weights] = field(default_factory=lambda: PROPOSED)

    def __post_init__(self) -> None:
        require(
            *(
                within(f"weights.{kind}.{layer}", weight, 0)
                for kind, row in self.weights.items()
                for layer, weight in row.items()
            )
        )


COMPAT = LayerFusionParams(weights=PUBLISHED)
RECOMMENDED = LayerFusionParams()


def kind_of(question: str) -> QuestionKind:
    """Temporal if it has a temporal cue, else procedural if it asks how to, else factual if it asks who or what."""
    if decompose(question).is_temporal:
        return QuestionKind.TEMPORAL
    if HOW_TO.search(question):
        return QuestionKind.PROCEDURAL
    return QuestionKind.FACTUAL if FACT.search(question) else QuestionKind.GENERAL


def layer_weight(layer: str, kind: QuestionKind, params: LayerFusionParams = RECOMMENDED) -> float:
    """The factor of a layer for a kind of question; 1 where none is stated."""
    return params.weights.get(kind, {}).get(layer, 1.0)


def fused(similarities: Mapping[str, float], kind: QuestionKind, params: LayerFusionParams = RECOMMENDED) -> float:
    """The score of one memory out of its cosine in each layer (by the layer's name).

    0 and up: no layer, a negative cosine and NaN all count as 0, so that one more layer never lowers a score.
    """
    return max(
        (
            layer_weight(layer, kind, params) * similarity
            for layer, similarity in similarities.items()
            if similarity > 0  # false for NaN
        ),
        default=0.0,
    )

"""One score out of several layers, weighted by the kind of question."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.layer_fusion import COMPAT, LayerFusionParams, QuestionKind, fused, kind_of, layer_weight
from memory.errors import ParamsInvalid

layers = st.sampled_from(["episodic", "semantic", "procedural", "core", "working"])
cosines = st.floats(-1, 1)
kinds = st.sampled_from(QuestionKind)


def test_the_published_weights_are_used() -> None:
    assert fused({"episodic": 0.4, "semantic": 0.7}, QuestionKind.TEMPORAL, COMPAT) == pytest.approx(0.8, abs=1e-9)
    assert fused({"episodic": 0.4, "semantic": 0.7}, QuestionKind.FACTUAL, COMPAT) == pytest.approx(1.26, abs=1e-9)
    assert layer_weight("procedural", QuestionKind.PROCEDURAL) == 1.8
    assert layer_weight("procedural", QuestionKind.PROCEDURAL, COMPAT) == 1.0


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When did Anna move?", QuestionKind.TEMPORAL),
        ("What did she do before the move?", QuestionKind.TEMPORAL),
        ("How do I reset the router?", QuestionKind.PROCEDURAL),
        ("Wie kann ich den Router einrichten?", QuestionKind.PROCEDURAL),
        ("Who is Anna's sister?", QuestionKind.FACTUAL),
        ("Tell me about Anna", QuestionKind.GENERAL),
        ("", QuestionKind.GENERAL),
    ],
)
def test_a_question_is_of_one_kind(question: str, kind: QuestionKind) -> None:
    assert kind_of(question) is kind


@given(st.dictionaries(layers, cosines), layers, cosines, kinds)
def test_one_more_layer_never_lowers_a_score(
    found: dict[str, float], layer: str, cosine: float, kind: QuestionKind
) -> None:
    more = {layer: cosine, **found}
    assert fused(more, kind) >= fused(found, kind) >= 0


@given(st.dictionaries(layers, cosines), kinds)
def test_what_is_not_found_in_a_layer_may_be_left_out(found: dict[str, float], kind: QuestionKind) -> None:
    assert fused({**found, "nowhere": math.nan}, kind) == fused(found, kind)
    assert fused({**found, "nowhere": 0.0}, kind) == fused(found, kind)


@given(st.dictionaries(layers, st.floats(0, 1), min_size=1), st.floats(0, 1), kinds)
def test_halving_every_cosine_halves_the_score(found: dict[str, float], factor: float, kind: QuestionKind) -> None:
    scaled = {layer: factor * cosine for layer, cosine in found.items()}
    assert fused(scaled, kind) == pytest.approx(factor * fused(found, kind), abs=1e-9)


def test_all_bad_params_are_named_at_once() -> None:
    with pytest.raises(ParamsInvalid) as raised:
        LayerFusionParams(weights={QuestionKind.FACTUAL: {"core": -1, "semantic": math.nan}})
    assert {problem.field for problem in raised.value.problems} == {"weights.factual.core", "weights.factual.semantic"}

"""Fitting finds what made the data."""

import numpy as np
import pytest

from bench import fitting
from retrieval.fusion import EVIDENCE, standing


def made(truth: dict[str, float], questions: int, seed: int) -> list[fitting.Judged]:
    generator = np.random.default_rng(seed)
    weights = np.array([truth.get(name, 0.0) for name in EVIDENCE])
    found = []
    for _ in range(questions):
        evidence = generator.normal(size=(len(EVIDENCE), 60))
        scores = weights @ standing(evidence) + generator.gumbel(size=60)
        found.append(fitting.judged(evidence, scores == scores.max()))
    return found


def test_the_weights_that_chose_the_relevant_are_found_again() -> None:
    found = dict(zip(EVIDENCE, fitting.weights([made({"dense": 1.0, "cover": 2.0}, 300, 1)]), strict=True))
    assert found["cover"] > found["dense"] > 0.5
    assert all(abs(value) < 0.25 for name, value in found.items() if name not in ("dense", "cover"))


def test_no_weight_is_negative_but_those_that_may_be() -> None:
    sets = [made({"dense": 1.0, "named": -2.0, "length": -1.0}, 150, 2)]
    found = dict(zip(EVIDENCE, fitting.weights(sets, without=["asks"]), strict=True))
    assert found["named"] == 0
    assert found["asks"] == 0
    assert found["length"] < -0.4


def test_the_gradient_is_that_of_the_loss() -> None:
    one = made({"dense": 1.0}, 1, 3)[0]
    values = np.random.default_rng(4).normal(size=len(EVIDENCE))
    _, slope = fitting._loss(one, values)
    for at in range(len(EVIDENCE)):
        step = np.zeros(len(EVIDENCE))
        step[at] = 1e-6
        measured = (fitting._loss(one, values + step)[0] - fitting._loss(one, values - step)[0]) / 2e-6
        assert slope[at] == pytest.approx(measured, abs=1e-5)


def test_calibration_finds_the_curve() -> None:
    generator = np.random.default_rng(5)
    features = generator.normal(size=(20_000, 2))
    chance = 1 / (1 + np.exp(-(-1.0 + 2.0 * features[:, 0])))
    found = fitting.calibration(features, generator.random(20_000) < chance)
    assert found == pytest.approx([-1.0, 2.0, 0.0], abs=0.1)

"""Weights of fusion and calibration of probabilities, as `python -m bench.train_fusion` writes them."""

from collections.abc import Mapping

WRITTEN: Mapping[str, float] = {
    "dense": 0.43,
    "sentence": 0.34,
    "bm25": -0.46,
    "window": 0.07,
    "graph": 0.65,
    "cover": 0.11,
    "named": 0.06,
    "about": 0.14,
    "bridge": 0.12,
    "rest": 0.20,
    "length": -0.24,
    "dated": 0.05,
}

SPOKEN: Mapping[str, float] = {
    "dense": 0.25,
    "sentence": 0.49,
    "bm25": -0.06,
    "window": 0.23,
    "graph": 0.55,
    "cover": 0.13,
    "named": 0.01,
    "about": 0.02,
    "rest": 0.02,
    "length": 0.26,
    "dated": 0.36,
    "speaker": 0.54,
    "asks": -0.61,
    "before": 0.35,
}

# Logistic regression: intercept; best cosine; share of the highest window BM25; log of the PageRank.
CALIBRATION = (-4.08, 4.93, 4.87, 0.35)

"""Weights of fusion and calibration of probabilities, as `python -m bench.train_fusion` writes them."""

from collections.abc import Mapping

WRITTEN: Mapping[str, float] = {
    "dense": 0.41,
    "sentence": 0.29,
    "bm25": -0.43,
    "window": 0.22,
    "graph": 0.67,
    "cover": 0.18,
    "named": 0.06,
    "about": 0.14,
    "bridge": 0.11,
    "rest": 0.18,
    "length": -0.28,
    "dated": 0.05,
}

SPOKEN: Mapping[str, float] = {
    "dense": 0.28,
    "sentence": 0.46,
    "bm25": -0.30,
    "window": 0.24,
    "graph": 0.56,
    "cover": 0.39,
    "named": 0.01,
    "about": 0.03,
    "rest": 0.02,
    "length": 0.11,
    "dated": 0.37,
    "speaker": 0.54,
    "asks": -0.58,
    "before": 0.34,
}

# Logistic regression: intercept; best cosine; share of the highest window BM25; log of the PageRank.
CALIBRATION = (-4.09, 5.02, 4.80, 0.36)

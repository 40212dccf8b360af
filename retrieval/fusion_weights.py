"""The weights of fusion and the calibration of probabilities, as `python -m bench.train_fusion` writes them."""

from collections.abc import Mapping

WRITTEN: Mapping[str, float] = {
    "dense": 0.45,
    "sentence": 0.30,
    "bm25": -0.42,
    "window": 0.25,
    "graph": 0.80,
    "cover": 0.13,
    "named": 0.07,
    "about": 0.14,
    "bridge": 0.12,
    "rest": 0.20,
    "length": -0.28,
    "dated": 0.05,
}

SPOKEN: Mapping[str, float] = {
    "dense": 0.28,
    "sentence": 0.45,
    "bm25": -0.30,
    "window": 0.27,
    "graph": 0.55,
    "cover": 0.40,
    "named": 0.01,
    "about": 0.05,
    "rest": 0.02,
    "length": 0.17,
    "dated": 0.40,
    "speaker": 0.54,
    "asks": -0.47,
    "before": 0.34,
}

# Of a logistic regression: intercept; best cosine; share of the highest window BM25; log of the PageRank.
CALIBRATION = (-4.09, 4.88, 5.00, 0.33)

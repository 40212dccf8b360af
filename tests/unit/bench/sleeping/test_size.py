"""The bench of sleep at size: three nights of a small namespace in a process of their own, while it is asked."""

from pathlib import Path

from bench.sleeping.size import SizeParams, measure


def test_three_nights_are_slept_by_another_process_while_this_one_asks(tmp_path: Path) -> None:
    found = measure(SizeParams(60, questions=5, written=20), tmp_path)
    nights = [found[name] for name in ("first", "ordinary", "halving")]
    for night in nights:
        assert isinstance(night, dict)
        assert night["recalls_during"] > 0
        assert night["memory_mb"]["peak"]["rss"] >= night["memory_mb"]["awake"]["rss"] > 0
        assert set(night["stages"]) >= {"settle", "budget", "fold", "verify"}
    first, ordinary, halving = nights
    assert ordinary["tokens"]["after"] <= first["tokens"]["after"] < ordinary["tokens"]["before"]
    assert halving["tokens"]["after"] <= 0.53 * halving["tokens"]["before"]

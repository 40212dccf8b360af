"""The bench of sleep at size: three nights of a small namespace in a process of their own, while it is asked."""

from pathlib import Path

import pytest

from bench.sizes import flat
from bench.sleeping.size import SizeParams, measure


@pytest.mark.slow
def test_three_nights_are_slept_by_another_process_while_this_one_asks(tmp_path: Path) -> None:
    found = dict(flat("", measure(SizeParams(60, questions=5, written=20), tmp_path)))
    figures = {name: float(value) for name, value in found.items() if isinstance(value, int | float)}
    for night in ("first", "ordinary", "halving"):
        assert figures[f"{night}.recalls_during"] > 0
        assert figures[f"{night}.memory_mb.peak.rss"] >= figures[f"{night}.memory_mb.awake.rss"] > 0
        assert found[f"{night}.stages.verify.status"] == "done"
    assert figures["ordinary.tokens.after"] <= figures["first.tokens.after"] < figures["ordinary.tokens.before"]
    assert figures["halving.tokens.after"] <= 0.53 * figures["halving.tokens.before"]

"""The bench of hints on a small world: what two names join is found, and what is counted is what a question needs."""

from pathlib import Path

from bench import hints
from bench.service import Service
from bench.types import Collection, LabelledQuestion
from memory.types import Draft, Kind
from retrieval.embedders.hashing import HashingEmbedder

TEXTS = {
    "sextant": "The brass sextant belongs to Halvard Brennock.",
    "house": "Halvard Brennock lives in the white house.",
    "bread": "Bread is baked on Monday.",
    "roof": "The roof leaks a little.",
}


def test_what_a_question_needs_is_found_over_a_name(tmp_path: Path) -> None:
    drafts = tuple(Draft(Kind.DOCUMENT, text, external_id=name) for name, text in TEXTS.items())
    asked = (
        LabelledQuestion("1", "Where does the owner of the sextant live?", frozenset({"sextant", "house"})),
        LabelledQuestion("2", "What is baked?", frozenset({"bread"})),
    )
    with Service(tmp_path, HashingEmbedder(64)) as service:
        found = hints.measure(Collection("small", drafts, asked), service)
    assert (found["passages"], found["sources"]) == (4, 2)
    thresholds = found["least_activation"]
    assert isinstance(thresholds, list)
    lowest = thresholds[0]
    assert isinstance(lowest, dict)
    assert (lowest["told"], lowest["needed"]) == (2, 1.0)
    assert "| 0.005" in hints.markdown(found)

"""A question that asks how finds procedures, and never ranks one lower for being one."""

from hypothesis import given
from hypothesis import strategies as st

from memory.recall import with_procedures
from retrieval.search import Hit
from retrieval.types import PassageId

scores = st.floats(-5, 5)


@given(st.lists(scores, max_size=5), scores)
def test_a_procedure_comes_before_whatever_it_equalled_or_beat(others: list[float], score: float) -> None:
    hits = [Hit(PassageId(f"other-{number}"), other, 0.5) for number, other in enumerate(others)]
    procedure = Hit(PassageId("procedure"), score, 0.5)
    merged = with_procedures([*hits, procedure], [procedure])
    place = [hit.id for hit in merged].index(procedure.id)
    assert all(hit.score > score for hit in merged[:place])
    assert len(merged) == len(hits) + 1

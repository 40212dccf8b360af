"""What a passage leads to without a question: laws of activation and of the paths that carry it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.search import SearchParams
from retrieval.spreading import spread
from retrieval.types import IndexedPassage
from tests.unit.retrieval.worlds import documents, index_of, passage

PARAMS = SearchParams()


@given(documents(), st.integers(0, 1000), st.floats(0, 0.2), st.integers(1, 5))
@settings(max_examples=50)
def test_activation_comes_over_names_from_one_end_to_the_other(
    made: list[list[IndexedPassage]], choice: int, least: float, most: int
) -> None:
    index = index_of(made)
    row = choice % len(index)
    found = spread(index, row, least, most, PARAMS)
    names = {one.id: {mention.display for mention in one.mentions} for some in made for one in some}
    assert len(found) <= most
    assert [one.activation for one in found] == sorted((one.activation for one in found), reverse=True)
    for one in found:
        assert least <= one.activation < 1
        assert (one.path[0].id, one.path[-1].id) == (index.passage_id(row), one.id)
        assert one.id != index.passage_id(row)
        assert one.path[1].label in names[index.passage_id(row)]
        assert one.path[-2].label in names[one.id]
        assert {step.node for step in one.path[1:-1]} == {"entity"}


@given(documents(), st.integers(0, 1000))
@settings(max_examples=25)
def test_asking_for_less_gives_the_first_of_more(made: list[list[IndexedPassage]], choice: int) -> None:
    index = index_of(made)
    row = choice % len(index)
    assert spread(index, row, 0.0, 1, PARAMS) == spread(index, row, 0.0, 3, PARAMS)[:1]


def test_a_rare_name_leads_further_than_a_common_one() -> None:
    """The first passage names one thing that one other names, and one that eight others name."""
    rare = [passage(0, 0, 0, [(0, 1), (1, 1)], ["river"]), passage(1, 1, 0, [(0, 1)], ["river"])]
    common = [passage(2 + k, 2 + k, 0, [(1, 1)], ["river"]) for k in range(8)]
    index = index_of([[one] for one in [*rare, *common]])
    first, second, *_ = spread(index, 0, 0.0, 5, PARAMS)
    assert first.id == rare[1].id
    assert first.path[1].label == "Name A"
    assert first.activation > 4 * second.activation


def test_nothing_is_reached_from_what_names_nothing() -> None:
    index = index_of([[passage(0, 0, 0, [], ["river"]), passage(1, 0, 1, [], ["river"])]])
    assert spread(index, 0, 0.0, 5, PARAMS) == []

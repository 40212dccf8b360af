"""Pruning changes what is scored, never what is found."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval import pruned
from retrieval.index import Index
from retrieval.lexical import LexicalParams, LexicalScores
from retrieval.pruned import PrunedScores, lexical_scores
from tests.unit.retrieval.worlds import WORDS, index_of, passage


@pytest.fixture(scope="module")
def skewed() -> Index:
    """3,000 passages in which the first words are in almost all and the last ones in hardly any."""
    generator = np.random.default_rng(4)
    made = []
    for number in range(3000):
        words = [WORDS[min(int(draw), len(WORDS) - 1)] for draw in generator.geometric(0.45, 6) - 1]
        made.append([passage(number, number // 3, number % 3, [], words)])
    index = index_of(made)
    for document in range(0, 1000, 11):
        index.remove(made[3 * document][0].document_id)
    return index


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6), st.integers(1, 60), st.sampled_from([0, 1, 2, 7]))
def test_the_best_rows_and_their_scores_are_those_of_scoring_everything(
    skewed: Index, question: list[str], limit: int, parity: int
) -> None:
    everything = lexical_scores(skewed, question, LexicalParams())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pruned, "WORTH_PRUNING", 5)
        some = PrunedScores(skewed, question, LexicalParams())
        allowed = None if parity == 0 else np.asarray(skewed.graph.alive.view & (np.arange(skewed.rows) % parity == 0))
        assert isinstance(everything, LexicalScores)
        assert some.ceiling == pytest.approx(everything.ceiling)
        for found, expected, arm in zip(
            some.best(limit, allowed), everything.best(limit, allowed), (0, 1), strict=True
        ):
            rows = np.sort(found)
            of_found, of_expected = some.at(rows)[arm], everything.at(np.sort(expected))[arm]
            assert np.sort(of_found) == pytest.approx(np.sort(of_expected))
            assert everything.at(rows)[arm] == pytest.approx(of_found)


def test_common_words_are_not_scored_for_every_passage(skewed: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruned, "WORTH_PRUNING", 5)
    taken, _ = PrunedScores(skewed, [WORDS[0], WORDS[5], WORDS[7]], LexicalParams())._taken_up(3, None)
    assert taken < 3

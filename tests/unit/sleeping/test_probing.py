"""Questions that a night asks of itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory.errors import ParamsInvalid
from memory.sleeping.episodes import Episode
from memory.sleeping.probing import (
    RECOMMENDED,
    ProbeParams,
    ReplayedNight,
    choose,
    costs_too_much,
    order,
    replay_gain,
    score,
)
from memory.sleeping.records import Probe, ProbeScore
from retrieval.normalize import words
from tests.unit.sleeping.made import episode, namespaces, used

some = settings(max_examples=40, deadline=None)
ranks = st.lists(st.none() | st.integers(0, 40), max_size=40)
parts = st.floats(0, 1)


def _score(recall: float, reciprocal_rank: float = 0.5, probes: int = 100) -> ProbeScore:
    return ProbeScore(probes, recall, reciprocal_rank)


def _chosen(episodes: list[Episode], rng: np.random.Generator, count: int) -> list[Probe]:
    by_id = {one.id: one for one in episodes}
    return choose((by_id[id_] for id_ in order({one.id: one.recalls for one in episodes}, rng, count)), rng, count)


@some
@given(namespaces(), st.integers(0, 20), st.integers(0, 99))
def test_a_probe_asks_with_words_of_its_item_and_each_item_is_asked_once(
    episodes: list[Episode], count: int, seed: int
) -> None:
    found = _chosen(episodes, np.random.default_rng(seed), count)
    by_id = {one.id: one for one in episodes}
    assert len(found) <= count
    assert len({one.document for one in found}) == len(found)
    for one in found:
        assert one.rank is None
        assert set(words(one.question)) <= set(words(by_id[one.document].text))
        assert 1 <= len(one.question.split()) <= RECOMMENDED.most_words


@some
@given(namespaces(), st.integers(0, 20), st.integers(0, 99))
def test_the_same_chance_asks_the_same_in_any_order(episodes: list[Episode], count: int, seed: int) -> None:
    there = _chosen(episodes, np.random.default_rng(seed), count)
    assert _chosen(episodes[::-1], np.random.default_rng(seed), count) == there


def test_used_items_are_half_of_what_is_asked() -> None:
    text = "Clara Whitlock restores old cellos in a workshop by the harbour."
    items = [episode(f"{number:02}", text) for number in range(20)]
    items = [used(one, 1 + number) if number < 8 else one for number, one in enumerate(items)]
    found = [one.document for one in _chosen(items, np.random.default_rng(0), 10)]
    assert found[:5] == ["07", "06", "05", "04", "03"]
    assert len(found) == 10


def test_a_question_has_the_names_and_is_not_the_sentence() -> None:
    text = "Clara Whitlock restores antique cellos inside a dusty workshop beside the harbour."
    (one,) = choose([episode("a", text)], np.random.default_rng(1), 1)
    assert one.question.startswith("Clara Whitlock ")
    assert one.question not in text


def test_what_says_nothing_is_not_asked_about() -> None:
    assert choose([episode("a", "It was so."), episode("b", "Why?")], np.random.default_rng(0), 5) == []


@given(ranks)
def test_scores_are_shares_and_the_order_of_probes_does_not_matter(found: list[int | None]) -> None:
    one = score(found)
    assert 0 <= one.reciprocal_rank <= one.recall <= 1
    turned = score(found[::-1])
    assert turned.recall == one.recall
    assert turned.reciprocal_rank == pytest.approx(one.reciprocal_rank)


@given(ranks, st.data())
def test_a_better_rank_never_scores_less(found: list[int | None], data: st.DataObject) -> None:
    better = [rank if rank is None else data.draw(st.integers(0, rank)) for rank in found]
    assert score(better).recall >= score(found).recall
    assert score(better).reciprocal_rank >= score(found).reciprocal_rank - 1e-12


def test_scores_count_what_is_among_the_first_ten() -> None:
    found = score([0, 1, 9, 10, None])
    assert (found.probes, found.recall) == (5, 3 / 5)
    assert found.reciprocal_rank == pytest.approx((1 + 1 / 2 + 1 / 10) / 5)


@given(parts, parts, parts)
def test_what_loses_more_costs_more(before: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    start = _score(before, 0.0)
    assert costs_too_much(start, _score(low, 0.0)) >= costs_too_much(start, _score(high, 0.0))
    assert not costs_too_much(start, start)


def test_a_single_probe_never_rolls_a_stage_back_and_many_do() -> None:
    assert not costs_too_much(_score(1, 1, probes=10), _score(0.9, 0.9, probes=10))
    assert costs_too_much(_score(1, 1, probes=10), _score(0.8, 0.9, probes=10))
    assert not costs_too_much(_score(0.9), _score(0.88))
    assert costs_too_much(_score(0.9), _score(0.87))
    assert costs_too_much(_score(0.9, 0.7), _score(0.9, 0.6))
    assert not costs_too_much(_score(1, 1, probes=0), _score(0, 0))


@given(st.floats(0.5, 2), parts, parts)
def test_what_forgets_more_is_replayed_harder(gain: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert replay_gain([ReplayedNight(gain, _score(low))]) >= replay_gain([ReplayedNight(gain, _score(high))])


@given(st.lists(parts, min_size=1, max_size=30))
def test_the_gain_stays_within_its_bounds_night_after_night(recalls: list[float]) -> None:
    nights: list[ReplayedNight] = []
    for recall in recalls:
        nights.append(ReplayedNight(replay_gain(nights), _score(recall)))
    assert RECOMMENDED.least_gain <= replay_gain(nights) <= RECOMMENDED.most_gain


def test_the_gain_begins_at_one_and_rests_at_the_target() -> None:
    assert replay_gain([]) == 1.0
    assert replay_gain([ReplayedNight(1.3, _score(RECOMMENDED.target))]) == pytest.approx(1.3)
    assert replay_gain([ReplayedNight(1.0, _score(0.8))]) == pytest.approx(np.exp(2 * 0.15))


def test_params_out_of_range_are_named() -> None:
    with pytest.raises(ParamsInvalid, match="most_gain"):
        ProbeParams(least_gain=3)

"""Arms against each other, question by question."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bench.paired import METRICS, losses, pairs
from bench.types import Outcome

ranks = st.sets(st.integers(1, 20), max_size=3).map(lambda found: tuple(sorted(found)))
rankings = st.lists(st.tuples(ranks, ranks), min_size=1, max_size=12)


def outcomes(found: list[tuple[int, ...]]) -> tuple[Outcome, ...]:
    return tuple(Outcome(f"q{n}", "", 3, ranks, 1.0) for n, ranks in enumerate(found))


@given(rankings)
@settings(max_examples=15)
def test_the_other_way_round_wins_are_losses(found: list[tuple[tuple[int, ...], tuple[int, ...]]]) -> None:
    one, other = outcomes([left for left, _ in found]), outcomes([right for _, right in found])
    for there, back in zip(pairs({"a": one, "b": other}), pairs({"b": other, "a": one}), strict=True):
        assert (there.first, there.second, there.metric) == (back.second, back.first, back.metric)
        assert there.found.difference == -back.found.difference
        assert (there.found.wins, there.found.losses) == (back.found.losses, back.found.wins)
        assert there.found.wins + there.found.losses + there.found.ties == len(found)
        assert there.found.low <= there.found.difference + 1e-12
        assert there.found.difference - 1e-12 <= there.found.high


def test_every_pair_is_there_once_for_every_metric() -> None:
    found = pairs({name: outcomes([(1,)]) for name in "abc"})
    assert [(pair.first, pair.second) for pair in found[:: len(METRICS)]] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert [pair.metric for pair in found[: len(METRICS)]] == list(METRICS)
    assert all(pair.found.ties == 1 and not pair.found.is_clear for pair in found)


def test_losses_are_what_another_arm_finds_and_the_worst_come_first() -> None:
    found = losses(
        {"a": outcomes([(1,), (), (1, 2), (9,)]), "b": outcomes([(2,), (1, 2), (1, 2, 3), ()])}, "recall@5", most=2
    )
    assert [(loss.question, loss.values["a"]) for loss in found] == [("q1", 0.0), ("q2", 2 / 3)]


def test_nobody_loses_to_an_oracle() -> None:
    found = {"a": outcomes([(), ()]), "hipporag2-oracle": outcomes([(1,), (1,)]), "b": outcomes([(), (1,)])}
    (loss,) = losses(found, "recall@5", most=5)
    assert loss.question == "q1"
    assert list(loss.values) == ["a", "b"]

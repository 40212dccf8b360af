"""Presets by name, params by path, fusion by rank."""

import pytest

from bench.arms import ARMS_WITH_TRIPLES, DEFAULT_ARMS, SINGLE_ARMS, changed, fused, named, selected
from bench.errors import BenchError
from retrieval.search import SearchParams


def test_zengram_is_the_service_as_it_is() -> None:
    assert named("zengram", {}).presets == (SearchParams(),)


@pytest.mark.parametrize("name", SINGLE_ARMS)
def test_a_single_arm_is_the_only_one_that_counts(name: str) -> None:
    (params,) = named(name, {}).presets
    assert params == SearchParams.only(name)


def test_changes_are_for_the_service_alone() -> None:
    assert named("dense", {"walk.damping": "0.5"}).presets == (SearchParams.only("dense"),)
    (params,) = named("zengram", {"walk.damping": "0.5", "seeds.sentences": "7"}).presets
    assert (params.walk.damping, params.seeds.sentences) == (0.5, 7)
    assert params.fusion == SearchParams().fusion


@pytest.mark.parametrize("name", ["", "dens", "rrf2"])
def test_unknown_arms_are_refused(name: str) -> None:
    with pytest.raises(BenchError, match="there are zengram, rrf"):
        named(name, {})


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("walk.speed", "1", "no such param"),
        ("nothing", "1", "no such param"),
        ("per_arm.deeper", "1", "no such param"),
        ("walk", "1", "a group of params"),
        ("seeds.sentences", "2.5", "is not a int"),
        ("walk.damping", "much", "is not a float"),
    ],
)
def test_params_that_do_not_fit_are_refused(path: str, value: str, message: str) -> None:
    with pytest.raises(BenchError, match=message):
        changed(SearchParams(), {path: value})


def test_fusion_adds_reciprocal_ranks() -> None:
    assert fused([["a", "b", "c"], ["c", "d"]]) == ["c", "a", "b", "d"]  # 1/63 + 1/61 > 1/61 > 1/62 = 1/62


def test_one_ranking_stays_as_it_is() -> None:
    assert fused([["b", "a"]]) == ["b", "a"]


def test_arms_that_need_triples_come_with_them() -> None:
    without, with_ = selected(None, {}, None), selected(None, {}, {})
    assert [system.name for system in without.systems] == list(DEFAULT_ARMS)
    assert [system.name for system in with_.systems] == [*DEFAULT_ARMS, *ARMS_WITH_TRIPLES]
    assert without.notes
    assert not with_.notes


def test_named_arms_come_in_the_order_of_their_names() -> None:
    found = selected(["hipporag1", "bm25"], {}, {})
    assert [system.name for system in found.systems] == ["hipporag1", "bm25"]

"""Which items are close to each other, however few of their vectors are held at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory.sleeping import clusters
from memory.sleeping.episodes import Codes, Episode, directions
from retrieval.quantize import to_floats
from tests.unit.sleeping.made import library, named, namespaces

some = settings(max_examples=40, deadline=None)


def _codes(passages: int, seed: int) -> Codes:
    found: Codes = np.random.default_rng(seed).integers(1, 127, (passages, 8), dtype=np.int8)
    return found


@some
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 99)), min_size=1, max_size=6))
def test_an_item_points_where_the_mean_of_its_passages_points(made: list[tuple[int, int]]) -> None:
    items = [_codes(*one) for one in made]
    for one, found in zip(items, directions(items), strict=True):
        mean = to_floats(one).mean(axis=0)
        assert np.allclose(found, mean / np.linalg.norm(mean), atol=1e-6)
        assert abs(float(np.linalg.norm(found)) - 1) < 1e-5


@some
@given(namespaces(), st.integers(1, 9))
def test_clusters_do_not_depend_on_how_many_vectors_are_held(episodes: list[Episode], at_once: int) -> None:
    items = [named(one) for one in episodes]
    whole = clusters.related(items, library(episodes), 0.5, 64, 6)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clusters, "AT_ONCE", at_once)
        assert clusters.related(items, library(episodes), 0.5, 64, 6) == whole


@some
@given(namespaces())
def test_no_item_is_in_two_clusters_and_all_share_a_name_with_one_of_theirs(episodes: list[Episode]) -> None:
    items = [named(one) for one in episodes]
    found = clusters.related(items, library(episodes), 0.5, 64, 6)
    members = [number for cluster in found for number in cluster]
    assert len(members) == len(set(members))
    for cluster in found:
        assert any(all(set(items[one].names) & set(items[other].names) for other in cluster) for one in cluster)


@some
@given(namespaces(), st.sets(st.integers(0, 13)))
def test_what_cannot_be_read_any_more_is_related_to_nothing(episodes: list[Episode], gone: set[int]) -> None:
    items = [named(one) for one in episodes]
    left = [one for number, one in enumerate(episodes) if number not in gone]
    found = clusters.related(items, library(left), 0.5, 64, 6)
    assert not gone & {number for cluster in found for number in cluster}

"""The graph to look at: every page, way and neighbour is one that a plain look through all of it finds."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.adjacency import GraphParams
from retrieval.growable import Strings
from retrieval.index import Index
from retrieval.maps import entities
from retrieval.maps.communities import communities
from retrieval.maps.entities import Place
from retrieval.maps.neighbourhood import name_of, neighbourhood
from retrieval.pagerank import edges
from tests.unit.retrieval.worlds import documents, index_of

TEXTS = st.lists(st.text("abä日", max_size=5), max_size=8)


@given(TEXTS, TEXTS, st.text("abä日", min_size=1, max_size=2))
def test_texts_that_contain_another_are_found_in_base_and_delta(old: list[str], new: list[str], wanted: str) -> None:
    before = Strings()
    for text in old:
        before.append(text)
    strings = Strings(*before.select(np.arange(len(old))))
    for text in new:
        strings.append(text)
    assert strings.containing(wanted).tolist() == [n for n, text in enumerate([*old, *new]) if wanted in text]


@settings(max_examples=30, deadline=None)
@given(documents(), st.integers(1, 4), st.booleans())
def test_pages_of_entities_are_the_whole_in_order(made, size, folded) -> None:  # type: ignore[no-untyped-def]
    index = index_of(made)
    index.remove(made[0][0].document_id)
    if folded:
        with tempfile.TemporaryDirectory() as folder:
            info = index.fold(Path(folder) / "one.segment")
            index = Index.open(info.path, info.sha256)
    counts: dict[str, int] = {}
    for one in (one for passages in made[1:] for one in passages):
        for mention in one.mentions:
            counts[mention.name] = counts.get(mention.name, 0) + 1
    expected = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    found, after = [], None
    while page := entities.find(index, "", size, after):
        found += [(one.name, one.passages) for one in page]
        after = Place(page[-1].passages, page[-1].name)
    assert found == expected
    assert [one.name for one in entities.find(index, "name", 100)] == [name for name, _ in expected]


@settings(max_examples=30, deadline=None)
@given(documents(), st.integers(0, 4))
def test_a_neighbourhood_has_all_nodes_and_edges_within_its_depth(made, depth) -> None:  # type: ignore[no-untyped-def]
    index = index_of(made)
    source, target, _ = edges(index.graph, GraphParams())
    reached = {0}
    for _ in range(depth):
        reached |= {int(b) for a, b in zip(source, target, strict=True) if int(a) in reached}
    part = neighbourhood(index, [0], depth, 10_000, GraphParams())
    assert part.is_whole
    assert {node.id for node in part.nodes} == {name_of(index, node) for node in reached}
    expected = {
        frozenset((name_of(index, int(a)), name_of(index, int(b))))
        for a, b in zip(source, target, strict=True)
        if {int(a), int(b)} <= reached and a != b
    }
    assert {frozenset((edge.source, edge.target)) for edge in part.edges} == expected
    cut = neighbourhood(index, [0], depth, 2, GraphParams())
    assert {node.id for node in cut.nodes} <= {node.id for node in part.nodes}
    assert cut.is_whole == (len(part.nodes) <= 2)


@settings(max_examples=20, deadline=None)
@given(documents())
def test_communities_part_what_is_joined(made) -> None:  # type: ignore[no-untyped-def]
    index = index_of(made)
    found = communities(index, GraphParams(), 1000)
    source, target, _ = edges(index.graph, GraphParams())
    assert sum(one.entities + one.passages for one in found.items) == len(set(source.tolist()) | set(target.tolist()))
    sizes = [one.entities + one.passages for one in found.items]
    assert sizes == sorted(sizes, reverse=True)
    assert communities(index, GraphParams(), 1000) == found

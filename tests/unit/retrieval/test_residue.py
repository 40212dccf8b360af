"""Nothing is left of what was removed, replaced or patched: every part of the index says what a fresh one says."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.adjacency import GraphParams
from retrieval.filters import parse
from retrieval.index import Index
from retrieval.lexical import LexicalParams, LexicalScores
from retrieval.pagerank import edges
from retrieval.pruned import lexical_scores
from retrieval.types import IndexedPassage
from tests.unit.retrieval.worlds import DIMENSION, WORDS, documents

steps = st.lists(st.tuples(st.sampled_from(["remove", "replace", "patch"]), st.integers(0, 11)), max_size=12)


def label(index: Index, node: int) -> str:
    return index.graph.names[node // 2] if node % 2 else str(index.passage_id(node // 2))


def weighed(index: Index) -> dict[tuple[str, str], float]:
    """Weight of every edge, by the names of its ends."""
    found: dict[tuple[str, str], float] = {}
    for source, target, weight in zip(*(each.tolist() for each in edges(index.graph, GraphParams())), strict=True):
        ends = label(index, source), label(index, target)
        found[ends] = found.get(ends, 0.0) + weight
    return {ends: round(weight, 9) for ends, weight in found.items()}


def said(index: Index) -> dict[str, object]:
    """All that a search can learn from an index, by names and ids."""
    alive = np.flatnonzero(index.graph.alive.view)
    scores = lexical_scores(index, WORDS, LexicalParams())
    assert isinstance(scores, LexicalScores)
    similar = index.sentences.similar(np.eye(1, DIMENSION, dtype=np.float32)[0], alive.astype(np.int32))
    sentences: dict[str, list[tuple[float, list[str]]]] = {}
    for cosine, owner, number in zip(similar.cosine, similar.owner, similar.number, strict=True):
        names = [index.graph.names[row] for row in index.sentences.entities_of(int(number))]
        sentences.setdefault(index.passage_id(int(alive[owner])), []).append((round(float(cosine), 5), names))
    marked = parse({"metadata.mark": "patched"}).mask(index.columns)
    df = index.graph.df.view
    return {
        "living": sorted(index.passage_id(int(row)) for row in alive),
        "entities": {index.graph.names[int(row)]: int(df[row]) for row in np.flatnonzero(df)},
        "edges": weighed(index),
        "words": {
            index.passage_id(int(row)): (round(float(own), 9), round(float(window), 9))
            for row, own, window in zip(scores.rows, scores.passage, scores.window, strict=True)
        },
        "length": index.lexicon.total,
        "sentences": {id_: sorted(found) for id_, found in sentences.items()},
        "patched": sorted(index.passage_id(int(row)) for row in alive if marked[row]),
        "codes": {index.passage_id(int(row)): index.vectors.codes(np.array([row]))[0].tolist() for row in alive},
    }


@settings(max_examples=50, deadline=None)
@given(documents(), steps)
def test_an_index_that_lived_says_what_a_fresh_one_says(
    made: list[list[IndexedPassage]], changes: list[tuple[str, int]]
) -> None:
    lived = Index.empty(DIMENSION, "test")
    now: dict[int, list[IndexedPassage]] = {}
    for number, passages in enumerate(made):
        lived.add(passages)
        now[number] = passages
    for kind, choice in changes:
        number = choice % len(made)
        if kind == "patch" and number in now:
            patched = [replace(one, attributes={**one.attributes, "metadata.mark": "patched"}) for one in now[number]]
            now[number] = patched  # stays in its place
            lived.patch(patched[0].document_id, {one.id: one.attributes for one in patched})
            continue
        now.pop(number, None)
        lived.remove(made[number][0].document_id)
        if kind == "replace":
            now[number] = made[number]
            lived.add(made[number])
    fresh = Index.empty(DIMENSION, "test")
    for passages in now.values():
        fresh.add(passages)
    assert said(lived) == said(fresh)
    assert lived.delta_passages >= len(lived)


@settings(max_examples=20, deadline=None)
@given(documents())
def test_removing_touches_only_what_the_document_had(made: list[list[IndexedPassage]]) -> None:
    index = Index.empty(DIMENSION, "test")
    for passages in made:
        index.add(passages)
    before, alive = index.graph.df.view.copy(), index.graph.alive.view.copy()
    index.remove(made[0][0].document_id)
    rows = [row for row in range(index.rows) if alive[row] and not index.graph.alive.view[row]]
    assert len(rows) == len(made[0])
    assert (before - index.graph.df.view).sum() == sum(len(one.mentions) for one in made[0])

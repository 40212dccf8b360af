"""The one definition of the edges of the graph, compiled: for the walk, for explanations and for exact methods.

Nodes: passage row p is node 2p, entity row e is node 2e + 1. Edges are undirected and weighted; only raw counts are
kept, and
weights follow from the totals of base and delta at the time of the walk:

- mention, passage-entity:  ln(1 + count) * specificity(entity), a title counting three mentions;
- contiguity, passage-passage: neighbours in a document or session, after the temporal context model of Howard & Kahana
  (2002, J. Math. Psych. 46): recalling one event brings back the events around it;
- synonym, entity-entity: similarity of the names * the smaller specificity of the two;
- fact, entity-entity: for each passage that states one, the smaller specificity of its subject and its object.

specificity(e) = ln(1 + N / df(e)) ** exponent, after the node specificity of HippoRAG (arXiv 2405.14831, section 2.3),
and 0 for a hub: an entity found in a large share of all passages says little about any of them, so no walk leads there.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.compiling import compiled
from retrieval.facts import Links

Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GraphParams:
    exponent: float = 1.5  # of the specificity
    hub_share: float = 0.25  # an entity in more than this share of the passages is a hub
    hub_floor: int = 50  # ... unless it is in fewer passages than this
    next: float = 6.0  # edge to the neighbouring passage
    next_but_one: float = 2.0
    synonym: float = 1.0
    fact: float = 1.0
    date: float = 1.0  # factors on the specificity of a kind
    number: float = 1.0
    speaker: float = 1.0


class Weights(NamedTuple):
    """What turns raw counts into weights, as the compiled walk takes it."""

    passages: float  # N, the living passages
    exponent: float
    hub_above: float  # an entity with a larger df is a hub
    next: float
    next_but_one: float
    synonym: float
    fact: float
    kinds: Floats  # factor by entity kind
    specificity: Floats  # by df, up to the length of the table
    mentions: Floats  # ln(1 + count), by raw count


class View(NamedTuple):
    """The arrays of a graph as the compiled walk takes them; valid until the next change."""

    base_passages: int
    base_entities: int
    alive: Bools
    previous: Ints
    next: Ints
    df: Ints
    kind: Bytes
    passage_ptr: Longs  # base: passage -> entities
    passage_entity: Ints
    passage_count: Bytes
    entity_ptr: Longs  # base: entity -> passages
    entity_passage: Ints
    entity_count: Bytes
    synonym_ptr: Longs  # base: entity -> entities
    synonym_entity: Ints
    synonym_similarity: NDArray[np.float32]
    later_ptr: Longs  # delta: passage -> entities
    later_entity: Ints
    later_count: Bytes
    mention_head: Ints  # delta: entity -> chain of (passage, count)
    mention_next: Ints
    mention_passage: Ints
    mention_count: Bytes
    near_head: Ints  # delta: entity -> chain of (entity, similarity)
    near_next: Ints
    near_entity: Ints
    near_similarity: NDArray[np.float32]
    links: Links


@compiled
def specificity(df: int, kind: int, weights: Weights) -> float:
    """How much an entity in `df` passages says about each of them; 0 for hubs and for entities of no living passage."""
    if df <= 0 or df > weights.hub_above:
        return 0.0
    if df < len(weights.specificity):
        return float(weights.specificity[df] * weights.kinds[kind])
    return float(np.log(1.0 + weights.passages / df) ** weights.exponent * weights.kinds[kind])


def specificities(df: Ints, kind: Bytes, weights: Weights) -> Floats:
    """`specificity` of many entities."""
    own = np.log(1.0 + weights.passages / np.maximum(df, 1)) ** weights.exponent * weights.kinds[kind]
    return np.where((df > 0) & (df <= weights.hub_above), own, 0.0)


@compiled
def neighbours(view: View, weights: Weights, node: int, out_node: Ints, out_weight: Floats) -> int:
    """Writes the neighbours of `node` and the weights of the edges to them; returns how many there are."""
    if node % 2 == 0:
        return _around_passage(view, weights, node // 2, out_node, out_weight)
    return _around_entity(view, weights, node // 2, out_node, out_weight)


@compiled
def _around_passage(view: View, weights: Weights, passage: int, out_node: Ints, out_weight: Floats) -> int:
    found = 0
    if passage < view.base_passages:
        for at in range(view.passage_ptr[passage], view.passage_ptr[passage + 1]):
            entity = view.passage_entity[at]
            weight = specificity(view.df[entity], view.kind[entity], weights) * weights.mentions[view.passage_count[at]]
            if weight > 0:
                out_node[found] = 2 * entity + 1
                out_weight[found] = weight
                found += 1
    else:
        row = passage - view.base_passages
        for at in range(view.later_ptr[row], view.later_ptr[row + 1]):
            entity = view.later_entity[at]
            weight = specificity(view.df[entity], view.kind[entity], weights) * weights.mentions[view.later_count[at]]
            if weight > 0:
                out_node[found] = 2 * entity + 1
                out_weight[found] = weight
                found += 1
    for links in (view.previous, view.next):
        near = links[passage]
        if near >= 0 and view.alive[near] and weights.next > 0:
            out_node[found] = 2 * near
            out_weight[found] = weights.next
            found += 1
            far = links[near]
            if far >= 0 and view.alive[far] and weights.next_but_one > 0:
                out_node[found] = 2 * far
                out_weight[found] = weights.next_but_one
                found += 1
    return found


@compiled
def _around_entity(view: View, weights: Weights, entity: int, out_node: Ints, out_weight: Floats) -> int:
    found = 0
    own = specificity(view.df[entity], view.kind[entity], weights)
    if own == 0.0:
        return 0
    if entity < view.base_entities:
        for at in range(view.entity_ptr[entity], view.entity_ptr[entity + 1]):
            if view.alive[view.entity_passage[at]]:
                out_node[found] = 2 * view.entity_passage[at]
                out_weight[found] = own * weights.mentions[view.entity_count[at]]
                found += 1
        for at in range(view.synonym_ptr[entity], view.synonym_ptr[entity + 1]):
            found = _near(
                view, weights, own, view.synonym_entity[at], view.synonym_similarity[at], out_node, out_weight, found
            )
    at = view.mention_head[entity]
    while at >= 0:
        if view.alive[view.mention_passage[at]]:
            out_node[found] = 2 * view.mention_passage[at]
            out_weight[found] = own * weights.mentions[view.mention_count[at]]
            found += 1
        at = view.mention_next[at]
    at = view.near_head[entity]
    while at >= 0:
        found = _near(view, weights, own, view.near_entity[at], view.near_similarity[at], out_node, out_weight, found)
        at = view.near_next[at]
    return _by_facts(view, weights, own, entity, out_node, out_weight, found)


@compiled
def _by_facts(
    view: View, weights: Weights, own: float, entity: int, out_node: Ints, out_weight: Floats, found: int
) -> int:
    links = view.links
    if weights.fact <= 0:
        return found
    if entity < view.base_entities:
        for at in range(links.ptr[entity], links.ptr[entity + 1]):
            fact = links.fact[at]
            other = links.object[fact] if links.subject[fact] == entity else links.subject[fact]
            found = _by_fact(view, weights, own, other, links.passage[fact], out_node, out_weight, found)
    if entity < len(links.head):
        at = links.head[entity]
        while at >= 0:
            fact = links.chained[at]
            other = links.later_object[fact] if links.later_subject[fact] == entity else links.later_subject[fact]
            found = _by_fact(view, weights, own, other, links.later_passage[fact], out_node, out_weight, found)
            at = links.next[at]
    return found


@compiled
def _by_fact(
    view: View, weights: Weights, own: float, other: int, passage: int, out_node: Ints, out_weight: Floats, found: int
) -> int:
    if not view.alive[passage]:
        return found
    weight = weights.fact * min(own, specificity(view.df[other], view.kind[other], weights))
    if weight > 0:
        out_node[found] = 2 * other + 1
        out_weight[found] = weight
        return found + 1
    return found


@compiled
def _near(
    view: View, weights: Weights, own: float, other: int, similar: float, out_node: Ints, out_weight: Floats, found: int
) -> int:
    weight = weights.synonym * similar * min(own, specificity(view.df[other], view.kind[other], weights))
    if weight > 0:
        out_node[found] = 2 * other + 1
        out_weight[found] = weight
        return found + 1
    return found

"""A second look: what joins a candidate to the best of a first look, and what of the question they leave open.

Questions of several hops name the first thing only; the passage on the next one shares with the passage on the first
an entity that the question does not name. Nothing is encoded again and nothing outside the candidates is read.

- bridge: a good passage names, in a sentence near to the question, an entity that the candidate is about;
- rest: they share an entity, and the candidate has words of the question that the good passage lacks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.index import Index
from retrieval.lexical import TermHits
from retrieval.pool import Pool

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

GOOD = 10  # the best of the first look
UNSAID = 0.3  # nearness of an entity that no sentence or fact of a passage is about, as a share of the passage's own


@dataclass(frozen=True, slots=True)
class Named:
    """What the candidates name, one entry a mention, and what it comes to for each of them."""

    owner: Ints  # index of the candidate, ascending
    entity: Ints
    is_about: Bools
    specific: Floats  # 0 to 1; 0 for hubs
    is_asked: Bools  # the question names it
    share: Floats  # by candidate
    about: Floats
    dated: Floats


@dataclass(frozen=True, slots=True)
class Linked:
    pool: Pool
    standing: Floats  # after the first look
    hits: TermHits
    names: Named


def bridges(index: Index, linked: Linked) -> tuple[Floats, Floats]:
    """`bridge` and `rest`, float64[candidates] each, 0 and up."""
    count, names = len(linked.pool.rows), linked.names
    good = np.lexsort((linked.pool.rows, -linked.standing))[:GOOD]
    entities, reach, near = _named_by(index, linked, good)
    if not len(entities):
        return np.zeros(count), np.zeros(count)
    at, there = _found_in(entities, names.entity)
    owner, column = names.owner[there], at[there]
    share = np.exp(linked.standing[good] - linked.standing[good[0]])
    joined = _best(reach[:, column], owner, count)
    is_about = names.is_about[there]
    led_to = _best(near[:, column[is_about]], owner[is_about], count)
    for links in (joined, led_to):
        links[np.arange(len(good)), good] = 0.0  # no passage is joined to itself
    left = linked.hits.left_by(good)
    return (share[:, None] * led_to).max(axis=0), (share[:, None] * left * joined).max(axis=0)


def _named_by(index: Index, linked: Linked, good: "_Places") -> tuple[Ints, Floats, Floats]:
    """Entities (ascending) that good passages name and the question does not; by good passage and entity, how specific
    it is, and that times how near to the question it is named.
    """
    names, pool = linked.names, linked.pool
    place = np.full(len(pool.rows), -1)
    place[good] = np.arange(len(good))
    wanted = (place[names.owner] >= 0) & ~names.is_asked & (names.specific > 0)
    entities, column = np.unique(names.entity[wanted], return_inverse=True)
    line = place[names.owner[wanted]]
    reach = np.zeros((len(good), len(entities)))
    reach[line, column] = names.specific[wanted]
    nearness = np.zeros_like(reach)
    nearness[line, column] = UNSAID * np.maximum(pool.features.dense[good], 0.0)[line]
    of_good = np.flatnonzero(place[pool.sentences.owner] >= 0)
    sentence, said = index.sentences.all_entities_of(pool.sentences.number[of_good])
    spot, is_wanted = _found_in(entities, said)
    at = of_good[sentence[is_wanted]]
    np.maximum.at(nearness, (place[pool.sentences.owner[at]], spot[is_wanted]), pool.sentences.cosine[at])
    return entities.astype(np.int32), reach, reach * nearness


def _found_in(entities: Ints, wanted: Ints) -> tuple[NDArray[np.intp], Bools]:
    """Where each wanted one lies in `entities` (ascending), and whether it is there at all."""
    if not len(entities):
        return np.zeros(len(wanted), np.intp), np.zeros(len(wanted), np.bool_)
    at = np.minimum(np.searchsorted(entities, wanted), len(entities) - 1)
    return at, entities[at] == wanted


def _best(links: Floats, owner: Ints, count: int) -> Floats:
    """float64[good, candidates]: the strongest link to each candidate; `owner` is ascending."""
    found = np.zeros((len(links), count))
    if len(owner):
        starts = np.flatnonzero(np.diff(owner, prepend=-1))
        found[:, owner[starts]] = np.maximum.reduceat(links, starts, axis=1)
    return found


_Places = NDArray[np.intp]

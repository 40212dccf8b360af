"""What speaks for a candidate besides the arms: one row of evidence each, in the order of fusion.EVIDENCE.

- cover: the share of the question's words, weighed by idf, that the passage has;
- named: the share of the question's entities, weighed by specificity, that it names; about: whether it names one of
  them as often as a passage does that is about it (its title, or three times);
- bridge, rest: what joins it to the best passages of a first look (bridges.py);
- length: the logarithm of its length; dated: it names a date and the question asks when;
- speaker: 1 if a speaker whom the question names says it, -1 if another does; asks: the share of its sentences
  that are questions;
- before: how much nearer to the question the passage before it is.
"""

import numpy as np
from numpy.typing import NDArray

from retrieval.adjacency import GraphParams, specificities
from retrieval.bridges import Linked, Named, bridges
from retrieval.fusion import EVIDENCE, Features, standardised
from retrieval.graph import KINDS
from retrieval.index import Index
from retrieval.lexical import TermHits
from retrieval.pool import Pool
from retrieval.questions import Asked
from retrieval.types import EntityKind, FloatVector

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

ABOUT = 3  # mentions of what a passage is about; a title counts as many
FIRST_LOOK = 0.1  # weight of each arm against the graph


def evidence(
    index: Index, asked: Asked, vector: FloatVector, named: dict[int, float], pool: Pool, log_mass: Floats,
    hits: TermHits, graph: GraphParams,
) -> tuple[Floats, Bools]:  # fmt: skip
    """float64[len(EVIDENCE), candidates], and which candidates somebody says."""
    rows, arms = pool.rows, pool.features
    names = _names(index, rows, named, graph)
    speaker, is_spoken = _speakers(index, rows, asked.speakers)
    bridge, rest = bridges(index, _linked(pool, arms, log_mass, hits, names))
    found = {
        **only_arms(arms, log_mass),
        "cover": hits.cover,
        "named": names.share,
        "about": names.about,
        "bridge": bridge,
        "rest": rest,
        "length": np.log1p(index.lexicon.length.view[rows]),
        "dated": names.dated if asked.is_when else np.zeros(len(rows)),
        "speaker": speaker,
        "asks": index.lexicon.asking(rows),
        "before": _before(index, vector, rows, arms.dense),
    }
    return np.stack([found[name] for name in EVIDENCE]), is_spoken


def only_arms(arms: Features, log_mass: Floats) -> dict[str, Floats]:
    """The evidence that needs no second look."""
    return {
        "dense": arms.dense,
        "sentence": arms.sentence,
        "bm25": arms.bm25,
        "window": arms.window,
        "graph": log_mass,
    }


def _linked(pool: Pool, arms: Features, log_mass: Floats, hits: TermHits, names: Named) -> Linked:
    standing = standardised(log_mass)
    for values in (arms.dense, arms.sentence, arms.bm25, arms.window):
        standing += FIRST_LOOK * standardised(values)
    return Linked(pool, np.round(standing, 9), hits, names)


def _names(index: Index, rows: Ints, named: dict[int, float], graph: GraphParams) -> Named:
    """What the candidates name, and how that meets what the question names."""
    owner, entity, count = index.graph.all_mentions(rows.astype(np.int64))
    weights = index.graph.weights(graph)
    kind = index.graph.kind.view[entity]
    specific = specificities(index.graph.df.view[entity], kind, weights)
    factor = np.zeros(len(entity))
    for row, own in named.items():
        factor[entity == row] = own
    known = np.array(sorted(named), np.int64)
    whole = specificities(index.graph.df.view[known], index.graph.kind.view[known], weights)
    total = max(float(whole @ np.array([named[int(row)] for row in known])), 1e-12) if len(known) else 1.0
    about = np.zeros(len(rows))
    np.maximum.at(about, owner, np.where(count >= ABOUT, np.minimum(factor, 1.0), 0.0))
    dated = np.zeros(len(rows))
    dated[owner[kind == KINDS.index(EntityKind.DATE)]] = 1.0
    share = np.bincount(owner, factor * specific / total, len(rows)).astype(np.float64)
    rarest = max(float(weights.specificity[1]), 1e-12)
    return Named(owner, entity, count >= ABOUT, specific / rarest, factor > 0, share, about, dated)


def _speakers(index: Index, rows: Ints, wanted: frozenset[str]) -> tuple[Floats, Bools]:
    said = index.columns.at("speaker", rows)
    is_spoken = np.array([speaker is not None for speaker in said], np.bool_)
    if not wanted:
        return np.zeros(len(rows)), is_spoken
    is_wanted = np.array([speaker in wanted for speaker in said], np.bool_)
    return np.where(is_spoken, np.where(is_wanted, 1.0, -1.0), 0.0), is_spoken


def _before(index: Index, vector: FloatVector, rows: Ints, dense: Floats) -> Floats:
    previous = index.graph.neighbour_rows()[0][rows]
    has = (previous >= 0) & np.asarray(index.graph.alive.view, np.bool_)[previous]
    nearer = np.zeros(len(rows))
    nearer[has] = index.vectors.scores(vector, previous[has]).astype(np.float64) - dense[has]
    return nearer

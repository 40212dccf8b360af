"""What a night looks at before it merges names: the names of an index, and what stands around those that are alike."""

from collections.abc import Iterable

import numpy as np

from memory.ids import id_from
from memory.ledger import ACTOR
from memory.merges import Merge, MergeStatus, Names
from memory.parts import Parts
from memory.sleeping.appositions import stated
from memory.sleeping.entities import Proposal, Surroundings, propose
from memory.sleeping.likenesses import RECOMMENDED, Likeness, MergeParams, Named, Pair, alike
from memory.sleeping.records import ChangeOf, Night, NightChange, StageName
from memory.store import merges, namespaces, sleeping
from memory.types import Namespace
from retrieval.graph import KINDS
from retrieval.index import Index
from retrieval.maps.nodes import passages_of
from retrieval.synonyms import ONE_EDIT
from retrieval.types import EntityKind

NAMES = frozenset({EntityKind.NAME, EntityKind.TITLE, EntityKind.SPEAKER, EntityKind.TERM})
LOOKED_AT = 50  # passages of a name whose other names are its companions
SPECIFIC = 50  # passages that may name a companion: what is named everywhere is nobody's


def changes(parts: Parts, namespace: Namespace, night: Night, texts: Iterable[str]) -> list[NightChange]:
    """The merges of a night, where the namespace wants any; else the texts are not read."""
    if not parts.database.read(lambda session: sleeping.settings(session, namespace.id)).merge_names:
        return []
    found = []
    for one in proposed(parts, namespace, texts):
        id_ = id_from(night.at, f"{night.id}:{one.name}:{one.into.name}")
        status, into = MergeStatus.PROPOSED, one.into
        merge = Merge(id_, one.name, into.name, into.display, into.kind, status, one.why, ACTOR, night.at)
        found.append(NightChange(StageName.RECONCILE, ChangeOf.NAMES, id_, why=one.why, merge=merge))
    return found


def proposed(
    parts: Parts, namespace: Namespace, texts: Iterable[str], params: MergeParams = RECOMMENDED
) -> list[Proposal]:
    """The names that are one entity's, as far as these texts and the index say so."""
    known = parts.database.read(lambda session: merges.names(session, namespace.id))
    told = [(known.stand_in(one), known.stand_in(other)) for text in texts for one, other in stated(text)]
    revision = parts.database.read(lambda session: namespaces.revision(session, namespace.id))
    with parts.indexes.reading(namespace.id, revision) as index:
        rows = _names(index)
        names = {name: _named(index, row) for name, row in rows.items()}
        likenesses = alike(names, told, _one_edit(index, names), params)
        around = {one.pair: _around(index, rows, one) for one in likenesses}
    return propose(names, likenesses, around, _apart(known), params)


def _apart(known: Names) -> set[Pair]:
    return {frozenset((known.stand_in(one.name), known.stand_in(one.into))) for one in known.apart}


def _names(index: Index) -> dict[str, int]:
    """The rows of what living passages name, by normal name."""
    kinds = [KINDS.index(kind) for kind in NAMES]
    rows = np.flatnonzero((index.graph.df.view > 0) & np.isin(index.graph.kind.view, kinds))
    return {index.graph.names[int(row)]: int(row) for row in rows}


def _named(index: Index, row: int) -> Named:
    graph = index.graph
    kind = KINDS[int(graph.kind.view[row])]
    return Named(graph.names[row], graph.displays[row], kind, int(graph.df.view[row]))


def _one_edit(index: Index, names: dict[str, Named]) -> list[tuple[str, str]]:
    """Pairs of names that one letter may part."""
    sources, targets, similar = index.graph.synonyms()
    mine = np.flatnonzero((sources < targets) & np.isclose(similar, ONE_EDIT))
    found = ((index.graph.names[int(sources[at])], index.graph.names[int(targets[at])]) for at in mine)
    return [(one, other) for one, other in found if one in names and other in names]


def _around(index: Index, rows: dict[str, int], one: Likeness) -> Surroundings:
    left, right = rows[one.name], rows[one.other]
    of_left, of_right = passages_of(index, left), passages_of(index, right)
    both = sorted(set(of_left) & set(of_right))
    words = {*one.name.split(), *one.other.split()}
    companions = _companions(index, of_left, both, words) & _companions(index, of_right, both, words)
    is_part = f" {one.name} " in f" {one.other} " or f" {one.other} " in f" {one.name} "
    is_contrasted = not is_part and any(_share_a_sentence(index, row, left, right) for row in both[:LOOKED_AT])
    return Surroundings(len(companions), is_contrasted, len(both) == min(len(of_left), len(of_right)))


def _companions(index: Index, passages: list[int], without: list[int], words: set[str]) -> set[int]:
    """What else these passages name that says something about them, and shares no word with the names."""
    graph, skipped = index.graph, set(without)
    own = [row for row in passages if row not in skipped][:LOOKED_AT]
    near = {int(entity) for row in own for entity in graph.mentions_of(row)[0]}
    return {
        entity
        for entity in near
        if graph.df.view[entity] <= SPECIFIC
        and KINDS[int(graph.kind.view[entity])] in NAMES
        and not words.intersection(graph.names[entity].split())
    }


def _share_a_sentence(index: Index, passage: int, left: int, right: int) -> bool:
    return any(
        {left, right} <= set(map(int, index.sentences.entities_of(number)))
        for number in index.sentences.numbers_of(passage)
    )

"""The graph of a namespace to look at: entities with their facts and passages, neighbourhoods, communities."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass

from memory import merging
from memory.errors import InvalidInput, NotFound, Problem
from memory.facts import Fact
from memory.ids import known_form
from memory.merges import Merge
from memory.merging import NO_ENTITY
from memory.parts import Parts
from memory.recall import FAST
from memory.store import facts as stored_facts
from memory.store import namespaces, passages
from memory.store.passages import Recollected
from memory.types import Namespace, Page
from retrieval.index import Index
from retrieval.maps import communities as leiden
from retrieval.maps import entities
from retrieval.maps.communities import Communities
from retrieval.maps.entities import Entity, Neighbour, Place
from retrieval.maps.neighbourhood import Neighbourhood, neighbourhood
from retrieval.normalize import normal_name
from retrieval.types import DocumentId, PassageId

MOST = 50  # facts, passages and neighbours that are shown of an entity


@dataclass(frozen=True, slots=True)
class Portrait:
    """An entity, the merges of its names, oldest first, and what is around it."""

    entity: Entity
    merges: tuple[Merge, ...]
    facts: tuple[Fact, ...]
    passages: tuple[Recollected, ...]
    neighbours: tuple[Neighbour, ...]


def list_entities(parts: Parts, namespace: Namespace, text: str, limit: int, cursor: str | None) -> Page[Entity]:
    """Those with this text in their names, the most often named first. Raises InvalidInput for a bad cursor."""
    after = _place(cursor)
    with parts.indexes.reading(namespace.id, _revision(parts, namespace)) as index:
        found = entities.find(index, text, limit + 1, after)
    items = tuple(found[:limit])
    return Page(items, _cursor(items[-1]) if len(found) > limit else None)


def portrait(parts: Parts, namespace: Namespace, name: str) -> Portrait:
    """By any of its names, however it is spelled. Raises NotFound."""
    normal = normal_name(name)
    with parts.indexes.reading(namespace.id, _revision(parts, namespace)) as index:
        found = entities.entity(index, normal)
        if found is None:
            raise NotFound(NO_ENTITY)
        ids = entities.passages(index, normal, MOST)
        near = entities.around(index, normal, FAST.graph, MOST)
    merges = merging.names_of(parts, namespace, found.name)
    names = {found.name, *(one.name for one in merges)}
    rows = parts.database.read(lambda session: passages.recollect(session, namespace.id, ids))
    facts = parts.database.read(lambda session: stored_facts.about(session, namespace.id, names, MOST, None))
    shown = tuple(rows[id_] for id_ in ids if id_ in rows)
    return Portrait(found, tuple(merges), tuple(facts), shown, tuple(near))


def around(
    parts: Parts, namespace: Namespace, names: Sequence[str], passage_ids: Sequence[str], depth: int, limit: int
) -> Neighbourhood:
    """Around entities and passages. Raises NotFound for what is not there, InvalidInput if nothing is named."""
    if not names and not passage_ids:
        remedy = "name an entity or a passage to start from"
        raise InvalidInput([Problem("entity", "is missing, and so is `passage`", remedy)])
    ids = [PassageId(known_form(id_)) for id_ in passage_ids]
    owners = parts.database.read(lambda session: passages.recollect(session, namespace.id, ids)) if ids else {}
    with parts.indexes.reading(namespace.id, _revision(parts, namespace)) as index:
        starts = [_entity_node(index, name) for name in names]
        starts += [_passage_node(index, id_, owners.get(id_)) for id_ in ids]
        return neighbourhood(index, starts, depth, limit, FAST.graph)


def communities(parts: Parts, namespace: Namespace, limit: int) -> Communities:
    """The largest communities of the whole graph."""
    with parts.indexes.reading(namespace.id, _revision(parts, namespace)) as index:
        return leiden.communities(index, FAST.graph, limit)


def _entity_node(index: Index, name: str) -> int:
    row = index.graph.entity(normal_name(name))
    if row < 0 or index.graph.df.view[row] <= 0:
        raise NotFound(NO_ENTITY)
    return 2 * row + 1


def _passage_node(index: Index, id_: PassageId, owner: Recollected | None) -> int:
    rows = index.living_rows(DocumentId(owner.document.id)) if owner else []
    found = next((row for row in rows if index.passage_id(row) == id_), None)
    if found is None:
        raise NotFound("There is no such passage here.")
    return 2 * found


def _revision(parts: Parts, namespace: Namespace) -> int:
    return parts.database.read(lambda session: namespaces.revision(session, namespace.id))


def _cursor(last: Entity) -> str:
    return base64.urlsafe_b64encode(json.dumps([last.passages, last.name]).encode()).decode()


def _place(cursor: str | None) -> Place | None:
    """Raises InvalidInput."""
    if cursor is None:
        return None
    try:
        count, name = json.loads(base64.urlsafe_b64decode(cursor))
        if not isinstance(count, int) or not isinstance(name, str):
            raise TypeError
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        problem = Problem("cursor", "is not a cursor of this list", "send next_cursor as it was received")
        raise InvalidInput([problem]) from error
    return Place(count, name)

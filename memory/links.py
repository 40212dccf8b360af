"""Links between namespaces of one tenant and owner: found, confirmed or rejected, and recall across what is linked.

Both sides must have opted in (`linkable`), for links and for recall across them; other tenants do not exist here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from memory import tenancy
from memory.errors import Forbidden, InvalidInput, NotFound, Problem
from memory.ids import known_form
from memory.layers.cross_context import Candidate, Link, LinkStatus, candidates, may_link
from memory.parts import Parts
from memory.recall import recall, within_budget
from memory.store import links, namespaces
from memory.types import JsonValue, Namespace, Principal, Recall, Recalled, Took
from retrieval.graph import KINDS
from retrieval.index import Index
from retrieval.types import EntityKind

MOST_NAMESPACES = 20  # that are asked together
LONGEST_OWNER = 255
NAMES = [KINDS.index(kind) for kind in (EntityKind.NAME, EntityKind.TITLE, EntityKind.SPEAKER)]


def open_up(parts: Parts, namespace: Namespace, linkable: bool | None, owner: str | None) -> None:
    """Whether a namespace may be linked, and whose it is; None leaves it as it is, an empty owner is the tenant."""
    if owner is not None and (len(owner) > LONGEST_OWNER or "\x00" in owner):
        raise InvalidInput([Problem("owner", "is not a name", f"use at most {LONGEST_OWNER} characters")])

    def write(session: Session) -> None:
        namespaces.lock(session, namespace.id)
        settings: dict[str, JsonValue] = dict(namespaces.settings_of(session, [namespace.id])[namespace.id])
        if linkable is not None:
            settings["linkable"] = linkable
        if owner is not None:
            settings["owner"] = owner.strip() or None
        namespaces.set_settings(session, namespace.id, settings)

    parts.database.write(write)


def find(parts: Parts, asking: Principal, namespace: Namespace, now: datetime) -> list[Link]:
    """Looks for names that this namespace shares with others; the answer is all candidates. Raises Forbidden."""
    _check_unbound(asking)
    others = parts.database.read(lambda session: _partners(session, namespace))
    names = _names(parts, namespace) if others else {}
    found = [(other, candidates(names, _names(parts, other))) for other in others]

    def write(session: Session) -> list[Link]:
        for other, some in sorted(found, key=lambda one: one[0].id):
            _add(session, namespace, other, some, now)
        return links.of_namespace(session, namespace.id, LinkStatus.CANDIDATE)

    return parts.database.write(write)


def list_all(parts: Parts, asking: Principal, namespace: Namespace, status: LinkStatus | None) -> list[Link]:
    """Nearest first. Raises Forbidden."""
    _check_unbound(asking)
    return parts.database.read(lambda session: links.of_namespace(session, namespace.id, status))


def decide(
    parts: Parts, asking: Principal, namespace: Namespace, id_: str, status: LinkStatus, *, now: datetime, actor: str
) -> Link:
    """Raises NotFound, Forbidden."""
    _check_unbound(asking)
    known_form(id_)

    def write(session: Session) -> Link:
        if not links.decide(session, namespace.id, id_, status, actor, now):
            raise NotFound
        return next(one for one in links.of_namespace(session, namespace.id) if one.id == id_)

    return parts.database.write(write)


def reach(parts: Parts, asking: Principal, namespace: Namespace, names: Sequence[str], linked: bool) -> list[Namespace]:
    """The namespaces that a question goes to: this one, those that are named, and with `linked` those that share a
    confirmed link. Raises NotFound, Forbidden, InvalidInput.
    """
    if not names and not linked:
        return [namespace]
    _check_unbound(asking)
    named = [tenancy.namespace(parts, asking, name) for name in dict.fromkeys(names) if name != namespace.name]

    def read(session: Session) -> list[Namespace]:
        partners = {one.id: one for one in _partners(session, namespace)}
        closed = [one for one in named if one.id not in partners]
        if closed:
            remedy = "set `linkable` on both namespaces, with the same owner"
            raise InvalidInput(
                [Problem("namespaces", f"`{one.name}` is not open to this one", remedy) for one in closed]
            )
        shared = links.confirmed_with(session, namespace.id) if linked else []
        chosen = dict.fromkeys([*(one.id for one in named), *(id_ for id_ in shared if id_ in partners)])
        return [namespace, *(partners[id_] for id_ in chosen)]

    found = parts.database.read(read)
    if len(found) > MOST_NAMESPACES:
        raise InvalidInput([Problem("namespaces", f"are more than {MOST_NAMESPACES}", "name fewer")])
    return found


def recall_across(
    parts: Parts, reached: Sequence[Namespace], question: Recall, now: datetime | None = None
) -> Recalled:
    """The results of all namespaces, most probable first: probabilities compare across indexes, scores do not.

    The first namespace is the one that was asked; `min_revision` and the revision of the answer are of it.
    """
    if len(reached) == 1:
        return recall(parts, reached[0], question, now=now)
    answers = [
        recall(parts, one, question if one is reached[0] else replace(question, min_revision=None), now=now)
        for one in reached
    ]
    results = [
        replace(result, namespace=one.name)
        for one, answer in zip(reached, answers, strict=True)
        for result in answer.results
    ]
    results.sort(key=lambda result: -result.hit.probability)
    results = results[: question.top_k]
    if question.max_tokens is not None:
        results = within_budget(parts, results, question.max_tokens)
    took = [answer.took for answer in answers]
    return Recalled(
        results=tuple(results),
        abstained=all(answer.abstained for answer in answers),
        revision=answers[0].revision,
        seeds=answers[0].seeds,
        took=Took(sum(one.encode for one in took), sum(one.search for one in took), sum(one.total for one in took)),
    )


def _partners(session: Session, namespace: Namespace) -> list[Namespace]:
    """Other namespaces of the tenant that this one may be linked with."""
    known = namespaces.of_tenant(session, namespace.tenant)
    settings = namespaces.settings_of(session, [one.id for one in known])
    mine = settings.get(namespace.id, {})
    return [one for one in known if one.id != namespace.id and may_link([mine, settings.get(one.id, {})])]


def _add(session: Session, namespace: Namespace, other: Namespace, found: Sequence[Candidate], now: datetime) -> None:
    """Both are locked in the order of their ids, so that two searches never wait for each other."""
    for id_ in sorted((namespace.id, other.id)):
        namespaces.lock(session, id_)
    links.add_new(session, namespace.id, other.id, found, now)


def _names(parts: Parts, namespace: Namespace) -> Mapping[str, int]:
    """Proper names of a namespace, with the number of passages that name each."""
    revision = parts.database.read(lambda session: namespaces.revision(session, namespace.id))
    with parts.indexes.reading(namespace.id, revision) as index:
        return names_of(index)


def names_of(index: Index) -> Mapping[str, int]:
    counts, kinds = index.graph.df.view, index.graph.kind.view
    rows = np.flatnonzero((counts > 0) & np.isin(kinds, NAMES))
    return {index.graph.names[int(row)]: int(counts[row]) for row in rows}


def _check_unbound(asking: Principal) -> None:
    if asking.namespace is not None:
        raise Forbidden("This API key is bound to one namespace; linked namespaces need a key of the whole tenant.")

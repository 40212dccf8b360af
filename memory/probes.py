"""Questions that a night asks of recall, before and after its stages: what they find says whether it hurt."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from memory import recall
from memory.parts import Parts
from memory.rereading import episodes
from memory.sleeping import probing
from memory.sleeping.records import Night, Probe, ProbeScore
from memory.store import derivations, sleeping
from memory.surveying import recalls
from memory.types import Namespace, Recall

MOST_PROBES = 64


def chosen(parts: Parts, namespace: Namespace, night: Night) -> list[Probe]:
    """Questions from the memories themselves, with where their items stand before the night."""
    rng = np.random.default_rng(night.seed)
    order = probing.order(recalls(parts, namespace), rng, MOST_PROBES)
    wanted = probing.choose(episodes(parts, namespace, order, night.at), rng, MOST_PROBES)
    return [replace(one, rank=_rank(parts, namespace, one, {one.document})) for one in wanted]


def asked(parts: Parts, namespace: Namespace, night: Night) -> list[Probe]:
    """The probes of the night, with where what answers them stands now."""
    known = parts.database.read(lambda session: sleeping.probes(session, namespace.id, night.id))
    ids = [one.document for one in known]
    first = parts.database.read(lambda session: derivations.find(session, namespace.id, ids, by_source=True))
    after = [one.derived for one in first]
    second = parts.database.read(lambda session: derivations.find(session, namespace.id, after, by_source=True))
    stands: dict[str, set[str]] = {id_: {id_} for id_ in ids}
    for one in first:
        stands[one.source] |= {one.derived, *(other.derived for other in second if other.source == one.derived)}
    return [replace(one, rank=_rank(parts, namespace, one, stands[one.document])) for one in known]


def _rank(parts: Parts, namespace: Namespace, probe: Probe, wanted: Collection[str]) -> int | None:
    """Where the first of these stands in the answer to a probe. Asking leaves no trace."""
    found = recall.recall(parts, namespace, Recall(probe.question, top_k=probing.FOUND_WITHIN)).results
    return next((rank for rank, one in enumerate(found) if one.document.id in wanted), None)


def score(probes: Sequence[Probe]) -> ProbeScore:
    return probing.score([one.rank for one in probes])

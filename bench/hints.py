"""What hints are worth: whether what one passage leads to unasked is the other step of a question of two steps."""

import argparse
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench import beir, machine, report, results
from bench.embedders import CachedEmbedder
from bench.run import ingest
from bench.service import Filled, Service, embedder
from bench.types import Collection, Json
from memory.recall import FAST
from memory.sleeping.associations import RECOMMENDED
from memory.store import namespaces, passages
from retrieval.index import Index
from retrieval.quantize import to_floats
from retrieval.spreading import spread
from retrieval.types import DocumentId, FloatVector

LEAST = (0.005, 0.01, 0.015, RECOMMENDED.least_activation, 0.03, 0.04)
LOOKED_AT = 5  # passages that are reached from one
ANY = 1e-4  # the least activation that is looked at here


@dataclass(frozen=True, slots=True)
class Proposal:
    """The best that is proposed for one passage, how strongly, and whether a question needs both."""

    strength: float
    is_needed: bool


def measure(collection: Collection, service: Service) -> dict[str, Json]:
    """Begins at every passage that a question needs together with others."""
    _, filled = ingest(service, collection, "hints")
    partners = _partners(collection, filled)
    parts, namespace = service.parts, filled.namespace
    revision = parts.database.read(lambda session: namespaces.revision(session, namespace.id))
    with parts.indexes.reading(namespace.id, revision) as index:
        ids = [index.passage_id(row) for row in range(index.rows)]
        owners = parts.database.read(lambda session: passages.owners(session, namespace.id, ids))
        spread_ = _by_spreading(index, owners, partners)
    model, known = parts.embedder.fingerprint, sorted(set(owners.values()))
    first = parts.database.read(lambda session: passages.vectors(session, namespace.id, model, known))
    near = _by_vectors({id_: to_floats(vector) for id_, vector in first.items()}, partners)
    return {
        "passages": len(ids),
        "sources": len(partners),
        "least_activation": [_compared(spread_, near, least) for least in LEAST],
    }


def _partners(collection: Collection, filled: Filled) -> dict[str, set[str]]:
    """What questions need together with each document."""
    found: dict[str, set[str]] = {}
    documents = {name: id_ for id_, names in filled.ids_of.items() for name in names}
    for question in collection.questions:
        together = {documents[one] for one in question.relevant if one in documents}
        for one in sorted(together):
            found.setdefault(one, set()).update(together - {one})
    return {one: others for one, others in found.items() if others}


def _by_spreading(index: Index, owners: Mapping[str, str], partners: Mapping[str, set[str]]) -> list[Proposal]:
    proposals = []
    for source, needed in partners.items():
        reached = [
            (one.activation, owners[one.id])
            for row in index.living_rows(DocumentId(source))
            for one in spread(index, row, ANY, LOOKED_AT, FAST)
            if owners[one.id] != source
        ]
        if reached:
            activation, target = max(reached)
            proposals.append(Proposal(activation, target in needed))
    return proposals


def _by_vectors(vectors: Mapping[DocumentId, FloatVector], partners: Mapping[str, set[str]]) -> list[Proposal]:
    ids = list(vectors)
    rows = {str(id_): row for row, id_ in enumerate(ids)}
    matrix = np.stack([vectors[id_] for id_ in ids])
    proposals = []
    for source, needed in partners.items():
        cosines = matrix @ matrix[rows[source]]
        cosines[rows[source]] = -1.0
        best = int(np.argmax(cosines))
        proposals.append(Proposal(float(cosines[best]), ids[best] in needed))
    return proposals


def _compared(spread_: Sequence[Proposal], near: Sequence[Proposal], least: float) -> dict[str, Json]:
    """Above a threshold, and as many of the nearest vectors."""
    told = [one for one in spread_ if one.strength >= least]
    nearest = sorted(near, key=lambda one: -one.strength)[: len(told)]
    return {"least": least, "told": len(told), "needed": _share(told), "needed_of_nearest_vectors": _share(nearest)}


def _share(proposals: Sequence[Proposal]) -> float:
    return sum(one.is_needed for one in proposals) / len(proposals) if proposals else 0.0


def add(command: argparse.ArgumentParser, positive: Callable[[str], int]) -> None:
    command.add_argument("folder", type=Path, help="questions of several steps, in BEIR form")
    command.add_argument("--embedder", default="minilm")
    command.add_argument("--threads", type=positive)
    command.add_argument("--vectors-cache", type=Path, help="folder that keeps encodings between runs")
    command.add_argument("--json", type=Path)
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    commit = machine.commit()
    dataset = beir.read(options.folder)
    inner = embedder(options.embedder, options.threads)
    cache = CachedEmbedder(inner, options.vectors_cache) if options.vectors_cache else None
    with (
        tempfile.TemporaryDirectory(prefix="zengram-bench-") as folder,
        Service(Path(folder), cache or inner) as service,
    ):
        found = measure(dataset.collections[0], service)
    if cache is not None:
        cache.close()
    if options.json:
        about: dict[str, Json] = {"dataset": dataset.name, "sha256": dataset.sha256, "commit": commit}
        results.write({**about, **found}, options.json)
    print(markdown(found))


def markdown(found: Mapping[str, Json]) -> str:
    heads = ["least activation", "told", "needed", "needed of as many nearest vectors"]
    rows = found["least_activation"]
    assert isinstance(rows, list)
    shown = []
    for one in rows:
        assert isinstance(one, Mapping)
        shown.append([str(value) if isinstance(value, int) else f"{value:.3f}" for value in one.values()])
    return report.table(heads, shown)

"""What merging names is worth: how many a night would merge, which, and what recall finds without and with that."""

import argparse
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
from sqlalchemy.orm import Session

from bench import beir, conversations, machine, paired, report, results
from bench.arms import named
from bench.embedders import CachedEmbedder
from bench.metrics import recall_at
from bench.run import ingest, outcome
from bench.service import ACTOR, Filled, Service, embedder
from bench.statistics import Comparison, compare
from bench.systems import Ground
from bench.types import Collection, Dataset, Json, Outcome
from memory import merging, naming
from memory.ids import id_from
from memory.merges import REASONS, Merge, MergeStatus
from memory.settling import Log
from memory.sleeping.entities import Proposal
from memory.sleeping.likenesses import RECOMMENDED
from memory.store import merges, namespaces, passages
from retrieval.index import Index
from retrieval.maps.nodes import passages_of

CUTOFFS = (2, 5, 10)
BEFORE, AFTER = "apart", "merged"
QUOTED = 160  # characters of a passage that are shown with a merge


@dataclass(frozen=True, slots=True)
class Judgeable:
    """A merge with a passage of either name, for people to judge."""

    collection: str
    proposal: Proposal
    display: str
    quotes: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Measured:
    merged: tuple[Judgeable, ...]
    names: int
    apart: tuple[Outcome, ...]
    together: tuple[Outcome, ...]


def measure(dataset: Dataset, service: Service, with_questions: bool, least: float = RECOMMENDED.least) -> Measured:
    """Every collection in a namespace of its own: asked, merged, and asked again."""
    found: list[Judgeable] = []
    apart: list[Outcome] = []
    together: list[Outcome] = []
    names = 0
    for number, collection in enumerate(dataset.collections):
        ingestion, filled = ingest(service, collection, f"collection-{number}")
        ground = Ground(service, filled, collection, ingestion, f"{collection.name}/")
        before = _asked(ground) if with_questions else []
        texts = [draft.text for draft in collection.drafts]
        proposals = naming.proposed(service.parts, filled.namespace, texts, replace(RECOMMENDED, least=least))
        with service.parts.indexes.reading(filled.namespace.id, 0) as index:
            names += int((index.graph.df.view > 0).sum())
            found += [_judgeable(index, collection, filled, service, one) for one in proposals]
        _merge(service, filled, proposals)
        apart += before
        together += _asked(ground) if with_questions else []
    return Measured(tuple(found), names, tuple(apart), tuple(together))


def _asked(ground: Ground) -> list[Outcome]:
    arm = named("zengram", {}).ready(ground)
    return [
        outcome(ground.filled, question, arm.answer(question), ground.prefix)
        for question in ground.collection.questions
    ]


def _merge(service: Service, filled: Filled, proposals: Sequence[Proposal]) -> None:
    """As a night would, without the rest of it."""
    parts, namespace, now = service.parts, filled.namespace, datetime.now(UTC)
    wanted = [
        Merge(id_from(now, one.name), one.name, one.into.name, one.into.display, one.into.kind, MergeStatus.PROPOSED,
              one.why, ACTOR, now)
        for one in proposals
    ]  # fmt: skip
    parts.database.write(partial(merges.add, namespace=namespace.id, merges=wanted))
    ids = [one.id for one in wanted]
    holders = merging.holders_of_merges(parts, namespace, ids)

    def write(session: Session) -> int:
        namespaces.lock(session, namespace.id)
        return merging.apply(session, namespace.id, ids, holders, Log(ACTOR, now))[1]

    parts.indexes.follow(namespace.id, parts.database.write(write))


def _judgeable(index: Index, collection: Collection, filled: Filled, service: Service, one: Proposal) -> Judgeable:
    row = index.graph.entity(one.name)
    quotes = tuple(_quote(index, service, filled, name) for name in (one.name, one.into.name))
    return Judgeable(collection.name, one, index.graph.displays[row], (quotes[0], quotes[1]))


def _quote(index: Index, service: Service, filled: Filled, name: str) -> str:
    """What the first passage with a name says around it."""
    row = index.graph.entity(name)
    id_ = index.passage_id(passages_of(index, row)[0])
    found = service.parts.database.read(lambda session: passages.recollect(session, filled.namespace.id, [id_]))
    text = f"{found[id_].document.title}: {found[id_].text}"
    at = max(0, text.casefold().find(index.graph.displays[row].casefold()) - QUOTED // 2)
    return " ".join(text[at : at + QUOTED].split())


def compared(found: Measured) -> dict[int, Comparison]:
    """Recall with merges against without, by cutoff."""
    return {
        k: compare(
            [recall_at(k, one) for one in found.together],
            [recall_at(k, one) for one in found.apart],
            np.random.default_rng(paired.SEED),
        )
        for k in CUTOFFS
        if found.apart
    }


def as_json(found: Measured, least: float) -> dict[str, Json]:
    figures: dict[str, Json] = {
        "least": least,
        "names": found.names,
        "merged": len(found.merged),
        "by_rule": dict(Counter(REASONS[one.proposal.why] for one in found.merged)),
    }
    for k, one in compared(found).items():
        figures[f"recall@{k}"] = {
            BEFORE: round(float(np.mean([recall_at(k, each) for each in found.apart])), 4),
            AFTER: round(float(np.mean([recall_at(k, each) for each in found.together])), 4),
            "low": round(one.low, 4),
            "high": round(one.high, 4),
            "wins": one.wins,
            "losses": one.losses,
            "p": round(one.p, 4),
        }
    return figures


def sampled(found: Measured, most: int, seed: int = paired.SEED) -> list[Judgeable]:
    """As many merges, drawn by chance, in their order."""
    chosen = np.random.default_rng(seed).permutation(len(found.merged))[:most]
    return [found.merged[number] for number in sorted(chosen)]


def markdown(figures: Mapping[str, Json], sample: Sequence[Judgeable]) -> str:
    rows = [[name, str(value)] for name, value in figures.items()]
    told = [
        f"- {one.display} -> {one.proposal.into.display} ({REASONS[one.proposal.why]}, {one.proposal.likeness:.2f})\n"
        f"  - {one.quotes[0]}\n  - {one.quotes[1]}"
        for one in sample
    ]
    return "\n".join([report.table(["figure", "value"], rows), *told])


def add(command: argparse.ArgumentParser, positive: Callable[[str], int]) -> None:
    command.add_argument("data", type=Path, nargs="+", help="a folder in BEIR form, or files of conversations")
    command.add_argument("--embedder", default="minilm")
    command.add_argument("--threads", type=positive)
    command.add_argument("--limit-queries", type=positive)
    command.add_argument("--vectors-cache", type=Path, help="folder that keeps encodings between runs")
    command.add_argument("--sample", type=int, default=0, help="merges to show, drawn by chance, for people to judge")
    command.add_argument("--least", type=float, default=RECOMMENDED.least, help="how alike names must be, 0 to 1")
    command.add_argument("--without-questions", action="store_true", help="only say what would be merged")
    command.add_argument("--json", type=Path)
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    commit = machine.commit()
    is_folder = len(options.data) == 1 and options.data[0].is_dir()
    dataset = (
        beir.read(options.data[0], None, options.limit_queries)
        if is_folder
        else conversations.read(options.data, options.limit_queries)
    )
    inner = embedder(options.embedder, options.threads)
    cache = CachedEmbedder(inner, options.vectors_cache, keeps_questions=True) if options.vectors_cache else None
    with (
        tempfile.TemporaryDirectory(prefix="zengram-bench-") as folder,
        Service(Path(folder), cache or inner, is_cached=cache is not None) as service,
    ):
        found = measure(dataset, service, not options.without_questions, options.least)
    if cache is not None:
        cache.close()
    figures: dict[str, Json] = {
        "dataset": dataset.name, "sha256": dataset.sha256, "commit": commit, "embedder": inner.fingerprint,
        **as_json(found, options.least),
    }  # fmt: skip
    if options.json:
        results.write(figures, options.json)
    print(markdown(figures, sampled(found, options.sample)))

"""Writes `retrieval/fusion_weights.py` from judged questions: `python -m bench.train_fusion --help`.

Says first how the weights do on data that they were not fitted to: on each written set with those of the others, on
each conversation with those of the others, and on sets that are only measured. `bench.train_data` makes data to fit to.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import beir, conversations, fitting, metrics
from bench.embedders import CachedEmbedder
from bench.fitting import Judged
from bench.service import Filled, Service, embedder
from bench.types import Collection, LabelledQuestion
from retrieval.fusion import EVIDENCE, EvidenceWeights, FusionParams, standing
from retrieval.search import Considered, Question, SearchParams, consider, understood

Floats = NDArray[np.float64]

SHOWN = 10  # of each answer, the results that probabilities are calibrated on
ONLY_SPOKEN = ("speaker", "asks", "before")
SCORED = SearchParams(fusion=FusionParams(*(EvidenceWeights(**dict.fromkeys(EVIDENCE, 1.0)) for _ in range(2))))


@dataclass(frozen=True, slots=True)
class Sample:
    """One question asked of one collection; nothing is relevant in a collection that it was not made for."""

    found: Considered
    documents: tuple[str, ...]  # of each candidate, the id that questions refer to
    relevant: frozenset[str]

    @property
    def judged(self) -> Judged:
        return fitting.judged(self.found.evidence, np.array([name in self.relevant for name in self.documents]))


@dataclass(frozen=True, slots=True)
class Samples:
    name: str
    own: tuple[Sample, ...]
    foreign: tuple[Sample, ...]

    @property
    def judged(self) -> list[Judged]:
        return [sample.judged for sample in self.own]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="zengram-train-") as folder,
        Service(Path(folder), CachedEmbedder(embedder("minilm", options.threads), options.vectors_cache)) as service,
    ):
        written, spoken = _written(service, options.written), _spoken(service, options.spoken)
        unseen = _written(service, options.unseen_written), _spoken(service, options.unseen_spoken)
    of_written = fitting.weights([one.judged for one in written], ONLY_SPOKEN)
    of_spoken = fitting.weights([[each for one in spoken for each in one.judged]])
    _report("fitted to all", [*((one, of_written) for one in written), *((one, of_spoken) for one in spoken)])
    _report("fitted to the others", [*_left_out(written, ONLY_SPOKEN), *_left_out(spoken, ())])
    if any(unseen):
        _report(
            "never fitted to", [*((one, of_written) for one in unseen[0]), *((one, of_spoken) for one in unseen[1])]
        )
    chosen = [*((one, of_written) for one in written), *((one, of_spoken) for one in spoken)]
    options.out.write_text(_module(of_written, of_spoken, _calibration(chosen)), encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m bench.train_fusion")
    top.add_argument("--written", type=Path, nargs="+", required=True, help="folders in BEIR form")
    top.add_argument("--spoken", type=Path, nargs="+", required=True, help="conversations in LoCoMo form")
    top.add_argument("--unseen-written", type=Path, nargs="+", default=[], help="like these, only to be measured")
    top.add_argument("--unseen-spoken", type=Path, nargs="+", default=[], help="like these, only to be measured")
    top.add_argument("--vectors-cache", type=Path, required=True)
    top.add_argument("--threads", type=int)
    top.add_argument("--out", type=Path, default=Path("retrieval/fusion_weights.py"))
    return top


def _written(service: Service, folders: Sequence[Path]) -> list[Samples]:
    return _samples(service, [collection for folder in folders for collection in beir.read(folder).collections])


def _spoken(service: Service, files: Sequence[Path]) -> list[Samples]:
    return _samples(service, conversations.read(files).collections) if files else []


def _samples(service: Service, collections: Sequence[Collection]) -> list[Samples]:
    """Every question asked of its own collection, and of the next one."""
    filled = [service.fill(service.namespace(one.name), one) for one in collections]
    made = []
    for at, collection in enumerate(collections):
        own = tuple(_sample(service, filled[at], question, True) for question in collection.questions)
        following = filled[(at + 1) % len(filled)]
        foreign = tuple(_sample(service, following, question, False) for question in collection.questions)
        made.append(Samples(collection.name, own, foreign))
    return made


def _sample(service: Service, filled: Filled, question: LabelledQuestion, is_own: bool) -> Sample:
    parts, namespace = service.parts, filled.namespace
    with parts.indexes.reading(namespace.id, 0) as index:
        asked = understood(index, question.text, SCORED)
    vector = parts.embedder.encode_question(asked.wording)
    with parts.indexes.reading(namespace.id, 0) as index:
        found = consider(index, Question(question.text, vector, asked), SCORED)
        ids = index.columns.at("document_id", found.pool.rows)
    names = tuple(_relevant_name(filled.ids_of.get(str(id_), ()), question) for id_ in ids)
    return Sample(found, names, question.relevant if is_own else frozenset())


def _relevant_name(names: Sequence[str], question: LabelledQuestion) -> str:
    """Of the ids of equal documents, the one that the question means, if it means any."""
    return next((name for name in names if name in question.relevant), names[0] if names else "")


def _left_out(sets: Sequence[Samples], without: Sequence[str]) -> Iterator[tuple[Samples, Floats]]:
    for left in sets:
        yield left, fitting.weights([one.judged for one in sets if one is not left], without)


def _report(title: str, measured: Sequence[tuple[Samples, Floats]]) -> None:
    print(f"\n{title}")
    for samples, weights in measured:
        values = np.array([_recalls(sample, weights) for sample in samples.own]).mean(axis=0)
        print(f"  {samples.name:12}", *(f"R@{k} {v:.3f}" for k, v in zip(metrics.CUTOFFS, values, strict=True)))


def _recalls(sample: Sample, weights: Floats) -> list[float]:
    ranked = dict.fromkeys(sample.documents[at] for at in _order(sample, weights))
    ranks = [rank for rank, name in enumerate(ranked, 1) if name in sample.relevant]
    return [sum(rank <= k for rank in ranks) / len(sample.relevant) for k in metrics.CUTOFFS]


def _order(sample: Sample, weights: Floats) -> NDArray[np.intp]:
    scores = np.round(weights @ standing(sample.found.evidence), 9)
    return np.lexsort((sample.found.pool.rows, -scores))


def _calibration(chosen: Sequence[tuple[Samples, Floats]]) -> Floats:
    features, helps = [], []
    for samples, weights in chosen:
        for sample in (*samples.own, *samples.foreign):
            top = _order(sample, weights)[:SHOWN]
            log_mass = sample.found.evidence[EVIDENCE.index("graph")]
            features.append(np.column_stack([*sample.found.calibrated_by(), log_mass])[top])
            helps += [sample.documents[at] in sample.relevant for at in top]
    return fitting.calibration(np.concatenate(features), np.array(helps))


def _module(written: Floats, spoken: Floats, calibration: Floats) -> str:
    numbers = ", ".join(f"{value:.2f}" for value in calibration)
    return "\n".join(
        [
            '"""Weights of fusion and calibration of probabilities, as `python -m bench.train_fusion` writes them."""',
            "",
            "from collections.abc import Mapping",
            "",
            *_mapping("WRITTEN", written),
            "",
            *_mapping("SPOKEN", spoken),
            "",
            "# Logistic regression: intercept; best cosine; share of the highest window BM25; log of the PageRank.",
            f"CALIBRATION = ({numbers})",
            "",
        ]
    )


def _mapping(name: str, values: Floats) -> list[str]:
    entries: Mapping[str, float] = dict(zip(EVIDENCE, values.tolist(), strict=True))
    lines = [f'    "{key}": {value:.2f},' for key, value in entries.items() if abs(value) >= 0.005]
    return [f"{name}: Mapping[str, float] = {{", *lines, "}"]


if __name__ == "__main__":
    sys.exit(main())

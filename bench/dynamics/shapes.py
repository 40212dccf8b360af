"""Plain retrieval with the dynamics on and off, in whatever shape texts came in.

Nothing has been used, corrected or updated, so a mechanism has nothing to gain here: what it moves, it moves wrongly.
"""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench import metrics
from bench.run import outcome
from bench.service import Service
from bench.systems import Answered
from bench.types import Collection, Dataset, Json, Outcome
from memory.dynamics.switches import OFF, RECOMMENDED, Dynamics
from memory.types import Draft, Kind
from retrieval.ports import Embedder
from retrieval.search import SearchParams

CUTOFFS = (1, 2, 5, 10)
COMPARING = ("context", "rivalry", "separation", "validity")  # what moves a memory that nobody gave feedback on
ARMS: Mapping[str, Dynamics] = {
    "all off": OFF,
    "as shipped": RECOMMENDED,
    **{f"without {name}": RECOMMENDED.without(name) for name in COMPARING if getattr(RECOMMENDED, name)},
}


def as_it_is(draft: Draft) -> Draft:
    """Turns with their speaker and session; documents."""
    return draft


def as_memory(draft: Draft) -> Draft:
    """A memory of its own: in no session, a title in its text."""
    text = f"{draft.title}. {draft.text}" if draft.title else draft.text
    return replace(draft, kind=Kind.MEMORY, session_id=None, title="", text=text)


def as_text(draft: Draft) -> Draft:
    """The same with its speaker in the text alone."""
    own = as_memory(draft)
    return replace(own, speaker=None, text=f"{own.speaker}: {own.text}") if own.speaker else own


SHAPES: Mapping[str, Callable[[Draft], Draft]] = {
    "as it is": as_it_is,
    "memories": as_memory,
    "speakers in the text": as_text,
}


@dataclass(frozen=True, slots=True)
class Shaped:
    """What each arm found in one shape; the same questions in the same order."""

    shape: str
    outcomes: Mapping[str, Sequence[Outcome]]


def measure(dataset: Dataset, embedder: Embedder) -> list[Shaped]:
    """Every shape that differs from those before it."""
    found: list[Shaped] = []
    seen: list[tuple[Draft, ...]] = []
    for name, shape in SHAPES.items():
        collections = [
            replace(each, drafts=tuple(shape(draft) for draft in each.drafts)) for each in dataset.collections
        ]
        drafts = tuple(draft for each in collections for draft in each.drafts)
        if drafts not in seen:
            seen.append(drafts)
            found.append(Shaped(name, _asked(collections, embedder)))
    return found


def _asked(collections: Sequence[Collection], embedder: Embedder) -> dict[str, list[Outcome]]:
    outcomes: dict[str, list[Outcome]] = defaultdict(list)
    for collection in collections:
        with tempfile.TemporaryDirectory() as folder, Service(Path(folder), embedder, is_cached=True) as service:
            filled = service.fill(service.namespace("shapes"), collection)
            for question in collection.questions:
                for name, dynamics in ARMS.items():
                    found = service.recall(filled.namespace, question.text, max(CUTOFFS), SearchParams(), dynamics)
                    outcomes[name].append(outcome(filled, question, Answered(found.documents, found.ms, {})))
    return outcomes


def summary(found: Sequence[Shaped]) -> dict[str, Json]:
    """By shape and arm: recall at each cutoff, 0 to 1."""
    return {
        one.shape: {
            name: {f"recall@{k}": round(value, 4) for k, value in _recall(some).items()}
            for name, some in one.outcomes.items()
        }
        for one in found
    }


def markdown(name: str, found: Sequence[Shaped]) -> str:
    lines = [f"### {name}", "", f"| shape | arm | {' | '.join(f'recall@{k}' for k in CUTOFFS)} |"]
    lines.append("|---|---|" + "---:|" * len(CUTOFFS))
    for one in found:
        for arm, some in one.outcomes.items():
            values = " | ".join(f"{100 * value:.1f}" for value in _recall(some).values())
            lines.append(f"| {one.shape} | {arm} | {values} |")
    return "\n".join(lines)


def _recall(outcomes: Sequence[Outcome]) -> dict[int, float]:
    recall = metrics.summary(outcomes).recall
    return {k: recall[k] for k in CUTOFFS}

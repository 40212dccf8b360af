"""Results as Markdown: figures of every arm, and whether the first beats the others beyond chance."""

from collections.abc import Mapping, Sequence

import numpy as np

from bench import metrics
from bench.statistics import Comparison, compare
from bench.types import Outcome, Run

SEED = 20241
FIGURES = (
    (2, False),
    (5, False),
    (10, False),
    (20, False),
    (5, True),
    (8, True),
)  # cutoff, whether everything must be there


def markdown(run: Run, commit: str) -> str:
    """One page about a run."""
    ingestion = run.ingestion
    rate = ingestion.documents / max(ingestion.seconds, 1e-9)
    cached = ", encodings from a cache: says nothing about a real ingestion" if ingestion.is_cached else ""
    outcomes = next(iter(run.outcomes.values()))
    parts = [
        f"# {run.dataset}",
        f"{ingestion.documents} passages ({ingestion.passages} as stored), {len(outcomes)} questions, "
        f"commit `{commit}`, `{run.settings['embedder']}`.",
        f"Ingestion {rate:.1f} passages/s ({_encoder_share(run):.0%} of it in the encoder{cached}).",
        "## Arms",
        arms_table(run.outcomes),
        f"## {next(iter(run.outcomes))} against the others",
        paired_table(run.outcomes),
    ]
    categories = sorted({outcome.category for outcome in outcomes} - {""})
    if categories:
        parts += ["## Recall@10 by category", categories_table(run.outcomes, categories)]
    parts += ["## Where a recall's time goes (mean ms)", stages_table(run.stages)]
    return "\n\n".join(parts) + "\n"


def arms_table(outcomes: Mapping[str, Sequence[Outcome]]) -> str:
    heads = ["arm", *(f"{'all' if whole else 'R'}@{k}" for k, whole in FIGURES), "p50 ms", "p95 ms"]
    rows = []
    for name, found in outcomes.items():
        mean = metrics.summary(found)
        values = [mean.complete[k] if whole else mean.recall[k] for k, whole in FIGURES]
        rows.append([name, *(f"{value:.3f}" for value in values), f"{mean.ms_p50:.1f}", f"{mean.ms_p95:.1f}"])
    return table(heads, rows)


def paired_table(outcomes: Mapping[str, Sequence[Outcome]]) -> str:
    """The first arm minus each other arm, with 95 % bootstrap intervals over questions."""
    names = list(outcomes)
    rows = []
    for other in names[1:]:
        for k in (5, 10):
            ours, theirs = ([metrics.recall_at(k, each) for each in outcomes[arm]] for arm in (names[0], other))
            rows.append([other, f"R@{k}", *comparison_cells(compare(ours, theirs, np.random.default_rng(SEED)))])
    return table(["arm", "metric", "difference", "95 % interval", "wins / losses / ties", "sign test p"], rows)


def comparison_cells(found: Comparison) -> list[str]:
    mark = " *" if found.is_clear else ""
    interval = f"{found.low:+.3f} to {found.high:+.3f}"
    return [
        f"{found.difference:+.3f}{mark}",
        interval,
        f"{found.wins} / {found.losses} / {found.ties}",
        f"{found.p:.3g}",
    ]


def categories_table(outcomes: Mapping[str, Sequence[Outcome]], categories: Sequence[str]) -> str:
    rows = []
    for name in categories:
        count = sum(outcome.category == name for outcome in next(iter(outcomes.values())))
        means = [metrics.by_category(found)[name].recall[10] for found in outcomes.values()]
        rows.append([name, str(count), *(f"{mean:.3f}" for mean in means)])
    return table(["category", "questions", *outcomes], rows)


def stages_table(stages: Mapping[str, Mapping[str, float]]) -> str:
    names = list(dict.fromkeys(name for found in stages.values() for name in found))
    rows = [[arm, *(f"{found[name]:.2f}" if name in found else "" for name in names)] for arm, found in stages.items()]
    return table(["arm", *names], rows)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _encoder_share(run: Run) -> float:
    return run.ingestion.encoder_seconds / max(run.ingestion.seconds, 1e-9)

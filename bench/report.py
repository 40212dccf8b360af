"""Results as Markdown: figures of every arm, every arm against every other, where time and memory go."""

from collections.abc import Mapping, Sequence

from bench import metrics
from bench.paired import Pair, losses
from bench.statistics import Comparison
from bench.types import Outcome, Run

FIGURES = (
    (1, False),
    (2, False),
    (5, False),
    (10, False),
    (20, False),
    (5, True),
    (8, True),
)  # cutoff, whether everything must be there
COMPARISON_HEADS = ["difference", "95 % interval", "wins / losses / ties", "sign test p"]
MOST_LOSSES = 20  # questions listed
LOSS_METRIC = "recall@5"


def markdown(run: Run, commit: str, pairs: Sequence[Pair]) -> str:
    """One page about a run; `pairs` are of all its arms."""
    first = next(iter(run.outcomes))
    outcomes = run.outcomes[first]
    parts = [
        f"# {run.dataset}",
        _introduction(run, commit),
        *run.notes,
        "## Arms",
        arms_table(run),
        f"## {first} against the others",
        pairs_table([pair for pair in pairs if pair.first == first]),
        "## Every other pair, recall@5",
        pairs_table([pair for pair in pairs if pair.first != first and pair.metric == "recall@5"]),
        *_categories(run, sorted({outcome.category for outcome in outcomes} - {""})),
        f"## Where {first} is furthest behind, recall@5 by question",
        losses_table(run.outcomes),
        "## Where a recall's time goes (mean ms)",
        numbers_table("arm", run.stages, 2),
        "## Memory of the process (MB)",
        numbers_table("moment", run.memory, 1),
    ]
    return "\n\n".join(parts) + "\n"


def arms_table(run: Run) -> str:
    heads = ["arm", *(f"{'all' if whole else 'R'}@{k}" for k, whole in FIGURES), "p50 ms", "p95 ms", "passages/s"]
    rows = []
    for name, found in run.outcomes.items():
        mean = metrics.summary(found)
        values = [mean.complete[k] if whole else mean.recall[k] for k, whole in FIGURES]
        rate = run.ingestion.documents / max(run.ingest_seconds[name], 1e-9)
        speed = [f"{mean.ms_p50:.1f}", f"{mean.ms_p95:.1f}", f"{rate:.1f}"]
        rows.append([name, *(f"{value:.3f}" for value in values), *speed])
    return table(heads, rows)


def pairs_table(pairs: Sequence[Pair]) -> str:
    rows = [[f"{pair.first} - {pair.second}", pair.metric, *comparison_cells(pair.found)] for pair in pairs]
    return table(["arms", "metric", *COMPARISON_HEADS], rows) if rows else "None."


def comparison_cells(found: Comparison) -> list[str]:
    mark = " *" if found.is_clear else ""
    interval = f"{found.low:+.3f} to {found.high:+.3f}"
    return [
        f"{found.difference:+.3f}{mark}",
        interval,
        f"{found.wins} / {found.losses} / {found.ties}",
        f"{found.p:.3g}",
    ]


def categories_table(outcomes: Mapping[str, Sequence[Outcome]], categories: Sequence[str], k: int) -> str:
    rows = []
    for name in categories:
        count = sum(outcome.category == name for outcome in next(iter(outcomes.values())))
        means = [metrics.by_category(found)[name].recall[k] for found in outcomes.values()]
        rows.append([name, str(count), *(f"{mean:.3f}" for mean in means)])
    return table(["category", "questions", *outcomes], rows)


def losses_table(outcomes: Mapping[str, Sequence[Outcome]]) -> str:
    found = losses(outcomes, LOSS_METRIC, MOST_LOSSES)
    rows = [[loss.question, loss.category, *(f"{value:.2f}" for value in loss.values.values())] for loss in found]
    return (
        table(["question", "category", *found[0].values], rows) if found else "No other arm is ahead on any question."
    )


def numbers_table(head: str, found: Mapping[str, Mapping[str, float]], digits: int) -> str:
    """One line for each name, one column for each number that any of them has."""
    names = list(dict.fromkeys(name for numbers in found.values() for name in numbers))
    rows = [
        [line, *(f"{numbers[name]:.{digits}f}" if name in numbers else "" for name in names)]
        for line, numbers in found.items()
    ]
    return table([head, *names], rows)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _introduction(run: Run, commit: str) -> str:
    ingestion = run.ingestion
    share = ingestion.encoder_seconds / max(ingestion.seconds, 1e-9)
    cached = " Encodings came from a cache: rates say nothing about a real ingestion." if ingestion.is_cached else ""
    return (
        f"{ingestion.documents} passages ({ingestion.passages} as stored), {len(next(iter(run.outcomes.values())))} "
        f"questions, commit `{commit}`, `{run.settings['embedder']}`. {share:.0%} of the service's ingestion is its "
        f"encoder.{cached}"
    )


def _categories(run: Run, categories: Sequence[str]) -> list[str]:
    parts = []
    for k in (5, 10) if categories else ():
        parts += [f"## Recall@{k} by category", categories_table(run.outcomes, categories, k)]
    return parts

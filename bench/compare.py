"""Sets two files of results side by side, with paired intervals where both asked the same questions."""

import numpy as np

from bench import metrics, paired, report
from bench.errors import ResultInvalid
from bench.results import Results
from bench.statistics import compare
from bench.types import Outcome

SHOWN = ("recall@2", "recall@5", "recall@10", "recall@20", "all@5", "query_ms_p50", "query_ms_p95", "ingest_per_s")


def markdown(first: Results, second: Results) -> str:
    """Tables of the arms that both have. Raises ResultInvalid where they are not about the same data."""
    if first.sha256 != second.sha256:
        raise ResultInvalid(
            f"different data: {first.dataset} ({first.sha256[:12]}), {second.dataset} ({second.sha256[:12]})"
        )
    arms = [name for name in first.arms if name in second.arms]
    if not arms:
        raise ResultInvalid(f"no arm in common: {', '.join(first.arms)} and {', '.join(second.arms)}")
    parts = [f"# {first.dataset}: `{first.commit}` and `{second.commit}`", _figures(first, second, arms)]
    if first.passages != second.passages:
        parts.insert(1, f"The corpora differ: {first.passages} and {second.passages} passages.")
    paired = _paired(first, second, arms)
    parts += ["Second minus first, question by question:", paired] if paired else ["They asked different questions."]
    return "\n\n".join(parts) + "\n"


def _figures(first: Results, second: Results, arms: list[str]) -> str:
    rows = []
    for arm in arms:
        for name in SHOWN:
            a, b = first.arms[arm].get(name), second.arms[arm].get(name)
            if a is not None and b is not None:
                rows.append([arm, name, f"{a:.3f}", f"{b:.3f}", f"{b - a:+.3f}"])
    return report.table(["arm", "figure", "first", "second", "difference"], rows)


def _paired(first: Results, second: Results, arms: list[str]) -> str:
    """Empty where the questions differ or were not kept."""
    keys = [[(question.id, question.relevant) for question in found.questions] for found in (first, second)]
    if not keys[0] or keys[0] != keys[1]:
        return ""
    rows = []
    for arm in arms:
        for k in (5, 10):
            before, after = (
                [
                    metrics.recall_at(k, Outcome(q.id, q.category, q.relevant, q.ranks[arm], 0.0))
                    for q in found.questions
                ]
                for found in (first, second)
            )
            found = compare(after, before, np.random.default_rng(paired.SEED))
            rows.append([arm, f"R@{k}", *report.comparison_cells(found)])
    return report.table(["arm", "metric", *report.COMPARISON_HEADS], rows)

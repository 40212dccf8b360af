"""Results as pictures: recall at every cutoff, and latency against the size of a namespace."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

from bench import metrics
from bench.files import ScalePoint
from bench.results import Results
from bench.types import Outcome

CUTOFFS = range(1, metrics.DEPTH + 1)
COLOURS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#e69f00",
    "#000000",
)  # Okabe & Ito: told apart by all
DASHES = ("-", "--", "-.", ":")
MARKS = ("o", "s", "^", "D", "v")
SIZE = (7.0, 4.5)  # inches
RESOLUTION = 150  # dots an inch


def recall_curve(found: Results, arm: str) -> list[float]:
    """Recall at 1, 2, ... 20 of an arm, from the ranks of every question."""
    outcomes = [Outcome(q.id, q.category, q.relevant, q.ranks[arm], 0.0) for q in found.questions]
    return [sum(metrics.recall_at(k, outcome) for outcome in outcomes) / len(outcomes) for k in CUTOFFS]


def recall(found: Results, path: Path) -> None:
    """Draws a curve for each arm into a PNG file. The results have questions."""

    def draw(axes: Axes) -> None:
        for number, arm in enumerate(found.arms):
            colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
            axes.plot(list(CUTOFFS), recall_curve(found, arm), label=arm, color=colour, linestyle=dash)
        axes.set(xlabel="k", ylabel="recall@k", xlim=(1, metrics.DEPTH), ylim=(0, 1))
        axes.xaxis.set_major_locator(FixedLocator([1, 2, 5, 8, 10, 15, 20]))
        axes.legend(loc="lower right")

    draw_into(path, f"{found.dataset}: {found.passages} passages, {len(found.questions)} questions", draw)


def latency(points: Sequence[ScalePoint], path: Path) -> None:
    """Draws percentiles of recalls and writes against passages into a PNG file, both axes logarithmic."""
    lines = _lines(points)

    def draw(axes: Axes) -> None:
        for number, (name, line) in enumerate(lines.items()):
            colour, mark = COLOURS[number % len(COLOURS)], MARKS[number % len(MARKS)]
            axes.plot(list(line), list(line.values()), label=name, color=colour, marker=mark)
        axes.set(xlabel="passages", ylabel="milliseconds besides the encoder", xscale="log", yscale="log")
        axes.xaxis.set_major_locator(FixedLocator(sorted({point.passages for point in points})))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.legend()

    draw_into(path, "Latency against size", draw)


def _lines(points: Sequence[ScalePoint]) -> dict[str, dict[int, float]]:
    """By name of a line: milliseconds by passages, rising."""
    lines: dict[str, dict[int, float]] = {}
    for point in sorted(points, key=lambda point: point.passages):
        for name, ms in _named(point).items():
            lines.setdefault(name, {})[point.passages] = ms
    return lines


def _named(point: ScalePoint) -> Mapping[str, float]:
    recalls = {f"recall {name}": ms for name, ms in point.recall_ms.items()}
    return recalls | {f"write {name}": ms for name, ms in point.write_ms.items() if name == "p95"}


def draw_into(path: Path, title: str, draw: Callable[[Axes], None]) -> None:
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    draw(axes)
    axes.set_title(title)
    axes.grid(alpha=0.3)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=RESOLUTION, metadata={"Software": None})

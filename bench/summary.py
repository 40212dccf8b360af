"""One table over a folder of results, and the place in its README where the table stands."""

from collections.abc import Sequence
from pathlib import Path

from bench import report, results
from bench.errors import ResultInvalid
from bench.files import Kind, ScalePoint, of_kind, read_scale
from bench.results import Results

FIGURES = ("recall@1", "recall@2", "recall@5", "recall@10", "recall@20", "all@5", "all@8")
BEGIN, END = "<!-- begin: python -m bench summary -->", "<!-- end -->"


def markdown(folder: Path) -> str:
    """Tables of every file about questions or size in the folder; others stand elsewhere. Raises ResultInvalid."""
    paths = sorted(folder.glob("*.json"))
    parts = [part for path in of_kind(paths, Kind.QUESTIONS) for part in _of_questions(path, results.read(path))]
    points = [read_scale(path) for path in of_kind(paths, Kind.SCALE)]
    if not parts and not points:
        raise ResultInvalid(f"{folder}: has no results")
    if points:
        parts += ["### Speed against size (ms besides the encoder)", _of_sizes(points)]
    return "\n\n".join(parts) + "\n"


def into(page: Path, text: str) -> None:
    """Replaces what stands between the marks of the page. Raises ResultInvalid where it has none."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ResultInvalid(f"{page}: has no lines {BEGIN!r} and {END!r} to write between")
    page.write_text(f"{before}{BEGIN}\n{text}{END}{after}", encoding="utf-8")


def _of_questions(path: Path, found: Results) -> list[str]:
    questions = len(found.questions)
    about = f"`{path.name}`: {found.passages} passages, {questions} questions, commit `{found.commit}`"
    rows = [
        [
            name,
            *(f"{arm[figure]:.3f}" for figure in FIGURES),
            f"{arm['query_ms_p50']:.1f}",
            f"{arm['query_ms_p95']:.1f}",
            f"{arm['ingest_per_s']:.1f}",
        ]
        for name, arm in found.arms.items()
    ]
    heads = ["arm", *FIGURES, "p50 ms", "p95 ms", "passages/s"]
    return [f"### {found.dataset}", about, report.table(heads, rows), *found.notes]


def _of_sizes(points: Sequence[ScalePoint]) -> str:
    names = [f"{kind} {name}" for kind in ("recall", "write") for name in ("p50", "p95", "p99")]
    rows = []
    for point in sorted(points, key=lambda point: point.passages):
        times = [ms.get(name) for ms in (point.recall_ms, point.write_ms) for name in ("p50", "p95", "p99")]
        rows.append([f"{point.passages:,}", *("" if time is None else f"{time:.1f}" for time in times)])
    return report.table(["passages", *names], rows)

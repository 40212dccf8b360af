"""The results that are committed can be read, have every figure that is promised, and are what their page says."""

from pathlib import Path

import pytest

from bench import results, summary
from bench.files import Kind, of_kind

FOLDER = Path(__file__).resolve().parents[3] / "bench" / "results"
ASKED = of_kind(sorted(FOLDER.glob("*.json")), Kind.QUESTIONS)
FIGURES = {"recall@1", "recall@2", "recall@5", "recall@8", "recall@10", "recall@20", "all@5", "all@8"}
SPEED = {"query_ms_p50", "query_ms_p95", "ingest_per_s"}


@pytest.mark.parametrize("path", ASKED, ids=lambda path: path.stem)
def test_every_arm_has_every_figure_and_answered_every_question(path: Path) -> None:
    found = results.read(path)
    assert {"zengram", "dense", "bm25", "rrf"} <= set(found.arms)
    for name, arm in found.arms.items():
        assert set(arm) == FIGURES | SPEED
        assert 0 < arm["recall@1"] <= arm["recall@5"] <= arm["recall@20"] <= 1
        assert all(question.ranks[name] == tuple(sorted(question.ranks[name])) for question in found.questions)


def test_the_page_has_the_summary_of_these_files() -> None:
    assert summary.markdown(FOLDER) in (FOLDER / "README.md").read_text(encoding="utf-8")
    assert ASKED


def test_a_server_under_load_is_no_point_of_speed_against_size() -> None:
    scales = of_kind(sorted(FOLDER.glob("*.json")), Kind.SCALE)
    assert scales
    assert all(path.stem.startswith("scale-") for path in scales)

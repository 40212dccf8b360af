"""Plots, the summary, and what `all` measures."""

import json
from pathlib import Path

import pytest

from bench import everything, files, plots, results, summary
from bench.__main__ import main
from bench.errors import BenchError, ResultInvalid
from bench.results import Ranked, Results

PNG = b"\x89PNG\r\n\x1a\n"
SCALE = {
    "passages": 1000,
    "recall_ms": {"p50": 2.0, "p95": 4.0, "p99": 5.0},
    "write_ms": {"p50": 10.0, "p95": 20.0, "p99": 30.0},
}
FIGURES = ("recall@1", "recall@2", "recall@5", "recall@8", "recall@10", "recall@20", "all@5", "all@8")
SPEED = {"query_ms_p50": 7.0, "query_ms_p95": 9.0, "ingest_per_s": 40.0}


def asked(at: Path) -> Path:
    """A file of results with two questions and two arms."""
    arms = {arm: dict.fromkeys(FIGURES, value) | SPEED for arm, value in (("zengram", 0.75), ("dense", 0.5))}
    ranks = [{"zengram": [1, 3], "dense": [20]}, {"zengram": [2], "dense": [1]}]
    questions = [{"id": f"q{n}", "category": "", "relevant": 2 - n, "ranks": each} for n, each in enumerate(ranks)]
    about = {
        "dataset": "toy",
        "dataset_sha256": "0",
        "commit": "abc",
        "passages": 10,
        "queries": 2,
        "notes": ["A note."],
    }
    at.write_text(json.dumps({**about, "arms": arms, "questions": questions}))
    return at


def sized(at: Path, passages: int) -> Path:
    at.write_text(json.dumps({**SCALE, "passages": passages}))
    return at


def test_a_curve_is_the_recall_at_every_cutoff() -> None:
    found = Results(
        "toy", "0", "abc", 10, {}, (Ranked("q", "", 2, {"zengram": (2, 5)}), Ranked("r", "", 1, {"zengram": ()}))
    )
    curve = plots.recall_curve(found, "zengram")
    assert len(curve) == 20
    assert curve[:5] == [0.0, 0.25, 0.25, 0.25, 0.5]
    assert curve[5:] == [0.5] * 15


def test_plots_are_pictures_of_what_the_files_hold(tmp_path: Path) -> None:
    paths = [asked(tmp_path / "toy.json"), *(sized(tmp_path / f"scale-{n}.json", n) for n in (1000, 100000))]
    assert main(["plots", *map(str, paths), "--out", str(tmp_path / "new")]) == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["latency.png", "toy.png"]
    assert all(path.read_bytes().startswith(PNG) for path in (tmp_path / "new").iterdir())


def test_the_same_results_give_the_same_picture(tmp_path: Path) -> None:
    found = results.read(asked(tmp_path / "toy.json"))
    plots.recall(found, tmp_path / "a.png")
    plots.recall(found, tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_summary_has_every_arm_and_every_size(tmp_path: Path) -> None:
    asked(tmp_path / "toy.json")
    sized(tmp_path / "scale-10.json", 20000)
    sized(tmp_path / "scale-1.json", 1000)
    (tmp_path / "lifelog.json").write_text('{"curve": [1, 2]}')  # of another kind of measurement
    text = summary.markdown(tmp_path)
    assert "`toy.json`: 10 passages, 2 questions, commit `abc`" in text
    assert "| zengram | 0.750 | 0.750 | 0.750 | 0.750 | 0.750 | 0.750 | 0.750 | 7.0 | 9.0 | 40.0 |" in text
    assert "A note." in text
    assert "lifelog" not in text
    assert text.index("| 1,000 | 2.0 | 4.0 | 5.0 | 10.0 | 20.0 | 30.0 |") < text.index("| 20,000 |")


def test_a_summary_takes_the_place_of_the_last_one(tmp_path: Path) -> None:
    asked(tmp_path / "toy.json")
    page = tmp_path / "README.md"
    page.write_text(f"before\n{summary.BEGIN}\nold\n{summary.END}\nafter\n")
    assert main(["summary", str(tmp_path), "--write"]) == 0
    assert main(["summary", str(tmp_path), "--write"]) == 0
    assert page.read_text() == f"before\n{summary.BEGIN}\n{summary.markdown(tmp_path)}{summary.END}\nafter\n"


def test_a_page_without_a_place_for_the_summary_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("mine")
    with pytest.raises(ResultInvalid, match="to write between"):
        summary.into(page, "text")
    assert page.read_text() == "mine"


@pytest.mark.parametrize("text", ["", "[]", '{"passages": 3, "recall_ms": 1, "write_ms": {}}', '{"passages": 3}'])
def test_other_files_are_not_of_scale(tmp_path: Path, text: str) -> None:
    path = tmp_path / "out.json"
    path.write_text(text)
    with pytest.raises(ResultInvalid, match=r"out\.json"):
        files.read_scale(path)


def test_an_empty_folder_has_no_summary(tmp_path: Path) -> None:
    with pytest.raises(ResultInvalid, match="has no results"):
        summary.markdown(tmp_path)


def test_every_kind_of_data_is_found(tmp_path: Path) -> None:
    for name in ("a/corpus.jsonl", "b/corpus.jsonl", "b/openie.jsonl", "c/conv-2.json", "c/conv-1.json", "d/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    a, b, c, scale = everything.tasks(tmp_path, [500], ["--threads", "2"])
    assert a == everything.Task("a", ("retrieval", str(tmp_path / "a"), "--threads", "2"))
    assert b.arguments[2:] == ("--triples", str(tmp_path / "b" / "openie.jsonl"), "--threads", "2")
    assert c.arguments[:3] == ("conversation", str(tmp_path / "c" / "conv-1.json"), str(tmp_path / "c" / "conv-2.json"))
    assert scale == everything.Task("scale-500", ("scale", "--passages", "500"))


def test_a_folder_without_data_says_so(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="no folder in it has"):
        everything.tasks(tmp_path)


def test_a_measurement_that_fails_says_so(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert not everything.run(everything.Task("toy", ("retrieval", str(tmp_path))), tmp_path)
    assert "neither qrels.tsv nor qrels/test.tsv" in capfd.readouterr().err

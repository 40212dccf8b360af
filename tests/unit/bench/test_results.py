"""Results survive the way to the file and back, and two of them can be compared."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench import compare, report, results
from bench.errors import ResultInvalid
from bench.types import Ingestion, Outcome, Run

FIGURES = {"recall@1", "recall@2", "recall@5", "recall@8", "recall@10", "recall@20", "all@5", "all@8"}
SPEED = {"query_ms_p50", "query_ms_p95", "ingest_per_s"}


def run(category: str = "", zengram: tuple[int, ...] = (1, 2)) -> Run:
    """Two questions with two relevant ids each; `dense` finds one of each."""
    found = {"zengram": zengram, "dense": (3,)}
    outcomes = {
        arm: tuple(Outcome(f"q{n}", category, 2, ranks, 10.0 + n) for n in range(2)) for arm, ranks in found.items()
    }
    stages = {arm: {"encode": 4.0, "search": 5.0, "rest": 1.0} for arm in found}
    return Run("toy", "f" * 64, {"embedder": "hashing-64"}, Ingestion(10, 12, 2.0, 1.5, False), outcomes, stages)


def test_every_arm_has_exactly_the_figures_that_others_read() -> None:
    found = results.as_json(run(), "abc")
    arms = found["arms"]
    assert isinstance(arms, dict)
    assert set(arms) == {"zengram", "dense"}
    assert all(isinstance(arm, dict) and set(arm) == FIGURES | SPEED for arm in arms.values())
    assert {"dataset", "passages", "queries", "commit", "settings", "dataset_sha256"} <= set(found)
    assert (found["passages"], found["queries"]) == (10, 2)
    dense = arms["dense"]
    assert isinstance(dense, dict)
    assert (dense["recall@2"], dense["recall@5"], dense["all@5"], dense["ingest_per_s"]) == (0.0, 0.5, 0.0, 5.0)


def test_categories_have_the_same_figures_and_their_number_of_questions() -> None:
    arms = results.as_json(run("temporal"), "abc")["arms"]
    assert isinstance(arms, dict)
    assert isinstance(arms["zengram"], dict)
    categories = arms["zengram"]["categories"]
    assert isinstance(categories, dict)
    assert isinstance(categories["temporal"], dict)
    assert set(categories["temporal"]) == FIGURES | {"queries"}


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "out.json"
    results.write(results.as_json(run("temporal"), "abc"), path)
    found = results.read(path)
    assert (found.dataset, found.commit, found.passages) == ("toy", "abc", 10)
    assert found.arms["zengram"]["recall@2"] == 1.0
    assert [question.ranks for question in found.questions] == [{"zengram": (1, 2), "dense": (3,)}] * 2
    assert json.loads(path.read_text())["questions"][0]["relevant"] == 2


def test_results_without_questions_are_valid_json(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    results.write({"passages": 3}, path)
    assert json.loads(path.read_text()) == {"passages": 3}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"dataset": "x", "arms": 3}'])
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "out.json"
    path.write_text(text)
    with pytest.raises(ResultInvalid, match="is not a file of results"):
        results.read(path)


def kept(found: Run, commit: str, at: Path) -> results.Results:
    results.write(results.as_json(found, commit), at / commit)
    return results.read(at / commit)


def test_a_comparison_shows_figures_and_the_paired_difference(tmp_path: Path) -> None:
    before, after = kept(run(zengram=(1, 7)), "old", tmp_path), kept(run(), "new", tmp_path)
    text = compare.markdown(before, after)
    assert "| zengram | recall@5 | 0.500 | 1.000 | +0.500 |" in text
    assert "| zengram | R@5 | +0.500 * | +0.500 to +0.500 | 2 / 0 / 0 | 0.5 |" in text
    assert "| dense | R@5 | +0.000 | +0.000 to +0.000 | 0 / 0 / 2 | 1 |" in text


def test_other_questions_are_not_paired(tmp_path: Path) -> None:
    found = run()
    fewer = replace(found, outcomes={arm: each[:1] for arm, each in found.outcomes.items()})
    text = compare.markdown(kept(found, "old", tmp_path), kept(fewer, "new", tmp_path))
    assert "They asked different questions." in text


def test_different_data_are_not_compared(tmp_path: Path) -> None:
    other = replace(run(), sha256="0" * 64)
    with pytest.raises(ResultInvalid, match="different data"):
        compare.markdown(kept(run(), "old", tmp_path), kept(other, "new", tmp_path))


def test_a_report_has_every_arm_and_the_first_against_the_others() -> None:
    text = report.markdown(run("temporal"), "abc")
    assert "| zengram | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 | 10.5 | 10.9 |" in text
    assert "| dense | R@5 | +0.500 * | +0.500 to +0.500 | 2 / 0 / 0 | 0.5 |" in text
    assert "| temporal | 2 | 1.000 | 0.500 |" in text
    assert "10 passages (12 as stored), 2 questions, commit `abc`" in text
    assert "Ingestion 5.0 passages/s (75% of it in the encoder)" in text


def test_a_report_says_that_encodings_came_from_a_cache() -> None:
    found = run()
    assert "from a cache" in report.markdown(replace(found, ingestion=replace(found.ingestion, is_cached=True)), "abc")

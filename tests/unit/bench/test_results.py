"""Results survive the way to the file and back, and two of them can be compared."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench import compare, paired, report, results
from bench.errors import ResultInvalid
from bench.types import Ingestion, Json, Outcome, Run

FIGURES = {"recall@1", "recall@2", "recall@5", "recall@8", "recall@10", "recall@20", "all@5", "all@8"}
SPEED = {"query_ms_p50", "query_ms_p95", "ingest_per_s"}


def run(category: str = "", zengram: tuple[int, ...] = (1, 2)) -> Run:
    """Two questions with two relevant ids each; `dense` finds one of each."""
    found = {"zengram": zengram, "dense": (3,)}
    outcomes = {
        arm: tuple(Outcome(f"q{n}", category, 2, ranks, 10.0 + n) for n in range(2)) for arm, ranks in found.items()
    }
    stages = {arm: {"encode": 4.0, "search": 5.0, "rest": 1.0} for arm in found}
    memory = {"start": {"rss": 100.0, "anonymous": 80.0}, "asked": {"rss": 250.5, "anonymous": 90.0}}
    ingestion, seconds = Ingestion(10, 12, 2.0, 1.5, False), {"zengram": 2.0, "dense": 4.0}
    settings: dict[str, Json] = {"embedder": "hashing-64"}
    return Run("toy", "f" * 64, settings, ingestion, outcomes, stages, seconds, memory, ("One arm is not there.",))


def as_json(found: Run, commit: str = "abc") -> dict[str, Json]:
    return results.as_json(found, commit, paired.pairs(found.outcomes))


def page(found: Run) -> str:
    return report.markdown(found, "abc", paired.pairs(found.outcomes))


def test_every_arm_has_exactly_the_figures_that_others_read() -> None:
    found = as_json(run())
    arms = found["arms"]
    assert isinstance(arms, dict)
    assert set(arms) == {"zengram", "dense"}
    assert all(isinstance(arm, dict) and set(arm) == FIGURES | SPEED for arm in arms.values())
    assert {"dataset", "passages", "queries", "commit", "settings", "dataset_sha256"} <= set(found)
    assert (found["passages"], found["queries"]) == (10, 2)
    dense = arms["dense"]
    assert isinstance(dense, dict)
    assert (dense["recall@2"], dense["recall@5"], dense["all@5"], dense["ingest_per_s"]) == (0.0, 0.5, 0.0, 2.5)


def test_categories_have_the_same_figures_and_their_number_of_questions() -> None:
    arms = as_json(run("temporal"))["arms"]
    assert isinstance(arms, dict)
    assert isinstance(arms["zengram"], dict)
    categories = arms["zengram"]["categories"]
    assert isinstance(categories, dict)
    assert isinstance(categories["temporal"], dict)
    assert set(categories["temporal"]) == FIGURES | {"queries"}


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "out.json"
    results.write(as_json(run("temporal")), path)
    found = results.read(path)
    assert (found.dataset, found.commit, found.passages) == ("toy", "abc", 10)
    assert found.arms["zengram"]["recall@2"] == 1.0
    assert [question.ranks for question in found.questions] == [{"zengram": (1, 2), "dense": (3,)}] * 2
    assert found.notes == ("One arm is not there.",)
    written = json.loads(path.read_text())
    assert written["questions"][0]["relevant"] == 2
    assert written["memory_mb"]["asked"] == {"rss": 250.5, "anonymous": 90.0}
    assert [(pair["metric"], pair["difference"]) for pair in written["pairs"]][:2] == [
        ("recall@2", 1),
        ("recall@5", 0.5),
    ]


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
    results.write(as_json(found, commit), at / commit)
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


GOLDEN = """# toy

10 passages (12 as stored), 2 questions, commit `abc`, `hashing-64`. 75% of the service's ingestion is its encoder.

One arm is not there.

## Arms

| arm | R@1 | R@2 | R@5 | R@10 | R@20 | all@5 | all@8 | p50 ms | p95 ms | passages/s |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| zengram | 0.500 | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 | 10.5 | 10.9 | 5.0 |
| dense | 0.000 | 0.000 | 0.500 | 0.500 | 0.500 | 0.000 | 0.000 | 10.5 | 10.9 | 2.5 |

## zengram against the others

| arms | metric | difference | 95 % interval | wins / losses / ties | sign test p |
| --- | --- | --- | --- | --- | --- |
| zengram - dense | recall@2 | +1.000 * | +1.000 to +1.000 | 2 / 0 / 0 | 0.5 |
| zengram - dense | recall@5 | +0.500 * | +0.500 to +0.500 | 2 / 0 / 0 | 0.5 |
| zengram - dense | recall@10 | +0.500 * | +0.500 to +0.500 | 2 / 0 / 0 | 0.5 |
| zengram - dense | all@5 | +1.000 * | +1.000 to +1.000 | 2 / 0 / 0 | 0.5 |

## Every other pair, recall@5

None.

## Recall@5 by category

| category | questions | zengram | dense |
| --- | --- | --- | --- |
| temporal | 2 | 1.000 | 0.500 |

## Recall@10 by category

| category | questions | zengram | dense |
| --- | --- | --- | --- |
| temporal | 2 | 1.000 | 0.500 |

## Where zengram is furthest behind, recall@5 by question

No other arm is ahead on any question.

## Where a recall's time goes (mean ms)

| arm | encode | search | rest |
| --- | --- | --- | --- |
| zengram | 4.00 | 5.00 | 1.00 |
| dense | 4.00 | 5.00 | 1.00 |

## Memory of the process (MB)

| moment | rss | anonymous |
| --- | --- | --- |
| start | 100.0 | 80.0 |
| asked | 250.5 | 90.0 |
"""


def test_a_report_has_every_table() -> None:
    assert page(run("temporal")) == GOLDEN


def test_a_report_lists_the_questions_that_the_first_arm_loses() -> None:
    text = page(run(zengram=()))
    assert "| question | category | zengram | dense |" in text
    assert "| q0 |  | 0.00 | 0.50 |" in text


def test_a_report_says_that_encodings_came_from_a_cache() -> None:
    found = run()
    assert "from a cache" in page(replace(found, ingestion=replace(found.ingestion, is_cached=True)))

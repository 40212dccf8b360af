"""Questions in LongMemEval form: every one has a history of its own."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench import conversations, longmemeval
from bench.__main__ import main
from bench.errors import DatasetInvalid
from memory.types import Draft, Kind


def entry(name: str = "q1", **changes: object) -> dict[str, object]:
    """In the form that the authors' README describes."""
    return {
        "question_id": name,
        "question_type": "single-session-user",
        "question": "Which instrument did I buy in Quito?",
        "answer": "a charango",
        "question_date": "2023/05/30 (Tue) 23:40",
        "haystack_session_ids": ["s7", "s3"],
        "haystack_dates": ["2023/05/20 (Sat) 02:21", "2023/05/21 (Sun) 10:05"],
        "haystack_sessions": [
            [
                {"role": "user", "content": "How do I bake bread?"},
                {"role": "assistant", "content": "With flour, water, salt and time."},
            ],
            [
                {"role": "user", "content": "I bought a charango in Quito.", "has_answer": True},
                {"role": "assistant", "content": " "},
            ],
        ],
        "answer_session_ids": ["s3"],
        **changes,
    }


def write(at: Path, content: object) -> Path:
    path = at / "longmemeval_s.json"
    path.write_text(json.dumps(content))
    return path


def test_a_history_becomes_memories_and_its_evidence_what_is_relevant(tmp_path: Path) -> None:
    dataset = conversations.read([write(tmp_path, [entry()])])
    (collection,) = dataset.collections
    assert [draft.external_id for draft in collection.drafts] == ["1:1", "1:2", "2:1"]
    assert collection.drafts[2] == Draft(
        Kind.MEMORY,
        "I bought a charango in Quito.",
        external_id="2:1",
        occurred_at=datetime(2023, 5, 21, 10, 5, tzinfo=UTC),
        speaker="user",
        session_id="session_2",
    )
    (question,) = collection.questions
    assert (question.id, question.relevant, question.category) == ("q1", frozenset({"2:1"}), "single-session-user")


def test_questions_without_an_answer_in_the_history_are_left_out(tmp_path: Path) -> None:
    unanswered = entry("q2", haystack_sessions=[[], []])
    dataset = conversations.read([write(tmp_path, [entry("q1_abs"), unanswered, entry("q3"), entry("q4")])])
    assert [collection.name for collection in dataset.collections] == ["q3", "q4"]
    assert dataset.name == "longmemeval_s (2 conversations)"


def test_a_limit_counts_questions(tmp_path: Path) -> None:
    dataset = conversations.read([write(tmp_path, [entry("q1_abs"), entry("q2"), entry("q3")])], limit_queries=1)
    assert [collection.name for collection in dataset.collections] == ["q2"]


@pytest.mark.parametrize(
    "broken",
    [
        entry(haystack_dates=["2023/05/20 (Sat) 02:21"]),
        entry(haystack_sessions=[[{"role": "user"}], []]),
        entry(haystack_sessions=3),
        entry(question=None, haystack_dates=["yesterday", "today"]),
    ],
)
def test_what_is_in_another_form_is_refused(tmp_path: Path, broken: dict[str, object]) -> None:
    with pytest.raises(DatasetInvalid):
        conversations.read([write(tmp_path, [broken])])


def test_a_time_in_another_form_is_refused() -> None:
    with pytest.raises(DatasetInvalid, match=r"2023/05/20 \(Sat\) 02:21"):
        longmemeval.session_time("8 May, 2023")


def test_the_command_measures_it(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    path = write(tmp_path, [entry("q1"), entry("q2")])
    assert main(["conversation", str(path), "--embedder", "hashing", "--json", str(out)]) == 0
    found = json.loads(out.read_text())
    assert (found["passages"], found["queries"]) == (6, 2)
    assert [question["id"] for question in found["questions"]] == ["q1/q1", "q2/q2"]
    assert found["arms"]["zengram"]["categories"]["single-session-user"]["recall@1"] == 1.0

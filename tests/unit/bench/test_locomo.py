"""Conversations in LoCoMo form, malformed evidence included."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench import conversations, locomo
from bench.errors import DatasetInvalid
from memory.types import Draft, Kind

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "locomo"


def conversation(**changes: object) -> dict[str, object]:
    turns = {
        "speaker_a": "Ann",
        "speaker_b": "Ben",
        "session_2": [{"speaker": "Ben", "dia_id": "D2:1", "text": "", "blip_caption": "a red kite"}],
        "session_2_date_time": "12:09 am on 13 September, 2023",
        "session_1": [
            {"speaker": "Ann", "dia_id": "D1:1", "text": "I moved to Oslo."},
            {"speaker": "Ben", "dia_id": "D1:2", "text": "Look!", "blip_caption": "a dog"},
        ],
        "session_1_date_time": "1:56 pm on 8 May, 2023",
        "session_3_date_time": "2:00 pm on 9 May, 2024",
    }
    questions = [
        {"question": "Where does Ann live?", "evidence": ["D1:1"], "category": 4},
        {"question": "What did Ben show?", "evidence": ["D1:2; D2:01", "D9:9"], "category": 1},
        {"question": "What is nowhere?", "evidence": ["D7:1", "D", "D:1:1"], "category": 2},
        {"question": "What has no evidence?", "category": 5},
    ]
    return {"sample_id": "conv-1", "conversation": turns, "qa": questions, **changes}


def write(at: Path, content: object) -> Path:
    path = at / "conv.json"
    path.write_text(json.dumps(content))
    return path


def test_turns_are_memories_in_the_order_of_the_sessions(tmp_path: Path) -> None:
    (collection,) = conversations.read([write(tmp_path, conversation())]).collections
    first, second, third = collection.drafts
    assert first == Draft(
        Kind.MEMORY,
        "I moved to Oslo.",
        external_id="D1:1",
        occurred_at=datetime(2023, 5, 8, 13, 56, tzinfo=UTC),
        speaker="Ann",
        session_id="session_1",
    )
    assert second.text == "Look! [Shared image: a dog]"
    assert (third.text, third.session_id) == ("[Shared image: a red kite]", "session_2")
    assert third.occurred_at == datetime(2023, 9, 13, 0, 9, tzinfo=UTC)


def test_questions_without_an_existing_turn_are_left_out(tmp_path: Path) -> None:
    (collection,) = conversations.read([write(tmp_path, conversation())]).collections
    assert [(q.text, q.relevant, q.category) for q in collection.questions] == [
        ("Where does Ann live?", frozenset({"D1:1"}), "single-hop"),
        ("What did Ben show?", frozenset({"D1:2", "D2:1"}), "multi-hop"),
    ]


def test_a_file_may_hold_many_conversations(tmp_path: Path) -> None:
    path = write(tmp_path, [conversation(), conversation(sample_id="conv-2")])
    assert [each.name for each in conversations.read([path]).collections] == ["conv-1", "conv-2"]


@pytest.mark.parametrize("content", [{"qa": []}, [1], conversation(conversation=3), conversation(qa=[])])
def test_what_is_not_a_conversation_is_refused(tmp_path: Path, content: object) -> None:
    with pytest.raises(DatasetInvalid):
        conversations.read([write(tmp_path, content)])


def test_a_time_in_another_form_is_refused() -> None:
    with pytest.raises(DatasetInvalid, match="1:56 pm on 8 May, 2023"):
        locomo.session_time("2023-05-08")


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the conversations are not at {DATA}")
def test_the_published_conversations_are_read_whole() -> None:
    dataset = conversations.read(sorted(DATA.glob("conv-*.json")))
    assert len(dataset.collections) == 5
    assert sum(len(each.drafts) for each in dataset.collections) == 2760
    assert all(draft.occurred_at for each in dataset.collections for draft in each.drafts)

"""The data that fusion is fitted to: what is committed of it, and how it is put together with what packages bundle."""

import json
import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import beir, conversations, train_data
from bench.errors import DatasetInvalid
from bench.train_data import PAIRS, QUESTIONS, Article, Asked, Chat, Message, Pair, Told

PEOPLE = {"a": "Ann", "b": "Bob"}
titles = st.lists(st.sampled_from("ABCDEFGHIJ"), min_size=1, max_size=3, unique=True)


def lines(name: str) -> list[Any]:
    return [json.loads(line) for line in (QUESTIONS / name).read_text(encoding="utf-8").splitlines()]


def chat(day: int, *said: tuple[str, str]) -> Chat:
    time = f"2018-10-{day:02}T09:30:00Z"
    return Chat(messages=[[Message(sender=sender, text=text, timestamp=time)] for sender, text in said])


def test_every_committed_question_is_asked_once_and_names_what_answers_it() -> None:
    written, spoken = lines("written.jsonl"), lines("spoken.jsonl")
    asked = Counter(line["question"] for line in written) + Counter(
        f"{line['conversation']} {line['question']}" for line in spoken
    )
    assert [question for question, count in asked.items() if count > 1] == []
    assert all(len(line["passages"]) >= 2 for line in written)
    assert {line["conversation"] for line in spoken} == PAIRS.keys()
    assert all(line["category"] in range(1, 6) for line in spoken)
    assert all(re.fullmatch(r"D\d+:\d+", turn) for line in spoken for turn in line["evidence"])


@given(st.lists(titles, min_size=1, max_size=30))
def test_no_passage_is_needed_in_both_halves_and_no_question_is_lost(needed: Sequence[Sequence[str]]) -> None:
    asked = [Asked(question=f"q{at}", passages=passages) for at, passages in enumerate(needed)]
    halves = train_data._halves(asked)
    assert Counter(one["question"] for half in halves for one in half) == Counter(one["question"] for one in asked)
    for one, other in combinations(halves, 2):
        assert not {t for each in one for t in each["passages"]} & {t for each in other for t in each["passages"]}


def test_a_mistaken_question_names_the_other_and_keeps_its_evidence() -> None:
    asked = [Told(conversation="x", question="What does Ann's dog eat?", evidence=["D1:2"], category=4)]
    found = list(train_data._mistaken(asked, Pair(PEOPLE, slice(0, 1))))
    assert found == [Told(conversation="x", question="What does Bob's dog eat?", evidence=["D1:2"], category=5)]


def test_a_question_about_both_or_neither_is_never_mistaken() -> None:
    asked = [
        Told(conversation="x", question=question, evidence=["D1:1"], category=4)
        for question in ("What do Ann and Bob eat?", "Who has a dog?")
    ]
    assert list(train_data._mistaken(asked, Pair(PEOPLE, slice(0, 1)))) == []


def test_conversations_are_written_as_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chats = {
        "late": chat(9, ("b", "Second?"), ("a", "Yes.")),
        "other": chat(1, ("a", "Hi"), ("c", "Who is this?")),
        "early": chat(2, ("a", "My dog eats fish."), ("b", "Mine too.")),
    }
    asked = Told(conversation="ann-bob", question="What does Ann's dog eat?", evidence=["D1:1"], category=4)
    (tmp_path / "spoken.jsonl").write_text(json.dumps(asked))
    monkeypatch.setattr(train_data, "QUESTIONS", tmp_path)
    monkeypatch.setattr(train_data, "PAIRS", {"ann-bob": Pair(PEOPLE, slice(0, 2))})
    train_data._write_conversations(chats, tmp_path)
    found = conversations.read([tmp_path / "ann-bob.json"]).collections[0]
    assert [(one.text, one.category) for one in found.questions] == [
        ("What does Ann's dog eat?", "single-hop"),
        ("What does Bob's dog eat?", "adversarial"),
    ]
    said = [(draft.external_id, draft.speaker, draft.text) for draft in found.drafts]
    assert said[0] == ("D1:1", "Ann", "My dog eats fish.")
    assert said[2] == ("D2:1", "Bob", "Second?")
    assert found.drafts[0].occurred_at is not None
    assert found.drafts[0].occurred_at.isoformat() == "2018-10-02T09:30:00+00:00"


def test_articles_are_written_with_those_that_questions_are_near_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = {title for line in lines("written.jsonl") for title in line["passages"]}
    articles = {title: Article(title=title, extract=f"{title} is known.") for title in needed}
    near = {"Near": Article(title="Near", extract=" ".join(line["question"] for line in lines("written.jsonl")))}
    train_data._write_articles({**articles, **near}, tmp_path)
    for folder in train_data.FOLDERS:
        found = beir.read(tmp_path / folder).collections[0]
        names = {draft.external_id for draft in found.drafts}
        assert all(question.relevant <= names for question in found.questions)
        assert "Near" in names


def test_a_decoy_says_the_same_under_another_name_than_the_article() -> None:
    ann = Article(title="Ann Bell (poet)", extract="Ann Bell was a poet in York. Bell's poems are bells.")
    articles = {"Ann Bell (poet)": ann, "Dresden": Article(title="Dresden", extract=""), "42": ann}
    (made_up,) = train_data._decoys({"Ann Bell (poet)", "42"}, articles)
    assert made_up["_id"] == "like Ann Bell (poet)"
    first, second = made_up["text"].split()[:2]
    assert {first, second} <= {"Ann", "Bell", "Dresden"}
    assert made_up["text"] == f"{first} {second} was a poet in York. {second}'s poems are bells."
    assert made_up["title"] == f"{first} {second} (poet)"
    assert [first, second] != ["Ann", "Bell"]


def test_another_version_of_a_package_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / train_data.CHATS, "w") as archive:
        archive.writestr("chitchat_dataset/dataset.json", "{}")
    with pytest.raises(DatasetInvalid, match=train_data.SHA256[train_data.CHATS]):
        train_data._bundled(tmp_path / train_data.CHATS, "dataset.json")


def test_a_title_that_questions_need_may_not_be_missing(tmp_path: Path) -> None:
    with pytest.raises(DatasetInvalid, match="Max Ernst"):
        train_data._write_articles({}, tmp_path)

"""The made-up world is the same every time, and shaped like a real one."""

from collections import Counter

import numpy as np

from bench.synthetic import World, WorldParams
from memory.types import Kind

PARAMS = WorldParams(passages=900)


def test_the_world_follows_from_its_params() -> None:
    one, again, other = (World(WorldParams(passages=100, seed=seed)) for seed in (1, 1, 2))
    drafts = list(one.drafts())
    assert drafts == list(again.drafts())
    assert drafts != list(other.drafts())
    assert one.questions(5) == again.questions(5) != other.questions(5)
    assert one.single(3) == again.single(3)


def test_it_has_as_many_passages_as_asked_and_each_its_own_id() -> None:
    for passages in (1, 30, 101):
        ids = [draft.external_id for draft in World(WorldParams(passages=passages)).drafts()]
        assert len(ids) == len(set(ids)) == passages


def test_chats_stand_among_documents() -> None:
    drafts = list(World(PARAMS).drafts())
    turns = [draft for draft in drafts if draft.kind is Kind.MEMORY]
    assert 0.1 < len(turns) / len(drafts) < 0.5
    assert all(draft.speaker and draft.session_id and draft.occurred_at for draft in turns)
    sessions = Counter(draft.session_id for draft in turns)
    assert set(sessions.values()) == {30}


def test_lengths_are_those_of_passages_and_turns() -> None:
    words: dict[Kind, list[int]] = {Kind.DOCUMENT: [], Kind.MEMORY: []}
    for draft in World(PARAMS).drafts():
        words[draft.kind].append(len(draft.text.split()))
    assert 60 < np.median(words[Kind.DOCUMENT]) < 100
    assert 15 < np.median(words[Kind.MEMORY]) < 35


def test_names_follow_zipfs_law() -> None:
    titles = Counter(draft.title for draft in World(PARAMS).drafts() if draft.title)
    (_, most), *rest = titles.most_common()
    assert most > 0.05 * titles.total()
    assert sum(count == 1 for _, count in rest) > 0.4 * len(rest)


def test_questions_ask_in_the_names_of_the_world() -> None:
    text = " ".join(draft.text for draft in World(PARAMS).drafts())
    questions = World(PARAMS).questions(20)
    assert sum(" ".join(question.split()[2:4]) in text for question in questions) >= 15

"""What a night reads a few at a time comes to the same as all at once; what changed meanwhile is left out."""

from dataclasses import replace

import numpy as np
import pytest

from memory import documents, history, measuring, rereading, retelling, surveying
from memory.layers.transitions import Happening, Move
from memory.parts import Parts
from memory.sleeping import clusters, gists, probing, repeats, units
from memory.sleeping.episodes import Episode, Outline
from memory.types import DocumentPatch, ItemState, Namespace
from tests.nights import BEDTIME, DAY, live
from tests.unit.sleeping.made import library, named, outline

SINCE = BEDTIME - 30 * DAY  # of what was told in the first hours of the life, some is older and some is not


@pytest.fixture
def life(parts: Parts, namespace: Namespace, monkeypatch: pytest.MonkeyPatch) -> list[Episode]:
    """Everything at once, as a night reads it; what nights read after that comes in the smallest batches."""
    live(parts, namespace)
    ids = sorted(surveying.recalls(parts, namespace))
    whole = list(rereading.episodes(parts, namespace, ids, BEDTIME))
    for module, name, size in (
        (measuring, "BATCH", 7),
        (surveying, "BATCH", 7),
        (rereading, "BATCH", 7),
        (clusters, "AT_ONCE", 2),
        (retelling, "PORTION", 3),
        (units, "AT_ONCE", 5),
        (gists, "AT_ONCE", 5),
    ):
        monkeypatch.setattr(module, name, size)
    return whole


def _fields(one: Outline) -> dict[str, object]:
    return {name: getattr(one, name) for name in Outline.__slots__}


def test_everything_in_recall_is_read_and_nothing_else(parts: Parts, namespace: Namespace, life: list[Episode]) -> None:
    in_recall = {
        one.item.id
        for one in surveying.seen(parts, namespace, BEDTIME)
        if one.item.state is ItemState.ACTIVE and one.item.valid_to is None
    }
    assert {one.id for one in life} == in_recall
    assert list(surveying.said(parts, namespace)) == [
        one.text for one in sorted(life, key=lambda one: (one.said_at, one.id))
    ]


def test_outlines_say_what_the_whole_items_say(parts: Parts, namespace: Namespace, life: list[Episode]) -> None:
    found = surveying.outlines(parts, namespace, BEDTIME)
    assert [_fields(one) for one in found.in_recall] == [_fields(outline(one)) for one in life]
    assert {one.id: found.candidates[one.id].tokens for one in life} == {one.id: one.tokens for one in life}
    assert found.candidates.keys() == {one.item.id for one in surveying.seen(parts, namespace, BEDTIME)}


@pytest.mark.parametrize("share", [0.9, 0.6, 0.2])
def test_a_budget_shortens_the_same(parts: Parts, namespace: Namespace, life: list[Episode], share: float) -> None:
    room = int(share * sum(one.tokens for one in life))
    count_tokens = parts.embedder.count_tokens
    outlines = surveying.outlines(parts, namespace, BEDTIME).in_recall
    found = gists.condense(outlines, room, count_tokens, rereading.library(parts, namespace, BEDTIME))
    assert found
    assert found == gists.condense([outline(one) for one in life], room, count_tokens, library(life))


def test_what_tells_of_the_same_is_put_together_the_same(
    parts: Parts, namespace: Namespace, life: list[Episode]
) -> None:
    params = replace(gists.RECOMMENDED, closeness=0.3, told=0.5, related_kept=0.9)
    count_tokens, mine = parts.embedder.count_tokens, list(surveying.named(parts, namespace, BEDTIME))
    found = gists.related(mine, count_tokens, rereading.library(parts, namespace, BEDTIME), params)
    assert found
    assert found == gists.related([named(one) for one in life], count_tokens, library(life), params)


@pytest.mark.parametrize("first_night", [True, False])
def test_the_same_repeats_are_found(parts: Parts, namespace: Namespace, life: list[Episode], first_night: bool) -> None:
    recorded = {one.item.id: one.item.recorded_at for one in surveying.seen(parts, namespace, BEDTIME)}
    since = None if first_night else sorted(recorded.values())[len(recorded) // 8]
    new = [one.id for one in life if since is None or recorded[one.id] > since]
    found = retelling.find(parts, namespace, BEDTIME, since)
    assert found
    assert found == repeats.find([one for one in life if not one.is_gist], new)
    without = {one.id for one in found[0].repeats}
    rest = [one for one in life if one.id not in without]
    assert retelling.find(parts, namespace, BEDTIME, since, without) == repeats.find(rest, new)


def test_the_same_is_asked(parts: Parts, namespace: Namespace, life: list[Episode]) -> None:
    by_id = {one.id: one for one in life}
    for seed in range(5):
        order = probing.order({one.id: one.recalls for one in life}, np.random.default_rng(seed), 16)
        assert sorted(order) == sorted(by_id)
        rng, other = np.random.default_rng(seed), np.random.default_rng(seed)
        read = rereading.episodes(parts, namespace, order, BEDTIME)
        assert probing.choose(read, rng, 16) == probing.choose((by_id[id_] for id_ in order), other, 16)


def test_what_was_changed_archived_or_deleted_since_is_left_out(
    parts: Parts, namespace: Namespace, life: list[Episode]
) -> None:
    changed, hidden, gone, *_ = (one for one in life if one.recalls == 0 and one.title)
    documents.patch(
        parts,
        namespace,
        changed.kind,
        changed.id,
        DocumentPatch(text="It says something else now."),
        if_match=None,
        now=BEDTIME,
        actor="test",
    )
    history.apply(
        parts,
        namespace,
        [(hidden.id, Move(Happening.ARCHIVED, "test", state=ItemState.ARCHIVED))],
        now=BEDTIME,
        actor="test",
    )
    documents.delete(parts, namespace, gone.kind, gone.id, if_match=None, now=BEDTIME, actor="test")
    editions = [one.edition for one in life]
    left = [one.id for one in life if one.id not in {changed.id, hidden.id, gone.id}]
    read = rereading.library(parts, namespace, BEDTIME)
    assert [one.id for one in read.episodes(editions)] == left
    assert list(read.texts(editions)) == [one.text for one in life if one.id in left]
    assert rereading.seen_again(parts, namespace, editions, BEDTIME).keys() == set(left)

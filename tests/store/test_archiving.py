"""What is archived is out of the index at once, kept, found on request, and let in again without being encoded."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory import documents, history
from memory.indexing import Indexes
from memory.layers.transitions import Happening, Move
from memory.parts import Parts
from memory.types import DocumentPatch, ItemState, Kind, Namespace, Recall
from tests.fakes import MoodyEmbedder
from tests.store.working import found, keep, results, said

HOUR = timedelta(hours=1)
ARCHIVE = Move(Happening.ARCHIVED, "faded", state=ItemState.ARCHIVED)
RESTORE = Move(Happening.RESTORED, "wanted", state=ItemState.ACTIVE)
QUESTION = "the winch of the ferry"
TEXTS = ("The winch of the ferry is stuck.", "Mira paints the ferry red.", "The winch was greased in May.")


def whole(parts: Parts, namespace: Namespace) -> list[str]:
    return [one.text for one in results(parts, namespace, Recall(QUESTION, archived=True))]


def test_an_archived_item_leaves_the_index_and_comes_back_as_it_was(
    parts: Parts, namespace: Namespace, now: datetime, embedder: MoodyEmbedder
) -> None:
    ids = [one.id for one in keep(parts, namespace, now, *(said(text, session="s") for text in TEXTS)).receipts]
    before = found(parts, namespace, QUESTION)
    encoded = embedder.encoded
    history.apply(parts, namespace, [(ids[0], ARCHIVE)], now=now, actor="test")
    with parts.indexes.reading(namespace.id, 4) as index:
        assert len(index) == 2
    assert set(found(parts, namespace, QUESTION)) == set(TEXTS[1:])
    assert set(whole(parts, namespace)) == set(TEXTS)
    history.apply(parts, namespace, [(ids[0], RESTORE)], now=now + HOUR, actor="test")
    assert set(found(parts, namespace, QUESTION)) == set(before)
    assert set(whole(parts, namespace)) == set(TEXTS)
    assert embedder.encoded == encoded


STEPS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["archive", "restore", "patch", "fold"])), max_size=8)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_an_index_that_follows_holds_what_one_built_anew_holds(
    parts: Parts, namespace: Namespace, now: datetime, tmp_path: Path, steps: list[tuple[int, str]]
) -> None:
    for one in documents.list_page(parts, namespace, Kind.MEMORY, 100, None).items:
        documents.delete(parts, namespace, Kind.MEMORY, one.id, None, now, "test")
    ids = [one.id for one in keep(parts, namespace, now, *map(said, TEXTS)).receipts]
    for number, step in steps:
        if step == "fold":
            parts.indexes.fold(namespace.id, now)
        elif step == "patch":
            change = DocumentPatch(metadata={"seen": number})
            documents.patch(parts, namespace, Kind.MEMORY, ids[number], change, None, now, "test")
        else:
            move = ARCHIVE if step == "archive" else RESTORE
            history.apply(parts, namespace, [(ids[number], move)], now=now, actor="test")
    embedder = MoodyEmbedder()
    fresh = Indexes(parts.database, tmp_path / "fresh", embedder.dimension, embedder.fingerprint, 1 << 30)
    anew = replace(parts, indexes=fresh)
    try:
        assert set(found(parts, namespace, QUESTION)) == set(found(anew, namespace, QUESTION))
        assert set(whole(parts, namespace)) == set(whole(anew, namespace)) == set(TEXTS)
    finally:
        fresh.close()

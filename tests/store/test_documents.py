"""Reading, listing, changing and deleting what is kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from memory import documents
from memory.documents import DocumentPatch, Wanted, delete, get, list_page, patch
from memory.errors import ExternalIdTaken, InvalidInput, NotFound, VersionMismatch
from memory.parts import Parts
from memory.store.tables import PassageRow
from memory.types import Kind, Namespace, Recall, ReceiptStatus, StoredDocument
from tests.fakes import MoodyEmbedder
from tests.store.working import found, keep, note, results, said, work_off


@pytest.fixture
def stored(parts: Parts, namespace: Namespace, now: datetime) -> StoredDocument:
    kept = keep(parts, namespace, now, note("Tom keeps bees.", title="Tom", external_id="tom"))
    return get(parts, namespace, Kind.DOCUMENT, kept.receipts[0].id)


def _patch(
    parts: Parts, namespace: Namespace, document: StoredDocument, change: DocumentPatch, if_match: int | None = None
) -> StoredDocument:
    later = document.updated_at + timedelta(minutes=1)
    return patch(parts, namespace, document.kind, document.id, change, if_match, later, "test")


def test_a_document_is_kept_as_it_was_sent(stored: StoredDocument, now: datetime) -> None:
    assert (stored.text, stored.title, stored.external_id) == ("Tom keeps bees.", "Tom", "tom")
    assert (stored.recorded_at, stored.updated_at, stored.occurred_at) == (now, now, None)
    assert (stored.status, stored.version, stored.passages, stored.layer) == ("ready", 1, 1, "base")


def test_pages_go_from_the_newest_to_the_oldest(parts: Parts, namespace: Namespace, now: datetime) -> None:
    for number in range(7):
        keep(parts, namespace, now, note(f"Note {number}."), said(f"Turn {number}.", session=f"s{number % 2}"))
    texts: list[str] = []
    cursor = None
    while True:
        page = list_page(parts, namespace, Kind.DOCUMENT, 3, cursor)
        texts += [one.text for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert texts == [f"Note {number}." for number in reversed(range(7))]
    one_session = list_page(parts, namespace, Kind.MEMORY, 10, None, Wanted(session_id="s1"))
    assert [one.text for one in one_session.items] == ["Turn 5.", "Turn 3.", "Turn 1."]


def test_a_cursor_that_is_none_is_refused(parts: Parts, namespace: Namespace) -> None:
    with pytest.raises(InvalidInput):
        list_page(parts, namespace, Kind.DOCUMENT, 3, "'; DROP TABLE documents")


@pytest.mark.parametrize("id_", ["", "x", "\x00", "0" * 36, "019b76da-a800-7434-a08a-0308ed726db2", "💥" * 50])
def test_an_unknown_id_is_not_found(parts: Parts, namespace: Namespace, now: datetime, id_: str) -> None:
    with pytest.raises(NotFound):
        get(parts, namespace, Kind.DOCUMENT, id_)
    with pytest.raises(NotFound):
        documents.passages(parts, namespace, id_)
    with pytest.raises(NotFound):
        delete(parts, namespace, Kind.DOCUMENT, id_, None, now, "test")
    with pytest.raises(NotFound):
        patch(parts, namespace, Kind.DOCUMENT, id_, DocumentPatch(text="x"), None, now, "test")


def test_a_document_is_no_memory(parts: Parts, namespace: Namespace, stored: StoredDocument) -> None:
    with pytest.raises(NotFound):
        get(parts, namespace, Kind.MEMORY, stored.id)


def test_a_new_text_replaces_the_passages(parts: Parts, namespace: Namespace, stored: StoredDocument) -> None:
    changed = _patch(parts, namespace, stored, DocumentPatch(text="Tom keeps goats."))
    assert (changed.text, changed.version, changed.title) == ("Tom keeps goats.", 2, "Tom")
    assert changed == get(parts, namespace, Kind.DOCUMENT, stored.id)
    assert found(parts, namespace, "What does Tom keep?") == ["Tom keeps goats."]
    assert [one.text for one in documents.passages(parts, namespace, stored.id)] == ["Tom keeps goats."]


def test_what_the_encoder_does_not_see_is_changed_without_it(
    parts: Parts, namespace: Namespace, stored: StoredDocument, embedder: MoodyEmbedder
) -> None:
    before = embedder.encoded
    changed = _patch(parts, namespace, stored, DocumentPatch(metadata={"topic": "bees"}, source="diary"))
    assert embedder.encoded == before
    assert (changed.metadata, changed.source, changed.version) == ({"topic": "bees"}, "diary", 2)
    by_topic = Recall("What does Tom keep?", filters={"metadata.topic": "bees"})
    assert len(results(parts, namespace, by_topic)) == 1
    _patch(parts, namespace, changed, DocumentPatch(metadata={"topic": "goats"}))
    assert len(results(parts, namespace, by_topic)) == 0


def test_a_new_title_is_encoded(
    parts: Parts, namespace: Namespace, stored: StoredDocument, embedder: MoodyEmbedder
) -> None:
    before = embedder.encoded
    _patch(parts, namespace, stored, DocumentPatch(title="Apiary"))
    assert embedder.encoded == before + 1


def test_a_patch_that_changes_nothing_changes_nothing(
    parts: Parts, namespace: Namespace, stored: StoredDocument
) -> None:
    assert _patch(parts, namespace, stored, DocumentPatch(text="Tom keeps bees.")) == stored


def test_only_the_version_that_was_read_is_changed(parts: Parts, namespace: Namespace, stored: StoredDocument) -> None:
    _patch(parts, namespace, stored, DocumentPatch(source="a"), if_match=1)
    with pytest.raises(VersionMismatch):
        _patch(parts, namespace, stored, DocumentPatch(source="b"), if_match=1)
    with pytest.raises(VersionMismatch):
        delete(parts, namespace, Kind.DOCUMENT, stored.id, 1, stored.updated_at, "test")
    assert get(parts, namespace, Kind.DOCUMENT, stored.id).source == "a"


def test_changes_at_the_same_time_all_happen(parts: Parts, namespace: Namespace, stored: StoredDocument) -> None:
    def change(number: int) -> int:
        return _patch(parts, namespace, stored, DocumentPatch(source=f"s{number}")).version

    with ThreadPoolExecutor(3) as pool:
        versions = list(pool.map(change, range(3)))
    assert sorted(versions) == [2, 3, 4]


def test_an_external_id_can_be_given_but_not_taken(parts: Parts, namespace: Namespace, stored: StoredDocument) -> None:
    other = keep(parts, namespace, stored.recorded_at, note("Other.", external_id="other")).receipts[0].id
    with pytest.raises(ExternalIdTaken):
        _patch(parts, namespace, stored, DocumentPatch(external_id="other"))
    delete(parts, namespace, Kind.DOCUMENT, other, None, stored.updated_at, "test")
    assert _patch(parts, namespace, stored, DocumentPatch(external_id="other")).external_id == "other"
    assert _patch(parts, namespace, stored, DocumentPatch(external_id=None)).external_id is None


def test_a_bad_patch_is_refused_and_changes_nothing(parts: Parts, namespace: Namespace, stored: StoredDocument) -> None:
    with pytest.raises(InvalidInput) as caught:
        _patch(parts, namespace, stored, DocumentPatch(text=" ", title="\x00"))
    assert [problem.field for problem in caught.value.problems] == ["text", "title"]
    assert get(parts, namespace, Kind.DOCUMENT, stored.id) == stored


def test_a_patched_document_is_known_by_its_new_content(
    parts: Parts, namespace: Namespace, stored: StoredDocument, now: datetime
) -> None:
    kept = keep(parts, namespace, now, note("A."))
    document = get(parts, namespace, Kind.DOCUMENT, kept.receipts[0].id)
    _patch(parts, namespace, document, DocumentPatch(text="B."))
    again = keep(parts, namespace, now, note("A."), note("B."))
    assert [one.status for one in again.receipts] == [ReceiptStatus.STORED, ReceiptStatus.DUPLICATE]


def test_a_long_new_text_is_read_later_and_the_old_one_serves_until_then(
    parts: Parts, namespace: Namespace, stored: StoredDocument
) -> None:
    long = "\n\n".join(f"Part {number}. Tom has {number} hives by the river." for number in range(2500))
    changed = _patch(parts, namespace, stored, DocumentPatch(text=long))
    assert (changed.status, changed.version) == ("pending", 2)
    assert found(parts, namespace, "What does Tom keep?") == ["Tom keeps bees."]
    work_off(parts, changed.updated_at)
    ready = get(parts, namespace, Kind.DOCUMENT, stored.id)
    assert ready.status == "ready"
    assert ready.passages > 64
    assert "Tom keeps bees." not in found(parts, namespace, "What does Tom keep?", 200)


def test_a_memory_that_grows_does_not_push_its_successor(parts: Parts, namespace: Namespace, now: datetime) -> None:
    kept = keep(parts, namespace, now, said("Short.", session="s"), said("Next.", session="s"))
    first = get(parts, namespace, Kind.MEMORY, kept.receipts[0].id)
    long = " ".join(f"Sentence number {number} of a long turn goes on and on." for number in range(60))
    _patch(parts, namespace, first, DocumentPatch(text=long))
    rows = parts.database.read(lambda session: session.execute(select(PassageRow.group_key, PassageRow.position)).all())
    assert len({tuple(row) for row in rows}) == len(rows) > 2


def test_what_is_deleted_is_gone_at_once(parts: Parts, namespace: Namespace, stored: StoredDocument) -> None:
    assert found(parts, namespace, "What does Tom keep?") == ["Tom keeps bees."]
    delete(parts, namespace, Kind.DOCUMENT, stored.id, stored.version, stored.updated_at, "test")
    assert found(parts, namespace, "What does Tom keep?") == []
    with pytest.raises(NotFound):
        get(parts, namespace, Kind.DOCUMENT, stored.id)
    assert parts.database.read(lambda session: session.execute(select(PassageRow.id)).all()) == []
    again = keep(parts, namespace, stored.updated_at, note("Tom keeps bees.", title="Tom", external_id="tom"))
    assert again.receipts[0].status is ReceiptStatus.STORED

"""Every verb of both clients, against the real service."""

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from tests.sdk.conftest import MakeClient
from tests.sdk.real import real_service
from zengram import AsyncClient, Client, InvalidInput, NotFound, Unauthorized, VersionMismatch

NAMES = (f"space-{number}" for number in count())
MIRA = "Mira moved to the lock house of Ghent."
TOM = "The lock house of Ghent was built by Tom Baker."


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with real_service(tmp_path_factory.mktemp("service")) as url:
        yield url


@pytest.fixture
def memory(make_client: MakeClient, url: str) -> Client:
    """A client of either kind, in a namespace of its own."""
    return make_client(url, namespace=next(NAMES))


def test_both_clients_have_the_same_verbs_with_the_same_arguments() -> None:
    names = {name for name in dir(Client) if not name.startswith("_")}
    assert names == {name for name in dir(AsyncClient) if not name.startswith("_")}
    for name in names - {"url", "in_namespace"}:
        ours, theirs = (inspect.signature(getattr(kind, name)) for kind in (Client, AsyncClient))
        assert list(ours.parameters) == list(theirs.parameters), name


def test_what_is_added_is_recalled_in_the_next_call_with_its_path(memory: Client) -> None:
    assert memory.health().status == "ok"
    added = memory.add(MIRA, speaker="Ida", occurred_at=datetime(2026, 3, 1, tzinfo=UTC))
    memory.add_document(TOM, title="Lock house", metadata={"shelf": 7})
    found = memory.recall("Who built the house where Mira lives?", top_k=2, explain=True, min_revision=added.revision)
    assert {one.text for one in found.results} == {MIRA, TOM}
    assert not found.abstained
    for one in found.results:
        assert one.explanation is not None
        assert one.explanation.path[0].node == "question"
        assert one.explanation.path[-1].id == one.id
    assert memory.search("Mira", speakers=["Ida"]).results[0].speaker == "Ida"
    assert [one.title for one in memory.recall("house", filters={"metadata.shelf": 7}).results] == ["Lock house"]
    assert memory.recall("Mira", since="2026-03-02", until="2026-03-03").results == []


def test_a_context_numbers_its_sources(memory: Client) -> None:
    memory.add([{"role": "user", "content": MIRA}, {"text": TOM, "speaker": "Noor"}], session_id="s")
    context = memory.context("Where did Mira move?", max_tokens=200)
    assert MIRA in str(context)
    assert context.tokens <= 200
    assert [source.ref for source in context.sources] == list(range(1, len(context.sources) + 1))


def test_items_are_read_listed_changed_and_deleted(memory: Client) -> None:
    receipt = memory.add(MIRA, external_id="m-1").items[0]
    document = memory.add_document(data={"house": "Ghent"}, title="Data").items[0]
    assert memory.get(receipt).external_id == "m-1"
    assert memory.get(document.id).title == "Data"
    assert [one.id for one in memory.list()] == [receipt.id]
    assert [one.id for one in memory.list("document", page_size=1)] == [document.id]
    changed = memory.update(receipt, speaker="Ida", metadata={"a": 1}, external_id=None, if_version=1)
    assert (changed.speaker, changed.metadata, changed.external_id, changed.version) == ("Ida", {"a": 1}, None, 2)
    with pytest.raises(VersionMismatch):
        memory.delete(receipt, if_version=1)
    memory.delete(receipt, if_version=2)
    memory.delete(document.id)
    with pytest.raises(NotFound):
        memory.get(receipt.id)
    assert list(memory.list()) == []


def test_pages_are_walked_to_the_end(memory: Client) -> None:
    ids = memory.add([f"Note {number}." for number in range(7)]).ids
    assert [one.id for one in memory.list(page_size=3)] == ids[::-1]


def test_passages_say_what_they_name(memory: Client) -> None:
    document = memory.add_document(TOM).items[0]
    (passage,) = memory.passages(document)
    assert passage.text == TOM
    assert {"tom baker", "ghent"} <= {mention.name.lower() for mention in passage.mentions}


def test_files_are_uploaded_from_paths_and_from_bytes(memory: Client, tmp_path: Path) -> None:
    (tmp_path / "heron.md").write_text("# Heron\n\nThe heron nests by the mill.")
    added = memory.upload([str(tmp_path / "heron.md"), ("mill.txt", b"The mill grinds oats.")])
    assert [receipt.status for receipt in added.items] == ["stored", "stored"]
    assert {one.title for one in memory.list("document")} >= {"Heron"}


def test_a_large_batch_is_an_operation_to_wait_for(memory: Client) -> None:
    added = memory.add_documents([f"Page {number} tells of lock number {number}." for number in range(70)])
    assert added.operation is not None
    done = memory.wait(added.operation)
    assert done.status == "completed"
    assert len(done.items) == 70
    assert memory.operation(done).is_done
    assert [one.id for one in memory.operations()] == [done.id]
    assert memory.recall("Page 33 tells of lock number 33.", top_k=1).results[0].text.startswith("Page 33 ")


def test_namespaces_are_separate(memory: Client) -> None:
    memory.add(MIRA)
    other = next(NAMES)
    assert memory.create_namespace(other).name == other
    assert memory.in_namespace(other).recall("Mira").results == []
    assert memory.describe_namespace(memory.namespace).memories == 1
    assert {one.name for one in memory.namespaces()} >= {other, memory.namespace}
    memory.delete_namespace(other)
    with pytest.raises(NotFound):
        memory.describe_namespace(other)


def test_what_is_wrong_is_told_by_field(memory: Client) -> None:
    memory.add(MIRA)
    with pytest.raises(InvalidInput) as caught:
        memory.recall("Mira", filters={"colour": "red"})
    assert caught.value.errors[0].field.startswith("filters")
    with pytest.raises(InvalidInput) as caught:
        memory.add(" ")
    assert caught.value.errors[0].field == "text"


def test_keys_are_made_used_and_revoked(make_client: MakeClient, tmp_path: Path) -> None:
    with real_service(tmp_path) as url:
        first = make_client(url).create_key("first", ["read", "write", "admin"])
        stranger, owner = make_client(url), make_client(url, api_key=first.key.get_secret_value())
        with pytest.raises(Unauthorized):
            stranger.recall("Mira")
        owner.add(MIRA)
        reader = owner.create_key("reader", ["read"], bound_to="default")
        made = owner.keys()
        assert {key.name for key in made} == {"first", "reader"}
        assert make_client(url, api_key=reader.key.get_secret_value()).recall("Mira").results
        owner.revoke_key(reader)
        with pytest.raises(Unauthorized):
            make_client(url, api_key=reader.key.get_secret_value()).recall("Mira")

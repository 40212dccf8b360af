"""Whatever is added, changed, deleted, folded and reopened: recall finds what a plain dictionary says is there."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from memory import documents, tenancy
from memory.dynamics.switches import OFF
from memory.indexing import Indexes
from memory.parts import Parts
from memory.recall import recall
from memory.store.database import Database
from memory.types import Draft, Kind, Principal, Recall, ReceiptStatus
from retrieval.embedders.hashing import HashingEmbedder
from tests.store.working import keep, work_off

Known = tuple[Kind, str]
RUNS = count()
WORDS = st.sampled_from(["apple", "bridge", "candle", "delta", "ember", "Mira", "Ghent", "Tom Baker"])
TEXTS = st.lists(WORDS, min_size=1, max_size=6).map(lambda words: " ".join(words) + ".")
SESSIONS = st.sampled_from([None, "s1", "s2"])
TOPICS = st.sampled_from(["red", "green", "blue"])


class Memory(RuleBasedStateMachine):
    """`texts` and `topics` by id are the model."""

    ids: Bundle[tuple[Kind, str]] = Bundle("ids")
    url = ""
    folder = Path()

    @initialize()
    def open(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.database = Database(self.url)
        self.embedder = HashingEmbedder()
        self._reopen()
        owner = tenancy.bootstrap(self.parts, self.now)
        principal = Principal(owner.tenant, frozenset())
        self.namespace = tenancy.ensure_namespace(self.parts, principal, f"run-{next(RUNS)}", self.now)
        self.texts: dict[str, str] = {}
        self.topics: dict[str, str] = {}

    def _reopen(self) -> None:
        indexes = Indexes(self.database, self.folder, self.embedder.dimension, self.embedder.fingerprint, 1 << 20)
        self.parts = Parts(self.database, indexes, self.embedder, dynamics=OFF)  # a repeat is one more, as in the model

    @rule(target=ids, kind=st.sampled_from(Kind), text=TEXTS, session=SESSIONS, topic=TOPICS)
    def add(self, kind: Kind, text: str, session: str | None, topic: str) -> Known | MultipleResults[Known]:
        self.now += timedelta(seconds=1)
        session = session if kind is Kind.MEMORY else None
        draft = Draft(kind, text, session_id=session, metadata={"topic": topic})
        receipt = keep(self.parts, self.namespace, self.now, draft).receipts[0]
        if receipt.status is ReceiptStatus.DUPLICATE:
            assert self.texts[receipt.id] == text
            return multiple()
        assert receipt.id not in self.texts
        self.texts[receipt.id], self.topics[receipt.id] = text, topic
        return kind, receipt.id

    @rule(target=ids, texts=st.lists(TEXTS, min_size=65, max_size=70))
    def add_many(self, texts: list[str]) -> MultipleResults[Known]:
        drafts = [
            Draft(Kind.MEMORY, text, session_id=f"many-{len(self.texts)}", metadata={"topic": "many"}) for text in texts
        ]
        kept = keep(self.parts, self.namespace, self.now, *drafts)
        work_off(self.parts, self.now)
        for receipt, text in zip(kept.receipts, texts, strict=True):
            self.texts[receipt.id], self.topics[receipt.id] = text, "many"
        return multiple(*((Kind.MEMORY, receipt.id) for receipt in kept.receipts[:3]))

    @rule(known=ids, text=TEXTS)
    def change_text(self, known: Known, text: str) -> None:
        self._patch(known, documents.DocumentPatch(text=text))
        self.texts[known[1]] = text

    @rule(known=ids, topic=TOPICS)
    def change_topic(self, known: Known, topic: str) -> None:
        self._patch(known, documents.DocumentPatch(metadata={"topic": topic}))
        self.topics[known[1]] = topic

    def _patch(self, known: Known, change: documents.DocumentPatch) -> None:
        self.now += timedelta(seconds=1)
        documents.patch(self.parts, self.namespace, *known, change, None, self.now, "test")

    @rule(known=consumes(ids))
    def delete(self, known: Known) -> None:
        documents.delete(self.parts, self.namespace, *known, None, self.now, "test")
        del self.texts[known[1]], self.topics[known[1]]

    @rule()
    def fold(self) -> None:
        self.parts.indexes.fold(self.namespace.id, self.now)

    @rule()
    def change_over(self) -> None:
        self.parts.indexes.refresh(self.namespace.id)

    @rule()
    def restart(self) -> None:
        self.parts.indexes.close()
        self._reopen()

    @rule(topic=TOPICS)
    def recall_by_topic(self, topic: str) -> None:
        asked = Recall("apple bridge candle delta ember", top_k=200, filters={"metadata.topic": topic})
        found = {one.document.id for one in recall(self.parts, self.namespace, asked).results}
        assert found == {id_ for id_, known in self.topics.items() if known == topic}

    @invariant()
    def everything_is_found_and_nothing_else(self) -> None:
        if not hasattr(self, "texts"):
            return
        asked = Recall("apple bridge candle delta ember Mira Ghent Tom", top_k=200)
        results = recall(self.parts, self.namespace, asked).results
        found = {one.document.id: one.text for one in results}
        assert found.items() <= self.texts.items()
        assert len(found) == min(200, len(self.texts))

    def teardown(self) -> None:
        if hasattr(self, "parts"):
            self.parts.indexes.close()
            self.database.close()


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.parametrize("examples", [5, pytest.param(60, marks=pytest.mark.slow)])
def test_memory_behaves_as_a_dictionary(database_url: str, examples: int) -> None:
    with _folder() as folder:
        machine = type("Memory", (Memory,), {"url": database_url, "folder": folder})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=examples, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )

"""A process that writes with all its might until it is killed, and tells what was acknowledged. It needs no model."""

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from multiprocessing.connection import Connection
from pathlib import Path

from memory import documents, jobs, tenancy
from memory.indexing import Indexes
from memory.parts import Limits, Parts
from memory.remember import remember
from memory.store.database import Database
from memory.types import DocumentPatch, Draft, Idempotency, Kind, Namespace
from retrieval.embedders.hashing import HashingEmbedder
from tests.durability.ledger import Added, Asked, Changed, Changing, Told

WRITERS = 4
CACHE_BYTES = 1 << 26
AT_ONCE = 8  # passages; more are an operation
MANY = 10
OPERATIONS_EVERY = 12


def parts_on(url: str, folder: Path) -> Parts:
    database, embedder = Database(url), HashingEmbedder()
    indexes = Indexes(database, folder, embedder.dimension, embedder.fingerprint, CACHE_BYTES)
    return Parts(database, indexes, embedder, Limits(passages_at_once=AT_ONCE))


def close(parts: Parts) -> None:
    parts.indexes.close()
    parts.database.close()


@dataclass(frozen=True)
class Life:
    """One life of the process: where it writes, when, from which seed, and what the lives before it asked for."""

    url: str
    folder: Path
    now: datetime
    seed: int
    unanswered: Sequence[Asked]


class Writer:
    """One of the threads. Everything is told before it is asked for, and again once it is acknowledged."""

    def __init__(self, life: Life, number: int, parts: Parts, namespace: Namespace, tell: "Teller") -> None:
        self._life, self._parts, self._namespace, self._tell = life, parts, namespace, tell
        self._name = f"{life.seed}w{number}"
        self._rng = random.Random(self._name)
        self._mine: list[str] = []
        self._count = 0

    def write_on(self) -> None:
        while True:
            if len(self._mine) > 3 and self._rng.random() < 0.2:
                self._change()
            else:
                self.add(self._next())

    def add(self, asked: Asked) -> None:
        drafts = [_draft(asked.how, text) for text in asked.texts]
        key = Idempotency(asked.key, sha256(repr(asked.texts).encode()).hexdigest())
        kept = remember(self._parts, self._namespace, drafts, now=self._life.now, actor="test", idempotency=key)
        ids = [receipt.id for receipt in kept.receipts]
        self._tell(Added(asked.key, ids))
        if kept.operation is None and asked.how == "document":
            self._mine += ids

    def _next(self) -> Asked:
        self._count += 1
        how = self._rng.choice(["document", "memory"])
        many = self._count % OPERATIONS_EVERY == OPERATIONS_EVERY // 2
        count = MANY if many else self._rng.choice([1, 1, 1, 5])
        asked = Asked(f"{self._name}n{self._count}", how, [self._text(number) for number in range(count)])
        self._tell(asked)
        return asked

    def _text(self, number: int) -> str:
        mark = f"{self._name}n{self._count}t{number}"
        sentences = self._rng.choice([1, 1, 2, 60])
        return " ".join(f"Entry {mark} tells of the lock number {line}." for line in range(sentences))

    def _change(self) -> None:
        id_ = self._mine.pop(0)
        text = None if self._rng.random() < 0.5 else f"Entry {self._name} of {id_} was written anew."
        self._tell(Changing(id_, text))
        if text is None:
            documents.delete(self._parts, self._namespace, Kind.DOCUMENT, id_, None, self._life.now, "test")
        else:
            patch = DocumentPatch(text=text)
            documents.patch(self._parts, self._namespace, Kind.DOCUMENT, id_, patch, None, self._life.now, "test")
        self._tell(Changed(id_, text))


class Teller:
    """Sends what is told, one at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def __call__(self, told: Told) -> None:
        with self._lock:
            self._connection.send(told)


def live(life: Life, connection: Connection) -> None:
    """Until killed."""
    parts = parts_on(life.url, life.folder)
    namespace = tenancy.bootstrap(parts, life.now)
    tell = Teller(connection)
    writers = [Writer(life, number, parts, namespace, tell) for number in range(WRITERS)]
    threading.Thread(target=_work, args=(parts, life.now)).start()
    for asked in life.unanswered:
        writers[0].add(asked)
    for writer in writers:
        threading.Thread(target=writer.write_on).start()


def _work(parts: Parts, now: datetime) -> None:
    while True:
        jobs.run_one(parts, now, "worker")


def _draft(how: str, text: str) -> Draft:
    return Draft(Kind.DOCUMENT, text) if how == "document" else Draft(Kind.MEMORY, text, session_id="s")

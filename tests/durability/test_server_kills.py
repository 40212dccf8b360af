"""The real service, as `make serve` runs it, is killed at random moments: it starts again, and has lost nothing."""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import httpx2
import psutil
import pytest

from memory.store.database import Database
from tests.api.commands import ROOT
from tests.api.conftest import free_port
from tests.durability import invariants, leases
from tests.durability.ledger import Added, Asked, Changed, Changing, Ledger, Told
from tests.processes import are_gone

CLIENTS = 4
START_SECONDS = 240
WORK_SECONDS = 120
MOST_ACKNOWLEDGED = 40  # items before the next kill
LONGEST_PAUSE_SECONDS = 0.03  # between the last of them and the kill
MANY = 70  # more than are encoded at once: an operation
VICTIMS = {"all": 6, "api": 2, "worker": 1, "supervisor": 1}  # who is killed, and how often of ten times


class Instance:
    """The service on one database and one port, over its many lives."""

    def __init__(self, database_url: str, folder: Path, embedder: str) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ZENGRAM_")}
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.database = Database(database_url)
        self._log = folder / "service.log"
        self._environment = clean | {
            "ZENGRAM_DATABASE_URL": database_url,
            "ZENGRAM_DATA_DIR": str(folder / "data"),
            "ZENGRAM_PORT": str(self._port),
            "ZENGRAM_EMBEDDER": embedder,
        }

    def start(self) -> psutil.Process:
        """Ready."""
        with self._log.open("ab") as log:
            process = psutil.Popen(
                [sys.executable, "-m", "app", "serve"],
                env=self._environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            self.wait_until_ready()
        except BaseException:
            process.terminate()  # its children end with it
            raise
        return process

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        with httpx2.Client(base_url=self.url, timeout=START_SECONDS) as client:
            while time.monotonic() < deadline:
                try:
                    if client.get("/healthz/ready").status_code == 200:
                        return
                except httpx2.TransportError:
                    time.sleep(0.05)
        raise AssertionError(f"it did not start again:\n{self._log.read_text()[-3000:]}")


class Client:
    """Writes until nobody answers; asks again for what was not answered, with the same key."""

    def __init__(self, url: str, name: str, ledger: Ledger, lock: threading.Lock, stop: threading.Event) -> None:
        self._http = httpx2.Client(base_url=url, timeout=60)
        self._name, self._ledger, self._lock, self._stop = name, ledger, lock, stop
        self._rng = random.Random(name)
        self._mine: list[str] = []

    def write_until_killed(self, unanswered: Sequence[Asked]) -> None:
        with self._http:
            try:
                for asked in unanswered:
                    self._add(asked)
                for number in count():
                    if self._stop.is_set():
                        return
                    self._write(number)
            except httpx2.TransportError:
                return

    def _write(self, number: int) -> None:
        if number % 5 == 4 and self._mine:
            self._change(self._mine.pop(0))
            return
        how = self._rng.choice(["documents", "memories"])
        size = MANY if number % 10 == 5 else self._rng.choice([1, 1, 5])
        texts = [f"Entry {self._name}n{number}t{one} tells of the lock." for one in range(size)]
        asked = Asked(f"{self._name}n{number}", how, texts)
        self._tell(asked)
        self._add(asked)

    def _add(self, asked: Asked) -> None:
        body = {asked.how: [{"text": text} for text in asked.texts]}
        answer = self._http.post(f"/v1/{asked.how}", json=body, headers={"Idempotency-Key": asked.key})
        assert answer.status_code == (202 if len(asked.texts) == MANY else 201), answer.text
        ids = [item["id"] for item in answer.json()["items"]]
        self._tell(Added(asked.key, ids))
        if answer.status_code == 201 and asked.how == "documents":
            self._mine += ids

    def _change(self, id_: str) -> None:
        text = None if self._rng.random() < 0.5 else f"Entry {self._name} of {id_} was written anew."
        self._tell(Changing(id_, text))
        path = f"/v1/documents/{id_}"
        answer = self._http.delete(path) if text is None else self._http.patch(path, json={"text": text})
        assert answer.status_code in {200, 204}, answer.text
        self._tell(Changed(id_, text))

    def _tell(self, told: Told) -> None:
        with self._lock:
            self._ledger.note(told)


QUICK = pytest.param("sqlite", 3, "hashing", id="sqlite-3")
LONG = [pytest.param(name, 30, "minilm", id=f"{name}-30", marks=pytest.mark.slow) for name in ("sqlite", "postgresql")]


@pytest.mark.parametrize(("database_url", "kills", "embedder"), [QUICK, *LONG], indirect=["database_url"])
def test_a_killed_service_starts_again_with_all_that_it_acknowledged(
    kills: int, embedder: str, database_url: str, tmp_path: Path
) -> None:
    instance = Instance(database_url, tmp_path, embedder)
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    rng, ledger = random.Random(seed), Ledger()
    process: psutil.Process | None = None
    try:
        for kill in range(kills):
            if process is None:
                process = instance.start()
            victim = rng.choices(list(VICTIMS), list(VICTIMS.values()))[0]
            with writing(instance, f"{seed}k{kill}", ledger):
                wait_for_more(ledger, rng.randrange(MOST_ACKNOWLEDGED))
                time.sleep(rng.uniform(0, LONGEST_PAUSE_SECONDS))
                process = killed(process, victim, instance)
            look_into(instance, ledger)
            leases.end_all(instance.database)
        process = process or instance.start()
        work_off(instance)
        look_into(instance, ledger)
        assert ledger.acknowledged > kills
        assert_recallable(instance, ledger, rng)
    finally:
        if process is not None:
            process.terminate()
            process.wait(60)
        instance.database.close()


@contextmanager
def writing(instance: Instance, name: str, ledger: Ledger) -> Iterator[None]:
    """Clients that write while what is inside goes on, or until nobody answers."""
    lock, stop, unanswered = threading.Lock(), threading.Event(), list(ledger.unanswered.values())
    clients = [Client(instance.url, f"{name}c{number}", ledger, lock, stop) for number in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        going = [
            pool.submit(client.write_until_killed, unanswered[number::CLIENTS]) for number, client in enumerate(clients)
        ]
        try:
            yield
        finally:
            stop.set()
        for one in going:
            one.result()


def wait_for_more(ledger: Ledger, items: int) -> None:
    wanted, deadline = ledger.acknowledged + items, time.monotonic() + WORK_SECONDS
    while ledger.acknowledged < wanted:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def killed(process: psutil.Process, victim: str, instance: Instance) -> psutil.Process | None:
    """Kills; the process if its supervisor lives on, after it has started what was killed again."""
    children = children_of(process)
    if victim in children:
        children[victim].kill()
        if victim == "worker":
            return process
        children[victim].wait()
        instance.wait_until_ready()
        return process
    for one in [process, *children.values()] if victim == "all" else [process]:
        one.kill()
    process.wait(60)
    assert are_gone(children.values(), 60)
    return None


def children_of(process: psutil.Process) -> dict[str, psutil.Process]:
    """By name; one that died a moment ago may be missing."""
    found: dict[str, psutil.Process] = {}
    for child in process.children():
        with suppress(psutil.NoSuchProcess):
            found.update((name, child) for name in ("api", "worker") if name in child.cmdline())
    return found


def look_into(instance: Instance, ledger: Ledger) -> None:
    found = invariants.texts(instance.database)
    assert ledger.missing(found) == []
    assert ledger.unexplained(found) == []
    assert invariants.violations(instance.database) == []


def work_off(instance: Instance) -> None:
    """Waits for the worker."""
    deadline = time.monotonic() + WORK_SECONDS
    while left := invariants.unfinished(instance.database):
        assert time.monotonic() < deadline, left
        time.sleep(0.2)


def assert_recallable(instance: Instance, ledger: Ledger, rng: random.Random) -> None:
    kept = invariants.texts(instance.database)
    here = sorted(id_ for id_, allowed in ledger.allowed.items() if None not in allowed)
    with httpx2.Client(base_url=instance.url, timeout=60) as client:
        for id_ in rng.sample(here, min(20, len(here))):
            answer = client.post("/v1/recall", json={"query": kept[id_], "top_k": 5})
            assert id_ in {result["document_id"] for result in answer.json()["results"]}, kept[id_]

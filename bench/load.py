"""The real server under load: many clients at once over loopback, and recalls while a bulk ingestion runs."""

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from time import perf_counter

import numpy as np

from bench.embedders import RandomEmbedder
from bench.errors import BenchError
from bench.service import AT_ONCE, Service
from bench.synthetic import World, WorldParams
from bench.types import Json
from memory.types import Draft
from retrieval.embedders.minilm import FINGERPRINT, MiniLM
from retrieval.types import EncoderInput, Span

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 120
NAMESPACE = "load"
ENCODER_THREADS = 2  # that ask the encoder alone
BULK = 500  # documents of one bulk request
FEW = 4  # clients that recall while a bulk ingestion runs


@dataclass(frozen=True, slots=True)
class LoadParams:
    passages: int = 10_000
    clients: int = 32
    seconds: float = 30.0
    write_share: float = 0.1
    seed: int = 0


@dataclass(frozen=True, slots=True)
class _Call:
    path: str
    body: bytes
    is_write: bool


@dataclass(frozen=True, slots=True)
class _Done:
    ms: float
    status: int  # 0: no answer
    is_write: bool


def measure(params: LoadParams, folder: Path) -> dict[str, Json]:
    """Fills a namespace, starts API and worker on it, and lets the clients ask. Vectors of the filling are random."""
    world = World(WorldParams(params.passages, params.seed))
    with Service(folder, _Impostor()) as service:
        namespace = service.namespace(NAMESPACE)
        drafts = world.drafts()
        while batch := list(islice(drafts, AT_ONCE)):
            service.remember(namespace, batch)
        service.work()
    before = _encoder_alone(world, params)
    with _server(folder) as port:
        _drive(port, _mixed(world, params, 1), params.clients, min(5.0, params.seconds))  # a warm-up
        mixed, seconds = _drive(port, _mixed(world, params, 2), params.clients, params.seconds)
        quiet, _ = _drive(port, _mixed(world, _only_recalls(params), 3), FEW, params.seconds / 2)
        with _bulk(port, world):
            busy, _ = _drive(port, _mixed(world, _only_recalls(params), 4), FEW, params.seconds / 2)
    alone = (before + _encoder_alone(world, params)) / 2
    throughput = len(mixed) / seconds
    return {
        "passages": params.passages,
        "clients": params.clients,
        "write_share": params.write_share,
        "requests": len(mixed),
        "errors": sum(done.status not in {200, 201, 202} for done in [*mixed, *quiet, *busy]),
        "requests_per_s": round(throughput, 1),
        "encoder_alone_per_s": round(alone, 1),
        "share_of_encoder_alone": round(throughput / alone, 3),
        "all_ms": _percentiles(mixed),
        "recall_ms": _percentiles([done for done in mixed if not done.is_write]),
        "write_ms": _percentiles([done for done in mixed if done.is_write]),
        "p99_over_p50": round(_quantile(mixed, 99) / _quantile(mixed, 50), 2),
        "recall_ms_of_few_clients": _percentiles(quiet),
        "recall_ms_of_few_clients_during_bulk_ingestion": _percentiles(busy),
    }


class _Impostor(RandomEmbedder):
    """Random vectors under the name of the real encoder: what they cost to search is the same."""

    def __init__(self) -> None:
        super().__init__()
        self.fingerprint = FINGERPRINT


def _only_recalls(params: LoadParams) -> LoadParams:
    return LoadParams(params.passages, params.clients, params.seconds, 0.0, params.seed)


def _mixed(world: World, params: LoadParams, stream: int) -> Iterator[_Call]:
    """Recalls and single writes in their shares, without end."""
    rng = np.random.default_rng((params.seed, 30, stream))
    questions = world.questions(500)
    for number in count():
        if rng.random() < params.write_share:
            draft = world.single(1_000_000 * stream + number)
            yield _Call("/v1/memories", _memory(draft), True)
        else:
            body = {"query": questions[int(rng.integers(len(questions)))], "top_k": 10}
            yield _Call("/v1/recall", json.dumps(body).encode(), False)


def _memory(draft: Draft) -> bytes:
    assert draft.occurred_at is not None
    body = {
        "text": draft.text, "speaker": draft.speaker, "session_id": draft.session_id,
        "external_id": draft.external_id, "occurred_at": draft.occurred_at.isoformat(),
    }  # fmt: skip
    return json.dumps(body).encode()


def _drive(port: int, calls: Iterator[_Call], clients: int, seconds: float) -> tuple[list[_Done], float]:
    """Every client asks, waits for the answer and asks again, each over one connection."""
    lock = threading.Lock()
    done: list[_Done] = []
    began = perf_counter()

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        own = []
        while perf_counter() - began < seconds:
            with lock:
                call = next(calls)
            own.append(_ask(connection, call))
        connection.close()
        with lock:
            done.extend(own)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done, perf_counter() - began


def _ask(connection: http.client.HTTPConnection, call: _Call) -> _Done:
    began = perf_counter()
    try:
        connection.request(
            "POST", f"{call.path}?namespace={NAMESPACE}", call.body, {"Content-Type": "application/json"}
        )
        answer = connection.getresponse()
        answer.read()
        status = answer.status
    except (OSError, http.client.HTTPException):
        connection.close()
        status = 0
    return _Done(1000 * (perf_counter() - began), status, call.is_write)


@contextmanager
def _bulk(port: int, world: World) -> Iterator[None]:
    """A client that sends bulk requests one after the other, which the worker encodes, for as long as this lasts."""
    stopped = threading.Event()
    drafts = world.drafts(variant=1)

    def send() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while not stopped.is_set() and (batch := list(islice(drafts, BULK))):
            items = [{"text": draft.text, "title": draft.title} for draft in batch]
            body = json.dumps({"documents": items}).encode()
            _ask(connection, _Call("/v1/documents", body, True))
        connection.close()

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def _encoder_alone(world: World, params: LoadParams) -> float:
    """Questions and passages a second, in the shares of the mix, when nothing but the encoder works."""
    encoder = MiniLM(None, os.cpu_count())
    calls = _mixed(world, params, 5)
    works: list[Callable[[], object]] = []
    for call in islice(calls, 400):
        body = json.loads(call.body)
        works.append(_work(encoder, body["text"] if call.is_write else body["query"], call.is_write))
    ended = perf_counter() + params.seconds / 5
    counts = [0] * ENCODER_THREADS

    def encode(number: int) -> None:
        while perf_counter() < ended:
            works[(number + ENCODER_THREADS * counts[number]) % len(works)]()
            counts[number] += 1

    threads = [threading.Thread(target=encode, args=(number,)) for number in range(ENCODER_THREADS)]
    began = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (perf_counter() - began)


def _work(encoder: MiniLM, text: str, is_write: bool) -> Callable[[], object]:
    if is_write:
        return lambda: encoder.encode_passages([EncoderInput("", text, (Span(0, len(text)),))])
    return lambda: encoder.encode_question(text)


@contextmanager
def _server(folder: Path) -> Iterator[int]:
    """`python -m app serve` on the folder and a free port, ready; stopped at the end. Raises BenchError."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ZENGRAM_")}
    environment |= {"ZENGRAM_DATA_DIR": str(folder), "ZENGRAM_PORT": str(port), "ZENGRAM_LOG_LEVEL": "warning"}
    process = subprocess.Popen([sys.executable, "-m", "app", "serve"], cwd=ROOT, env=environment)
    try:
        _wait_until_ready(process, port)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = perf_counter() + START_SECONDS
    while perf_counter() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz/ready")
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise BenchError("the server did not become ready")


def _percentiles(done: Sequence[_Done]) -> dict[str, Json]:
    return {f"p{q}": round(_quantile(done, q), 1) for q in (50, 95, 99)}


def _quantile(done: Sequence[_Done], q: int) -> float:
    return float(np.percentile([one.ms for one in done], q)) if done else float("nan")

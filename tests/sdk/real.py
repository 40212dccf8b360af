"""The real service, in this process, for tests of the SDK and of its command line."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app import wiring
from app.settings import Settings
from app.worker import work
from memory.store.migrate import upgrade
from tests.api.conftest import free_port, running


@contextmanager
def real_service(folder: Path) -> Iterator[str]:
    """Its URL; API and worker run, on SQLite, without a model."""
    settings = Settings(data_dir=folder, port=free_port(), embedder="hashing", drain_seconds=10)
    folder.mkdir(parents=True, exist_ok=True)
    upgrade(settings.url)
    runtime, stop = wiring.open_runtime(settings), threading.Event()
    with running(settings, runtime):
        worker = threading.Thread(target=work, args=(runtime.parts, stop))
        worker.start()
        try:
            yield f"http://127.0.0.1:{settings.port}"
        finally:
            stop.set()
            worker.join()

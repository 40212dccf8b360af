"""A throw-away instance of the real service: its own processes, folder and port, gone afterwards."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import BinaryIO

ROOT = Path(__file__).parent.parent
PATIENCE_SECONDS = 120
STOP_SECONDS = 40


class InstanceFailed(Exception):
    """The service did not start; the message is what it said."""


@contextmanager
def throw_away() -> Iterator[str]:
    """The URL of a running service with an empty memory. Raises InstanceFailed."""
    with tempfile.TemporaryDirectory(prefix="zengram-demo-", ignore_cleanup_errors=True) as folder:
        port = _free_port()
        environment = _environment(Path(folder), port)
        log_path = Path(folder) / "service.log"
        with log_path.open("wb") as log:
            if _start("migrate", environment, log).wait(PATIENCE_SECONDS):
                raise InstanceFailed(log_path.read_text(encoding="utf-8"))
            process = _start("serve", environment, log)
        try:
            _wait(process, port, log_path)
            yield f"http://127.0.0.1:{port}"
        finally:
            _stop(process)


def _start(command: str, environment: Mapping[str, str], log: BinaryIO) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "app", command], cwd=ROOT, env=environment, stdout=log, stderr=log)


def _environment(folder: Path, port: int) -> Mapping[str, str]:
    """This one's, without the settings of another instance; the choice of the embedder is kept."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZENGRAM_") or "EMBEDDER" in name}
    ours = {"ZENGRAM_DATA_DIR": str(folder / "data"), "ZENGRAM_HOST": "127.0.0.1", "ZENGRAM_PORT": str(port)}
    return kept | ours


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _is_ready(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise InstanceFailed(log.read_text(encoding="utf-8"))
        time.sleep(0.1)


def _is_ready(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz/ready")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

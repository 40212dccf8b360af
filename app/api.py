"""The API process: uvicorn around the application, with a drain that loses nothing."""

import logging
import signal
import socket
import threading
from types import FrameType

import uvicorn

from app import starting, wiring
from app.errors import StartupRefused
from app.main import create_app
from app.runtime import Runtime
from app.settings import Settings
from retrieval.warming import warm_up

BACKLOG = 2048
KEEP_ALIVE_SECONDS = 15

_log = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """At SIGTERM: not ready any more, no new connections, running requests finish, waiting writes commit."""

    def __init__(self, config: uvicorn.Config, runtime: Runtime) -> None:
        super().__init__(config)
        self._runtime = runtime

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._runtime.draining.set()
        super().handle_exit(sig, frame)


def serve(settings: Settings) -> int:
    """Until a signal comes. Raises StartupRefused."""
    runtime = wiring.open_runtime(settings)
    try:
        starting.check_binding(settings.host, runtime.parts)
        listening = listen(settings.host, settings.port)
    except BaseException:
        wiring.close(runtime.parts)
        raise
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn raises them again at its end: a clean end, not a crash
        signal.signal(number, signal.SIG_IGN)
    _log.info("api started", extra={"host": settings.host, "port": settings.port, "embedder": settings.embedder})
    threading.Thread(target=_warm_up, name="zengram-warm-up").start()  # searches that come meanwhile wait for it
    server = Server(config_of(settings, runtime), runtime)
    server.run([listening])
    _log.info("api stopped")
    return 0 if server.started else 1


def _warm_up() -> None:
    try:
        warm_up()
    except OSError:  # no space for a temporary file: the first search will be slow, and nothing else
        _log.warning("not warmed up", exc_info=True)


def listen(host: str, port: int) -> socket.socket:
    """Its connections send at once; else the body of an answer waits 40 ms for its head to be acknowledged.

    Raises StartupRefused.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise StartupRefused(
            f"The service cannot listen on {host}, port {port}: {error.strerror or error}.",
            "Stop what listens there, or set ZENGRAM_HOST and ZENGRAM_PORT to what is free.",
        ) from error
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio sets it only where the protocol is named
    return listening


def config_of(settings: Settings, runtime: Runtime) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(settings, runtime),
        host=settings.host,
        port=settings.port,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.drain_seconds,
        proxy_headers=False,  # who asks is decided by the peer's own address: see auth.py
        server_header=False,
        access_log=False,
        log_config=None,
    )

"""What the sockets of the service are like."""

import socket

import pytest

from app.api import listen
from app.errors import StartupRefused


def test_a_connection_sends_at_once_instead_of_waiting_for_acknowledgements() -> None:
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_a_port_that_is_taken_is_refused_with_a_remedy() -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(StartupRefused, match=f"port {port}") as refused:
            listen("127.0.0.1", port)
    assert "ZENGRAM_PORT" in refused.value.remedy

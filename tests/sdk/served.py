"""What tests of the SDK against a real service import: fixtures, one database, and commands as a user gives them."""

from collections.abc import Callable

import pytest

from tests.api.conftest import Service, service, settings
from zengram import cli

__all__ = ["Run", "Service", "database_url", "run", "service", "settings"]

Run = Callable[..., str]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind is enough: what differs between them is not the business of the SDK."""
    return sqlite_url


@pytest.fixture
def run(service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command that succeeds, and what it prints."""
    monkeypatch.setenv("ZENGRAM_URL", str(service.client.base_url).rstrip("/"))

    def command(*arguments: str) -> str:
        assert cli.main(arguments) == cli.DONE, capsys.readouterr().err
        return capsys.readouterr().out

    return command

"""Both clients behind one face, so that every test of behaviour runs on each of them."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from typing import Protocol, cast

import pytest

from tests.sdk.misbehaving import Service, serving
from zengram import AsyncClient, Client, Retries

QUICKLY = Retries(times=3, first_pause=0.001, longest_pause=0.01)
_END = object()


class MakeClient(Protocol):
    """Makes a client of the kind that the test runs on."""

    def __call__(
        self, url: str, *, api_key: str | None = None, namespace: str | None = None, timeout: float = 30.0
    ) -> Client: ...


class Blocking:
    """An AsyncClient that is driven like a Client."""

    def __init__(self, client: AsyncClient, runner: asyncio.Runner) -> None:
        self._client = client
        self._runner = runner

    def __getattr__(self, name: str) -> object:
        found = getattr(self._client, name)
        if not inspect.ismethod(found):
            return found

        def run(*args: object, **kwargs: object) -> object:
            value = found(*args, **kwargs)
            if isinstance(value, AsyncClient):
                return Blocking(value, self._runner)
            if isinstance(value, AsyncIterator):
                return _each(value, self._runner)
            return self._runner.run(value)

        return run

    def __repr__(self) -> str:
        return repr(self._client)


def _each(items: AsyncIterator[object], runner: asyncio.Runner) -> Iterator[object]:
    async def one() -> object:
        return await anext(items, _END)

    while (item := runner.run(one())) is not _END:
        yield item


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ZENGRAM_URL", "ZENGRAM_API_KEY", "ZENGRAM_NAMESPACE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as running:
        yield running


@pytest.fixture(params=["sync", "async"])
def make_client(request: pytest.FixtureRequest, service: Service) -> Iterator[MakeClient]:
    """Makes clients of one kind, and closes them after the test: before `service`, which waits for them."""
    with asyncio.Runner() as runner:
        made: list[Client] = []

        def make(
            url: str, *, api_key: str | None = None, namespace: str | None = None, timeout: float = 30.0
        ) -> Client:
            kind = Client if request.param == "sync" else AsyncClient
            client = kind(url, api_key=api_key, namespace=namespace, timeout=timeout, retries=QUICKLY)
            made.append(client if isinstance(client, Client) else cast(Client, Blocking(client, runner)))
            return made[-1]

        yield make
        for client in made:
            client.close()


@pytest.fixture
def client(make_client: MakeClient, service: Service) -> Client:
    return make_client(service.url)

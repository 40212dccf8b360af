"""`Client` and `AsyncClient`: the same verbs over the same calls; only sending and waiting differ."""

import asyncio
import copy
import inspect
import os
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import update_wrapper
from types import TracebackType
from typing import Concatenate, ParamSpec, TypeVar, get_args

import httpx

from zengram import admin, forgetting, items, knowledge, layers, learning, recalling, sleeping
from zengram.calls import Call, following
from zengram.exchange import Exchange, Outcome, Retries, is_completed, polls
from zengram.models import Operation, Page
from zengram.wire import LOOPBACK, answer_of, connection, failure_of, request_of

P = ParamSpec("P")
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., object])


def _like(build: Callable[..., object], verb: F) -> F:
    """Gives a verb the name, the documentation and the signature of its call, so that `help` and editors tell them."""
    update_wrapper(verb, build)
    signature = inspect.signature(build)
    this, *rest = signature.parameters.values()
    this = this.replace(name="self", annotation=inspect.Parameter.empty)
    answer = get_args(signature.return_annotation)[0]
    told = signature.replace(parameters=[this, *rest], return_annotation=answer)
    vars(verb)["__signature__"] = told
    return verb


def _verb(build: Callable[Concatenate[str, P], Call[T]]) -> "Callable[Concatenate[Client, P], T]":
    def send(self: "Client", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._perform(build(self.namespace, *args, **kwargs))

    return _like(build, send)


def _listing(build: Callable[Concatenate[str, P], Call[Page[T]]]) -> "Callable[Concatenate[Client, P], Iterator[T]]":
    def walk(self: "Client", /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        return self._walk(build(self.namespace, *args, **kwargs))

    return _like(build, walk)


def _async_verb(
    build: Callable[Concatenate[str, P], Call[T]],
) -> "Callable[Concatenate[AsyncClient, P], Coroutine[object, None, T]]":
    async def send(self: "AsyncClient", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._perform(build(self.namespace, *args, **kwargs))

    return _like(build, send)


def _async_listing(
    build: Callable[Concatenate[str, P], Call[Page[T]]],
) -> "Callable[Concatenate[AsyncClient, P], AsyncIterator[T]]":
    def walk(self: "AsyncClient", /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
        return self._walk(build(self.namespace, *args, **kwargs))

    return _like(build, walk)


class Client:
    """A memory. `base_url` and `api_key` come from ZENGRAM_URL and ZENGRAM_API_KEY if they are not given.

    A call is sent again, up to `retries` times, after 429, 502, 503, 504, a broken connection or a timeout, if
    repeating it cannot do anything twice. `timeout` is in seconds. Close it, or use it in a `with`.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        api_key: str | None = None,
        namespace: str | None = None,
        timeout: float = 30.0,
        retries: int | Retries = 3,
    ) -> None:
        self.namespace = _namespace(namespace)
        self._connection = connection(base_url, api_key, timeout)
        self._retries = retries if isinstance(retries, Retries) else Retries(retries)
        self._chance = random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._http = httpx.Client(mounts=dict.fromkeys(LOOPBACK))

    add = _verb(items.add)
    add_document = _verb(items.add_document)
    add_documents = _verb(items.add_documents)
    upload = _verb(items.upload)
    recall = _verb(recalling.recall)
    search = recall
    context = _verb(recalling.context)
    answer = _verb(knowledge.ask)
    enrich = _verb(knowledge.enrich)
    enrichment = _verb(knowledge.enrichment)
    set_enrichment = _verb(knowledge.set_enrichment)
    entities = _listing(knowledge.entities)
    entity = _verb(knowledge.entity)
    merge_entities = _verb(knowledge.merge_entities)
    unmerge_entity = _verb(knowledge.unmerge_entity)
    graph = _verb(knowledge.graph)
    communities = _verb(knowledge.communities)
    get = _verb(items.get)
    list = _listing(items.listing)
    update = _verb(items.update)
    delete = _verb(items.delete)
    passages = _verb(items.passages)
    history = _verb(layers.history)
    feedback = _verb(learning.feedback)
    undo = _verb(learning.undo)
    strength = _verb(learning.strength)
    metacognition = _verb(learning.metacognition)
    say = _verb(layers.say)
    messages = _verb(layers.messages)
    complete = _verb(layers.complete)
    working = _verb(layers.working)
    hold = _verb(layers.hold)
    core = _verb(layers.core)
    core_block = _verb(layers.core_block)
    add_core = _verb(layers.add_core)
    update_core = _verb(layers.update_core)
    delete_core = _verb(layers.delete_core)
    core_versions = _verb(layers.core_versions)
    add_procedure = _verb(layers.add_procedure)
    procedures = _listing(layers.procedures)
    procedure = _verb(layers.procedure)
    judge = _verb(layers.judge)
    find_links = _verb(layers.find_links)
    links = _verb(layers.links)
    confirm_link = _verb(layers.confirm_link)
    reject_link = _verb(layers.reject_link)
    change_namespace = _verb(layers.change_namespace)
    policies = _verb(forgetting.policies)
    set_policies = _verb(forgetting.set_policies)
    forget = _verb(forgetting.forget)
    forgettings = _listing(forgetting.forgettings)
    undo_forget = _verb(forgetting.undo_forget)
    revive = _verb(forgetting.revive)
    holds = _verb(forgetting.holds)
    put_hold = _verb(forgetting.put_hold)
    lift_hold = _verb(forgetting.lift_hold)
    erase = _verb(forgetting.erase)
    erasures = _listing(forgetting.erasures)
    lift_tombstones = _verb(forgetting.lift_tombstones)
    sleep = _verb(sleeping.sleep)
    nights = _listing(sleeping.nights)
    night = _verb(sleeping.night)
    night_changes = _listing(sleeping.night_changes)
    undo_night = _verb(sleeping.undo_night)
    sleep_settings = _verb(sleeping.sleep_settings)
    set_sleep = _verb(sleeping.set_sleep)
    hints = _listing(sleeping.hints)
    dismiss_hint = _verb(sleeping.dismiss_hint)
    operation = _verb(admin.operation)
    operations = _listing(admin.operations)
    cancel = _verb(admin.cancel)
    retry = _verb(admin.retry)
    namespaces = _verb(admin.namespaces)
    describe_namespace = _verb(admin.namespace)
    create_namespace = _verb(admin.create_namespace)
    delete_namespace = _verb(admin.delete_namespace)
    keys = _verb(admin.keys)
    create_key = _verb(admin.create_key)
    revoke_key = _verb(admin.revoke_key)
    health = _verb(admin.health)

    def wait(self, operation: str | Operation, *, timeout: float = 600.0) -> Operation:
        """The operation once it is completed. Raises OperationFailed, or TimedOut after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        for pause in polls():
            found = self.operation(operation)
            if is_completed(found, time.monotonic() + pause > deadline):
                return found
            time.sleep(pause)
        raise AssertionError("polls never end")

    @property
    def url(self) -> str:
        """Where the service is."""
        return self._connection.url

    def in_namespace(self, namespace: str) -> "Client":
        """A client for another namespace, over the same connections (closing one closes both)."""
        other = copy.copy(self)
        other.namespace = namespace
        return other

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self.url!r}, namespace={self.namespace!r})"

    def _perform(self, call: Call[T]) -> T:
        exchange = Exchange(call, self._retries, self._chance)
        pause = exchange.take(self._send(exchange.call))
        while pause is not None:
            time.sleep(pause)
            pause = exchange.take(self._send(exchange.call))
        return exchange.result()

    def _send(self, call: Call[T]) -> Outcome:
        request = request_of(call, self._connection)
        try:
            return answer_of(self._http.send(request))
        except httpx.RequestError as error:
            return failure_of(error, request, self._connection)

    def _walk(self, call: Call[Page[T]]) -> Iterator[T]:
        left: Call[Page[T]] | None = call
        while left is not None:
            page = self._perform(left)
            yield from page.items
            left = following(left, page)


class AsyncClient:
    """A memory, for `async with`. Like `Client`; every verb is awaited, and lists are read with `async for`."""

    def __init__(
        self,
        base_url: str | None = None,
        *,
        api_key: str | None = None,
        namespace: str | None = None,
        timeout: float = 30.0,
        retries: int | Retries = 3,
    ) -> None:
        self.namespace = _namespace(namespace)
        self._connection = connection(base_url, api_key, timeout)
        self._retries = retries if isinstance(retries, Retries) else Retries(retries)
        self._chance = random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._http = httpx.AsyncClient(mounts=dict.fromkeys(LOOPBACK))

    add = _async_verb(items.add)
    add_document = _async_verb(items.add_document)
    add_documents = _async_verb(items.add_documents)
    upload = _async_verb(items.upload)
    recall = _async_verb(recalling.recall)
    search = recall
    context = _async_verb(recalling.context)
    answer = _async_verb(knowledge.ask)
    enrich = _async_verb(knowledge.enrich)
    enrichment = _async_verb(knowledge.enrichment)
    set_enrichment = _async_verb(knowledge.set_enrichment)
    entities = _async_listing(knowledge.entities)
    entity = _async_verb(knowledge.entity)
    merge_entities = _async_verb(knowledge.merge_entities)
    unmerge_entity = _async_verb(knowledge.unmerge_entity)
    graph = _async_verb(knowledge.graph)
    communities = _async_verb(knowledge.communities)
    get = _async_verb(items.get)
    list = _async_listing(items.listing)
    update = _async_verb(items.update)
    delete = _async_verb(items.delete)
    passages = _async_verb(items.passages)
    history = _async_verb(layers.history)
    feedback = _async_verb(learning.feedback)
    undo = _async_verb(learning.undo)
    strength = _async_verb(learning.strength)
    metacognition = _async_verb(learning.metacognition)
    say = _async_verb(layers.say)
    messages = _async_verb(layers.messages)
    complete = _async_verb(layers.complete)
    working = _async_verb(layers.working)
    hold = _async_verb(layers.hold)
    core = _async_verb(layers.core)
    core_block = _async_verb(layers.core_block)
    add_core = _async_verb(layers.add_core)
    update_core = _async_verb(layers.update_core)
    delete_core = _async_verb(layers.delete_core)
    core_versions = _async_verb(layers.core_versions)
    add_procedure = _async_verb(layers.add_procedure)
    procedures = _async_listing(layers.procedures)
    procedure = _async_verb(layers.procedure)
    judge = _async_verb(layers.judge)
    find_links = _async_verb(layers.find_links)
    links = _async_verb(layers.links)
    confirm_link = _async_verb(layers.confirm_link)
    reject_link = _async_verb(layers.reject_link)
    change_namespace = _async_verb(layers.change_namespace)
    policies = _async_verb(forgetting.policies)
    set_policies = _async_verb(forgetting.set_policies)
    forget = _async_verb(forgetting.forget)
    forgettings = _async_listing(forgetting.forgettings)
    undo_forget = _async_verb(forgetting.undo_forget)
    revive = _async_verb(forgetting.revive)
    holds = _async_verb(forgetting.holds)
    put_hold = _async_verb(forgetting.put_hold)
    lift_hold = _async_verb(forgetting.lift_hold)
    erase = _async_verb(forgetting.erase)
    erasures = _async_listing(forgetting.erasures)
    lift_tombstones = _async_verb(forgetting.lift_tombstones)
    sleep = _async_verb(sleeping.sleep)
    nights = _async_listing(sleeping.nights)
    night = _async_verb(sleeping.night)
    night_changes = _async_listing(sleeping.night_changes)
    undo_night = _async_verb(sleeping.undo_night)
    sleep_settings = _async_verb(sleeping.sleep_settings)
    set_sleep = _async_verb(sleeping.set_sleep)
    hints = _async_listing(sleeping.hints)
    dismiss_hint = _async_verb(sleeping.dismiss_hint)
    operation = _async_verb(admin.operation)
    operations = _async_listing(admin.operations)
    cancel = _async_verb(admin.cancel)
    retry = _async_verb(admin.retry)
    namespaces = _async_verb(admin.namespaces)
    describe_namespace = _async_verb(admin.namespace)
    create_namespace = _async_verb(admin.create_namespace)
    delete_namespace = _async_verb(admin.delete_namespace)
    keys = _async_verb(admin.keys)
    create_key = _async_verb(admin.create_key)
    revoke_key = _async_verb(admin.revoke_key)
    health = _async_verb(admin.health)

    async def wait(self, operation: str | Operation, *, timeout: float = 600.0) -> Operation:
        """The operation once it is completed. Raises OperationFailed, or TimedOut after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        for pause in polls():
            found = await self.operation(operation)
            if is_completed(found, time.monotonic() + pause > deadline):
                return found
            await asyncio.sleep(pause)
        raise AssertionError("polls never end")

    @property
    def url(self) -> str:
        """Where the service is."""
        return self._connection.url

    def in_namespace(self, namespace: str) -> "AsyncClient":
        """A client for another namespace, over the same connections (closing one closes both)."""
        other = copy.copy(self)
        other.namespace = namespace
        return other

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncClient({self.url!r}, namespace={self.namespace!r})"

    async def _perform(self, call: Call[T]) -> T:
        exchange = Exchange(call, self._retries, self._chance)
        pause = exchange.take(await self._send(exchange.call))
        while pause is not None:
            await asyncio.sleep(pause)
            pause = exchange.take(await self._send(exchange.call))
        return exchange.result()

    async def _send(self, call: Call[T]) -> Outcome:
        request = request_of(call, self._connection)
        try:
            return answer_of(await self._http.send(request))
        except httpx.RequestError as error:
            return failure_of(error, request, self._connection)

    async def _walk(self, call: Call[Page[T]]) -> AsyncIterator[T]:
        left: Call[Page[T]] | None = call
        while left is not None:
            page = await self._perform(left)
            for item in page.items:
                yield item
            left = following(left, page)


def _namespace(name: str | None) -> str:
    return name or os.environ.get("ZENGRAM_NAMESPACE") or "default"

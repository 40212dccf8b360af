"""Namespaces and API keys."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from app.schemas.fields import Answer, Body, Instant, Name, NamespaceName
from memory import types as memory


class NamespaceIn(Body):
    name: Annotated[NamespaceName, Field(description="Letters, digits, dot, dash, underscore.", examples=["work"])]


class NamespaceSettingsIn(Body):
    """What is sent changes."""

    linkable: Annotated[
        bool | None, Field(description="Let it be linked with, and recalled together with, others.", examples=[True])
    ] = None
    owner: Annotated[
        str | None, Field(max_length=255, description="Only namespaces of one owner are linked; empty: the tenant's.")
    ] = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.linkable is None and self.owner is None:
            raise ValueError("names no setting to change")
        return self


class NamespaceOut(Answer):
    """An isolated memory, and how much is in it."""

    name: str
    revision: int
    documents: int
    memories: int
    passages: int
    created_at: datetime
    linkable: Annotated[bool, Field(description="Whether it may be linked with others of the same owner.")] = False
    owner: Annotated[str | None, Field(description="Whose it is; none: the tenant's.")] = None

    @classmethod
    def of(cls, stats: memory.NamespaceStats) -> Self:
        return cls.model_validate(stats, from_attributes=True)


class NamespaceList(Answer):
    items: list[NamespaceOut]


class KeyIn(Body):
    """A new API key. `namespace` binds it to one namespace."""

    name: Annotated[Name, Field(examples=["assistant"])]
    scopes: Annotated[list[memory.Scope], Field(min_length=1, examples=[["read", "write"]])]
    namespace: NamespaceName | None = None
    expires_at: Instant | None = None


class KeyOut(Answer):
    """An API key without its secret."""

    id: str
    name: str
    prefix: Annotated[str, Field(description="The first characters of the key, to recognise it by.")]
    scopes: list[memory.Scope]
    namespace: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: memory.ApiKey) -> Self:
        return cls.model_validate(_fields(key))


class NewKeyOut(KeyOut):
    """The only answer that has the key itself."""

    key: Annotated[str, Field(description="Shown once; only its hash is kept.")]

    @classmethod
    def with_secret(cls, key: memory.ApiKey, secret: str) -> Self:
        return cls.model_validate(_fields(key) | {"key": secret})


class KeyList(Answer):
    items: list[KeyOut]


def _fields(key: memory.ApiKey) -> dict[str, object]:
    fields: dict[str, object] = {name: getattr(key, name) for name in KeyOut.model_fields}
    return fields | {"scopes": sorted(key.scopes)}

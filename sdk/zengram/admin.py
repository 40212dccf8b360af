"""The verbs around the memory itself: operations, namespaces, API keys, health."""

from collections.abc import Sequence

from zengram.calls import Call, answer, nothing, path
from zengram.inputs import Moment, given
from zengram.models import Health, Key, Model, Namespace, NewKey, Operation, Page


class NamespaceList(Model):
    items: list[Namespace]


class KeyList(Model):
    items: list[Key]


def operation(namespace: str, operation: str | Operation) -> Call[Operation]:
    """How far an operation is."""
    return Call("GET", path("operations", _id(operation)), answer(Operation), params={"namespace": namespace})


def operations(namespace: str, *, page_size: int = 100) -> Call[Page[Operation]]:
    """All operations, newest first; pages are fetched as they are needed."""
    params = {"namespace": namespace, "limit": str(page_size)}
    return Call("GET", path("operations"), answer(Page[Operation]), params=params)


def cancel(namespace: str, operation: str | Operation) -> Call[Operation]:
    """Stop an operation; what it has added so far stays."""
    return _steer(namespace, operation, "cancel")


def retry(namespace: str, operation: str | Operation) -> Call[Operation]:
    """Run the failed items of an operation again."""
    return _steer(namespace, operation, "retry")


def namespaces(_namespace: str) -> Call[list[Namespace]]:
    """The namespaces that the key may see."""

    def parse(content: bytes) -> list[Namespace]:
        return NamespaceList.model_validate_json(content).items

    return Call("GET", path("namespaces"), parse)


def namespace(_namespace: str, name: str) -> Call[Namespace]:
    """One namespace, and how much is in it."""
    return Call("GET", path("namespaces", name), answer(Namespace))


def create_namespace(_namespace: str, name: str) -> Call[Namespace]:
    """Make a namespace; `add` makes it too."""
    return Call("POST", path("namespaces"), answer(Namespace), body={"name": name}, repeatable=False)


def delete_namespace(_namespace: str, name: str) -> Call[None]:
    """Delete a namespace with all that is in it."""
    return Call("DELETE", path("namespaces", name), nothing)


def keys(_namespace: str) -> Call[list[Key]]:
    """The API keys of the tenant, without their secrets (scope admin)."""

    def parse(content: bytes) -> list[Key]:
        return KeyList.model_validate_json(content).items

    return Call("GET", path("keys"), parse)


def create_key(
    _namespace: str,
    name: str,
    scopes: Sequence[str] = ("read", "write"),
    *,
    bound_to: str | None = None,
    expires_at: Moment | None = None,
) -> Call[NewKey]:
    """Make an API key (scope admin), for one namespace if `bound_to` names it. Its secret is shown this once."""
    body = given(name=name, scopes=list(scopes), namespace=bound_to, expires_at=expires_at)
    return Call("POST", path("keys"), answer(NewKey), body=body, repeatable=False)


def revoke_key(_namespace: str, key: str | Key) -> Call[None]:
    """Revoke an API key; it is refused from now on (scope admin)."""
    return Call("DELETE", path("keys", key if isinstance(key, str) else key.id), nothing)


def health(_namespace: str) -> Call[Health]:
    """Whether the service is ready; raises Unavailable at once if it is not."""
    return Call("GET", "/healthz/ready", answer(Health), repeatable=False)


def _steer(namespace: str, operation: str | Operation, verb: str) -> Call[Operation]:
    where = path("operations", _id(operation), verb)
    return Call("POST", where, answer(Operation), params={"namespace": namespace}, repeatable=False)


def _id(operation: str | Operation) -> str:
    return operation if isinstance(operation, str) else operation.id

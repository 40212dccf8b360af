"""What filters can see of a passage, made in this one place from its document."""

from collections.abc import Iterator, Mapping, Sequence

from memory.types import JsonValue, StoredDocument
from retrieval.types import Attributes, PassageId, Scalar


def attributes_of(document: StoredDocument, passage: PassageId) -> Attributes:
    """Fields without a value are left out. Times are seconds since 1970."""
    fields: dict[str, Scalar | Sequence[Scalar] | None] = {
        "id": passage,
        "document_id": document.id,
        "external_id": document.external_id,
        "kind": document.kind.value,
        "title": document.title or None,
        "source": document.source or None,
        "speaker": document.speaker,
        "session_id": document.session_id,
        "layer": document.layer,
        "occurred_at": document.occurred_at.timestamp() if document.occurred_at else None,
        "recorded_at": document.recorded_at.timestamp(),
    }
    fields.update(_flat("metadata", document.metadata))
    return {name: value for name, value in fields.items() if value is not None}


def _flat(path: str, value: JsonValue) -> Iterator[tuple[str, Scalar | Sequence[Scalar]]]:
    """`{"a": {"b": 1}}` as `metadata.a.b`. Of a list, only its plain elements can be filtered by."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{path}.{key}", inner)
    elif isinstance(value, str | int | float):
        yield path, value
    elif value is not None:
        yield path, [element for element in value if isinstance(element, str | int | float)]

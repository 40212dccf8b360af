"""What filters can see of a passage, made in this one place from its document."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from memory.types import ItemState, JsonValue, StoredDocument
from retrieval.types import Attributes, PassageId, Scalar

# Fields that recall itself filters by. They are no fields of the filter language: their meaning may change.
STATE, VALID_TO, RETIRED_AT, EXPIRES_AT = "state", "valid_to", "retired_at", "expires_at"


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
    if document.state is not ItemState.ACTIVE:
        fields[STATE] = document.state.value
    for name, time in _validity(document):
        fields[name] = time.timestamp()
    fields.update(_flat("metadata", document.metadata))
    return {name: value for name, value in fields.items() if value is not None}


def _validity(document: StoredDocument) -> Iterator[tuple[str, datetime]]:
    """Only what says more than `occurred_at` and `recorded_at` do: most items take no room."""
    if document.valid_to is not None:
        yield VALID_TO, document.valid_to
    if document.retired_at is not None:
        yield RETIRED_AT, document.retired_at
    if document.expires_at is not None:
        yield EXPIRES_AT, document.expires_at


def _flat(path: str, value: JsonValue) -> Iterator[tuple[str, Scalar | Sequence[Scalar]]]:
    """`{"a": {"b": 1}}` as `metadata.a.b`. Of a list, only its plain elements can be filtered by."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{path}.{key}", inner)
    elif isinstance(value, str | int | float):
        yield path, value
    elif value is not None:
        yield path, [element for element in value if isinstance(element, str | int | float)]

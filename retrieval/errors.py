"""Errors of the retrieval library.

RetrievalError
├── SegmentCorrupt         a segment file is missing, cut or altered
├── DimensionMismatch      a vector does not have the dimension of the index
├── EmptyReset             no seed has any mass
├── VectorInvalid          a vector has no direction: it is zero, or not all of its numbers are finite
├── EndpointInvalid        the address or the key of an endpoint cannot be one
├── FilterInvalid          a filter cannot be understood (carries `path` and `remedy`)
└── EmbedderError
    ├── ModelInvalid       the embedded model is missing or does not have the expected SHA-256
    └── EmbedderUnavailable   the embeddings endpoint cannot be reached or refuses; trying later may help
"""


class RetrievalError(Exception):
    """Something in retrieval went wrong."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class SegmentCorrupt(RetrievalError):
    """A segment file is missing, cut or altered."""


class DimensionMismatch(RetrievalError):
    """A vector does not have the dimension of the index."""


class VectorInvalid(RetrievalError):
    """A vector has no direction: it is zero, or not all of its numbers are finite."""


class EmptyReset(RetrievalError):
    """No seed has any mass, so there is nothing to walk from."""


class EndpointInvalid(RetrievalError):
    """The address or the key of an endpoint cannot be one."""


class FilterInvalid(RetrievalError):
    """A filter cannot be understood."""

    def __init__(self, message: str, path: str, remedy: str) -> None:
        super().__init__(message)
        self.path = path  # JSON path inside the filter, for example `filters.AND[1].occurred_at.gte`
        self.remedy = remedy


class EmbedderError(RetrievalError):
    """The embedder cannot encode."""


class ModelInvalid(EmbedderError):
    """The embedded model is missing or is not the model that was released."""


class EmbedderUnavailable(EmbedderError):
    """The embeddings endpoint cannot be reached or refuses; trying later may help."""

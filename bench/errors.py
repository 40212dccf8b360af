"""Errors of measuring.

BenchError
├── DatasetInvalid      the data cannot be read as what it should be
├── ResultInvalid       a file of results is not one, or two of them cannot be compared
└── IngestionFailed     the service did not take what the data holds
"""


class BenchError(Exception):
    """Measuring went wrong."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class DatasetInvalid(BenchError):
    """The data cannot be read as what it should be."""


class ResultInvalid(BenchError):
    """A file of results is not one, or two of them cannot be compared."""


class IngestionFailed(BenchError):
    """The service did not take what the data holds."""

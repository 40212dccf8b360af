"""`python -m app.health api|worker`: the health check of a container, which has no curl."""

import sys
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from types import MappingProxyType

from app.settings import Settings, read_settings
from memory.errors import MemoryServiceError
from memory.store.schema import schema_of

TIMEOUT_SECONDS = 4.0
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - what the API listens on


def api(settings: Settings) -> str:
    """What is wrong with the API of this container, or the empty string."""
    connection = HTTPConnection(EVERYWHERE.get(settings.host, settings.host), settings.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/healthz/ready")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"the API does not answer: {error}"
    finally:
        connection.close()
    return "" if status == 200 else f"the API is not ready: {status}"


def worker(settings: Settings) -> str:
    """What keeps the worker from its jobs, or the empty string. That its process lives is the container's own check."""
    try:
        current = schema_of(settings.url).is_current
    except MemoryServiceError as error:
        return str(error)
    return "" if current else "the database has another schema than this version needs: run python -m app migrate"


CHECKS: Mapping[str, Callable[[Settings], str]] = MappingProxyType({"api": api, "worker": worker})


def main(arguments: list[str]) -> int:
    """The exit code: 0 if healthy, 1 if not."""
    if len(arguments) != 1 or arguments[0] not in CHECKS:
        sys.stderr.write(f"usage: python -m app.health {'|'.join(CHECKS)}\n")
        return 1
    trouble = CHECKS[arguments[0]](read_settings())
    sys.stderr.write(trouble and trouble + "\n")
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

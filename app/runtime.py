"""What a running process holds: the parts of memory, who owns unkeyed requests, and whether it drains."""

import threading
from dataclasses import dataclass, field

from fastapi import Request

from app.errors import NotReady
from memory.parts import Parts
from memory.types import Principal


@dataclass(frozen=True, slots=True)
class Runtime:
    """Built once at start by wiring.py."""

    parts: Parts
    owner: Principal  # the default tenant, for unkeyed requests from this machine
    draining: threading.Event = field(default_factory=threading.Event)


async def runtime_of(request: Request) -> Runtime:
    """The runtime of the application that answers. Raises NotReady before it is there."""
    runtime = getattr(request.app.state, "runtime", None)
    if not isinstance(runtime, Runtime):
        raise NotReady
    return runtime

"""Errors of memory, with what HTTP and the SDK need: a stable `code`, and for bad input the field and the remedy.

MemoryServiceError
├── InvalidInput         what was sent cannot be accepted (carries `problems`)
│   └── ParamsInvalid        numbers for a mechanism are out of range
├── NotFound             no such thing in this namespace (foreign ids look the same)
├── Conflict             it contradicts what is stored
│   ├── VersionMismatch      If-Match names another version
│   ├── ExternalIdTaken      another document has this external id
│   ├── IdempotencyReuse     the Idempotency-Key was used with another request
│   ├── OnHold               a legal hold forbids deletion (carries `problems`)
│   ├── Erased               it was erased and may not come back (carries `problems`)
│   └── NotUndone            later writes stand in the way of an undo (carries `problems`)
├── Unauthorized         no valid key
├── Forbidden            the key lacks the scope or is bound to another namespace
├── EigenvalueNotFound   a graph's connectivity could not be computed in the iterations allowed
├── StoreUnavailable     the database is locked, full or out of reach; nothing was written
│   └── StorageFull          the disk is full; nothing was written
└── LlmError             the LLM could not help
    ├── LlmMissing           none is configured
    ├── LlmUnavailable       it cannot be reached, or refuses to work now; trying later may help
    ├── LlmRefused           it refuses this request; repeating it does not help
    ├── MalformedReply       it answered something that cannot be read
    └── BudgetSpent          the namespace has spent its tokens of today
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input: the `field` (a JSON path), what is wrong, and what to do about it."""

    field: str
    message: str
    remedy: str


class MemoryServiceError(Exception):
    """Something in memory went wrong."""

    code = "internal"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class InvalidInput(MemoryServiceError):
    """What was sent cannot be accepted."""

    code = "invalid_input"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.message}" for problem in problems))
        self.problems = tuple(problems)


class ParamsInvalid(InvalidInput):
    """Numbers for a mechanism are out of range."""

    code = "params_invalid"


class NotFound(MemoryServiceError):
    """There is no such thing here."""

    code = "not_found"


class Conflict(MemoryServiceError):
    """It contradicts what is stored."""

    code = "conflict"


class VersionMismatch(Conflict):
    """It was changed since you read it: read it again, then repeat the change with its new ETag."""

    code = "version_mismatch"


class ExternalIdTaken(Conflict):
    """Another document of this namespace has this external id: PATCH that document, or choose another id."""

    code = "external_id_taken"


class IdempotencyReuse(Conflict):
    """This Idempotency-Key was used with another request: use a new key for a new request."""

    code = "idempotency_reuse"


class Obstructed(Conflict):
    """Something stands in the way."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(self.__doc__)
        self.problems = tuple(problems)


class OnHold(Obstructed):
    """A legal hold forbids to delete this; nothing was deleted."""

    code = "on_hold"


class Erased(Obstructed):
    """This was erased on request and may not come back; nothing was written."""

    code = "erased"


class NotUndone(Obstructed):
    """Later writes stand in the way; nothing was undone."""

    code = "not_undone"


class Unauthorized(MemoryServiceError):
    """No valid API key was sent: send one as X-API-Key or as Authorization: Bearer."""

    code = "unauthorized"


class Forbidden(MemoryServiceError):
    """The API key does not permit this."""

    code = "forbidden"


class EigenvalueNotFound(MemoryServiceError):
    """The search for the second eigenvalue did not converge: allow more iterations."""

    code = "eigenvalue_not_found"


class StoreUnavailable(MemoryServiceError):
    """The database is locked or out of reach. Nothing was written; try again."""

    code = "store_unavailable"


class StorageFull(StoreUnavailable):
    """The disk is full. Nothing was written; free some space, then try again."""

    code = "storage_full"


class LlmError(MemoryServiceError):
    """The LLM could not help."""

    code = "llm_failed"


class LlmMissing(LlmError):
    """No LLM is configured: set ZENGRAM_LLM_URL, ZENGRAM_LLM_MODEL and, if it needs one, ZENGRAM_LLM_KEY."""

    code = "llm_missing"


class LlmUnavailable(LlmError):
    """The LLM cannot be reached or is too busy; try again later."""

    code = "llm_unavailable"


class LlmRefused(LlmError):
    """The LLM refuses this request."""

    code = "llm_refused"


class MalformedReply(LlmError):
    """The LLM answered something that cannot be read."""

    code = "llm_malformed"


class BudgetSpent(LlmError):
    """This namespace has spent its LLM tokens of today: raise the budget, or wait until midnight (UTC)."""

    code = "llm_budget_spent"

"""What a namespace forgets by itself: by how well it is remembered, by room, and by time. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum

from memory.dynamics.checks import within
from memory.errors import InvalidInput, Problem
from memory.types import JsonValue, LayerName

LAYERS = (LayerName.EPISODIC.value, LayerName.SEMANTIC.value, LayerName.PROCEDURAL.value, "base")
MOST_DAYS = 36_500


class Action(StrEnum):
    ARCHIVE = "archive"  # out of recall, kept, can be revived
    PURGE = "purge"  # gone for good


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules for one layer, or for all (None). What is None does not apply; pins are exempt from all but expiry."""

    layer: str | None = None  # `base` is the layer of documents
    least_retrievability: float | None = None  # below it an item is archived, 0 to 1
    most_items: int | None = None  # active ones; above it the least valuable are archived
    most_tokens: int | None = None
    most_bytes: int | None = None  # of text, as UTF-8
    expired: Action = Action.ARCHIVE  # what becomes of an item after its `expires_at`
    purge_after_days: float | None = None  # after being archived

    def __post_init__(self) -> None:
        problems = [_layer(self.layer), *self._ranges()]
        found = [problem for problem in problems if problem is not None]
        if found:
            raise InvalidInput(found)

    @property
    def purges(self) -> bool:
        """Whether anything is to go for good by it."""
        return self.expired is Action.PURGE or self.purge_after_days is not None

    def _ranges(self) -> list[Problem | None]:
        return [
            within(name, value, 0, most)
            for name, value, most in (
                ("least_retrievability", self.least_retrievability, 1),
                ("most_items", self.most_items, 10**12),
                ("most_tokens", self.most_tokens, 10**12),
                ("most_bytes", self.most_bytes, 10**15),
                ("purge_after_days", self.purge_after_days, MOST_DAYS),
            )
            if value is not None
        ]


NAMES = frozenset(field.name for field in fields(Policy))


def accept(policies: Sequence[Policy]) -> tuple[Policy, ...]:
    """One policy a layer. Raises InvalidInput."""
    seen: set[str | None] = set()
    problems = []
    for number, policy in enumerate(policies):
        if policy.layer in seen:
            remedy = "put all rules of a layer into one policy"
            problems.append(Problem(f"policies[{number}].layer", "has a policy already", remedy))
        seen.add(policy.layer)
    if problems:
        raise InvalidInput(problems)
    return tuple(policies)


def to_json(policies: Sequence[Policy]) -> list[JsonValue]:
    return [asdict(policy) | {"expired": policy.expired.value} for policy in policies]


def from_json(stored: JsonValue) -> tuple[Policy, ...]:
    """What `to_json` wrote; fields of a later version are passed over."""
    if not isinstance(stored, Sequence) or isinstance(stored, str):
        return ()
    return tuple(_policy(one) for one in stored if isinstance(one, Mapping))


def _policy(one: Mapping[str, JsonValue]) -> Policy:
    known = {name: value for name, value in one.items() if name in NAMES and name != "expired"}
    return Policy(**known, expired=Action(str(one.get("expired", Action.ARCHIVE))))  # type: ignore[arg-type]  # by to_json


def _layer(layer: str | None) -> Problem | None:
    if layer is None or layer in LAYERS:
        return None
    return Problem("layer", f"{layer!r} holds nothing that is forgotten", f"use one of {', '.join(LAYERS)}, or none")

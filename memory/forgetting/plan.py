"""What is to be forgotten, and why: policies against what is kept. Pure, so that it can be shown before it is done."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from memory.dynamics import budget
from memory.dynamics.checks import days_between
from memory.forgetting.policies import Action, Policy
from memory.types import ItemState, Kind


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item with all that decides whether it is kept."""

    id: str
    kind: Kind
    layer: str
    state: ItemState
    version: int
    expires_at: datetime | None
    archived_at: datetime | None  # when it came into the archive; None: it is not there
    is_pinned: bool
    is_held: bool  # by a legal hold: it may be archived, never purged
    retrievability: float  # 0 to 1
    value: float  # gain less cost, by the information bottleneck; higher is better
    tokens: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """One item that is to be forgotten; `rule` names what decided, `why` says it in words without its content."""

    id: str
    kind: Kind
    version: int  # as it was judged; what was changed since is passed over
    action: Action
    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class _Room:
    """One kind of budget: how much there may be, and how much an item takes."""

    name: str
    most: int
    size: Callable[[Candidate], int]


def decide(policies: Sequence[Policy], candidates: Sequence[Candidate], now: datetime) -> list[Verdict]:
    """At most one verdict an item, by id; the policies are asked in their order."""
    verdicts: dict[str, Verdict] = {}
    for policy in policies:
        mine = [one for one in candidates if policy.layer in {None, one.layer} and one.id not in verdicts]
        verdicts |= {one.id: verdict for one in mine if (verdict := _by_itself(policy, one, now)) is not None}
        left = [one for one in mine if one.id not in verdicts and one.state is ItemState.ACTIVE]
        for room in _rooms(policy):
            over = _over(room, left)
            verdicts |= {one.id: one for one in over}
            left = [one for one in left if one.id not in verdicts]
    return sorted(verdicts.values(), key=lambda one: one.id)


def chosen(candidates: Iterable[Candidate], action: Action) -> list[Verdict]:
    """All that somebody chose by a filter. Pins and holds exempt an item from being purged, pins from all."""
    rule, why = "filter", "chosen by a filter"
    return [
        _verdict(one, action, rule, why)
        for one in sorted(candidates, key=lambda one: one.id)
        if not one.is_pinned and _can(one, action)
    ]


def value_of(chars: float, entities: float, variance: float, recalls: float, confidence: float, days: float) -> float:
    """What an item gives, less the room it takes (information bottleneck): negative if it is not worth keeping."""
    gain = budget.gain(recalls, confidence, days)
    return budget.value_of("default") * gain - budget.cost(chars, entities, variance)


def _by_itself(policy: Policy, one: Candidate, now: datetime) -> Verdict | None:
    if one.state is ItemState.QUARANTINED:
        return None
    found = _expired(policy, one, now)
    if found is not None or one.is_pinned:
        return found
    return _faded(policy, one) if one.state is ItemState.ACTIVE else _archived_long(policy, one, now)


def _expired(policy: Policy, one: Candidate, now: datetime) -> Verdict | None:
    if one.expires_at is None or one.expires_at > now:
        return None
    action = Action.ARCHIVE if one.is_held else policy.expired
    return _verdict(one, action, "expired", f"expired at {one.expires_at.isoformat()}") if _can(one, action) else None


def _faded(policy: Policy, one: Candidate) -> Verdict | None:
    least = policy.least_retrievability
    if least is None or one.retrievability >= least:
        return None
    why = f"retrievability {one.retrievability:.3f} is below {least:g}"
    return _verdict(one, Action.ARCHIVE, "retrievability", why)


def _archived_long(policy: Policy, one: Candidate, now: datetime) -> Verdict | None:
    if policy.purge_after_days is None or one.archived_at is None or one.is_held:
        return None
    days = days_between(one.archived_at, now)
    if days < policy.purge_after_days:
        return None
    why = f"archived for {days:.1f} days, longer than {policy.purge_after_days:g}"
    return _verdict(one, Action.PURGE, "archived", why)


def _can(one: Candidate, action: Action) -> bool:
    if action is Action.PURGE:
        return not one.is_held
    return one.state is ItemState.ACTIVE


def _rooms(policy: Policy) -> list[_Room]:
    wanted = (
        ("items", policy.most_items, lambda _: 1),
        ("tokens", policy.most_tokens, lambda one: one.tokens),
        ("bytes", policy.most_bytes, lambda one: one.bytes),
    )
    return [_Room(name, most, size) for name, most, size in wanted if most is not None]


def _over(room: _Room, active: Sequence[Candidate]) -> list[Verdict]:
    """The least valuable of what is not pinned, until the rest has room."""
    used = sum(map(room.size, active))
    verdicts = []
    for one in sorted((one for one in active if not one.is_pinned), key=lambda one: (one.value, one.id)):
        if used <= room.most:
            break
        used -= room.size(one)
        why = f"value {one.value:.3f} is among the lowest, and {room.name} are limited to {room.most}"
        verdicts.append(_verdict(one, Action.ARCHIVE, f"budget_{room.name}", why))
    return verdicts


def _verdict(one: Candidate, action: Action, rule: str, why: str) -> Verdict:
    return Verdict(one.id, one.kind, one.version, action, rule, why)

"""The verbs of sleep: nights begun, planned, watched and undone, when a namespace sleeps by itself, and hints."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import Field, JsonValue

from zengram.calls import Call, answer, nothing, path
from zengram.inputs import given
from zengram.models import Model, Page, PathStep


class ProbeScore(Model):
    """How questions made from the memories themselves were answered."""

    probes: int
    recall: float  # share found among the first ten
    reciprocal_rank: float


class Stage(Model):
    """What became of a stage of a night."""

    name: str
    status: str  # todo, planned, done, skipped, rolling_back or rolled_back
    counts: dict[str, float] = Field(default_factory=dict)
    sentences: list[str] = Field(default_factory=list)
    milliseconds: float = 0.0
    probes_before: ProbeScore | None = None
    probes_after: ProbeScore | None = None


class Night(Model):
    """One sleep of a namespace; `counts` are of all stages together."""

    id: str
    number: int = 0
    status: str  # running, done or undone
    trigger: str = ""
    actor: str = ""
    at: datetime | None = None
    finished_at: datetime | None = None
    undone_at: datetime | None = None
    counts: dict[str, float] = Field(default_factory=dict)
    stages: list[Stage] = Field(default_factory=list)


class NightChange(Model):
    """One change of a night, with what was before and after it; None: it was not there, or is gone."""

    stage: str
    of: str  # trace, edge, place, gist or repeats
    id: str
    other: str | None = None
    status: str = ""
    why: str = ""
    before: dict[str, JsonValue] | None = None
    after: dict[str, JsonValue] | None = None


class Slept(Model):
    """The night that has begun, or that runs already; of a dry run, what it would change."""

    night: Night | None = None
    plan: list[NightChange] | None = None


class SleepSettings(Model):
    """When a namespace sleeps by itself."""

    is_on: bool
    at: str = "03:00"
    time_zone: str = "UTC"
    after_writes: int | None = None
    idle_minutes: int | None = None
    stages: list[str] = Field(default_factory=list)
    merge_names: bool = False
    hints: bool = False
    distil: bool = True
    distil_clusters: int = 50
    distil_tokens: int = 200_000
    distil_seconds: int = 60


class HintEnd(Model):
    """An item that a hint joins to another, with its passage there."""

    id: str
    kind: str = ""
    title: str = ""
    speaker: str | None = None
    session_id: str | None = None
    text: str = ""


class Hint(Model):
    """An association that nobody asked for: what an item of the day leads to, and by which names."""

    id: str
    at: datetime | None = None
    source: HintEnd
    target: HintEnd
    score: float = 0.0
    why: str = ""
    path: list[PathStep] = Field(default_factory=list)


def sleep(namespace: str, *, stages: Iterable[str] | None = None, dry_run: bool = False) -> Call[Slept]:
    """Let the namespace sleep now; a night that runs already is the answer. `dry_run` only shows what would change."""
    body = given(stages=None if stages is None else list(stages), dry_run=dry_run)
    return Call("POST", path("sleep"), answer(Slept), params={"namespace": namespace}, body=body)


def nights(namespace: str, *, page_size: int = 100) -> Call[Page[Night]]:
    """The nights of the namespace, newest first; pages are fetched as they are needed."""
    params = {"namespace": namespace, "limit": str(page_size)}
    return Call("GET", path("sleep", "runs"), answer(Page[Night]), params=params)


def night(namespace: str, night: str | Night) -> Call[Night]:
    """What a night came to, stage by stage."""
    return Call("GET", path("sleep", "runs", _id(night)), answer(Night), params={"namespace": namespace})


def night_changes(namespace: str, night: str | Night, *, page_size: int = 100) -> Call[Page[NightChange]]:
    """All that a night changed, in its order; pages are fetched as they are needed."""
    params = {"namespace": namespace, "limit": str(page_size)}
    return Call("GET", path("sleep", "runs", _id(night), "changes"), answer(Page[NightChange]), params=params)


def undo_night(namespace: str, night: str | Night, *, leave: Iterable[str] = ()) -> Call[Night]:
    """Everything is as before the night, or nothing is if anything was changed since (Conflict); `leave` stays.

    What hangs together stays as one: with a gist all its sources, with a survivor its repeats, and either way round.
    """
    where = path("sleep", "runs", _id(night), "undo")
    body = {"except": list(leave)}
    return Call("POST", where, answer(Night), params={"namespace": namespace}, body=body, repeatable=False)


def sleep_settings(namespace: str) -> Call[SleepSettings]:
    """When the namespace sleeps by itself."""
    return Call("GET", path("sleep", "settings"), answer(SleepSettings), params={"namespace": namespace})


def set_sleep(
    namespace: str,
    *,
    is_on: bool = True,
    at: str = "03:00",
    time_zone: str = "UTC",
    after_writes: int | None = None,
    idle_minutes: int | None = None,
    stages: Iterable[str] | None = None,
    merge_names: bool = False,
    hints: bool = False,
    distil: bool = True,
    distil_clusters: int | None = None,
    distil_tokens: int | None = None,
    distil_seconds: int | None = None,
) -> Call[SleepSettings]:
    """Let the namespace sleep every night at a local time, and if they are given after writes or in idleness.

    With `merge_names`, nights also merge names that are one entity's; with `hints`, they tell of associations that
    nobody asked for. With `distil`, an LLM words gists where one is configured and enrichment is on: of so many groups
    of items a night, for so many tokens, with so many seconds each.
    """
    wanted = None if stages is None else list(stages)
    body = given(
        is_on=is_on, at=at, time_zone=time_zone, after_writes=after_writes, idle_minutes=idle_minutes, stages=wanted,
        merge_names=merge_names, hints=hints, distil=distil, distil_clusters=distil_clusters,
        distil_tokens=distil_tokens, distil_seconds=distil_seconds,
    )  # fmt: skip
    return Call("PUT", path("sleep", "settings"), answer(SleepSettings), params={"namespace": namespace}, body=body)


def hints(namespace: str, *, page_size: int = 100) -> Call[Page[Hint]]:
    """What nights found that items of the day lead to, newest first; pages are fetched as they are needed."""
    params = {"namespace": namespace, "limit": str(page_size)}
    return Call("GET", path("hints"), answer(Page[Hint]), params=params)


def dismiss_hint(namespace: str, hint: str | Hint) -> Call[None]:
    """It does not come back."""
    id_ = hint if isinstance(hint, str) else hint.id
    return Call("DELETE", path("hints", id_), nothing, params={"namespace": namespace})


def _id(night: str | Night) -> str:
    return night if isinstance(night, str) else night.id

"""What is kept of a night: its stages with counts, its probes, and every change that it made, to be undone by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from memory.layers.transitions import Happening
from memory.merges import Merge
from memory.types import JsonValue


class StageName(StrEnum):
    """In the order of a night."""

    SETTLE = "settle"
    REPLAY = "replay"
    SIMULATE = "simulate"
    CONSOLIDATE = "consolidate"
    RECONCILE = "reconcile"
    DOWNSCALE = "downscale"
    BUDGET = "budget"
    FOLD = "fold"
    VERIFY = "verify"


class StageStatus(StrEnum):
    TODO = "todo"
    PLANNED = "planned"  # decided, and being carried out
    ROLLING_BACK = "rolling_back"
    DONE = "done"
    SKIPPED = "skipped"  # is switched off
    ROLLED_BACK = "rolled_back"  # it cost the probes more than is allowed


GOING_ON = frozenset({StageStatus.TODO, StageStatus.PLANNED, StageStatus.ROLLING_BACK})


class NightStatus(StrEnum):
    RUNNING = "running"  # or its worker died; it goes on when the lease of its job is over
    DONE = "done"
    UNDONE = "undone"


class Trigger(StrEnum):
    ASKED = "asked"
    NIGHTLY = "nightly"
    WRITES = "writes"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class ProbeScore:
    """How probes did at one time: a share, and the mean of 1 / rank; both 0 to 1."""

    probes: int
    recall: float  # found among the first ten
    reciprocal_rank: float


@dataclass(frozen=True, slots=True)
class StageReport:
    """What became of a stage: counts by what was done, sentences for people, how long it took."""

    name: StageName
    status: StageStatus = StageStatus.TODO
    counts: Mapping[str, float] = field(default_factory=dict)
    sentences: tuple[str, ...] = ()
    milliseconds: float = 0.0
    probes_before: ProbeScore | None = None
    probes_after: ProbeScore | None = None


@dataclass(frozen=True, slots=True)
class Night:
    """One sleep of a namespace. Everything in it is decided as of `at`, however often it was interrupted."""

    id: str
    status: NightStatus
    trigger: Trigger
    actor: str
    at: datetime
    number: int  # of the nights of this namespace, from 1
    stages: tuple[StageReport, ...]
    finished_at: datetime | None = None
    undone_at: datetime | None = None

    @property
    def next_stage(self) -> StageReport | None:
        """The first that is not over yet."""
        return next((one for one in self.stages if one.status in GOING_ON), None)

    @property
    def seed(self) -> int:
        """Of what the night leaves to chance: the same whenever it goes on."""
        return int(self.id.replace("-", ""), 16)

    def stage(self, name: StageName) -> StageReport:
        return next(one for one in self.stages if one.name is name)

    def with_stage(self, stage: StageReport) -> "Night":
        """The same night with one stage as it is now."""
        return replace(self, stages=tuple(stage if one.name is stage.name else one for one in self.stages))


class ChangeOf(StrEnum):
    """What a night can change."""

    TRACE = "trace"
    EDGE = "edge"
    PLACE = "place"  # layer and state of an item
    GIST = "gist"  # an item that the night made
    REPEATS = "repeats"  # which items an item stands for
    NAMES = "names"  # which name an entity goes by


class ChangeStatus(StrEnum):
    PLANNED = "planned"
    APPLIED = "applied"
    PASSED_OVER = "passed_over"  # somebody changed it meanwhile
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class NightChange:
    """One change with what was before and after it; `before` None: it was not there, `after` None: it is gone.

    A trace has its changed fields; an edge `weight, variance, count, last_activated` (`document` is its source, `other`
    its target); a place `layer, state, reason, hash`, and what `stands_in` for it; a gist its `parts` and `tokens`, or
    that it is `distilled`; gists and repeats their `sources`, each of which has a place of its own in the same night.
    Names are content and stand in their own table: `document` is the id of the merge there.
    """

    stage: StageName
    of: ChangeOf
    document: str
    other: str = ""
    kind: str = ""  # of an edge
    before: Mapping[str, JsonValue] | None = None
    after: Mapping[str, JsonValue] | None = None
    why: str = ""
    happening: Happening | None = None  # of a place, for the history of the item
    status: ChangeStatus = ChangeStatus.PLANNED
    merge: Merge | None = None  # of names; as long as it is there

    @property
    def stand_in(self) -> str | None:
        """The item that takes the place of this one in recall; None: none does."""
        found = (self.after or {}).get("stands_in")
        return None if found is None else str(found)

    @property
    def sources(self) -> tuple[str, ...]:
        """Of a gist, or of repeats: the items that this one stands for."""
        found = (self.after or {}).get("sources")
        return tuple(map(str, found)) if isinstance(found, Sequence) and not isinstance(found, str) else ()


@dataclass(frozen=True, slots=True)
class Probe:
    """A question made from an item, which is to be found by it, or what stands for it."""

    document: str
    question: str
    rank: int | None = None  # before the night, from 0; None: it was not among the first ten

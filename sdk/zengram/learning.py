"""The verbs of feedback: what became of results, taking back what that changed, and how well memories hold."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import Field

from zengram.calls import Call, answer, path
from zengram.inputs import Json, given
from zengram.items import Stored, item_call
from zengram.models import Model, Recalled


class Change(Model):
    """A change that feedback made or refused; `undo` takes it back."""

    id: str
    document_id: str
    mode: str = ""
    stopped_by: str | None = None
    prediction_error: float = 0.0
    successor: str | None = None  # the memory that has the new text
    undone_at: datetime | None = None


class Learned(Model):
    document_id: str
    verdict: str
    retrievability: float = 0.0  # before
    stability: float = 0.0  # after, days
    change: Change | None = None


class Feedback(Model):
    items: list[Learned]


class Point(Model):
    day: float
    retrievability: float


class Strength(Model):
    """How well a memory is remembered now, and the points of its forecast."""

    retrievability: float
    stability: float
    difficulty: float = 0.0
    last_recalled: datetime | None = None
    due: datetime | None = None
    recalls: int = 0
    salience: float = 0.0
    surprise: float = 0.0
    trust: float = 1.0
    confidence: float = 0.0
    forecast: list[Point] = Field(default_factory=list)


class Insight(Model):
    """How well the probabilities of answers are calibrated."""

    events: int = 0
    rated: int = 0
    brier: float | None = None
    calibration_error: float | None = None


def feedback(
    namespace: str,
    verdicts: Mapping[str, str] | Iterable[Mapping[str, str]],
    *,
    recall: str | Recalled | None = None,
    person: str | None = None,
) -> Call[Feedback]:
    """Say what became of results, in the order in which they were used: used, useful, wrong or corrected.

    `{"id of a result": "used"}`, or a list of `{"id", "verdict", "text"}`; `corrected` needs the text that is right.
    """
    if isinstance(verdicts, Mapping):
        results: list[Json] = [{"id": id_, "verdict": verdict} for id_, verdict in verdicts.items()]
    else:
        results = [dict(one) for one in verdicts]
    recall_id = recall.id or None if isinstance(recall, Recalled) else recall
    body = given(results=results, recall_id=recall_id, person=person)
    params = {"namespace": namespace}
    return Call("POST", path("feedback"), answer(Feedback), params=params, body=body, repeatable=False)


def undo(namespace: str, change: str | Change) -> Call[Change]:
    """Take back a change that feedback made."""
    id_ = change.id if isinstance(change, Change) else change
    return Call("POST", path("feedback", id_, "undo"), answer(Change), params={"namespace": namespace})


def strength(namespace: str, item: Stored, *, days: float = 90.0, step: float = 7.5) -> Call[Strength]:
    """How well a memory is remembered now, and its forecast: a point every `step` days for `days`."""
    call = item_call(namespace, item, Call("GET", "", answer(Strength)), "memory", "strength")
    return Call(call.method, call.path, call.parse, params={**call.params, "days": str(days), "step": str(step)})


def metacognition(namespace: str, *, person: str | None = None) -> Call[Insight]:
    """How well the probabilities of answers are calibrated, by the feedback of the last 30 days."""
    params = {"namespace": namespace, **({"person": person} if person else {})}
    return Call("GET", path("metacognition"), answer(Insight), params=params)

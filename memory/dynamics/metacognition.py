"""Memory watching itself: whether it accepts what pleases, is as right as it is sure, and what is urgent. Pure.

Source: ZenBrain paper (arXiv 2604.23878v2), MetacognitiveMonitor; Fleming and Dolan 2012; Brier 1950; expected
calibration error after Naeini et al. 2015. What the original got wrong: it alerts on any difference of rates, however
few events it rests on, its benchmark measures another quantity than its code, and it knows nothing of calibration.
`RECOMMENDED`, a proposal of this project, asks for ten events a side and a two-proportion z-test.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import numpy as np

from memory.dynamics.checks import Floats, above, aware, clip, days_between, require, within
from memory.errors import ParamsInvalid, Problem

URGENT = ("urgent", "asap", "deadline", "immediately", "dringend", "sofort", "eilig")


class EvidenceKind(StrEnum):
    POSITIVE = "positive"
    NEGATIVE = "negative"
    CONFIRMING = "confirming"
    CONTRADICTING = "contradicting"


@dataclass(frozen=True, slots=True)
class MonitorParams:
    """When a difference is an alert, how long events count, and what urgency and novelty add."""

    window: timedelta = timedelta(days=30)
    recent: timedelta = timedelta(days=7)
    alert_above: float = 0.15  # difference of acceptance rates, strictly
    least_events: int = 10  # on each side, before an alert
    significance: float = 0.05  # p below which an alert is raised; 1: no test
    boost: float = 0.2  # what full urgency or fresh novelty adds to encoding
    novel_above: float = 0.7  # prediction error, strictly
    novelty_lasts: timedelta = timedelta(minutes=10)
    is_enabled: bool = True  # False: zeros and no alerts

    def __post_init__(self) -> None:
        require(
            above("window", self.window.total_seconds(), 0),
            above("recent", self.recent.total_seconds(), 0),
            within("alert_above", self.alert_above, 0, 1),
            within("least_events", self.least_events, 0),
            within("significance", self.significance, 0, 1),
            within("boost", self.boost, 0, 1),
            within("novel_above", self.novel_above, 0, 1),
            above("novelty_lasts", self.novelty_lasts.total_seconds(), 0),
        )


COMPAT = MonitorParams(alert_above=0.3, least_events=0, significance=1.0)
RECOMMENDED = MonitorParams()


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Whether a piece of evidence was taken into memory."""

    kind: EvidenceKind
    is_accepted: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Bias:
    """How one-sidedly evidence was accepted in the window; rates of 0 where there was none."""

    positive_rate: float
    negative_rate: float
    asymmetry: float  # |positive - negative|
    confirmation: float  # share of confirming among what was accepted of confirming and contradicting
    recency: float  # |rate of the last days - rate before|
    p_value: float  # of the difference between positive and negative; 1 without events on both sides
    is_alarming: bool


NO_BIAS = Bias(0.0, 0.0, 0.0, 0.0, 0.0, 1.0, False)


@dataclass(frozen=True, slots=True)
class Message:
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Urgency:
    """0-1 each; `value` is their weighted sum."""

    frequency: float
    keywords: float
    brevity: float
    value: float


@dataclass(frozen=True, slots=True)
class DayOfUse:
    """What a day cost: the mean tokens of a recall."""

    day: date
    tokens: float


def bias(events: Iterable[Acceptance], now: datetime, params: MonitorParams = RECOMMENDED) -> Bias:
    """How events of the window were accepted; older ones are ignored. Raises ParamsInvalid for times without a zone."""
    found = list(events)
    require(aware("now", now), *(aware(f"events[{number}].at", each.at) for number, each in enumerate(found)))
    found = [each for each in found if now - each.at <= params.window]
    if not params.is_enabled or not found:
        return NO_BIAS
    positive = [each.is_accepted for each in found if each.kind is EvidenceKind.POSITIVE]
    negative = [each.is_accepted for each in found if each.kind is EvidenceKind.NEGATIVE]
    asymmetry = abs(_rate(positive) - _rate(negative))
    p_value = difference_p_value(sum(positive), len(positive), sum(negative), len(negative))
    has_enough = min(len(positive), len(negative)) >= params.least_events
    is_significant = params.significance == 1 or p_value < params.significance
    return Bias(
        positive_rate=_rate(positive),
        negative_rate=_rate(negative),
        asymmetry=asymmetry,
        confirmation=_confirmation(found),
        recency=_recency(found, now, params),
        p_value=p_value,
        is_alarming=asymmetry > params.alert_above and has_enough and is_significant,
    )


def difference_p_value(first: int, of_first: int, second: int, of_second: int) -> float:
    """Two-sided p of a two-proportion z-test with the pooled variance; 1 where it cannot tell."""
    if not of_first or not of_second:
        return 1.0
    pooled = (first + second) / (of_first + of_second)
    variance = pooled * (1 - pooled) * (1 / of_first + 1 / of_second)
    if variance <= 0:
        return 1.0
    return math.erfc(abs(first / of_first - second / of_second) / math.sqrt(2 * variance))


def brier(confidences: Sequence[float] | Floats, outcomes: Sequence[bool]) -> float:
    """Mean squared distance of stated confidence and outcome, 0 (perfect) to 1; 0 for no events."""
    stated, happened = _calibrated(confidences, outcomes)
    return float(np.mean((stated - happened) ** 2)) if len(stated) else 0.0


def calibration_error(confidences: Sequence[float] | Floats, outcomes: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error: |mean confidence - share that came true| a bin, weighted by events; 0 for none."""
    require(within("bins", bins, 1))
    stated, happened = _calibrated(confidences, outcomes)
    if not len(stated):
        return 0.0
    bin_of = np.minimum((stated * bins).astype(np.int64), bins - 1)
    gaps = np.bincount(bin_of, stated - happened, minlength=bins)
    return float(np.abs(gaps).sum() / len(stated))


def urgency(messages: Sequence[Message]) -> Urgency:
    """How urgent the latest messages sound: how fast they come, what they say, how short they are."""
    if not messages:
        return Urgency(0.0, 0.0, 0.0, 0.0)
    times = [message.at for message in messages]
    minutes = days_between(min(times), max(times)) * 24 * 60
    frequency = clip(len(messages) / minutes / 6) if len(messages) >= 2 and minutes > 0 else 0.0
    text = " ".join(message.text.lower() for message in messages)
    keywords = min(1.0, sum(text.count(word) for word in URGENT) / 3)
    brevity = clip(1 - sum(len(message.text) for message in messages) / len(messages) / 50)
    return Urgency(frequency, keywords, brevity, 0.4 * frequency + 0.35 * keywords + 0.25 * brevity)


def urgency_boost(found: Urgency, params: MonitorParams = RECOMMENDED) -> float:
    """What urgency adds to the initial strength."""
    return params.boost * found.value if params.is_enabled else 0.0


def is_novel(error: float, params: MonitorParams = RECOMMENDED) -> bool:
    """Whether a prediction error of 0-1 opens a novelty window."""
    return params.is_enabled and error > params.novel_above


def novelty_boost(opened_at: datetime, now: datetime, params: MonitorParams = RECOMMENDED) -> float:
    """What is added to the initial strength of whatever comes soon after something novel; falls linearly to 0."""
    elapsed = timedelta(days=days_between(opened_at, now))
    return params.boost * clip(1 - elapsed / params.novelty_lasts) if params.is_enabled else 0.0


def is_more_efficient(days: Iterable[DayOfUse], today: date) -> bool:
    """Whether the last seven days cost at least a tenth less than those more than 90 days ago;

    False if either is empty.
    """
    found = list(days)
    latest = [each.tokens for each in found if 0 <= (today - each.day).days < 7]
    early = [each.tokens for each in found if (today - each.day).days > 90]
    return bool(latest and early) and sum(latest) / len(latest) <= 0.9 * sum(early) / len(early)


def _rate(accepted: Sequence[bool]) -> float:
    return sum(accepted) / len(accepted) if accepted else 0.0


def _confirmation(events: Sequence[Acceptance]) -> float:
    accepted = [each.kind for each in events if each.is_accepted]
    confirming, contradicting = accepted.count(EvidenceKind.CONFIRMING), accepted.count(EvidenceKind.CONTRADICTING)
    return confirming / (confirming + contradicting) if confirming + contradicting else 0.0


def _recency(events: Sequence[Acceptance], now: datetime, params: MonitorParams) -> float:
    late = [each.is_accepted for each in events if now - each.at <= params.recent]
    early = [each.is_accepted for each in events if now - each.at > params.recent]
    return abs(_rate(late) - _rate(early)) if late and early else 0.0


def _calibrated(confidences: Sequence[float] | Floats, outcomes: Sequence[bool]) -> tuple[Floats, Floats]:
    stated = np.asarray(confidences, dtype=np.float64)
    happened = np.asarray(outcomes, dtype=np.float64)
    if stated.shape != happened.shape:
        raise ParamsInvalid([Problem("outcomes", f"are {happened.size} for {stated.size}", "send one for each")])
    if not ((stated >= 0) & (stated <= 1)).all():
        raise ParamsInvalid([Problem("confidences", "are not all in 0-1", "send probabilities")])
    return stated, happened

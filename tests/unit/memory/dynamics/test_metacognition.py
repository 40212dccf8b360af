"""Memory watching itself: bias, calibration, urgency, novelty."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory.dynamics.metacognition import (
    COMPAT,
    NO_BIAS,
    RECOMMENDED,
    Acceptance,
    DayOfUse,
    EvidenceKind,
    Message,
    MonitorParams,
    bias,
    brier,
    calibration_error,
    difference_p_value,
    is_more_efficient,
    is_novel,
    novelty_boost,
    urgency,
    urgency_boost,
)
from memory.errors import ParamsInvalid

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
OFF = MonitorParams(is_enabled=False)
moments = st.floats(0, 60).map(lambda days: NOW - timedelta(days=days))
events = st.lists(st.builds(Acceptance, st.sampled_from(EvidenceKind), st.booleans(), moments), max_size=20)
forecasts = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40)


def acceptances(kind: EvidenceKind, accepted: int, of: int, days: float = 1) -> list[Acceptance]:
    return [Acceptance(kind, number < accepted, NOW - timedelta(days=days)) for number in range(of)]


def one_sided(positive: int, negative: int, of: int) -> list[Acceptance]:
    return [*acceptances(EvidenceKind.POSITIVE, positive, of), *acceptances(EvidenceKind.NEGATIVE, negative, of)]


@pytest.mark.parametrize("params", [COMPAT, RECOMMENDED], ids=["compat", "recommended"])
@settings(max_examples=60)
@given(happened=events)
def test_rates_are_shares_and_old_events_are_ignored(params: MonitorParams, happened: list[Acceptance]) -> None:
    found = bias(happened, NOW, params)
    rates = (
        found.positive_rate,
        found.negative_rate,
        found.asymmetry,
        found.confirmation,
        found.recency,
        found.p_value,
    )
    assert all(0 <= rate <= 1 for rate in rates)
    recent = [each for each in happened if NOW - each.at <= timedelta(days=30)]
    assert found == bias(recent, NOW, params)


@given(events)
def test_asymmetry_does_not_care_which_side_is_preferred(happened: list[Acceptance]) -> None:
    swap = {EvidenceKind.POSITIVE: EvidenceKind.NEGATIVE, EvidenceKind.NEGATIVE: EvidenceKind.POSITIVE}
    swapped = [replace(each, kind=swap.get(each.kind, each.kind)) for each in happened]
    assert bias(swapped, NOW).asymmetry == bias(happened, NOW).asymmetry


def test_an_alert_needs_events_and_significance_as_recommended() -> None:
    assert bias(one_sided(1, 0, 1), NOW, COMPAT).is_alarming
    assert not bias(one_sided(1, 0, 1), NOW).is_alarming
    assert not bias(one_sided(7, 5, 10), NOW).is_alarming, "not significant"
    assert not bias(one_sided(9, 1, 9), NOW).is_alarming, "too few"
    assert bias(one_sided(9, 2, 10), NOW).is_alarming


def test_the_z_test_is_the_textbook_one() -> None:
    z = (9 / 10 - 2 / 10) / math.sqrt(11 / 20 * 9 / 20 * (1 / 10 + 1 / 10))
    assert difference_p_value(9, 10, 2, 10) == pytest.approx(2 * (1 - NormalDist().cdf(z)), abs=1e-9)
    assert difference_p_value(5, 10, 5, 10) == 1
    assert difference_p_value(3, 3, 4, 4) == difference_p_value(0, 0, 1, 1) == 1


def test_confirmation_and_recency_compare_what_was_accepted() -> None:
    happened = [
        *acceptances(EvidenceKind.CONFIRMING, 3, 4, days=1),
        *acceptances(EvidenceKind.CONTRADICTING, 1, 4, days=10),
    ]
    found = bias(happened, NOW)
    assert found.confirmation == pytest.approx(0.75)
    assert found.recency == pytest.approx(0.5)
    assert bias(acceptances(EvidenceKind.POSITIVE, 1, 1), NOW).recency == 0, "nothing older"


def test_nothing_and_disabled_give_zeros() -> None:
    assert bias([], NOW) == bias(one_sided(9, 2, 10), NOW, OFF) == NO_BIAS
    assert urgency([]).value == 0
    assert urgency_boost(urgency([Message("ASAP!", NOW)]), OFF) == novelty_boost(NOW, NOW, OFF) == 0
    assert not is_novel(1.0, OFF)


def test_urgency_is_as_published() -> None:
    alone = urgency([Message("ASAP!", NOW)])
    assert (alone.frequency, alone.brevity) == pytest.approx((0, 0.9), abs=1e-9)
    assert alone.keywords == pytest.approx(1 / 3, abs=1e-9)
    assert alone.value == pytest.approx(0.3416666667, abs=1e-9)
    assert urgency_boost(alone) == pytest.approx(0.0683333333, abs=1e-9)
    texts = ["urgent please", "deadline today", "need it asap"]
    found = urgency([Message(text, NOW + timedelta(seconds=20 * number)) for number, text in enumerate(texts)])
    assert (found.frequency, found.keywords, found.brevity) == pytest.approx((0.75, 1, 0.74), abs=1e-9)
    assert urgency_boost(found) == pytest.approx(0.167, abs=1e-9)


@pytest.mark.parametrize(("minutes", "boost"), [(0, 0.2), (3, 0.14), (9.9, 0.002), (10, 0), (1000, 0), (-5, 0.2)])
def test_novelty_fades_in_ten_minutes_as_published(minutes: float, boost: float) -> None:
    assert novelty_boost(NOW, NOW + timedelta(minutes=minutes)) == pytest.approx(boost, abs=1e-9)


def test_only_a_large_error_is_novel() -> None:
    assert is_novel(0.71)
    assert not is_novel(0.7)


@given(forecasts)
def test_calibration_is_a_share_and_never_above_the_root_of_brier(pairs: list[tuple[float, bool]]) -> None:
    stated, happened = [each for each, _ in pairs], [each for _, each in pairs]
    assert 0 <= calibration_error(stated, happened) <= math.sqrt(brier(stated, happened)) + 1e-12
    assert 0 <= brier(stated, happened) <= 1


@given(forecasts)
def test_calibration_agrees_with_the_obvious_loop(pairs: list[tuple[float, bool]]) -> None:
    total = 0.0
    for number in range(10):
        inside = [(p, y) for p, y in pairs if min(int(p * 10), 9) == number]
        if inside:
            total += abs(sum(p for p, _ in inside) / len(inside) - sum(y for _, y in inside) / len(inside)) * len(
                inside
            )
    found = calibration_error([each for each, _ in pairs], [each for _, each in pairs])
    assert found == pytest.approx(total / len(pairs), abs=1e-9)


def test_who_is_right_as_often_as_sure_is_calibrated() -> None:
    assert calibration_error([0.75] * 4, [True, True, True, False]) == pytest.approx(0, abs=1e-12)
    assert brier([0.75] * 4, [True, True, True, False]) == pytest.approx(0.1875, abs=1e-12)
    assert brier([1.0, 0.0], [True, False]) == calibration_error(np.array([1.0, 0.0]), [True, False]) == 0
    assert brier([], []) == calibration_error([], []) == 0


def test_efficiency_compares_this_week_with_a_quarter_ago() -> None:
    today = date(2026, 5, 4)
    early = DayOfUse(today - timedelta(days=91), 100)
    assert is_more_efficient([early, DayOfUse(today, 90)], today)
    assert not is_more_efficient([early, DayOfUse(today, 91)], today)
    assert not is_more_efficient([early, DayOfUse(today - timedelta(days=7), 10)], today)
    assert not is_more_efficient([], today)


def test_all_bad_input_is_named_at_once() -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(ParamsInvalid) as raised:
        bias([Acceptance(EvidenceKind.POSITIVE, True, naive)], naive)
    assert {each.field for each in raised.value.problems} == {"now", "events[0].at"}
    with pytest.raises(ParamsInvalid, match="confidences"):
        brier([1.5], [True])
    with pytest.raises(ParamsInvalid, match="confidences"):
        calibration_error([math.nan], [True])
    with pytest.raises(ParamsInvalid, match="outcomes"):
        brier([0.5], [])
    with pytest.raises(ParamsInvalid) as raised:
        MonitorParams(timedelta(0), timedelta(0), 2, -1, 2, 2, 2, timedelta(0))
    assert len(raised.value.problems) == 8

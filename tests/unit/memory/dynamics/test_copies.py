"""Three copies and their strengths in time."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory.dynamics.copies import (
    BENCHMARK,
    COMPAT,
    PUBLISHED,
    RECOMMENDED,
    Copies,
    CopiesParams,
    Copy,
    CopyStrengths,
    composites,
    is_sudden,
    promoted,
    recalled_copy,
    strengths,
)
from memory.errors import ParamsInvalid

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
WHOLE = Copies(1.0, NOW, NOW)
shares = st.floats(0, 1)
ages = st.floats(0, 2000)
memories = st.builds(
    Copies, shares, st.just(NOW), st.none() | ages.map(lambda age: NOW + timedelta(days=age)), shares, shares
)


def after(days: float) -> datetime:
    return NOW + timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "fast", "medium", "deep"),
    [
        (1 / 24, 0.7788, 0.7976, 0.0059),
        (1, 0.0025, 0.7449, 0.1331),
        (7, 0, 0.4852, 0.6321),
        (14, 0, 0.2943, 0.8647),
        (30, 0, 0.0939, 0.9862),
    ],
)
def test_the_running_code_has_the_published_strengths(days: float, fast: float, medium: float, deep: float) -> None:
    found = strengths(WHOLE, after(days), COMPAT)
    assert (found.fast, found.medium, found.deep) == pytest.approx((fast, medium, deep), abs=5.1e-5)


@pytest.mark.parametrize(
    ("params", "deep"), [(PUBLISHED, 1.665008), (COMPAT, 0.986236), (BENCHMARK, 0.999620), (RECOMMENDED, 0.912008)]
)
def test_equation_code_and_benchmark_differ_after_thirty_days(params: CopiesParams, deep: float) -> None:
    assert strengths(WHOLE, after(30), params).deep == pytest.approx(deep, abs=3e-6)


@pytest.mark.parametrize(
    ("days", "deep"), [(7, 0.6207), (30, 0.9120), (90, 0.7907), (180, 0.6252), (365, 0.3859), (730, 0.1489)]
)
def test_the_recommended_deep_copy_ripens_and_then_fades(days: float, deep: float) -> None:
    assert strengths(WHOLE, after(days)).deep == pytest.approx(deep, abs=1.3e-4)
    closed = (1 - math.exp(-days / 7)) * math.exp(-days / 383.4)
    assert strengths(WHOLE, after(days)).deep == pytest.approx(closed, abs=1e-9)


@pytest.mark.parametrize(("params", "days"), [(BENCHMARK, 4.60), (COMPAT, 5.47), (PUBLISHED, 5.17)])
def test_the_deep_copy_passes_the_medium_one_when_published(params: CopiesParams, days: float) -> None:
    early, late = strengths(WHOLE, after(days - 0.01), params), strengths(WHOLE, after(days + 0.01), params)
    assert early.deep < early.medium
    assert late.deep > late.medium


def test_the_medium_copy_passes_the_fast_one_at_fifty_four_minutes() -> None:
    early, late = strengths(WHOLE, after(54.1 / 1440)), strengths(WHOLE, after(54.3 / 1440))
    assert early.medium < early.fast
    assert late.medium > late.fast


@settings(max_examples=60)
@given(memories, ages, ages)
def test_verbatim_and_episodic_copies_only_fade(memory: Copies, one: float, other: float) -> None:
    early, late = sorted((one, other))
    before, now = strengths(memory, after(early)), strengths(memory, after(late))
    assert now.fast <= before.fast
    assert now.medium <= before.medium


@pytest.mark.parametrize("params", [COMPAT, BENCHMARK, RECOMMENDED], ids=["compat", "benchmark", "recommended"])
@settings(max_examples=60)
@given(memory=memories, age=ages)
def test_strengths_are_shares_and_the_composite_is_the_largest(
    params: CopiesParams, memory: Copies, age: float
) -> None:
    found = strengths(memory, after(age), params)
    assert all(0 <= each <= found.composite <= 1 for each in (found.fast, found.medium, found.deep))


@given(memories)
def test_in_the_end_everything_is_forgotten_as_recommended(memory: Copies) -> None:
    assert strengths(memory, after(200_000)).composite < 1e-9


def test_as_published_nothing_ever_is() -> None:
    assert all(strengths(WHOLE, after(200_000), each).composite > 0.99 for each in (COMPAT, PUBLISHED, BENCHMARK))


@given(shares, shares, shares)
def test_recall_tries_verbatim_then_episode_then_gist(fast: float, medium: float, deep: float) -> None:
    found = CopyStrengths(fast, medium, deep)
    copy = recalled_copy(found)
    if fast >= 0.3:
        assert copy is Copy.FAST
    elif medium >= 0.3:
        assert copy is Copy.MEDIUM
    else:
        assert copy is (Copy.DEEP if deep >= 0.3 else None)
    assert is_sudden(found) == (fast < 0.3 and medium < 0.3 and deep >= 0.3)


@settings(max_examples=60)
@given(st.lists(st.tuples(shares, ages, st.none() | ages, shares, shares), max_size=10), st.booleans())
def test_the_array_form_agrees_with_the_single_one(
    rows: list[tuple[float, float, float | None, float, float]], is_compat: bool
) -> None:
    params = COMPAT if is_compat else RECOMMENDED
    columns = np.array([[math.nan if each is None else each for each in row] for row in rows]).reshape(-1, 5).T
    found = composites(*columns, params=params)
    single = [
        strengths(
            Copies(initial, after(-age), None if since is None else after(-since), importance, quality), NOW, params
        ).composite
        for initial, age, since, importance, quality in rows
    ]
    assert found.tolist() == pytest.approx(single, abs=1e-6)


def test_promotion_needs_a_medium_copy_and_happens_once() -> None:
    fresh = replace(WHOLE, promoted_at=None)
    assert strengths(fresh, after(9)).deep == 0
    ripe = promoted(fresh, after(1), 0.7)
    assert (ripe.promoted_at, ripe.gist_quality) == (after(1), 0.7)
    assert promoted(ripe, after(2)) is ripe
    with pytest.raises(ParamsInvalid, match="medium"):
        promoted(replace(fresh, has_medium=False), NOW)


def test_disabled_leaves_the_medium_copy_alone() -> None:
    found = strengths(WHOLE, after(3), CopiesParams(is_enabled=False))
    assert (found.fast, found.deep) == (0, 0)
    assert found.composite == found.medium > 0


def test_a_memory_from_the_future_is_as_at_its_birth() -> None:
    assert strengths(WHOLE, after(-5)) == CopyStrengths(1.0, 0.8, 0.0)


def test_all_bad_input_is_named_at_once() -> None:
    with pytest.raises(ParamsInvalid, match="zone"):
        strengths(WHOLE, NOW.replace(tzinfo=None))
    with pytest.raises(ParamsInvalid) as raised:
        Copies(2.0, NOW, importance=-1, gist_quality=math.nan)
    assert len(raised.value.problems) == 3
    with pytest.raises(ParamsInvalid) as raised:
        CopiesParams(fast=0, medium=0, deep=0, fading=0, medium_share=2, recallable_from=2)
    assert len(raised.value.problems) == 6
    with pytest.raises(ParamsInvalid, match="ripening"):
        composites(*(np.ones(1) for _ in range(5)), params=PUBLISHED)

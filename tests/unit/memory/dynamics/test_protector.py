"""How strongly a memory resists being rewritten."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.protector import (
    COMPAT,
    RECOMMENDED,
    ProtectorParams,
    Standing,
    allows,
    edge_lock,
    lock,
    rigidity,
    threshold,
)
from memory.errors import ParamsInvalid

both = pytest.mark.parametrize("params", [COMPAT, RECOMMENDED], ids=["compat", "recommended"])
standings = st.builds(Standing, st.integers(0, 30), st.floats(0, 1), st.floats(0, 40_000), st.booleans())
OLD_CORE = Standing(10, 1.0, 365.0, is_core=True)


@pytest.mark.parametrize(
    ("standing", "locked", "stiff", "needed"),
    [
        (Standing(0, 0, 0), 0, 1, 0.5),
        (Standing(2, 0.7, 7), 0.351283, 1.3, 0.637),
        (Standing(5, 0.8, 90), 0.513482, 1.650779, 0.754293),
        (Standing(5, 0.8, 90, is_core=True), 0.713482, 1.650779, 0.853340),
        (OLD_CORE, 1, 1.851570, 1.055471),
    ],
)
def test_it_gives_the_published_locks_and_thresholds(
    standing: Standing, locked: float, stiff: float, needed: float
) -> None:
    assert lock(standing) == pytest.approx(locked, abs=1e-6)
    assert rigidity(standing.age) == pytest.approx(stiff, abs=1e-6)
    assert threshold(standing, COMPAT) == pytest.approx(needed, abs=1e-6)


@both
@given(standing=standings, accesses=st.integers(0, 30), confidence=st.floats(0, 1), age=st.floats(0, 40_000))
def test_more_use_certainty_age_or_rank_never_unlocks(
    params: ProtectorParams, standing: Standing, accesses: int, confidence: float, age: float
) -> None:
    assert 0 <= lock(standing) <= 1
    assert rigidity(standing.age, params) >= 1
    for more in (
        replace(standing, accesses=max(standing.accesses, accesses)),
        replace(standing, confidence=max(standing.confidence, confidence)),
        replace(standing, age=max(standing.age, age)),
        replace(standing, is_core=True),
    ):
        assert lock(more) >= lock(standing) - 1e-12
        assert threshold(more, params) >= threshold(standing, params) - 1e-12


@given(standings)
def test_a_full_surprise_changes_any_memory_as_recommended(standing: Standing) -> None:
    assert threshold(standing) <= 0.95
    assert allows(1.0, standing)


def test_as_published_an_old_core_fact_cannot_be_changed_at_all() -> None:
    assert not allows(1.0, OLD_CORE, COMPAT)
    assert allows(1.0, replace(OLD_CORE, age=238.0), COMPAT)
    assert not allows(1.0, replace(OLD_CORE, age=239.0), COMPAT)


@both
@given(standing=standings, error=st.floats(0, 1))
def test_disabled_allows_everything(params: ProtectorParams, standing: Standing, error: float) -> None:
    assert allows(error, standing, replace(params, is_enabled=False))


def test_a_certain_edge_is_locked() -> None:
    assert edge_lock(0.05) == pytest.approx(0.95)
    assert edge_lock(7) == 0


def test_a_memory_from_the_future_has_no_age() -> None:
    assert threshold(Standing(3, 0.5, -10.0)) == threshold(Standing(3, 0.5, 0.0))


def test_all_bad_input_is_named_at_once() -> None:
    with pytest.raises(ParamsInvalid) as raised:
        lock(Standing(-1, 2.0, math.inf))
    assert {each.field for each in raised.value.problems} == {"accesses", "confidence", "age"}
    with pytest.raises(ParamsInvalid, match="error"):
        allows(math.nan, OLD_CORE)
    with pytest.raises(ParamsInvalid, match="age"):
        lock(Standing(1, 0.5, math.nan))
    with pytest.raises(ParamsInvalid) as raised:
        ProtectorParams(base=2, growth=-1, ceiling=0, rigidity=math.nan, oldest=-1)
    assert len(raised.value.problems) == 5

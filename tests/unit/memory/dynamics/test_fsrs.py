"""FSRS-6 keeps to its laws and to the numbers of py-fsrs; the published variant keeps to its own."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics import fsrs, fsrs_compat
from memory.dynamics.checks import DAY
from memory.dynamics.fsrs import DEFAULT_WEIGHTS, DecayClass, FsrsParams, Rating, Strength
from memory.errors import ParamsInvalid

NOW = datetime(2026, 1, 1, tzinfo=UTC)

days = st.floats(0, 2000)
stabilities = st.floats(0.01, 20000)
difficulties = st.floats(1, 10)
ratings = st.sampled_from(Rating)
strengths = st.builds(Strength, stabilities, difficulties, st.just(NOW))
targets = st.floats(0.05, 0.99)

# Made by py-fsrs 6.3.2 with no learning steps and no fuzz, at whole days, where it and fractional days agree:
# (rating, days since the last review, stability, difficulty, retrievability before the review).
HISTORIES = [
    [
        (3, 0, 2.3065, 2.118103970459016, None),
        (3, 2, 10.964332335820698, 2.111214235785395, 0.9094932559773545),
        (3, 7, 36.123635746675305, 2.1043313908464483, 0.9277904444502333),
        (1, 20, 2.5009218969731215, 7.389975788014609, 0.9353277771966927),
        (3, 3, 7.242918680424889, 7.377814181523433, 0.8870202788343177),
        (4, 10, 31.00330367362482, 6.486830244144543, 0.8763568474132042),
        (2, 30, 55.9914184335819, 7.653022571649363, 0.9022440511216319),
    ],
    [
        (1, 0, 0.212, 6.4133, None),
        (1, 0, 0.08335671711031604, 8.806304468856837, 1.0),
        (3, 1, 0.6139445736022262, 8.792726533684817, 0.6752635759821058),
        (2, 1, 1.2754155947247838, 9.183783983413289, 0.8631645414476738),
        (4, 4, 5.818300390585467, 8.896270995633222, 0.8052393390707265),
        (1, 40, 1.330187281588795, 9.622440150918706, 0.7293875600201709),
    ],
    [
        (4, 0, 8.2956, 1.0, None),
        (4, 0, 13.046064691177454, 1.0, 1.0),
        (4, 9, 78.13476922092744, 1.0, 0.9234316639514053),
        (4, 60, 392.1715868423974, 1.0, 0.917098560985294),
        (3, 400, 1184.5320145262153, 1.0, 0.8986363696067373),
    ],
    [
        (2, 0, 1.2931, 5.112170705601056, None),
        (2, 0, 1.2931, 6.7404595108297, 1.0),
        (3, 0, 1.3358997622047517, 6.728947420615708, 1.0),
        (2, 5, 5.234384637829937, 7.813751236051346, 0.7885010632770655),
    ],
]


@pytest.mark.parametrize("history", HISTORIES)
def test_a_history_of_reviews_gives_the_numbers_of_py_fsrs(
    history: list[tuple[int, int, float, float, float | None]],
) -> None:
    now = NOW
    strength = fsrs.first_strength(Rating(history[0][0]), now)
    for rating, waited, stability, difficulty, before in history:
        now += waited * DAY
        if before is not None:
            assert fsrs.retrievability(strength, now) == pytest.approx(before, abs=1e-9)
            strength = fsrs.review(strength, Rating(rating), now)
        assert strength.stability == pytest.approx(stability, rel=1e-9)
        assert strength.difficulty == pytest.approx(difficulty, abs=1e-9)
        assert strength.last_recalled == now


@given(stabilities)
def test_retrievability_is_nine_tenths_after_stability_days(stability: float) -> None:
    assert fsrs.retrievability_after(stability, stability) == pytest.approx(0.9, abs=1e-9)
    assert fsrs.interval(stability) == pytest.approx(stability, rel=1e-9)


def test_fsrs_4_5_is_a_case_of_the_curve() -> None:
    params = FsrsParams(weights=(*DEFAULT_WEIGHTS[:20], 0.5))
    assert params.factor == pytest.approx(19 / 81, abs=1e-9)


@given(strengths, targets)
def test_a_review_is_due_when_retrievability_has_fallen_to_its_target(strength: Strength, target: float) -> None:
    waited = fsrs.interval(strength.stability, target=target)
    assert fsrs.retrievability_after(waited, strength.stability) == pytest.approx(target, abs=1e-9)


@given(strengths, days, days)
def test_waiting_never_helps(strength: Strength, one: float, other: float) -> None:
    short, longer = sorted((one, other))
    early, late = (fsrs.retrievability(strength, NOW + waited * DAY) for waited in (short, longer))
    assert 0 <= late <= early <= 1


@given(days, stabilities, stabilities)
def test_a_stabler_memory_is_never_less_retrievable(waited: float, one: float, other: float) -> None:
    weak, strong = sorted((one, other))
    assert fsrs.retrievability_after(waited, weak) <= fsrs.retrievability_after(waited, strong)


@given(strengths, st.sampled_from([Rating.HARD, Rating.GOOD, Rating.EASY]), days)
def test_recalling_never_weakens(strength: Strength, rating: Rating, waited: float) -> None:
    assert fsrs.review(strength, rating, NOW + waited * DAY).stability >= strength.stability


@given(strengths, st.floats(1, 2000))
def test_a_lapse_never_strengthens(strength: Strength, waited: float) -> None:
    after = fsrs.review(strength, Rating.AGAIN, NOW + waited * DAY)
    assert after.stability <= strength.stability
    assert after.difficulty >= strength.difficulty - 0.02  # the pull to the mean is all that can ease it


@given(strengths, st.floats(1, 2000), st.floats(1, 2000))
def test_a_recall_that_was_nearly_forgotten_strengthens_more(strength: Strength, one: float, other: float) -> None:
    soon, late = (fsrs.review(strength, Rating.GOOD, NOW + waited * DAY) for waited in sorted((one, other)))
    assert late.stability >= soon.stability * (1 - 1e-12)


@given(strengths, difficulties, st.floats(1, 2000))
def test_what_is_hard_strengthens_less(strength: Strength, difficulty: float, waited: float) -> None:
    one, other = sorted((strength.difficulty, difficulty))
    easy, hard = (
        fsrs.review(replace(strength, difficulty=value), Rating.GOOD, NOW + waited * DAY) for value in (one, other)
    )
    assert easy.stability >= hard.stability * (1 - 1e-12)


@given(st.floats(1, 5000), st.floats(1, 5000), difficulties)
def test_what_is_stable_grows_by_a_smaller_factor(one: float, other: float, difficulty: float) -> None:
    def growth(stability: float) -> float:
        now = NOW + fsrs.interval(stability, target=0.8) * DAY
        return fsrs.review(Strength(stability, difficulty, NOW), Rating.GOOD, now).stability / stability

    weak, strong = sorted((one, other))
    assert growth(strong) <= growth(weak) + 1e-9
    assert fsrs_compat.recall_growth(difficulty, strong, 0.8) <= fsrs_compat.recall_growth(difficulty, weak, 0.8)


@given(stabilities, st.floats(0.1, 10), targets)
def test_an_interval_is_linear_in_stability(stability: float, times: float, target: float) -> None:
    assert fsrs.interval(stability * times, target=target) == pytest.approx(
        times * fsrs.interval(stability, target=target), rel=1e-9
    )
    assert fsrs_compat.interval(stability * times, target) == pytest.approx(
        times * fsrs_compat.interval(stability, target), rel=1e-9
    )


@given(strengths, st.floats(1, 2000))
def test_a_better_rating_never_leaves_less(strength: Strength, waited: float) -> None:
    after = [fsrs.review(strength, rating, NOW + waited * DAY) for rating in Rating]
    assert [one.stability for one in after] == sorted(one.stability for one in after)
    assert [one.difficulty for one in after] == sorted((one.difficulty for one in after), reverse=True)


@given(strengths, st.lists(st.tuples(ratings, days), max_size=30))
def test_numbers_stay_in_their_ranges(strength: Strength, reviews: list[tuple[Rating, float]]) -> None:
    now = NOW
    for rating, waited in reviews:
        now += waited * DAY
        strength = fsrs.review(strength, rating, now)
        assert 0.001 <= strength.stability <= 36500
        assert 1 <= strength.difficulty <= 10


@given(st.lists(st.tuples(st.floats(-10, 2000), stabilities), min_size=1, max_size=20))
def test_an_array_gives_what_each_item_gives(items: list[tuple[float, float]]) -> None:
    waited, stability = np.array(items).T
    each = [fsrs.retrievability_after(max(0.0, one), other) for one, other in items]
    assert fsrs.retrievabilities(waited, stability) == pytest.approx(each, abs=1e-12)


def test_no_items_give_no_numbers() -> None:
    assert fsrs.retrievabilities(np.array([]), np.array([])).size == 0


def test_a_memory_from_the_future_is_fully_retrievable() -> None:
    strength = Strength(1, 5, NOW + DAY)
    assert fsrs.retrievability(strength, NOW) == 1


def test_a_review_by_a_clock_that_went_backwards_counts_as_one_at_the_last_recall() -> None:
    strength = Strength(3, 5, NOW)
    assert fsrs.review(strength, Rating.GOOD, NOW - DAY) == fsrs.review(strength, Rating.GOOD, NOW)


def test_parts_of_a_day_count() -> None:
    strength = Strength(2, 5, NOW)
    assert fsrs.retrievability(strength, NOW + timedelta(hours=12)) == pytest.approx(
        fsrs.retrievability_after(0.5, 2), abs=1e-12
    )


def test_a_boost_lengthens_the_first_stability_up_to_twice() -> None:
    plain, doubled, more = (fsrs.first_strength(Rating.GOOD, NOW, boost=boost).stability for boost in (0.5, 2, 9))
    assert (plain, doubled, more) == (2.3065, 4.613, 4.613)
    assert fsrs.strength_of(DecayClass.SLOW, NOW, boost=1.5) == Strength(45, 3, NOW)


def test_a_due_date_beyond_the_calendar_is_its_last_day() -> None:
    params = FsrsParams(target=0.01)
    assert fsrs.due(Strength(36500, 5, NOW), params).year == 9999
    assert fsrs.due(Strength(7, 5, NOW)) == NOW + 7 * DAY


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ParamsInvalid):
        fsrs.retrievability(Strength(1, 5, NOW), NOW.replace(tzinfo=None))


def test_all_that_is_wrong_with_a_strength_is_in_one_error() -> None:
    with pytest.raises(ParamsInvalid) as caught:
        Strength(math.nan, 11, NOW.replace(tzinfo=None))
    assert [problem.field for problem in caught.value.problems] == ["stability", "difficulty", "last_recalled"]


def test_all_that_is_wrong_with_the_params_is_in_one_error() -> None:
    with pytest.raises(ParamsInvalid) as caught:
        FsrsParams(weights=(-1, *DEFAULT_WEIGHTS[1:20], 2), target=1, shortest=5, longest=1)
    assert [problem.field for problem in caught.value.problems] == ["weights[0]", "weights[20]", "target", "shortest"]
    with pytest.raises(ParamsInvalid, match="has 3 numbers"):
        FsrsParams(weights=(1, 2, 3))


def test_numbers_that_are_no_days_are_refused_together() -> None:
    with pytest.raises(ParamsInvalid) as caught:
        fsrs.interval(0, target=0)
    assert [problem.field for problem in caught.value.problems] == ["stability", "target"]
    with pytest.raises(ParamsInvalid) as caught:
        fsrs.retrievability_after(-1, math.nan)
    assert [problem.field for problem in caught.value.problems] == ["days", "stability"]
    with pytest.raises(ParamsInvalid) as caught:
        fsrs.retrievabilities(np.array([math.nan]), np.array([1.0, 2.0]))
    assert [problem.field for problem in caught.value.problems] == ["days", "stability"]


class TestPublishedVariant:
    def test_intervals(self) -> None:
        assert fsrs_compat.interval(7) == pytest.approx(0.7375236096, abs=1e-9)
        assert fsrs_compat.interval(7, 0.95) == pytest.approx(0.3590530607, abs=1e-9)
        assert fsrs_compat.interval(7, 0.8) == pytest.approx(1.5620048592, abs=1e-9)

    @pytest.mark.parametrize(("waited", "chance"), [(1, 0.8668778998), (7, 0.3678794412), (14, 0.1353352832), (-3, 1)])
    def test_retrievability_of_the_normal_class(self, waited: int, chance: float) -> None:
        strength = fsrs_compat.strength_of(DecayClass.NORMAL, NOW)
        assert fsrs_compat.retrievability(strength, NOW + waited * DAY) == pytest.approx(chance, abs=1e-9)

    def test_recall(self) -> None:
        assert fsrs_compat.recall_growth(5, 7, math.exp(-1)) == pytest.approx(1.1697900889, abs=1e-9)
        after = fsrs_compat.after_recall(Strength(7, 5, NOW), 4, NOW + 7 * DAY)
        assert [after.stability, after.difficulty] == pytest.approx([8.1885306221, 4.85], abs=1e-9)
        on_time = fsrs_compat.after_recall(Strength(7, 5, NOW), 4, NOW + fsrs_compat.interval(7) * DAY)
        assert on_time.stability == pytest.approx(7.1733451264, abs=1e-9)
        late = fsrs_compat.after_recall(Strength(10, 8, NOW), 5, NOW + 10 * math.log(2) * DAY)
        assert [late.stability, late.difficulty] == pytest.approx([10.6126630242, 7.7], abs=1e-9)

    def test_twenty_perfect_reviews_take_seven_days_only_to_twelve(self) -> None:
        strength, now = Strength(7, 5, NOW), NOW
        for _ in range(20):
            now += fsrs_compat.interval(strength.stability) * DAY
            strength = fsrs_compat.after_recall(strength, 4, now)
        assert strength.stability == pytest.approx(12.40, abs=0.005)

    def test_lapses_leave_a_tenth(self) -> None:
        raw = 0.2 * 5**-0.4 * 8**0.2 * (math.exp(0.02 * 0.7) - 1)
        assert raw == pytest.approx(0.002245079, abs=1e-9)
        for stability, difficulty, left, harder in [(7, 5, 0.7, 5.2), (3, 5, 0.5, 5.2), (100, 9.9, 10, 10)]:
            after = fsrs_compat.after_lapse(Strength(stability, difficulty, NOW), NOW + 9 * DAY)
            assert [after.stability, after.difficulty] == pytest.approx([left, harder], abs=1e-9)

    def test_shortcut_without_state(self) -> None:
        assert fsrs_compat.updated_stability(1, is_recalled=True) == pytest.approx(1.0365454407, abs=1e-9)
        assert fsrs_compat.updated_stability(7, is_recalled=False) == pytest.approx(0.7, abs=1e-9)
        assert fsrs_compat.retention(7, 7, 2) == pytest.approx(math.exp(-0.5), abs=1e-9)
        assert fsrs_compat.retention(1, 0.1) == pytest.approx(math.exp(-2), abs=1e-9)

    @pytest.mark.parametrize(
        ("stability", "difficulty", "kept"), [(None, 5, 1), (0.1, 7.5, 0.5), (5, 5, 5), (30, 3.5, 30), (31, 2, 31)]
    )
    def test_stability_of_sm2(self, stability: float | None, difficulty: float, kept: float) -> None:
        assert fsrs_compat.strength_from_sm2(stability, NOW) == Strength(kept, difficulty, NOW)

    @given(st.floats(0.5, 365), difficulties, days, st.integers(1, 5))
    def test_laws(self, stability: float, difficulty: float, waited: float, grade: int) -> None:
        strength = Strength(stability, difficulty, NOW)
        after = fsrs_compat.after_recall(strength, grade, NOW + waited * DAY)
        lapsed = fsrs_compat.after_lapse(strength, NOW + waited * DAY)
        assert after.stability >= stability
        assert min(after.stability, lapsed.stability) >= 0.5
        assert 1 <= after.difficulty <= 10
        assert 1 <= lapsed.difficulty <= 10

    @pytest.mark.parametrize("grade", [0, 6])
    def test_a_grade_out_of_range_is_refused(self, grade: int) -> None:
        with pytest.raises(ParamsInvalid):
            fsrs_compat.after_recall(Strength(7, 5, NOW), grade, NOW)

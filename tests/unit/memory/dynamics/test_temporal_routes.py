"""Questions about time: their routes, and the fusion of what the routes find."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory.dynamics.temporal_routes import (
    COMPAT,
    RECOMMENDED,
    Order,
    Route,
    RouteHit,
    SubQuestion,
    TemporalParams,
    decompose,
    fuse,
)
from memory.errors import ParamsInvalid

both = pytest.mark.parametrize("params", [COMPAT, RECOMMENDED], ids=["compat", "recommended"])
ABSOLUTE = SubQuestion(Route.ABSOLUTE, "when", 0.95)
RELATIVE = SubQuestion(Route.RELATIVE, "before", 0.9)
DURATION = SubQuestion(Route.DURATION, "how long", 0.8)
texts = st.lists(
    st.sampled_from(
        [
            "When",
            "did",
            "how",
            "long",
            "ago",
            "before",
            "the",
            "move",
            "Anna",
            "first",
            "name",
            "what",
            "year",
            "?",
            "last",
        ]
    ),
    max_size=12,
).map(" ".join)
hits = st.lists(st.builds(RouteHit, st.sampled_from("abcdef"), st.floats(0, 1)), max_size=8)


@both
def test_a_date_and_an_order_make_two_routes(params: TemporalParams) -> None:
    found = decompose("When did Caroline first mention her birthday?", params)
    absolute, relative = found.routes
    assert (absolute.route, absolute.text) == (Route.ABSOLUTE, "Caroline first mention her birthday?")
    assert absolute.confidence == pytest.approx(0.95, abs=1e-9)
    assert relative.text == "When did Caroline first mention her birthday?"
    assert relative.confidence == pytest.approx(0.85, abs=1e-9)
    assert relative.order is Order.EARLIEST
    assert found.primary is absolute


@both
def test_how_long_ago_is_one_route_of_two_cues(params: TemporalParams) -> None:
    found = decompose("How long ago did Caroline's daughter graduate?", params)
    assert [each.route for each in found.routes] == [Route.DURATION]
    assert found.primary.text == "Caroline's daughter graduate?"
    assert found.primary.confidence == pytest.approx(0.975, abs=1e-9)


@both
def test_the_first_hint_wins(params: TemporalParams) -> None:
    absolute, relative = decompose("When was the last time she called before the move?", params).routes
    assert absolute.confidence == pytest.approx(0.95, abs=1e-9)
    assert relative.confidence == pytest.approx(0.985, abs=1e-9)
    assert relative.order is Order.BEFORE_ANCHOR


@both
@pytest.mark.parametrize("question", ["When?", "", "Who is Anna?"])
def test_without_a_cue_the_question_passes_through(params: TemporalParams, question: str) -> None:
    found = decompose(question, params)
    assert found.routes == (SubQuestion(Route.ABSOLUTE, question, 0.5),)
    assert not found.is_temporal


def test_first_and_last_names_say_nothing_about_time() -> None:
    assert decompose("What is her first name?", COMPAT).is_temporal
    assert not decompose("What is her first name?").is_temporal
    assert not decompose("Tell me his last name").is_temporal


@pytest.mark.parametrize(
    ("question", "route"),
    [
        ("Wann hat Anna das Haus gekauft?", Route.ABSOLUTE),
        ("Was tat sie, bevor sie umzog?", Route.RELATIVE),
        ("Wie lange hat die Reise gedauert?", Route.DURATION),
    ],
)
def test_german_is_understood(question: str, route: Route) -> None:
    assert decompose(question).primary.route is route
    assert not decompose(question, COMPAT).is_temporal


@both
@settings(max_examples=60)
@given(question=texts)
def test_there_are_one_to_three_routes_of_which_the_surest_is_primary(params: TemporalParams, question: str) -> None:
    found = decompose(question, params)
    assert 1 <= len(found.routes) <= len({each.route for each in found.routes}) <= 3
    assert found.primary.confidence == max(each.confidence for each in found.routes)
    assert all(0 < each.confidence <= 1 for each in found.routes)
    assert all(len(each.text) <= len(question) for each in found.routes)


def test_fusion_gives_the_published_scores() -> None:
    alone = fuse({ABSOLUTE: [RouteHit("x", 1.0)]})
    assert alone[0].score == pytest.approx(0.0155737705, abs=1e-9)
    agreed = fuse({ABSOLUTE: [RouteHit("x", 1.0)], RELATIVE: [RouteHit("y", 0.9), RouteHit("x", 0.5)]})
    assert (agreed[0].item, agreed[0].best, agreed[0].routes) == ("x", 1.0, (Route.ABSOLUTE, Route.RELATIVE))
    assert agreed[0].score == pytest.approx(0.0361078794, abs=1e-9)


def test_an_item_twice_on_one_route_counts_once() -> None:
    twice = {ABSOLUTE: [RouteHit("x", 1.0), RouteHit("x", 0.5)]}
    assert fuse(twice) == fuse({ABSOLUTE: [RouteHit("x", 1.0)]})
    assert fuse(twice, COMPAT)[0].score > fuse(twice)[0].score


@settings(max_examples=60)
@given(hits, hits, hits)
def test_each_item_comes_back_once_and_best_first(
    one: list[RouteHit], two: list[RouteHit], three: list[RouteHit]
) -> None:
    found = fuse({ABSOLUTE: one, RELATIVE: two, DURATION: three})
    assert sorted(hit.item for hit in found) == sorted({hit.item for hit in [*one, *two, *three]})
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    assert all(hit.best == max(each.score for each in [*one, *two, *three] if each.item == hit.item) for hit in found)


@given(hits, hits)
def test_a_route_that_finds_nothing_changes_nothing(one: list[RouteHit], two: list[RouteHit]) -> None:
    assert fuse({ABSOLUTE: one, RELATIVE: two, DURATION: []}) == fuse({ABSOLUTE: one, RELATIVE: two})


def test_hits_without_an_id_are_skipped_and_the_limit_cuts() -> None:
    found = [RouteHit("", 1.0), RouteHit("x", 0.5), RouteHit("y", 0.4)]
    assert [hit.item for hit in fuse({ABSOLUTE: found})] == ["x", "y"]
    assert [hit.item for hit in fuse({ABSOLUTE: found}, limit=1)] == ["x"]
    assert fuse({}) == []


def test_a_hit_without_a_score_is_refused() -> None:
    with pytest.raises(ParamsInvalid, match="no score"):
        fuse({ABSOLUTE: [RouteHit("x", math.nan)]})


def test_all_bad_params_are_named_at_once() -> None:
    with pytest.raises(ParamsInvalid) as raised:
        TemporalParams(rank_offset=-1, agreement=0.5, weights={Route.ABSOLUTE: -1})
    assert len(raised.value.problems) == 3

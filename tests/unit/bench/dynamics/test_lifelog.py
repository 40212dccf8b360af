"""The life log is fair: the same again from the same seed, two shares apart, and no scored fact practised."""

from datetime import timedelta
from itertools import chain

from hypothesis import given, settings
from hypothesis import strategies as st

from bench.dynamics.lifelog import BEGAN, CHECKPOINTS, LifeLog, LifeLogParams, Practised, Remembered, life_log
from bench.dynamics.statements import ATTRIBUTES, NAMES, Share
from bench.types import Collection, LabelledQuestion
from memory.types import Draft, Kind

CHAT = Collection(
    "chat",
    tuple(
        Draft(Kind.MEMORY, f"turn {number}", external_id=f"D{number}", session_id=f"session_{number // 10}")
        for number in range(40)
    ),
    tuple(LabelledQuestion(str(number), f"what was said {number}?", frozenset({f"D{number}"})) for number in range(40)),
)
READING = Collection(
    "reading",
    tuple(Draft(Kind.DOCUMENT, f"passage {number}", external_id=f"p{number}") for number in range(60)),
    tuple(LabelledQuestion(str(n), f"what is {n}?", frozenset({f"p{n}", f"p{n + 1}"})) for n in range(0, 40, 2)),
)

seeds = st.integers(0, 1000)
shares = st.sampled_from(Share)


def log_of(seed: int, share: Share) -> LifeLog:
    return life_log(LifeLogParams(seed, share, people=6, reading=30), [CHAT], READING)


@settings(max_examples=20)
@given(seeds, shares)
def test_the_same_seed_gives_the_same_stream(seed: int, share: Share) -> None:
    assert log_of(seed, share) == log_of(seed, share)


@settings(max_examples=20)
@given(seeds, shares)
def test_what_a_task_wants_has_been_told_by_its_day_and_is_not_stale(seed: int, share: Share) -> None:
    log = log_of(seed, share)
    told = {event.draft.external_id: event.at for event in log.events if isinstance(event, Remembered)}
    assert len(told) == sum(isinstance(event, Remembered) for event in log.events)
    for task in log.tasks:
        end = BEGAN + timedelta(days=task.day)
        assert all(min(told[name] for name in group) < end for group in task.groups)
        assert task.stale.isdisjoint(chain.from_iterable(task.groups))
        assert all(told[name] < end for name in task.stale)


@settings(max_examples=20)
@given(seeds, shares)
def test_what_is_scored_never_got_feedback(seed: int, share: Share) -> None:
    log = log_of(seed, share)
    practised = {(event.question, event.useful) for event in log.events if isinstance(event, Practised)}
    scored = {(task.question, frozenset(chain.from_iterable(task.groups))) for task in log.tasks}
    assert practised.isdisjoint(scored)


@settings(max_examples=20)
@given(seeds)
def test_events_come_in_the_order_of_time_and_tasks_on_checkpoints(seed: int) -> None:
    log = log_of(seed, Share.HELD_OUT)
    assert [event.at for event in log.events] == sorted(event.at for event in log.events)
    assert {task.day for task in log.tasks} <= set(CHECKPOINTS)


def test_the_shares_have_neither_names_nor_phrasings_in_common() -> None:
    first, second = (set(NAMES[share]) for share in Share)
    assert first.isdisjoint(second)
    for attribute in ATTRIBUTES:
        ours, theirs = (
            set(chain(one.states, one.own_states, one.updates, one.own_updates, one.asks, one.asks_before))
            for one in (attribute.phrasings[share] for share in Share)
        )
        assert ours.isdisjoint(theirs)

"""What is new is more salient, what contradicts moves whoever says it; each can be switched off."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from memory import levels
from memory.dynamics import neuromodulators
from memory.dynamics.neuromodulators import Levels
from memory.parts import Parts
from memory.store import traces
from memory.types import Draft, Namespace
from tests.store.working import found, keep, said

MINUTE = timedelta(minutes=1)
FERRY = "The ferry to the island leaves at six in the morning."
NEAR = "The ferry to the island leaves at nine in the morning."
FAR = "Quantum chromodynamics has eight gluons."


def salience(parts: Parts, namespace: Namespace, now: datetime, *drafts: Draft) -> list[float]:
    ids = [one.id for one in keep(parts, namespace, now, *drafts).receipts]
    kept = parts.database.read(lambda session: traces.find_many(session, namespace.id, ids))
    return [kept[id_].salience for id_ in ids]


def levels_now(parts: Parts, namespace: Namespace, now: datetime) -> Levels:
    state = parts.database.read(lambda session: levels.read(session, namespace.id, "test", now))
    return neuromodulators.levels(state, now)


def opened(parts: Parts, namespace: Namespace, now: datetime) -> None:
    keep(parts, namespace, now, said(FERRY))
    assert found(parts, namespace, "When does the ferry leave?") == [FERRY]


def test_what_is_unlike_all_that_is_remembered_is_more_salient(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    opened(parts, namespace, now)
    near, far = salience(parts, namespace, now + MINUTE, said(NEAR), said(FAR))
    assert far > near


@pytest.mark.parametrize("switch", ["novelty", "neuromodulation"])
def test_a_switch_takes_the_mechanism_out(parts: Parts, namespace: Namespace, now: datetime, switch: str) -> None:
    without = replace(parts, dynamics=parts.dynamics.without(switch))
    opened(without, namespace, now)
    near, far = salience(without, namespace, now + MINUTE, said(NEAR), said(FAR))
    assert (near == far) is (switch == "novelty")
    assert levels_now(without, namespace, now + MINUTE) == Levels(0.5, 0.5, 0.5, 0.5)


def test_novelty_raises_dopamine_and_a_contradiction_noradrenaline(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    opened(parts, namespace, now)
    keep(parts, namespace, now + MINUTE, said("I live in Porto.", "Mira", at=now))
    before = levels_now(parts, namespace, now + MINUTE)
    assert before.dopamine > 0.5
    assert before.noradrenaline == 0.5
    keep(parts, namespace, now + 2 * MINUTE, said("I live in Ghent now.", "Mira", at=now + 2 * MINUTE))
    assert levels_now(parts, namespace, now + 2 * MINUTE).noradrenaline > 0.9


def test_however_much_is_said_the_levels_stay_small(parts: Parts, namespace: Namespace, now: datetime) -> None:
    opened(parts, namespace, now)
    for number in range(30):
        keep(parts, namespace, now + number * timedelta(seconds=1), said(f"Boat {number} has arrived."))
    state = parts.database.read(lambda session: levels.read(session, namespace.id, "test", now))
    assert len(state.bursts) <= neuromodulators.MOST_BURSTS

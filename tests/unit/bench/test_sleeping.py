"""The bench of sleep: a small life with nights, and its figures."""

from datetime import timedelta

from bench.dynamics.lifelog import BEGAN, DAYS, LifeLog, Remembered, Task
from bench.sleeping.commands import markdown, summary
from bench.sleeping.measure import AGE, KEPT, NO_SLEEP, SLEEP, measure
from memory.types import Draft, Kind
from retrieval.embedders.hashing import HashingEmbedder

TEXTS = (
    "Emil Claes built the harbour of Zeebrugge in 1931. It is nice to see. Sundays are busy there, they say.",
    "Jan Maes keeps eleven bees in Ostend since 1944. Honey is sweet. Everybody likes some with bread and butter.",
    "Leen Peeters painted the station of Antwerp red in 1962. Opinions differ. Trains run late anyway on most days.",
)


def test_nights_keep_to_the_budget_and_what_they_left_is_asked_for() -> None:
    told = tuple(
        Remembered(BEGAN + timedelta(days=1, hours=n), Draft(Kind.DOCUMENT, text, title="Harbour", external_id=str(n)))
        for n, text in enumerate(TEXTS)
    )
    tasks = (Task(DAYS, "reading", "Which harbour did Emil Claes build?", (frozenset({"0"}),)),)
    lived, slept = measure(LifeLog(told, tasks), 0, HashingEmbedder())
    before = lived[NO_SLEEP].tokens[DAYS]
    assert 0 < lived[SLEEP].tokens[DAYS] <= KEPT * before + 1
    assert lived[AGE].tokens[DAYS] <= lived[SLEEP].tokens[DAYS]
    assert [one.recall for one in lived[NO_SLEEP].outcomes] == [1.0]
    assert lived[SLEEP].outcomes[0].recall == 1.0  # by what is left of its text
    assert len(slept.nights) == DAYS
    figures = summary([lived], [slept])
    assert f"| {SLEEP} | {DAYS} | {lived[SLEEP].tokens[DAYS]} |" in markdown(figures, "small")

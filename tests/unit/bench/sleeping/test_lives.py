"""The bench of sleep on lives: a small one with nights, its figures, its pictures, and what counts as support."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.dynamics.lifelog import BEGAN, DAYS, LifeLog, Remembered, Task
from bench.sleeping import plots
from bench.sleeping.measure import AGE, KEPT, NO_SLEEP, SLEEP, Lived, Slept, measure
from bench.sleeping.report import bars, markdown, summary
from bench.sleeping.support import is_quoted, says_the_same
from memory.content import new_document
from memory.layers.routing import Route
from memory.store.derivations import GIST, Derivation
from memory.types import Draft, Kind, StoredDocument
from retrieval.embedders.hashing import HashingEmbedder

TEXTS = (
    "Emil Claes built the harbour of Zeebrugge in 1931. It is nice to see. Sundays are busy there, they say.",
    "Jan Maes keeps eleven bees in Ostend since 1944. Honey is sweet. Everybody likes some with bread and butter.",
    "Leen Peeters painted the station of Antwerp red in 1962. Opinions differ. Trains run late anyway on most days.",
)
Measured = tuple[dict[str, Lived], Slept]


@pytest.fixture(scope="module")
def measured() -> Measured:
    told = [
        Remembered(BEGAN + timedelta(days=1, hours=n), Draft(Kind.DOCUMENT, text, title="Harbour", external_id=str(n)))
        for n, text in enumerate(TEXTS)
    ]
    said = Draft(Kind.MEMORY, "I walked the dog along the beach today.", external_id="said", speaker="Jan")
    told.append(Remembered(BEGAN + timedelta(hours=1), said))
    tasks = (Task(DAYS, "reading", "Which harbour did Emil Claes build?", (frozenset({"0"}),)),)
    return measure(LifeLog(tuple(sorted(told, key=lambda one: one.at)), tasks), 0, HashingEmbedder())


def test_nights_keep_to_the_budget_and_what_they_left_is_asked_for(measured: Measured) -> None:
    lived, slept = measured
    assert 0 < lived[SLEEP].tokens[DAYS] <= KEPT * lived[NO_SLEEP].tokens[DAYS] + 1
    assert lived[AGE].tokens[DAYS] <= lived[SLEEP].tokens[DAYS]
    assert len(slept.nights) == DAYS
    assert [one.outcome.recall for one in lived[NO_SLEEP].asked] == [1.0]
    assert [one.outcome.recall for one in lived[SLEEP].asked] == [1.0]  # by what is left of its text


def test_harder_rules_never_give_more(measured: Measured) -> None:
    for life in measured[0].values():
        for one in life.asked:
            assert one.strict <= one.by_share <= one.outcome.recall
            assert one.within <= one.outcome.recall
    without_gists = measured[0][NO_SLEEP].asked[0]
    assert without_gists.strict == without_gists.by_share == without_gists.outcome.recall


def test_every_gist_of_a_life_is_supported(measured: Measured) -> None:
    support = measured[1].support
    assert support.gists > 0
    assert support.share == 1.0


def test_figures_become_a_report_and_pictures(measured: Measured, tmp_path: Path) -> None:
    lived, slept = measured
    figures = summary([lived], [slept])
    text = markdown(figures, "A small life")
    assert f"| {SLEEP} | {DAYS} | {lived[SLEEP].tokens[DAYS]} |" in text
    assert bars(figures)[0][3] == "yes"  # the cut of storage
    plots.draw(figures, tmp_path)
    names = {path.stem for path in tmp_path.glob("*.png")}
    assert names == {"stability", "retrievability", "storage", "probes"}


numbers = st.integers(0, 9).map(str)


@given(numbers, numbers, numbers, numbers)
def test_two_tellings_of_a_fact_say_the_same_only_while_the_same_value_holds(a: str, b: str, c: str, d: str) -> None:
    assert says_the_same(f"fact/Ada/home/{a}/{c}", f"fact/Ada/home/{b}/{d}") == (a == b)
    assert not says_the_same(f"fact/Ada/home/{a}/{c}", f"fact/Bea/home/{a}/{c}")
    assert says_the_same(f"chat/x/D{a}", f"chat/x/D{b}/again") == (a == b)


def _item(id_: str, text: str, speaker: str | None) -> StoredDocument:
    return new_document(Draft(Kind.MEMORY, text, speaker=speaker), id_, 1, "ready", Route("semantic", ""), BEGAN)


SOURCES = {
    "a": _item("a", "I moved to Ghent. It rains.", "Ada"),
    "b": _item("b", "Nice! I stay in Porto.", "Bea"),
}
QUOTED = [Derivation("g", "a", 0, GIST, 0, 17), Derivation("g", "b", 1, GIST, 6, 22)]


@pytest.mark.parametrize(
    ("text", "speaker", "is_supported"),
    [
        ("Ada: I moved to Ghent. Bea: I stay in Porto.", None, True),
        ("Bea: I moved to Ghent. Ada: I stay in Porto.", None, False),  # ascribed to the other
        ("Ada: I moved to Ghent. I stay in Porto.", None, False),
        ("Ada: I moved to Ghent. Bea: I stay in Porto. Both are happy.", None, False),
        ("Ada: I moved to Leeds. Bea: I stay in Porto.", None, False),
        ("I moved to Ghent. I stay in Porto.", "Ada", False),
    ],
)
def test_a_gist_says_what_its_sources_say_and_by_whom(text: str, speaker: str | None, is_supported: bool) -> None:
    assert is_quoted(_item("g", text, speaker), QUOTED, SOURCES) is is_supported


def test_a_gist_of_one_speaker_needs_no_name() -> None:
    gist = _item("g", "I moved to Ghent.", "Ada")
    assert is_quoted(gist, QUOTED[:1], SOURCES)
    assert not is_quoted(gist, [Derivation("g", "gone", 0, GIST, 0, 17)], SOURCES)


def test_a_source_of_which_nothing_is_quoted_neither_helps_nor_harms_a_gist() -> None:
    silent = Derivation("g", "b", 1, GIST)
    assert is_quoted(_item("g", "I moved to Ghent.", "Ada"), [QUOTED[0], silent], SOURCES)
    assert not is_quoted(_item("g", "I moved to Ghent. I stay in Porto.", "Ada"), [QUOTED[0], silent], SOURCES)
    assert not is_quoted(_item("g", "I stay in Porto.", "Bea"), [silent], SOURCES)

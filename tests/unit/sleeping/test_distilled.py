"""Distilled gists: what statements leave untold is quoted, and only what is supported stays."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from memory.sleeping import telling
from memory.sleeping.distilled import Cost, Distillation, Outcome, Statement, completed, counts, supported
from memory.sleeping.distilled import Proposed as Sentence
from memory.sleeping.episodes import Edition, Episode, Gist
from memory.sleeping.support import Cited
from memory.sleeping.telling import Weights
from memory.sleeping.wording import IDLE, OPENING
from retrieval.normalize import terms
from retrieval.sentences import sentences as sentences_of
from tests.unit.sleeping.made import episode, namespaces, unit_vector

shares = st.floats(0, 1)


def sentences_in(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences_of(text)]


@given(namespaces().filter(bool), shares, st.data())
def test_statements_and_quotes_tell_the_share_that_is_wanted(
    episodes: list[Episode], share: float, data: st.DataObject
) -> None:
    weights = Weights(one.text for one in episodes)
    kept = [Statement(one.text, (one.id,)) for one in data.draw(st.lists(st.sampled_from(episodes), max_size=3))]
    made = completed(kept, episodes, weights, share)
    assert made[: len(kept)] == kept
    by_id = {one.id: one.text for one in episodes}
    assert all(one.text in by_id[one.sources[0]] for one in made)
    known = telling.known_of(episodes[0])
    sentences = [one for number, each in enumerate(episodes) for one in telling.sentences_of(number, each, weights)]
    whole = telling.told(sentences, known)
    texts = [*(each for one in made for each in sentences_in(one.text)), *IDLE, *OPENING]
    said = frozenset(word for text in texts for word in terms(text))
    left = telling.told(sentences, known | said)
    assert whole - left >= share * whole - 1e-6


def test_what_tells_all_needs_no_quote() -> None:
    one = episode("1", "Clara moved to Ghent in 2021.")
    kept = [Statement("Clara moved to Ghent in 2021.", ("1",))]
    assert completed(kept, [one], Weights([one.text]), 1.0) == kept


def test_what_is_said_as_a_date_needs_no_quote() -> None:
    one = replace(episode("1", "Well, Clara moved to Ghent yesterday."), said_at=datetime(2026, 3, 1, tzinfo=UTC))
    kept = [Statement("Clara moved to Ghent on 28 February 2026.", ("1",))]
    assert completed(kept, [one], Weights([one.text]), 1.0) == kept
    other = [Statement("Clara moved to Ghent on 27 February 2026.", ("1",))]
    assert completed(other, [one], Weights([one.text]), 1.0) == [*other, Statement(one.text, ("1",))]


def test_only_what_is_supported_stays_with_what_supports_it() -> None:
    vector = unit_vector(1, 0)
    sources = {id_: Cited(id_, ("Clara moved to Ghent.",), vector[None, :]) for id_ in ("1", "2")}
    said = [
        Sentence("Clara moved to Ghent.", vector, ("1", "2")),
        Sentence("Clara moved to Porto.", vector, ("1", "2")),
        Sentence("Clara moved to Ghent.", vector, ()),
    ]
    assert supported(said, sources) == [Statement("Clara moved to Ghent.", ("1", "2"))]


def test_a_report_counts_by_what_became_of_the_answers() -> None:
    made = [Gist((Edition(str(number), 1),), (), "", 0, "") for number in range(4)]
    asked = [
        Distillation("a", ("0",), Outcome.DISTILLED, (), 2, 1, Cost(1, 110, 5)),
        Distillation("b", ("1",), Outcome.UNREADABLE, cost=Cost(1, 100, 5)),
        Distillation("c", ("2",), Outcome.UNSUPPORTED, (), 0, 3, Cost(2, 90, 5)),
    ]
    assert counts(made, {one.sources: one for one in asked}) == {
        "statements": 2, "unsupported": 4, "unreadable": 1, "none_supported": 1, "not_asked": 1,
        "llm_requests": 4, "llm_tokens": 300, "llm_milliseconds": 15,
    }  # fmt: skip

"""Episodes for tests: from a text alone, and whole namespaces by chance."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import strategies as st

from memory.dynamics.substance import essence
from memory.sleeping import gists
from memory.sleeping.episodes import Codes, Edition, Episode, Gist, Library, Named, Outline, Sentence
from memory.sleeping.gists import RECOMMENDED, GistParams
from memory.types import Kind
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.extractors.rules import mentions
from retrieval.quantize import to_bytes
from retrieval.sentences import sentences
from retrieval.types import EncoderInput

BEGAN = datetime(2026, 1, 5, 8, tzinfo=UTC)
_embedder = HashingEmbedder()


def count_tokens(text: str) -> int:
    return len(text.split())


def episode(
    id_: str, text: str, *, title: str = "", speaker: str | None = None, session: str | None = None,
    position: int = 0, day: float = 0.0, stated: Sequence[tuple[str, str, str]] = (),
) -> Episode:  # fmt: skip
    """A memory as a night sees it; with a title, a document."""
    spans = tuple(sentences(text))
    encoding = _embedder.encode_passages([EncoderInput(title, text, spans)])[0]
    return Episode(
        id=id_, version=1, kind=Kind.DOCUMENT if title else Kind.MEMORY, layer="episodic", text=text, title=title,
        speaker=speaker, session_id=session, group=f"session:{session}" if session else id_, position=position,
        said_at=BEGAN + timedelta(days=day), tokens=count_tokens(text),
        sentences=tuple(Sentence(span.start, span.end) for span in spans), vectors=to_bytes(encoding.vector)[None],
        names=frozenset(one.name for one in mentions(title, text, spans, speaker)),
        essence=essence(text, speaker), stated=frozenset(stated), recalls=0,
        is_protected=False, is_gist=False,
    )  # fmt: skip


def outline(one: Episode) -> Outline:
    return Outline(
        one.edition, one.kind, one.layer, one.speaker, one.session_id,
        one.group if one.session_id else "", one.position, one.tokens,
        asks="?" in one.text, is_free=one.is_free, is_gist=one.is_gist,
    )  # fmt: skip


def named(one: Episode) -> Named:
    can_relate = one.is_free and not one.is_gist
    return Named(one.edition, one.kind, one.said_at, tuple(one.names), can_relate)


def library(episodes: Sequence[Episode]) -> Library:
    """Of what is there, as it is."""
    by_edition = {one.edition: one for one in episodes}

    def read(editions: Sequence[Edition]) -> Iterator[Episode]:
        return (by_edition[one] for one in editions if one in by_edition)

    return Library(
        read,
        lambda editions: (one.text for one in read(editions)),
        lambda editions: {one.id: one.vectors for one in read(editions)},
    )


def condensed(episodes: Sequence[Episode], most_tokens: int, params: GistParams = RECOMMENDED) -> list[Gist]:
    return gists.condense([outline(one) for one in episodes], most_tokens, count_tokens, library(episodes), params)


def related(episodes: Sequence[Episode]) -> list[Gist]:
    return gists.related([named(one) for one in episodes], count_tokens, library(episodes))


def used(one: Episode, recalls: int = 3) -> Episode:
    return replace(one, recalls=recalls)


def protected(one: Episode) -> Episode:
    return replace(one, is_protected=True)


_SENTENCES = (
    "Clara moved to Ghent in 2021.", "Clara moved to Ghent in 2022.", "Theo never liked the sea.",
    "Theo liked the sea.", "The bakery opens at 7 every day.", "Wow, that is great!", "How are you?",
    "Nadia plays the cello in the Halden Bank orchestra.", "The cello of Nadia was made in Cremona.",
    "Nadia plays the cello in the evening, if the bakery does not stay open, and she walks home along the river.",
    "It rained.", "They walked along the river and talked about nothing much for a long while.",
)  # fmt: skip
_INTRODUCTIONS = ("", "", "As I said before: ")


@st.composite
def namespaces(draw: st.DrawFn) -> list[Episode]:
    """Up to 14 items with few different sentences, so that much is said twice; some protected, used or gists."""
    found = []
    for number in range(draw(st.integers(0, 14))):
        told = draw(st.lists(st.sampled_from(_SENTENCES), min_size=1, max_size=6))
        text = draw(st.sampled_from(_INTRODUCTIONS)) + " ".join(told)
        session = draw(st.sampled_from((None, "one", "two")))
        stated = draw(st.sampled_from(((), (), (("clara", "home", "ghent"),))))
        one = episode(
            f"{number:02}", text, speaker=draw(st.sampled_from((None, "Clara", "Theo"))), session=session,
            title=draw(st.sampled_from(("", "", "Ghent"))) if session is None else "",
            position=number, day=draw(st.integers(0, 9)), stated=stated,
        )  # fmt: skip
        found.append(
            replace(
                one,
                is_protected=draw(st.integers(0, 5)) == 0,
                recalls=draw(st.sampled_from((0, 0, 0, 2))),
                is_gist=draw(st.integers(0, 7)) == 0,
            )
        )
    return found


def unit_vector(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    found = np.array(values, np.float32)
    return found / np.float32(np.linalg.norm(found))


def codes(*values: float) -> Codes:
    """The vector of the only passage of an item."""
    return to_bytes(unit_vector(*values))[None]

"""Before a night consolidates: an LLM words gists of related items, and what their sources do not support is dropped.

Every answer is paid for and kept before the next is asked for, so a night that is interrupted asks nothing twice. No
transaction is open while the LLM or the embedder works. Whatever goes wrong, an extractive gist takes the place.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter

import numpy as np
from sqlalchemy.orm import Session

from memory import enrichment, rereading, surveying
from memory.errors import LlmError, MalformedReply
from memory.ids import id_from
from memory.leases import Write
from memory.llm.chat import Attempt, ChatModel
from memory.llm.dialects import Message
from memory.llm.distillation import DISTILLATION, Said, said
from memory.llm.prompts import prompt
from memory.llm.salvage import json_in
from memory.parts import Parts
from memory.sleeping import distilled, gists
from memory.sleeping.distilled import Cost, Distillation, Outcome, Proposed
from memory.sleeping.episodes import Codes, Edition, Episode, Gist, Library
from memory.sleeping.settings import SleepSettings
from memory.sleeping.support import Cited
from memory.sleeping.telling import Weights
from memory.stages import Tonight
from memory.store import distillations, documents, namespaces, passages, sleeping, usage
from memory.types import ItemState, JsonValue, NamespaceId, StoredDocument
from retrieval.quantize import to_floats
from retrieval.types import EncoderInput

PROMPT = "distil.v1"
PURPOSE = "distil"
ANSWER_TOKENS = 1024
TURN = 30.0  # seconds of asking until other jobs get their turn

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Cluster:
    """Related items as they are asked about: what a night sees of them, and what they are in the database."""

    gist: Gist
    episodes: tuple[Episode, ...]
    items: tuple[StoredDocument, ...]
    sentence_vectors: tuple[Codes, ...]  # [s, d] of each


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the LLM said, or why it said nothing, and what that cost."""

    said: tuple[Said, ...]
    outcome: Outcome  # DISTILLED, if there is something to check
    attempts: tuple[Attempt, ...]


def told(tonight: Tonight, write: Write) -> dict[str, float] | None:
    """Figures for the report when nothing is left to ask; None: it goes on in the next turn. Raises EmbedderError."""
    llm, wanted = tonight.parts.llm, tonight.parts.database.read(partial(_wanted, namespace=tonight.namespace.id))
    if llm is None or wanted is None:
        return {}
    library = rereading.library(tonight.parts, tonight.namespace, tonight.night.at)
    read = list(surveying.named(tonight.parts, tonight.namespace, tonight.night.at))
    made = gists.related(read, tonight.parts.embedder.count_tokens, library)
    known = _known(tonight)
    left = [one for one in _chosen(made, wanted.distil_clusters) if one.sources not in known]
    weights = Weights(library.texts([one.edition for one in read]) if left else ())
    began, is_away = perf_counter(), False
    while left and not is_away and not _is_spent(tonight, wanted):
        some, left = _read(tonight, left[: llm.parallel], library), left[llm.parallel :]
        answers = _asked(llm, some, wanted.distil_seconds)
        _meter(tonight, answers, write)
        done = [_checked(tonight, one, answer, weights) for one, answer in zip(some, answers, strict=True)]
        write(partial(_keep, tonight=tonight, clusters=some, made=done))
        is_away = bool(done) and all(one.outcome is Outcome.UNANSWERED for one in done)
        if left and not is_away and perf_counter() - began > TURN:
            return None
    if is_away:
        _log.warning("the llm does not help to consolidate", extra={"namespace": tonight.namespace.id})
    return distilled.counts(made, _known(tonight), is_away)


def _wanted(session: Session, namespace: NamespaceId) -> SleepSettings | None:
    """None if no LLM is to work here unasked."""
    kept = sleeping.settings(session, namespace)
    return kept if kept.distil and enrichment.setting_of(session, namespace).is_on else None


def _known(tonight: Tonight) -> dict[tuple[str, ...], Distillation]:
    return tonight.parts.database.read(
        lambda session: distillations.of_night(session, tonight.namespace.id, tonight.night.id)
    )


def _chosen(made: Sequence[Gist], most: int) -> list[Gist]:
    """The largest first."""
    return sorted(made, key=lambda one: (-one.tokens, one.sources))[:most]


def _is_spent(tonight: Tonight, wanted: SleepSettings) -> bool:
    """Whether the night, or the day of the namespace, has had its share of the LLM."""
    spent = sum(one.cost.tokens for one in _known(tonight).values())

    def is_day_spent(session: Session) -> bool:
        most = enrichment.budget(tonight.parts, enrichment.setting_of(session, tonight.namespace.id))
        return usage.tokens_of_day(session, tonight.namespace.id, tonight.night.at) >= most

    return spent >= wanted.distil_tokens or tonight.parts.database.read(is_day_spent)


def _read(tonight: Tonight, made: Sequence[Gist], library: Library) -> list[_Cluster]:
    """Without those of which a source has changed since the night looked at it."""
    parts, namespace = tonight.parts, tonight.namespace.id
    model = parts.embedder.fingerprint
    found = []
    for gist in made:
        episodes = tuple(library.episodes(gist.made_of))
        there = parts.database.read(partial(documents.find_many, namespace=namespace, ids=gist.sources))
        read = parts.database.read(partial(passages.readings, namespace=namespace, model=model, ids=gist.sources))
        items = {Edition(one.document.id, one.document.version): one.document for one in there}
        if len(episodes) == len(gist.made_of) and all(one in items and one.id in read for one in gist.made_of):
            ordered = tuple(items[one] for one in gist.made_of)
            vectors = tuple(np.concatenate([each.sentence_vectors for each in read[id_]]) for id_ in gist.sources)
            found.append(_Cluster(gist, episodes, ordered, vectors))
    return found


def _asked(llm: ChatModel, clusters: Sequence[_Cluster], seconds: int) -> list[_Answer]:
    """All at a time, each once."""
    if not clusters:
        return []
    with ThreadPoolExecutor(len(clusters), "zengram-llm") as pool:
        return list(pool.map(partial(_ask, llm, seconds=seconds), clusters))


def _ask(llm: ChatModel, cluster: _Cluster, seconds: int) -> _Answer:
    listed: list[JsonValue] = [{"number": number, **_as_json(one)} for number, one in enumerate(cluster.items, 1)]
    asked = json.dumps({"sources": listed}, ensure_ascii=False)
    messages = [Message("system", prompt(PROMPT).text), Message("user", asked)]
    spent: list[Attempt] = []
    try:
        reply = llm.ask(messages, spent, shape=DISTILLATION, most_tokens=ANSWER_TOKENS, within=float(seconds))
        return _Answer(tuple(said(json_in(reply.text), len(listed))), Outcome.DISTILLED, tuple(spent))
    except MalformedReply:
        return _Answer((), Outcome.UNREADABLE, tuple(spent))
    except LlmError:
        return _Answer((), Outcome.UNANSWERED, tuple(spent))


def _as_json(item: StoredDocument) -> dict[str, JsonValue]:
    facts: dict[str, JsonValue] = {
        "title": item.title or None,
        "speaker": item.speaker,
        "date": item.occurred_at.date().isoformat() if item.occurred_at else None,
        "text": item.text,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _meter(tonight: Tonight, answers: Sequence[_Answer], write: Write) -> None:
    spent = [attempt for answer in answers for attempt in answer.attempts]
    write(lambda session: usage.add(session, tonight.namespace.id, PURPOSE, spent, tonight.night.at))


def _checked(tonight: Tonight, cluster: _Cluster, answer: _Answer, weights: Weights) -> Distillation:
    """What is left of an answer. Raises EmbedderError."""
    sources = cluster.gist.sources
    id_ = id_from(tonight.night.at, f"{tonight.night.id}:{PURPOSE}:{list(sources)}")
    cost = Cost(
        len(answer.attempts),
        sum(one.input_tokens + one.output_tokens for one in answer.attempts),
        sum(one.ms for one in answer.attempts),
    )
    found = Distillation(id_, sources, answer.outcome, cost=cost)
    if answer.outcome is not Outcome.DISTILLED:
        return found
    proposed = _proposed(tonight.parts, answer.said, sources)
    kept = distilled.supported(proposed, {one.id: one for one in _cited(cluster)})
    found = replace(found, supported=len(kept), dropped=len(proposed) - len(kept))
    if not kept:
        return replace(found, outcome=Outcome.UNSUPPORTED)
    statements = distilled.completed(kept, cluster.episodes, weights, gists.RECOMMENDED.told)
    whole = replace(found, statements=tuple(statements))
    size = tonight.parts.embedder.count_tokens(whole.text)
    is_short = size <= gists.RECOMMENDED.related_kept * sum(one.tokens for one in cluster.episodes)
    return whole if is_short else replace(found, outcome=Outcome.TOO_LONG)


def _proposed(parts: Parts, sentences: Sequence[Said], sources: Sequence[str]) -> list[Proposed]:
    encoded = parts.embedder.encode_passages([EncoderInput("", one.text, ()) for one in sentences])
    return [
        Proposed(one.text, encoding.vector, tuple(sources[number - 1] for number in one.cited))
        for one, encoding in zip(sentences, encoded, strict=True)
    ]


def _cited(cluster: _Cluster) -> Iterator[Cited]:
    for item, read, vectors in zip(cluster.items, cluster.episodes, cluster.sentence_vectors, strict=True):
        sentences = tuple(item.text[one.start : one.end] for one in read.sentences)
        yield Cited(item.id, sentences, to_floats(vectors), item.speaker, item.occurred_at)


def _keep(session: Session, tonight: Tonight, clusters: Sequence[_Cluster], made: Sequence[Distillation]) -> None:
    """Of sources that are gone or changed while the LLM thought, nothing is kept."""
    namespaces.lock(session, tonight.namespace.id)
    wanted = [one for cluster in clusters for one in cluster.items]
    now_there = {
        one.document.id: one.document.content_hash
        for one in documents.find_many(session, tonight.namespace.id, sorted({one.id for one in wanted}))
        if one.document.state is ItemState.ACTIVE
    }
    unchanged = {one.id for one in wanted if now_there.get(one.id) == one.content_hash}
    kept = [one for one in made if unchanged.issuperset(one.sources)]
    distillations.add(session, tonight.namespace.id, tonight.night.id, kept)

"""The verbs around an LLM and the graph: answers, enrichment, entities, neighbourhoods, communities."""

from collections.abc import Sequence

from zengram.calls import Call, answer, nothing, path
from zengram.inputs import Json, Moment, given, time_range
from zengram.models import (
    Answered,
    Communities,
    Enrichment,
    Entity,
    EntityPortrait,
    Graph,
    Operation,
    Page,
)


def ask(
    namespace: str,
    query: str,
    *,
    mode: str | None = None,
    max_steps: int | None = None,
    max_tokens: int | None = None,
    max_llm_tokens: int | None = None,
    top_k: int | None = None,
    threshold: float | None = None,
    filters: Json | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    document_ids: Sequence[str] | None = None,
    speakers: Sequence[str] | None = None,
    min_revision: int | None = None,
) -> Call[Answered]:
    """An answer in words that cites the passages it rests on. The service needs an LLM for it.

    With `mode` thorough it recalls step by step: at most `max_steps` (3) times, and no further once `max_llm_tokens`
    (30000) are spent. `max_tokens` (3000) bounds the sources that the LLM reads. The other arguments are those of
    `recall`.
    """
    asked = given(
        query=query,
        mode=mode,
        max_steps=max_steps,
        max_tokens=max_tokens,
        max_llm_tokens=max_llm_tokens,
        top_k=top_k,
        threshold=threshold,
        filters=filters,
        time_range=time_range(since, until),
        document_ids=document_ids,
        speakers=speakers,
        min_revision=min_revision,
    )
    return Call("POST", path("answer"), answer(Answered), params={"namespace": namespace}, body=asked)


def enrich(namespace: str) -> Call[Operation]:
    """Let the LLM read what it has not read, or in vain; `wait` waits for it."""
    return Call("POST", path("enrichment"), answer(Operation), params={"namespace": namespace})


def enrichment(namespace: str) -> Call[Enrichment]:
    """How far the LLM is with reading, what it cost today, and what it waits for."""
    return Call("GET", path("enrichment"), answer(Enrichment), params={"namespace": namespace})


def set_enrichment(namespace: str, *, is_on: bool = True, daily_tokens: int | None = None) -> Call[Enrichment]:
    """Switch it on or off here, and set how many LLM tokens a day it may cost (None: the service's own budget)."""
    body: Json = {"is_on": is_on, "daily_tokens": daily_tokens}
    return Call("PUT", path("enrichment"), answer(Enrichment), params={"namespace": namespace}, body=body)


def entities(namespace: str, query: str = "", *, page_size: int = 100) -> Call[Page[Entity]]:
    """What passages name, the most often named first; `query` is a part of the name. Pages are fetched as needed."""
    params = {"namespace": namespace, "limit": str(page_size), "query": query}
    return Call("GET", path("entities"), answer(Page[Entity]), params=params)


def entity(namespace: str, name: str) -> Call[EntityPortrait]:
    """One entity, by any of its names however it is spelled, with its facts, passages and neighbours."""
    return Call("GET", path("entities", name), answer(EntityPortrait), params={"namespace": namespace})


def merge_entities(namespace: str, name: str, into: str) -> Call[EntityPortrait]:
    """Let the entity `name` count as `into`; the answer is both as one. `unmerge_entity` takes it back, exactly."""
    body: Json = {"into": into}
    params = {"namespace": namespace}
    return Call("POST", path("entities", name, "merge"), answer(EntityPortrait), params=params, body=body)


def unmerge_entity(namespace: str, entity: str, name: str) -> Call[None]:
    """Tell a name apart from the entity that it was merged into; no night merges the two again."""
    body: Json = {"name": name}
    return Call("POST", path("entities", entity, "unmerge"), nothing, params={"namespace": namespace}, body=body)


def graph(
    namespace: str,
    *,
    entity: str | None = None,
    passage: str | None = None,
    depth: int | None = None,
    limit: int | None = None,
) -> Call[Graph]:
    """The graph around an entity or a passage: at most `limit` (100) nodes, at most `depth` (2) edges away."""
    asked = given(entity=entity, passage=passage, depth=depth, limit=limit)
    params = {"namespace": namespace, **{name: str(value) for name, value in asked.items()}}
    return Call("GET", path("graph"), answer(Graph), params=params)


def communities(namespace: str, *, limit: int | None = None) -> Call[Communities]:
    """What belongs together, the largest groups first."""
    params = {"namespace": namespace, **({} if limit is None else {"limit": str(limit)})}
    return Call("GET", path("graph", "communities"), answer(Communities), params=params)

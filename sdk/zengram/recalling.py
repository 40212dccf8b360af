"""The verbs that ask: recall and context."""

from collections.abc import Sequence

from zengram.calls import Call, answer, path
from zengram.inputs import Json, Moment, given, time_range
from zengram.models import Context, Recalled


def recall(
    namespace: str,
    query: str,
    *,
    top_k: int | None = None,
    threshold: float | None = None,
    filters: Json | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    document_ids: Sequence[str] | None = None,
    speakers: Sequence[str] | None = None,
    layers: Sequence[str] | None = None,
    as_of: Moment | None = None,
    known_at: Moment | None = None,
    superseded: bool = False,
    archived: bool = False,
    namespaces: Sequence[str] | None = None,
    linked: bool = False,
    mode: str | None = None,
    explain: bool = False,
    max_tokens: int | None = None,
    min_revision: int | None = None,
) -> Call[Recalled]:
    """The passages that answer a question, best first.

    `top_k` (10) and `max_tokens` bound the answer, `threshold` (0 to 1) is the least probability of a result, `since`
    (inclusive) and `until` (exclusive) bound its time, `filters` is the service's filter language, `mode` is fast or
    thorough, and `explain` adds the path by which each result was found. `min_revision` (of `add`) makes a replica
    wait for that write.

    `as_of` asks for what held then, `known_at` for what was known then; `superseded` and `archived` let in what is left
    out otherwise. `namespaces` names others to ask too, `linked` asks those that share a confirmed link.
    """
    asked = given(
        query=query,
        top_k=top_k,
        threshold=threshold,
        filters=filters,
        time_range=time_range(since, until),
        document_ids=document_ids,
        speakers=speakers,
        layers=layers,
        as_of=as_of,
        known_at=known_at,
        superseded=superseded or None,
        archived=archived or None,
        namespaces=namespaces,
        linked=linked or None,
        mode=mode,
        explain=explain or None,
        max_tokens=max_tokens,
        min_revision=min_revision,
    )
    return Call("POST", path("recall"), answer(Recalled), params={"namespace": namespace}, body=asked)


def context(
    namespace: str,
    query: str,
    *,
    max_tokens: int | None = None,
    session_id: str | None = None,
    top_k: int | None = None,
    threshold: float | None = None,
    filters: Json | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    document_ids: Sequence[str] | None = None,
    speakers: Sequence[str] | None = None,
    layers: Sequence[str] | None = None,
    as_of: Moment | None = None,
    known_at: Moment | None = None,
    superseded: bool = False,
    archived: bool = False,
    namespaces: Sequence[str] | None = None,
    linked: bool = False,
    mode: str | None = None,
    min_revision: int | None = None,
) -> Call[Context]:
    """A block of text for a prompt, at most `max_tokens` (1500) long, with its numbered sources.

    It begins with the core blocks, and with `session_id` what is held in mind there. The other arguments are those of
    `recall`.
    """
    asked = given(
        query=query,
        session_id=session_id,
        top_k=top_k,
        threshold=threshold,
        filters=filters,
        time_range=time_range(since, until),
        document_ids=document_ids,
        speakers=speakers,
        layers=layers,
        as_of=as_of,
        known_at=known_at,
        superseded=superseded or None,
        archived=archived or None,
        namespaces=namespaces,
        linked=linked or None,
        mode=mode,
        max_tokens=max_tokens,
        min_revision=min_revision,
    )
    return Call("POST", path("context"), answer(Context), params={"namespace": namespace}, body=asked)

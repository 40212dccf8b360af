"""The verbs of the layers: conversations, what is in mind, core blocks, procedures, links and history."""

from collections.abc import Iterable

from zengram.calls import Call, answer, keyed, nothing, path
from zengram.inputs import Item, Json, given, messages_of
from zengram.items import Stored, guarded, item_call
from zengram.layer_models import (
    Block,
    BlockVersion,
    Completed,
    History,
    Link,
    Procedure,
    Said,
    Slot,
    Window,
    Working,
)
from zengram.models import Model, Namespace, Page


class BlockList(Model):
    items: list[Block]


class BlockVersionList(Model):
    items: list[BlockVersion]


class CompletedList(Model):
    items: list[Completed]


class LinkList(Model):
    items: list[Link]


def history(namespace: str, item: Stored) -> Call[History]:
    """What happened to a memory, when, by whom and why; and what it states, with when that held."""
    return item_call(namespace, item, Call("GET", "", answer(History)), "memory", "history")


def say(
    namespace: str,
    session_id: str,
    messages: Item | Iterable[Item],
    *,
    role: str | None = None,
    speaker: str | None = None,
    remember: bool = True,
    idempotency_key: str | None = None,
) -> Call[Said]:
    """Add a message to a conversation, or a list of them; each becomes a memory too, unless `remember` is false.

    A message is a text or a mapping: `text`, and optionally `role, speaker, occurred_at, metadata, remember`; the form
    of chat APIs (`role`, `content`) is understood too.
    """
    shared = given(role=role, speaker=speaker, remember=None if remember else False)
    body = {"messages": messages_of(messages, shared)}
    return Call(
        "POST",
        path("sessions", session_id, "messages"),
        answer(Said),
        params={"namespace": namespace},
        body=body,
        headers=keyed(idempotency_key),
    )


def messages(
    namespace: str, session_id: str, *, limit: int | None = None, max_tokens: int | None = None
) -> Call[Window]:
    """The newest messages of a conversation (50) that fit, oldest first, and the gist of what came before."""
    asked = {name: str(value) for name, value in given(limit=limit, max_tokens=max_tokens).items()}
    where = path("sessions", session_id, "messages")
    return Call("GET", where, answer(Window), params={"namespace": namespace, **asked})


def complete(namespace: str, session_id: str, fragment: str, *, limit: int | None = None) -> Call[list[Completed]]:
    """The messages of the window that a fragment is a part of, most likely first (3)."""

    def parse(content: bytes) -> list[Completed]:
        return CompletedList.model_validate_json(content).items

    where = path("sessions", session_id, "complete")
    return Call("POST", where, parse, params={"namespace": namespace}, body=given(fragment=fragment, limit=limit))


def working(namespace: str, session_id: str) -> Call[Working]:
    """What is held in mind in a conversation now, most relevant first."""
    return Call("GET", path("sessions", session_id, "working"), answer(Working), params={"namespace": namespace})


def hold(namespace: str, session_id: str, slots: Iterable[Json | Slot], *, keep: bool = False) -> Call[Working]:
    """Hold these in mind, instead of what is, or with `keep` beside it. Seven fit; the least relevant makes room.

    A slot is a mapping: `kind` (fact, goal, context, constraint), `content`, and optionally `relevance` (0 to 1).
    """
    sent = [
        {"kind": one.kind, "content": one.content, "relevance": one.relevance} if isinstance(one, Slot) else one
        for one in slots
    ]
    where = path("sessions", session_id, "working")
    return Call("PUT", where, answer(Working), params={"namespace": namespace}, body={"slots": sent, "keep": keep})


def core(namespace: str) -> Call[list[Block]]:
    """All core blocks, in the order in which they stand in a context."""

    def parse(content: bytes) -> list[Block]:
        return BlockList.model_validate_json(content).items

    return Call("GET", path("core"), parse, params={"namespace": namespace})


def core_block(namespace: str, label: str) -> Call[Block]:
    """One core block."""
    return Call("GET", path("core", label), answer(Block), params={"namespace": namespace})


def add_core(namespace: str, label: str, text: str, *, pinned: bool = True) -> Call[Block]:
    """Make a core block, which then begins every context. Raises Conflict if the label is taken."""
    body = {"label": label, "text": text, "pinned": pinned}
    return Call("POST", path("core"), answer(Block), params={"namespace": namespace}, body=body, repeatable=False)


def update_core(
    namespace: str,
    block: str | Block,
    text: str | None = None,
    *,
    pinned: bool | None = None,
    label: str | None = None,
    if_version: int | None = None,
) -> Call[Block]:
    """Change a core block; `label` renames it. With `if_version` only if nobody else has changed it since."""
    body = given(text=text, pinned=pinned, label=label)
    call = Call("PUT", path("core", _label(block)), answer(Block), params={"namespace": namespace}, body=body)
    return guarded(call, if_version)


def delete_core(namespace: str, block: str | Block, *, if_version: int | None = None) -> Call[None]:
    """Delete a core block with its versions."""
    call = Call("DELETE", path("core", _label(block)), nothing, params={"namespace": namespace})
    return guarded(call, if_version)


def core_versions(namespace: str, block: str | Block) -> Call[list[BlockVersion]]:
    """What a core block said before, newest first."""

    def parse(content: bytes) -> list[BlockVersion]:
        return BlockVersionList.model_validate_json(content).items

    return Call("GET", path("core", _label(block), "versions"), parse, params={"namespace": namespace})


def add_procedure(
    namespace: str,
    trigger: str,
    steps: Iterable[str],
    *,
    tools: Iterable[str] = (),
    outcome: str | None = None,
    metadata: Json | None = None,
    idempotency_key: str | None = None,
) -> Call[Procedure]:
    """Remember how something is done. Its text is a memory, which questions that ask how will find."""
    body = given(trigger=trigger, steps=list(steps), tools=list(tools), outcome=outcome, metadata=metadata)
    return Call(
        "POST",
        path("procedures"),
        answer(Procedure),
        params={"namespace": namespace},
        body=body,
        headers=keyed(idempotency_key),
    )


def procedures(namespace: str, *, page_size: int = 100) -> Call[Page[Procedure]]:
    """All procedures, newest first; pages are fetched as they are needed."""
    params = {"namespace": namespace, "limit": str(page_size)}
    return Call("GET", path("procedures"), answer(Page[Procedure]), params=params)


def procedure(namespace: str, id: str) -> Call[Procedure]:
    """One procedure."""
    return Call("GET", path("procedures", id), answer(Procedure), params={"namespace": namespace})


def judge(
    namespace: str, procedure: str | Procedure, success: float | bool, *, note: str | None = None
) -> Call[Procedure]:
    """Say how a run of a procedure went: 1 or True well, 0 or False badly, or in between."""
    id_ = procedure if isinstance(procedure, str) else procedure.id
    body = given(success=float(success), note=note)
    where = path("procedures", id_, "feedback")
    return Call("POST", where, answer(Procedure), params={"namespace": namespace}, body=body, repeatable=False)


def find_links(namespace: str) -> Call[list[Link]]:
    """Look for names that this namespace shares with others that are open to it; the answer is all candidates."""
    return Call("POST", path("links"), _links, params={"namespace": namespace})


def links(namespace: str, *, status: str | None = None) -> Call[list[Link]]:
    """Links with other namespaces, nearest names first; `status` is candidate, confirmed or rejected."""
    params = {"namespace": namespace} | ({"status": status} if status else {})
    return Call("GET", path("links"), _links, params=params)


def confirm_link(namespace: str, link: str | Link) -> Call[Link]:
    """It is the same thing in both namespaces."""
    return _decided(namespace, link, "confirmed")


def reject_link(namespace: str, link: str | Link) -> Call[Link]:
    """It is not the same thing; it is not suggested again."""
    return _decided(namespace, link, "rejected")


def change_namespace(
    _namespace: str, name: str, *, linkable: bool | None = None, owner: str | None = None
) -> Call[Namespace]:
    """Let a namespace be linked with others of its owner, or not (scope admin)."""
    body = given(linkable=linkable, owner=owner)
    return Call("PATCH", path("namespaces", name), answer(Namespace), body=body)


def _links(content: bytes) -> list[Link]:
    return LinkList.model_validate_json(content).items


def _decided(namespace: str, link: str | Link, status: str) -> Call[Link]:
    where = path("links", link if isinstance(link, str) else link.id)
    return Call("PUT", where, answer(Link), params={"namespace": namespace}, body={"status": status})


def _label(block: str | Block) -> str:
    return block if isinstance(block, str) else block.label

"""Core blocks: made, read, changed and deleted by label. A label that is taken is a conflict, never overwritten."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from memory.errors import Conflict, InvalidInput, NotFound, VersionMismatch
from memory.ids import new_id
from memory.layers.core import Block, BlockVersion, in_order, problems_of
from memory.parts import Parts
from memory.store import core, namespaces
from memory.types import Namespace

LONGEST_TEXT = 8_000  # characters; tokens are counted only up to here


def blocks(parts: Parts, namespace: Namespace) -> list[Block]:
    """As they stand in a context."""
    return in_order(parts.database.read(lambda session: core.blocks(session, namespace.id)))


def get(parts: Parts, namespace: Namespace, label: str) -> Block:
    """Raises NotFound."""
    return parts.database.read(lambda session: _find(session, namespace, label))


def versions(parts: Parts, namespace: Namespace, label: str) -> list[BlockVersion]:
    """What a block said before, newest first, the present version included. Raises NotFound."""
    return parts.database.read(
        lambda session: core.versions(session, namespace.id, _find(session, namespace, label).id)
    )


def add(parts: Parts, namespace: Namespace, label: str, text: str, pinned: bool, *, now: datetime, actor: str) -> Block:
    """Raises InvalidInput, and Conflict if the label is taken."""
    block = Block(new_id(now), label.strip(), text, _tokens(parts, text), pinned, 1, now, now)

    def write(session: Session) -> Block:
        namespaces.lock(session, namespace.id)
        others = core.blocks(session, namespace.id)
        _accept(block, others)
        core.add(session, namespace.id, block, actor)
        return block

    return parts.database.write(write)


def change(
    parts: Parts,
    namespace: Namespace,
    label: str,
    text: str | None,
    pinned: bool | None,
    new_label: str | None,
    *,
    if_match: int | None,
    now: datetime,
    actor: str,
) -> Block:
    """Changes what is given. Raises NotFound, VersionMismatch, InvalidInput, and Conflict if the new label is taken."""
    tokens = None if text is None else _tokens(parts, text)

    def made(block: Block) -> Block:
        return replace(
            block,
            label=block.label if new_label is None else new_label.strip(),
            text=block.text if text is None else text,
            tokens=block.tokens if tokens is None else tokens,
            pinned=block.pinned if pinned is None else pinned,
            version=block.version + 1,
            updated_at=now,
        )

    return parts.database.write(lambda session: _change(session, namespace, label, made, if_match, actor))


def delete(parts: Parts, namespace: Namespace, label: str, *, if_match: int | None) -> None:
    """With its versions. Raises NotFound, VersionMismatch."""

    def remove(session: Session) -> None:
        namespaces.lock(session, namespace.id)
        block = _find(session, namespace, label)
        _check_version(block, if_match)
        core.remove(session, namespace.id, block.id)

    parts.database.write(remove)


def _change(
    session: Session,
    namespace: Namespace,
    label: str,
    made: Callable[[Block], Block],
    if_match: int | None,
    actor: str,
) -> Block:
    namespaces.lock(session, namespace.id)
    block = _find(session, namespace, label)
    _check_version(block, if_match)
    after = made(block)
    _accept(after, [one for one in core.blocks(session, namespace.id) if one.id != block.id])
    core.replace(session, namespace.id, after, actor)
    return after


def _find(session: Session, namespace: Namespace, label: str) -> Block:
    found = next((one for one in core.blocks(session, namespace.id) if one.label == label), None)
    if found is None:
        raise NotFound(f"There is no core block `{label[:64]}`.")
    return found


def _accept(block: Block, others: list[Block]) -> None:
    if any(one.label == block.label for one in others):
        raise Conflict(f"There is a core block `{block.label}` already: change it with PUT, or choose another label.")
    problems = problems_of(block.label, block.text, block.tokens, others)
    if problems:
        raise InvalidInput(problems)


def _check_version(block: Block, if_match: int | None) -> None:
    if if_match is not None and if_match != block.version:
        raise VersionMismatch


def _tokens(parts: Parts, text: str) -> int:
    """Of a text that is far too long, those of its beginning: they are too many already."""
    return parts.embedder.count_tokens(text[:LONGEST_TEXT])

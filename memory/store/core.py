"""Queries about core blocks and their versions."""

from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from memory.layers.core import Block, BlockVersion
from memory.store.layer_tables import CoreBlockRow, CoreVersionRow
from memory.types import NamespaceId


def blocks(session: Session, namespace: NamespaceId) -> list[Block]:
    rows = session.execute(
        select(CoreBlockRow).where(CoreBlockRow.namespace_id == namespace).order_by(CoreBlockRow.label)
    ).scalars()
    return [_block(row) for row in rows]


def add(session: Session, namespace: NamespaceId, block: Block, actor: str) -> None:
    session.execute(
        insert(CoreBlockRow).values(
            id=block.id,
            namespace_id=namespace,
            label=block.label,
            text=block.text,
            tokens=block.tokens,
            pinned=block.pinned,
            version=block.version,
            created_at=block.created_at,
            updated_at=block.updated_at,
        )
    )
    _keep_version(session, namespace, block, actor)


def replace(session: Session, namespace: NamespaceId, block: Block, actor: str) -> None:
    """Writes a block that is there, and keeps this version of it."""
    session.execute(
        update(CoreBlockRow)
        .where(CoreBlockRow.namespace_id == namespace, CoreBlockRow.id == block.id)
        .values(
            label=block.label,
            text=block.text,
            tokens=block.tokens,
            pinned=block.pinned,
            version=block.version,
            updated_at=block.updated_at,
        )
    )
    _keep_version(session, namespace, block, actor)


def remove(session: Session, namespace: NamespaceId, block_id: str) -> None:
    """With all its versions."""
    session.execute(delete(CoreBlockRow).where(CoreBlockRow.namespace_id == namespace, CoreBlockRow.id == block_id))


def versions(session: Session, namespace: NamespaceId, block_id: str) -> list[BlockVersion]:
    """Newest first."""
    rows = session.execute(
        select(CoreVersionRow)
        .where(CoreVersionRow.namespace_id == namespace, CoreVersionRow.block_id == block_id)
        .order_by(CoreVersionRow.version.desc())
    ).scalars()
    return [BlockVersion(row.version, row.text, row.at, row.actor) for row in rows]


def _keep_version(session: Session, namespace: NamespaceId, block: Block, actor: str) -> None:
    at: datetime = block.updated_at
    session.execute(
        insert(CoreVersionRow).values(
            block_id=block.id, version=block.version, namespace_id=namespace, text=block.text, at=at, actor=actor
        )
    )


def _block(row: CoreBlockRow) -> Block:
    return Block(row.id, row.label, row.text, row.tokens, row.pinned, row.version, row.created_at, row.updated_at)

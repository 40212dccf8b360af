"""The core layer: labelled blocks that stand in every context, and how long they may be. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from memory.errors import Problem

BLOCK_TOKENS = 500  # of one block
ALL_TOKENS = 2_000  # of all blocks of a namespace
LABEL = re.compile(r"[^\W_](?:[\w .-]{0,62}[^\W_])?")


@dataclass(frozen=True, slots=True)
class Block:
    id: str
    label: str  # unique in its namespace
    text: str
    tokens: int
    pinned: bool  # goes into a context before those that are not
    version: int  # raised by every change; the ETag
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class BlockVersion:
    """A block as it once was."""

    version: int
    text: str
    at: datetime
    actor: str


def problems_of(label: str, text: str, tokens: int, others: Sequence[Block]) -> list[Problem]:
    """What is wrong with a block beside `others`."""
    found = []
    if not LABEL.fullmatch(label):
        remedy = "use 1 to 64 letters, digits, spaces, dots, dashes and underscores, a letter or digit at either end"
        found.append(Problem("label", "is no label", remedy))
    if not text.strip():
        found.append(Problem("text", "is empty", "send some text, or DELETE the block"))
    if tokens > BLOCK_TOKENS:
        found.append(Problem("text", f"has {tokens} tokens; {BLOCK_TOKENS} are the limit", "shorten it"))
    elif tokens + sum(block.tokens for block in others) > ALL_TOKENS:
        message = f"would make the core longer than {ALL_TOKENS} tokens"
        found.append(Problem("text", message, "shorten or delete another block first"))
    return found


def in_order(blocks: Sequence[Block]) -> list[Block]:
    """As they stand in a context: the pinned ones first, then by label."""
    return sorted(blocks, key=lambda block: (not block.pinned, block.label))

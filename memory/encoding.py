"""From a draft to passages with vectors and mentions. No transaction is open meanwhile; models run here."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from memory.ids import new_id
from memory.types import Draft, EncodedPassage, Kind
from retrieval.extractors import rules
from retrieval.passages import split, split_whole
from retrieval.ports import Embedder
from retrieval.quantize import to_bytes
from retrieval.types import ByteVector, EncoderInput, Encoding, PassageId, Piece

BYTES_A_PASSAGE = 700  # about 180 tokens, in scripts with one byte a character and in scripts with three
SURELY_ONE_PASSAGE = 200  # characters; no token is shorter than a character
LONGEST_PREFIX = 120  # characters; the encoder reads 256 tokens, most of which belong to the body
AT_ONCE = 64  # passages in one call of the encoder


@dataclass(frozen=True, slots=True)
class SplitDraft:
    draft: Draft
    pieces: tuple[Piece, ...]


def estimated_passages(drafts: Sequence[Draft]) -> int:
    """About how many passages these will be, without reading them."""
    return sum(1 + len(draft.text.encode()) // BYTES_A_PASSAGE for draft in drafts)


def split_draft(embedder: Embedder, draft: Draft) -> SplitDraft:
    cut = split_whole if draft.kind is Kind.MEMORY else split
    return SplitDraft(draft, tuple(cut(draft.text, embedder.count_tokens, draft.format)))


def places_needed(embedder: Embedder, draft: Draft) -> int:
    """How many positions of its session a memory will take."""
    if draft.session_id is None or len(draft.text) <= SURELY_ONE_PASSAGE:
        return 1
    return len(split_draft(embedder, draft).pieces)


def encode(
    embedder: Embedder, drafts: Sequence[SplitDraft], now: datetime, pause: Callable[[], None] | None = None
) -> list[list[EncodedPassage]]:
    """The passages of each draft. `pause` is called between calls of the encoder. Raises EmbedderError."""
    inputs = [_input(one.draft, piece) for one in drafts for piece in one.pieces]
    encodings: list[Encoding] = []
    for start in range(0, len(inputs), AT_ONCE):
        if start and pause:
            pause()
        encodings += embedder.encode_passages(inputs[start : start + AT_ONCE])
    left = iter(encodings)
    return [list(_passages(one, left, now)) for one in drafts]


def encoded_passage(
    draft: Draft, piece: Piece, vector: ByteVector, sentences: ByteVector, now: datetime
) -> EncodedPassage:
    """A passage with its vector int8[d], those of its sentences int8[s, d], and what the rules find in it."""
    return EncodedPassage(
        id=PassageId(new_id(now)),
        piece=piece,
        mentions=tuple(rules.mentions(draft.title, piece.text, piece.sentences, draft.speaker, draft.occurred_at)),
        vector=vector,
        sentence_vectors=sentences,
    )


def _passages(one: SplitDraft, encodings: Iterator[Encoding], now: datetime) -> Iterator[EncodedPassage]:
    for piece in one.pieces:
        encoding = next(encodings)
        yield encoded_passage(one.draft, piece, to_bytes(encoding.vector), to_bytes(encoding.sentences), now)


def _input(draft: Draft, piece: Piece) -> EncoderInput:
    if draft.speaker:
        prefix = f"{draft.speaker[:LONGEST_PREFIX]}: "
    else:
        prefix = f"{draft.title[:LONGEST_PREFIX]}\n" if draft.title else ""
    return EncoderInput(prefix, piece.text, piece.sentences)

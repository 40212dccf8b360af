"""What every verb is handed: the database, the indexes, the embedder, and the limits of what is accepted."""

from dataclasses import dataclass, field

from memory.dynamics.switches import RECOMMENDED, Dynamics
from memory.indexing import Indexes
from memory.llm.chat import ChatModel
from memory.recall_log import RecallLog
from memory.store.database import Database
from memory.token_counts import TokenCounts
from retrieval.ports import Embedder


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes above which input is refused, and above which it is worked off later."""

    document_bytes: int = 10_000_000  # of text, as UTF-8
    memory_bytes: int = 32_000
    metadata_bytes: int = 16_000  # as JSON
    metadata_depth: int = 5
    metadata_key: int = 64  # characters
    name: int = 255  # characters of a speaker, a session id or an external id
    title: int = 1_000
    source: int = 2_000
    question: int = 8_000
    drafts: int = 1_000  # in one request
    llm_tokens_a_day: int = 5_000_000  # of one namespace
    passages_at_once: int = 64  # more than these are encoded after the answer


@dataclass(frozen=True, slots=True)
class Parts:
    """Built once by the process."""

    database: Database
    indexes: Indexes
    embedder: Embedder
    limits: Limits = Limits()
    llm: ChatModel | None = None  # without one, enrichment and answers are missing, and gists only quote
    dynamics: Dynamics = RECOMMENDED
    recalls: RecallLog = field(default_factory=RecallLog)
    tokens: TokenCounts = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tokens", TokenCounts(self.embedder))  # the class is frozen

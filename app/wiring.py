"""The composition root: the only place that knows which embedder, database and index cache a process has."""

import os
from datetime import UTC, datetime
from pathlib import Path

from app import starting
from app.errors import StartupRefused
from app.metrics import Gauges
from app.runtime import Runtime
from app.settings import MEGABYTE, Settings
from memory import jobs, tenancy
from memory.dynamics.switches import PRESETS
from memory.errors import LlmError
from memory.indexing import Indexes
from memory.llm.chat import ChatModel
from memory.parts import Limits, Parts
from memory.store.database import BUSY_SECONDS, Database
from memory.types import Principal, Scope
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.embedders.minilm import MiniLM
from retrieval.embedders.openai_http import OpenAIEmbedder
from retrieval.embedders.sentence_transformer import SentenceTransformerEmbedder
from retrieval.errors import EmbedderError
from retrieval.ports import Embedder

PROBE = "Does the model encode?"
SEGMENTS = "segments"  # folder inside the data folder


def open_runtime(settings: Settings, busy_seconds: float = BUSY_SECONDS) -> Runtime:
    """All checks, then all parts. Raises StartupRefused."""
    starting.check_data_dir(settings.data_dir)
    starting.check_schema(settings.url)
    parts = open_parts(settings, busy_seconds)
    namespace = tenancy.bootstrap(parts, datetime.now(UTC))
    return Runtime(parts, Principal(namespace.tenant, frozenset(Scope)))


def open_parts(settings: Settings, busy_seconds: float = BUSY_SECONDS) -> Parts:
    """Raises StartupRefused if the embedder cannot be used."""
    embedder = open_embedder(settings)
    database = Database(settings.url, busy_seconds)
    folder, cache = settings.data_dir / SEGMENTS, settings.cache_mb * MEGABYTE
    indexes = Indexes(database, folder, embedder.dimension, embedder.fingerprint, cache)
    llm, dynamics = open_llm(settings), PRESETS[settings.dynamics]
    return Parts(database, indexes, embedder, Limits(), llm, dynamics)


def open_embedder(settings: Settings) -> Embedder:
    """Raises StartupRefused, which says how to get a working one."""
    try:
        return _embedder(settings)
    except EmbedderError as error:
        remedy = "Install the model again (make setup), or choose another one with ZENGRAM_EMBEDDER."
        raise StartupRefused(f"The embedder {settings.embedder} cannot be used: {error}", remedy) from error
    except ImportError as error:
        remedy = "Install it (pip install sentence-transformers), or unset ZENGRAM_EMBEDDER."
        raise StartupRefused(f"The embedder {settings.embedder} is not installed.", remedy) from error


def open_llm(settings: Settings) -> ChatModel | None:
    """None if none is configured; it is not asked before it is needed. Raises StartupRefused."""
    if not settings.llm_url:
        return None
    try:
        return ChatModel(settings.llm_url, settings.llm_model, settings.llm_key.get_secret_value())
    except LlmError as error:
        raise StartupRefused(str(error), "Correct ZENGRAM_LLM_URL and ZENGRAM_LLM_KEY, or unset them.") from error


def try_out(embedder: Embedder, settings: Settings) -> None:
    """Encodes one question. Raises StartupRefused if that fails or has another dimension than is set."""
    try:
        vector = embedder.encode_question(PROBE)
    except EmbedderError as error:
        remedy = "Check ZENGRAM_EMBEDDER_URL, ZENGRAM_EMBEDDER_MODEL and ZENGRAM_EMBEDDER_KEY."
        raise StartupRefused(f"The embedder {settings.embedder} does not answer: {error}", remedy) from error
    if len(vector) != embedder.dimension:
        message = f"The embedder gives vectors of {len(vector)} numbers, but {embedder.dimension} are set."
        raise StartupRefused(message, f"Set ZENGRAM_EMBEDDER_DIMENSION={len(vector)}.")


def close(parts: Parts) -> None:
    """Finishes the waiting writes, then lets go of the database."""
    if parts.llm is not None:
        parts.llm.close()
    parts.indexes.close()
    parts.database.close()


def gauges(parts: Parts) -> Gauges:
    """What the metrics show of indexes and queue."""
    opened = parts.indexes.opened()
    return Gauges(len(opened), sum(opened.values()), jobs.counts(parts))


def _embedder(settings: Settings) -> Embedder:
    threads = settings.threads or os.cpu_count()
    match settings.embedder:
        case "minilm":
            return MiniLM(Path(settings.embedder_model) if settings.embedder_model else None, threads)
        case "sentence-transformers":
            return SentenceTransformerEmbedder(settings.embedder_model)
        case "openai":
            key = settings.embedder_key.get_secret_value()
            return OpenAIEmbedder(settings.embedder_url, settings.embedder_model, key, settings.embedder_dimension)
        case "hashing":
            return HashingEmbedder(settings.embedder_dimension)

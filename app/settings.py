"""What the environment may set: every variable starts with ZENGRAM_ and is read once, at start."""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import StartupRefused

PREFIX = "ZENGRAM_"
OF_THE_CLIENT = frozenset({"ZENGRAM_URL", "ZENGRAM_API_KEY", "ZENGRAM_NAMESPACE"})  # read by the SDK, not here
MEGABYTE = 1024 * 1024

EmbedderName = Literal["minilm", "sentence-transformers", "openai", "hashing"]


class Settings(BaseSettings):
    """Every default is right for one machine: SQLite and files under ./data, the embedded model, loopback only."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", str_strip_whitespace=True)

    data_dir: Annotated[Path, Field(description="Folder of the database (SQLite) and of the index segments.")] = Path(
        "data"
    )
    database_url: Annotated[
        str, Field(description="sqlite:///path or postgresql://user:password@host/name; empty: SQLite in data_dir.")
    ] = ""
    host: Annotated[str, Field(description="Address to listen on; other than loopback needs an API key.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, description="Port to listen on.")] = 8000
    embedder: Annotated[
        EmbedderName, Field(description="minilm (embedded), sentence-transformers, openai or hashing (tests).")
    ] = "minilm"
    embedder_model: Annotated[str, Field(description="Name or folder of the model; empty: the embedded one.")] = ""
    embedder_url: Annotated[str, Field(description="Base URL of an OpenAI-compatible embeddings endpoint.")] = ""
    embedder_key: Annotated[SecretStr, Field(description="API key of that endpoint.")] = SecretStr("")
    embedder_dimension: Annotated[
        int, Field(ge=2, le=8192, description="Length of that endpoint's vectors (also of hashing).")
    ] = 64
    llm_url: Annotated[str, Field(description="Base URL of an OpenAI-compatible chat endpoint; empty: no LLM.")] = ""
    llm_model: Annotated[str, Field(description="Name of the chat model there.")] = ""
    llm_key: Annotated[SecretStr, Field(description="API key of that endpoint.")] = SecretStr("")
    threads: Annotated[int, Field(ge=0, le=256, description="Threads of the encoder; 0: as many as cores.")] = 0
    dynamics: Annotated[
        Literal["recommended", "off", "all"],
        Field(description="Mechanisms of memory: those that were measured to help, none, or every one."),
    ] = "recommended"
    cache_mb: Annotated[int, Field(ge=16, description="Memory for open indexes, in megabytes.")] = 1024
    max_upload_mb: Annotated[int, Field(ge=1, le=2048, description="Largest request body, in megabytes.")] = 32
    drain_seconds: Annotated[
        int, Field(ge=1, le=600, description="How long running requests may take to finish at shutdown.")
    ] = 30
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="Least level that is logged.")
    ] = "info"

    @model_validator(mode="after")
    def _embedder_is_complete(self) -> Self:
        if self.embedder == "openai" and not (self.embedder_url and self.embedder_model):
            raise ValueError("ZENGRAM_EMBEDDER=openai also needs ZENGRAM_EMBEDDER_URL and ZENGRAM_EMBEDDER_MODEL")
        if self.embedder == "sentence-transformers" and not self.embedder_model:
            raise ValueError("ZENGRAM_EMBEDDER=sentence-transformers also needs ZENGRAM_EMBEDDER_MODEL")
        return self

    @model_validator(mode="after")
    def _llm_is_complete(self) -> Self:
        if bool(self.llm_url) != bool(self.llm_model):
            raise ValueError("ZENGRAM_LLM_URL and ZENGRAM_LLM_MODEL belong together: set both, or none")
        return self

    @property
    def url(self) -> str:
        """The database: as set, else a SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'zengram.db').resolve()}"

    @property
    def max_body_bytes(self) -> int:
        return self.max_upload_mb * MEGABYTE


def read_settings() -> Settings:
    """The settings of this process. Raises StartupRefused, which names every variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        raise StartupRefused(_in_words(error), "Correct the variables, or unset them to use the defaults.") from error


def unknown_variables(environment: Iterable[str]) -> Mapping[str, str]:
    """Variables with our prefix that nothing reads, each with the name that was probably meant (or '')."""
    known = [name.upper() for name in Settings.model_fields]
    ours = {name for name in environment if name.startswith(PREFIX)} - OF_THE_CLIENT
    unknown = sorted({name.removeprefix(PREFIX) for name in ours}.difference(known))
    close = {name: difflib.get_close_matches(name, known, n=1) for name in unknown}
    return {PREFIX + name: PREFIX + found[0] if found else "" for name, found in close.items()}


def _in_words(error: ValidationError) -> str:
    lines = []
    for problem in error.errors(include_url=False, include_input=False):
        name = PREFIX + str(problem["loc"][0]).upper() + ": " if problem["loc"] else ""
        lines.append(name + problem["msg"].removeprefix("Value error, "))
    return "; ".join(lines)

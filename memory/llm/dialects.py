"""The dialects of OpenAI-compatible chat endpoints: how each wants to be asked, and how their answers are read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from memory.types import JsonValue

CHARACTERS_A_TOKEN = 4  # of English; where an endpoint does not count

Schema = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Message:
    role: str  # system, user or assistant
    content: str


@dataclass(frozen=True, slots=True)
class Shape:
    """The JSON that is wanted: `name` and JSON Schema."""

    name: str
    schema: Schema


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to ask for JSON (`json_schema`, `json_object` or not at all), and how to bound the answer."""

    json: str
    bound: str = "max_tokens"
    has_temperature: bool = True


# From the most to the least demanding. Who refuses one is asked in the next; the last is that of reasoning models.
DIALECTS = (
    Dialect("json_schema"),
    Dialect("json_object"),
    Dialect(""),
    Dialect("json_schema", "max_completion_tokens", has_temperature=False),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model said. `is_cut` says that it was stopped at the bound. Tokens are estimates if nobody counted."""

    text: str
    is_cut: bool
    input_tokens: int
    output_tokens: int


def request(
    dialect: Dialect, model: str, messages: Sequence[Message], shape: Shape | None, most_tokens: int, is_stream: bool
) -> bytes:
    """The body of `POST /chat/completions`."""
    body: dict[str, JsonValue] = {
        "model": model,
        "messages": [{"role": one.role, "content": one.content} for one in messages],
        dialect.bound: most_tokens,
    }
    if dialect.has_temperature:
        body["temperature"] = 0
    if is_stream:
        body["stream"] = True
    if shape is not None and dialect.json == "json_schema":
        wanted: JsonValue = {"name": shape.name, "strict": True, "schema": shape.schema}
        body["response_format"] = {"type": "json_schema", "json_schema": wanted}
    elif shape is not None and dialect.json:
        body["response_format"] = {"type": dialect.json}
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def reply(body: JsonValue, asked: int) -> Reply | None:
    """The answer in a body; None if there is none. `asked` is the estimate of what was sent, in tokens."""
    choice = _first(_get(body, "choices"))
    text = _content(_get(_get(choice, "message"), "content"))
    if choice is None or text is None:
        return None
    usage = _get(body, "usage")
    return Reply(
        text,
        _get(choice, "finish_reason") == "length",
        _count(_get(usage, "prompt_tokens"), asked),
        _count(_get(usage, "completion_tokens"), tokens(text)),
    )


def delta(line: str) -> str:
    """The text in one line of a stream of server-sent events; empty if it has none."""
    if not line.startswith("data:"):
        return ""
    try:
        event = json.loads(line.removeprefix("data:"))
    except (ValueError, RecursionError):
        return ""  # [DONE], or a comment
    return _content(_get(_get(_first(_get(event, "choices")), "delta"), "content")) or ""


def tokens(text: str) -> int:
    """An estimate."""
    return 1 + len(text) // CHARACTERS_A_TOKEN


def _content(value: JsonValue) -> str | None:
    """A text, or the texts of a list of parts."""
    if isinstance(value, list):
        return "".join(str(_get(part, "text") or "") for part in value)
    return value if isinstance(value, str) else None


def _first(value: JsonValue) -> JsonValue:
    return value[0] if isinstance(value, list) and value else None


def _get(value: JsonValue, key: str) -> JsonValue:
    return value.get(key) if isinstance(value, dict) else None


def _count(value: JsonValue, estimate: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else estimate

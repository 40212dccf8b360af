"""Which layer a new memory goes to, and why. Pure.

Rules, the first that fits: what the caller says; instructions with steps are procedural; what states nothing but
functional facts is semantic; all else happened to somebody, and is episodic. How moving a text is decides nothing
here: general truths can be moving, and reports of failures are not. Source of the order: ZenBrain (Apache-2.0),
coordinator `store`, with the defects of its emotional and confidence routing left out.
"""

from dataclasses import dataclass

from memory.errors import Problem
from memory.layers.procedural import steps_of
from memory.layers.statements import Reading, read
from memory.types import Draft, Kind, LayerName

BASE = "base"
ASKED_FOR = "the caller asked for this layer"
HAPPENED = "it tells what happened or was said"

# Layers that hold something else than memories, and where that is sent.
ELSEWHERE = {
    LayerName.WORKING: "PUT /v1/sessions/{id}/working",
    LayerName.SHORT_TERM: "POST /v1/sessions/{id}/messages",
    LayerName.CORE: "POST /v1/core",
    LayerName.CROSS_CONTEXT: "POST /v1/links",
}
TAKES_MEMORIES = tuple(name for name in LayerName if name not in ELSEWHERE)


NOTHING = Reading()


@dataclass(frozen=True, slots=True)
class Route:
    """A layer, why, and what was found on the way: stated facts, and the steps of instructions."""

    layer: str
    reason: str
    reading: Reading = NOTHING
    steps: tuple[str, ...] = ()


def route(draft: Draft) -> Route:
    if draft.kind is Kind.DOCUMENT:
        return Route(BASE, "")
    reading = read(draft.text, draft.speaker)
    steps = steps_of(draft.text)
    if draft.layer is not None:
        return Route(
            draft.layer, ASKED_FOR, reading, procedure_in(draft.text) if draft.layer == LayerName.PROCEDURAL else ()
        )
    if steps:
        return Route(LayerName.PROCEDURAL, f"it reads like instructions of {len(steps)} steps", NOTHING, steps)
    if reading.is_whole:
        stated = " and ".join(dict.fromkeys(f"the {one.attribute} of {one.subject}" for one in reading.said))
        return Route(LayerName.SEMANTIC, f"it states {stated}", reading)
    return Route(LayerName.EPISODIC, HAPPENED, reading)


def procedure_in(text: str) -> tuple[str, ...]:
    """The steps of a text that is said to be a procedure: if none can be told apart, each line is one."""
    return steps_of(text) or tuple(line.strip() for line in text.splitlines() if line.strip())


def problem_of_layer(layer: str | None, field: str) -> Problem | None:
    """What is wrong with a layer that a caller names."""
    if layer is None or layer in TAKES_MEMORIES:
        return None
    if layer in ELSEWHERE:
        return Problem(field, f"`{layer}` holds no memories", f"use {ELSEWHERE[LayerName(layer)]}")
    return Problem(field, f"`{layer[:50]}` is unknown", f"use one of {', '.join(TAKES_MEMORIES)}, or leave it out")

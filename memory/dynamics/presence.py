"""Who was there when something was said, and how that meets whom the question names. Pure.

Source: a proposal of this project, after encoding specificity (Tulving & Thomson 1973) and context reinstatement
(Smith & Vela 2001): a cue reaches what was remembered in its presence. A question that names somebody who speaks here
is about what that person said, about what is said of them, or about conversations that they took part in; what was
written or said elsewhere without them may still answer it, but must be nearer to it.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np

from memory.dynamics.checks import Floats, require, within


@dataclass(frozen=True, slots=True)
class PresenceParams:
    """Measured on the life log's share for development, in units of the fused score."""

    said: float = 0.9  # what one of them says gains, unless search has weighed it
    absent: float = 0.8  # what none of them says, hears or is named in loses

    def __post_init__(self) -> None:
        require(within("said", self.said, 0), within("absent", self.absent, 0))


RECOMMENDED = PresenceParams()


@dataclass(frozen=True, slots=True)
class Scene:
    """In which a candidate was said: whether by or about somebody whom the question names, and in which session.

    Of a memory that is a turn of no session nobody knows who heard it.
    """

    is_theirs: bool
    is_about_them: bool
    session: str | None
    is_known: bool = True  # a document, or a turn of a session


def presence(scenes: Sequence[Scene], is_weighed: bool, params: PresenceParams = RECOMMENDED) -> Floats:
    """What is added to each score, float64[n]; for a question that names somebody who speaks.

    `is_weighed`: search preferred what they say already. They took part in a session if one of these is theirs.
    """
    joined = {one.session for one in scenes if one.is_theirs and one.session is not None}
    gain = 0.0 if is_weighed else params.said
    return np.array([gain if one.is_theirs else -params.absent if _is_absent(one, joined) else 0.0 for one in scenes])


def _is_absent(scene: Scene, joined: Set[str]) -> bool:
    return scene.is_known and not scene.is_about_them and scene.session not in joined

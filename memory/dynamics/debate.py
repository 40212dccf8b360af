"""Whether the evidence on a contradicted memory suffices to commit it: a debate without a language model. Pure.

Source: the ZenBrain paper names iMAD (selective multi-agent debate for memories with two contradictions or more) in
one line, without a formula; the evidence score is a proposal of this project.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from memory.dynamics.checks import require, within


class Verdict(StrEnum):
    UNDISPUTED = "undisputed"  # too few contradictions for a debate
    COMMIT = "commit"
    REJECT = "reject"
    QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True)
class DebateParams:
    """When a debate is held and how clear it must end."""

    least_contradictions: int = 2
    margin: float = 0.2  # between the two sides, of confidence times weight

    def __post_init__(self) -> None:
        require(within("least_contradictions", self.least_contradictions, 1), within("margin", self.margin, 0))


RECOMMENDED = DebateParams()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One voice for or against."""

    is_for: bool
    confidence: float  # 0-1
    weight: float = 1.0  # of its source, >= 0


def verdict(evidence: Iterable[Evidence], params: DebateParams = RECOMMENDED) -> Verdict:
    """Commit or reject if the sides differ by more than the margin, else quarantine.

    Raises ParamsInvalid, all problems at once.
    """
    voices = list(evidence)
    require(
        *(within(f"evidence[{number}].confidence", each.confidence, 0, 1) for number, each in enumerate(voices)),
        *(within(f"evidence[{number}].weight", each.weight, 0) for number, each in enumerate(voices)),
    )
    if sum(not each.is_for for each in voices) < params.least_contradictions:
        return Verdict.UNDISPUTED
    lead = sum(each.confidence * each.weight * (1 if each.is_for else -1) for each in voices)
    if abs(lead) <= params.margin:
        return Verdict.QUARANTINE
    return Verdict.COMMIT if lead > 0 else Verdict.REJECT

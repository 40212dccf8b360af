"""Contradicted memories weighed by their evidence."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.debate import DebateParams, Evidence, Verdict, verdict
from memory.errors import ParamsInvalid

voices = st.lists(st.builds(Evidence, st.booleans(), st.floats(0, 1), st.floats(0, 3)), max_size=8)


def test_few_contradictions_need_no_debate() -> None:
    assert verdict([]) is Verdict.UNDISPUTED
    assert verdict([Evidence(True, 0.1), Evidence(False, 1.0)]) is Verdict.UNDISPUTED


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [(1.0, Verdict.COMMIT), (0.7, Verdict.QUARANTINE), (0.5, Verdict.QUARANTINE), (0.2, Verdict.REJECT)],
)
def test_the_clearer_side_wins(confidence: float, expected: Verdict) -> None:
    evidence = [Evidence(True, confidence), Evidence(False, 0.3), Evidence(False, 0.3)]
    assert verdict(evidence) is expected


@given(voices)
def test_the_order_of_the_voices_makes_no_difference(evidence: list[Evidence]) -> None:
    assert verdict(evidence) is verdict(evidence[::-1]) or _is_at_the_edge(evidence)


@given(voices)
def test_swapping_the_sides_swaps_the_verdict(evidence: list[Evidence]) -> None:
    params = DebateParams(least_contradictions=1)
    balanced = [*evidence, Evidence(True, 0.0), Evidence(False, 0.0)]
    swapped = [Evidence(not each.is_for, each.confidence, each.weight) for each in balanced]
    pairs = {Verdict.COMMIT: Verdict.REJECT, Verdict.REJECT: Verdict.COMMIT, Verdict.QUARANTINE: Verdict.QUARANTINE}
    assert verdict(swapped, params) is pairs[verdict(balanced, params)]


def test_all_bad_input_is_named_at_once() -> None:
    with pytest.raises(ParamsInvalid) as raised:
        verdict([Evidence(True, 2.0), Evidence(False, 0.5, math.nan)])
    assert {each.field for each in raised.value.problems} == {"evidence[0].confidence", "evidence[1].weight"}
    with pytest.raises(ParamsInvalid) as raised:
        DebateParams(least_contradictions=0, margin=-1)
    assert len(raised.value.problems) == 2


def _is_at_the_edge(evidence: list[Evidence]) -> bool:
    lead = math.fsum(each.confidence * each.weight * (1 if each.is_for else -1) for each in evidence)
    return math.isclose(abs(lead), DebateParams().margin, abs_tol=1e-9)

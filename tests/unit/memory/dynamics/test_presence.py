"""Who was there: what is theirs gains, what was said without them loses, what they heard or are named in stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.presence import RECOMMENDED, PresenceParams, Scene, presence
from memory.errors import ParamsInvalid

scenes = st.lists(
    st.builds(Scene, st.booleans(), st.booleans(), st.sampled_from([None, "a", "b"]), st.booleans()), max_size=12
)


@given(scenes, st.booleans())
def test_each_gains_nothing_or_one_of_two_amounts(found: list[Scene], is_weighed: bool) -> None:
    added = presence(found, is_weighed)
    joined = {one.session for one in found if one.is_theirs and one.session}
    assert added.shape == (len(found),)
    for one, value in zip(found, added, strict=True):
        if one.is_theirs:
            assert value == (0 if is_weighed else RECOMMENDED.said)
        else:
            was_there = one.is_about_them or one.session in joined or not one.is_known
            assert value == (0 if was_there else -RECOMMENDED.absent)


@given(scenes, st.booleans(), st.permutations(range(12)))
def test_the_order_of_candidates_does_not_matter(found: list[Scene], is_weighed: bool, order: list[int]) -> None:
    kept = [place for place in order if place < len(found)]
    shuffled = presence([found[place] for place in kept], is_weighed)
    assert list(shuffled) == [presence(found, is_weighed)[place] for place in kept]


def test_params_out_of_range_are_all_named() -> None:
    with pytest.raises(ParamsInvalid) as refused:
        PresenceParams(said=-1, absent=float("nan"))
    assert [problem.field for problem in refused.value.problems] == ["said", "absent"]

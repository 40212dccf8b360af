"""What hangs together by a night: the whole of every part, and no more than is joined."""

from hypothesis import given
from hypothesis import strategies as st

from memory.sleeping.records import ChangeOf, NightChange, StageName
from memory.sleeping.together import together

IDS = st.sampled_from("abcdefgh")
BEHIND = st.builds(
    lambda one, other: NightChange(StageName.RECONCILE, ChangeOf.PLACE, one, after={"stands_in": other}), IDS, IDS
)
STANDS_FOR = st.builds(
    lambda one, others: NightChange(StageName.BUDGET, ChangeOf.GIST, one, after={"sources": sorted(others)}),
    IDS,
    st.frozensets(IDS, max_size=3),
)
MOVED = st.builds(lambda one: NightChange(StageName.SETTLE, ChangeOf.PLACE, one, after={"state": "archived"}), IDS)
CHANGES = st.lists(st.one_of(BEHIND, STANDS_FOR, MOVED), max_size=8)


def joined(changes: list[NightChange]) -> set[frozenset[str]]:
    found = set()
    for one in changes:
        others = list(one.sources) + ([one.stand_in] if one.stand_in else [])
        found |= {frozenset((one.document, other)) for other in others}
    return found


@given(CHANGES, st.frozensets(IDS))
def test_no_pair_is_torn_apart_and_what_stands_alone_stays_alone(
    changes: list[NightChange], ids: frozenset[str]
) -> None:
    whole = together(changes, ids)
    pairs = joined(changes)
    assert ids <= whole
    assert all(pair <= whole or not pair & whole for pair in pairs)
    assert whole - ids <= frozenset().union(*pairs)


@given(CHANGES, st.frozensets(IDS), st.frozensets(IDS))
def test_it_is_a_closure(changes: list[NightChange], some: frozenset[str], others: frozenset[str]) -> None:
    assert together(changes, together(changes, some)) == together(changes, some)
    assert together(changes, some | others) == together(changes, some) | together(changes, others)
    assert together(list(reversed(changes)), some) == together(changes, some)


def test_a_survivor_that_a_gist_took_over_joins_both() -> None:
    merged = NightChange(StageName.RECONCILE, ChangeOf.PLACE, "repeat", after={"stands_in": "survivor"})
    gist = NightChange(StageName.BUDGET, ChangeOf.GIST, "gist", after={"sources": ["survivor", "other"]})
    assert together([merged, gist], {"repeat"}) == {"repeat", "survivor", "gist", "other"}
    assert together([merged, gist], {"somebody"}) == {"somebody"}

"""Names that stand for others: nothing that a passage says of an entity is lost or counted twice."""

from hypothesis import given
from hypothesis import strategies as st

from retrieval.standing import Standing, facts_under, mentions_under
from retrieval.types import EntityKind, FactId, IndexedFact, Mention

NAMES = st.sampled_from("abcdef")
MENTIONS = st.lists(
    st.builds(
        Mention,
        NAMES,
        st.sampled_from(["x", "y"]),
        st.sampled_from(list(EntityKind)),
        st.integers(0, 5),
        st.booleans(),
        st.lists(st.integers(0, 4), unique=True).map(lambda some: tuple(sorted(some))),
    ),
    unique_by=lambda one: one.name,
)
ROOTS = {"a": "a", "b": "a", "c": "a", "d": "d", "e": "d"}
STANDING = {name: Standing(root, root.upper(), EntityKind.NAME) for name, root in ROOTS.items()}


@given(MENTIONS)
def test_each_entity_is_mentioned_once_with_all_that_its_names_had(mentions: list[Mention]) -> None:
    found = mentions_under(mentions, STANDING)
    assert len({one.name for one in found}) == len(found)
    for one in found:
        own = [other for other in mentions if ROOTS.get(other.name, other.name) == one.name]
        assert one.count == sum(other.count for other in own)
        assert one.in_title == any(other.in_title for other in own)
        assert one.sentences == tuple(sorted({number for other in own for number in other.sentences}))
    assert {one.name for one in found} == {ROOTS.get(one.name, one.name) for one in mentions}


@given(MENTIONS)
def test_doing_it_again_changes_nothing(mentions: list[Mention]) -> None:
    once = mentions_under(mentions, STANDING)
    assert mentions_under(once, STANDING) == once
    assert mentions_under(mentions, {}) == tuple(mentions)


def test_facts_follow_their_entities_and_none_joins_two_names_of_one() -> None:
    def fact(number: int, subject: str, object_: str) -> IndexedFact:
        return IndexedFact(FactId(str(number)), subject, object_, b"")  # type: ignore[arg-type]  # no vector is looked at

    found = facts_under([fact(1, "b", "e"), fact(2, "b", "c"), fact(3, "f", "f")], STANDING)
    assert [(one.id, one.subject, one.object) for one in found] == [("1", "a", "d"), ("3", "f", "f")]

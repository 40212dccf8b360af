"""Names that a night merges: variants of one name that share their surroundings, and never what may be two things."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.sleeping.appositions import stated
from memory.sleeping.entities import Surroundings, propose
from memory.sleeping.likenesses import RECOMMENDED, Likeness, Named, alike
from retrieval.normalize import normal_name
from retrieval.synonyms import ONE_EDIT, similarity
from retrieval.types import EntityKind

CLOSE = Surroundings(4, is_contrasted=False)
ALONE = Surroundings(0, is_contrasted=False)


def named(*displays: str, kind: EntityKind = EntityKind.NAME) -> dict[str, Named]:
    """The first is used most."""
    return {
        normal_name(display): Named(normal_name(display), display, kind, 100 - number)
        for number, display in enumerate(displays)
    }


def likenesses(names: dict[str, Named], told: tuple[tuple[str, str], ...] = ()) -> list[Likeness]:
    near = [(one, other) for one in names for other in names if one < other and similarity(one, other) == ONE_EDIT]
    return alike(names, told, near, RECOMMENDED)


def merged(*displays: str, around: Surroundings = CLOSE, told: tuple[tuple[str, str], ...] = ()) -> dict[str, str]:
    names = named(*displays)
    found = likenesses(names, told)
    return {one.name: one.into.name for one in propose(names, found, {each.pair: around for each in found})}


@pytest.mark.parametrize(
    ("kept", "other"),
    [
        ("O'Brien Hall", "OBrien Hall"),
        ("St. Louis Cathedral", "Saint Louis Cathedral"),
        ("Ford Motor Company", "Ford Motor Co."),
        ("Rolling Stones", "The Rolling Stones"),
        ("Dassault Systems", "Dassault Systems Ltd."),
        ("Abraham Lincoln", "President Abraham Lincoln"),
        ("John Ronald Reuel Tolkien", "J. R. R. Tolkien"),
        ("T. M. Landry School", "TM Landry School"),
        ("U.S.A.", "USA"),
        ("Hit Man and Her", "Hitman and Her"),
        ("John Fitzgerald Kennedy", "John Kennedy"),
        ("Katharine Hepburn", "Katherine Hepburn"),
    ],
)
def test_variants_that_share_their_surroundings_are_one(kept: str, other: str) -> None:
    assert merged(kept, other) == {normal_name(other): normal_name(kept)}
    assert merged(kept, other, around=Surroundings(4, is_contrasted=True)) == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("World War I", "World War II"),
        ("Elizabeth I", "Elizabeth II"),
        ("Ken Griffey Jr.", "Ken Griffey Sr."),
        ("Apollo 11", "Apollo 12"),
        ("First Avenue Theatre", "Second Avenue Theatre"),
        ("South Dakota", "North Dakota"),
        ("Mr Smith", "Mrs Smith"),
        ("Indian", "Indiana"),
        ("Latin America", "Latin American"),
        ("Walt Disney", "Walt Disney Company"),
        ("Lincoln", "President Lincoln"),
        ("John F. Kennedy", "John Q. Kennedy"),
        ("Prince Edward", "Edward"),
        ("The Who", "Who"),
        ("B.o.B", "Bob"),
        ("Saint Anthony Padua", "Anthony Padua"),
        ("Robert A", "Roberta"),
        ("P&O", "Po"),
        ("Olympic Winter Games", "Olympic Games"),
    ],
)
def test_what_may_be_two_things_is_never_merged(one: str, other: str) -> None:
    assert merged(one, other) == {}


def test_a_slip_needs_more_company_than_an_abbreviation() -> None:
    for one, other in (("Bee Hive", "Beehive"), ("U.S.A.", "USA")):
        assert merged(one, other, around=Surroundings(2, is_contrasted=False)) == {}
    assert merged("Katharine Hepburn", "Katherine Hepburn", around=ALONE) == {}
    assert merged("Ford Motor Company", "Ford Motor Co.", around=ALONE) != {}


def test_where_no_passage_has_one_without_the_other_none_can_be_misread() -> None:
    within = Surroundings(0, is_contrasted=False, is_within=True)
    assert merged("Salt March", "The Salt March", around=within) == {"the salt march": "salt march"}
    assert merged("Salt March", "The Salt March", around=ALONE) == {}
    told = (("carmelo gonzalez", "carmelo"),)
    assert merged("Carmelo", "Carmelo Gonzalez", around=within, told=told) == {}, "anybody may be called so"


def test_a_name_that_may_stand_for_two_is_left_alone() -> None:
    assert merged("George Herbert Bush", "George Walker Bush", "George Bush") == {}
    told = (("american football league", "afl"), ("australian football league", "afl"))
    assert merged("AFL", "American Football League", "Australian Football League", told=told) == {}
    assert merged("AFL", "American Football League", "Australian Football League", told=told[:1]) == {
        "afl": "american football league"
    }


def test_a_full_name_may_have_several_short_ones() -> None:
    told = (("samuel clemens", "mark twain"), ("samuel clemens", "old sam"))
    assert merged("Mark Twain", "Samuel Clemens", "Old Sam", told=told) == {"samuel clemens": "mark twain"}, (
        "what one name calls old the other does not"
    )
    told = (("samuel clemens", "mark twain"), ("samuel clemens", "sam the pilot"))
    assert merged("Mark Twain", "Samuel Clemens", "Sam the Pilot", told=told).keys() == {
        "samuel clemens", "sam the pilot",
    }  # fmt: skip


def test_an_entity_goes_by_the_name_that_is_used_most_or_stands_in_the_other() -> None:
    for passages in (1, 2):
        names = {
            one: Named(one, one.title(), EntityKind.NAME, count)
            for one, count in (("armstrong farm", 1), ("the armstrong farm", passages))
        }
        found = likenesses(names)
        (only,) = propose(names, found, {one.pair: CLOSE for one in found})
        assert only.into.name == ("armstrong farm" if passages == 1 else "the armstrong farm")


def test_dates_and_numbers_are_what_they_are() -> None:
    for kind in (EntityKind.DATE, EntityKind.NUMBER):
        names = named("O'Brien Hall", "OBrien Hall", kind=kind)
        assert likenesses(names) == []


def test_texts_say_that_names_are_one_things() -> None:
    assert stated("The World Health Organization (WHO) met.") == [("world health organization", "who")]
    assert stated("Samuel Clemens, better known as Mark Twain, wrote.") == [("samuel clemens", "mark twain")]
    assert stated("Then Tom called Mary about it.") == []
    assert stated("Monographs in Systematic Botany also known as Monographs in Botany is a series.") == []
    assert stated("The square is Exchange Square known as the Millennium Quarter. Urbis was built there.") == []


WORDS = st.sampled_from(
    ["john", "j", "jon", "mary", "m", "saint", "st", "the", "president", "smith", "smyth", "ii", "co"]
)
DISPLAYS = st.lists(st.lists(WORDS, min_size=1, max_size=4).map(" ".join), min_size=2, max_size=8, unique=True)
AROUND = st.builds(Surroundings, st.integers(0, 6), st.booleans(), st.booleans())


@given(DISPLAYS, st.data())
def test_proposals_lead_from_many_names_to_one_and_cross_nothing_that_keeps_them_apart(
    displays: list[str], data: st.DataObject
) -> None:
    names = named(*displays)
    found = likenesses(names)
    around = {one.pair: data.draw(AROUND) for one in found}
    pairs = sorted(tuple(sorted(one.pair)) for one in found)
    chosen = data.draw(st.lists(st.sampled_from(pairs), max_size=2)) if pairs else []
    apart = {frozenset(one) for one in chosen}
    proposed = propose(names, found, around, apart)
    into = {one.name: one.into.name for one in proposed}
    assert len(into) == len(proposed)
    assert not into.keys() & set(into.values()), "what others are merged into stays"
    groups: dict[str, set[str]] = {}
    for name, root in into.items():
        groups.setdefault(root, {root}).add(name)
    for group in groups.values():
        assert not any(pair <= group for pair in apart)
        assert not any(pair <= group for pair, one in around.items() if one.is_contrasted)
    assert all(one.likeness >= RECOMMENDED.least - 1e-9 for one in proposed)


@given(DISPLAYS)
def test_the_order_of_names_says_nothing(displays: list[str]) -> None:
    names = named(*displays)
    backwards = dict(reversed(list(names.items())))
    assert {one.pair: one.weight for one in likenesses(names)} == {
        one.pair: one.weight for one in likenesses(backwards)
    }

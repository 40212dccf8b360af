"""The shapes that texts come in: each is measured once, and the arms answer the same questions."""

from datetime import UTC, datetime

from bench.dynamics import shapes
from bench.types import Collection, Dataset, LabelledQuestion
from memory.types import Draft, Kind
from retrieval.embedders.hashing import HashingEmbedder

TURNS = tuple(
    Draft(
        Kind.MEMORY,
        f"The {thing} is in the {place}.",
        external_id=thing,
        speaker=speaker,
        session_id="one",
        occurred_at=datetime(2025, 5, 1, tzinfo=UTC),
    )
    for thing, place, speaker in (("lamp", "attic", "Mira"), ("saw", "shed", "Tomas"), ("kettle", "kitchen", "Mira"))
)
QUESTION = LabelledQuestion("0", "Where is the saw?", frozenset({"saw"}))


def test_turns_come_in_three_shapes_and_all_arms_find_what_is_there() -> None:
    found = shapes.measure(Dataset("talk", "", (Collection("talk", TURNS, (QUESTION,)),)), HashingEmbedder())
    assert [one.shape for one in found] == list(shapes.SHAPES)
    for arms in shapes.summary(found).values():
        assert isinstance(arms, dict)
        assert set(arms) == set(shapes.ARMS)
        for values in arms.values():
            assert isinstance(values, dict)
            assert values["recall@5"] == values["recall@10"] == 1.0, "there are but three turns"
            assert set(values) == {f"recall@{k}" for k in shapes.CUTOFFS}
    assert "| memories | all off |" in shapes.markdown("talk", found)


def test_a_shape_that_changes_nothing_is_not_measured_again() -> None:
    plain = (Draft(Kind.MEMORY, "The saw is in the shed.", external_id="saw"),)
    found = shapes.measure(Dataset("talk", "", (Collection("talk", plain, (QUESTION,)),)), HashingEmbedder())
    assert [one.shape for one in found] == ["as it is"]


def test_what_is_said_of_whom_stays_the_same_in_every_shape() -> None:
    turn = TURNS[0]
    assert (shapes.as_memory(turn).speaker, shapes.as_memory(turn).session_id) == ("Mira", None)
    assert (shapes.as_text(turn).speaker, shapes.as_text(turn).text) == (None, "Mira: The lamp is in the attic.")
    titled = Draft(Kind.DOCUMENT, "It stands on a hill.", title="The observatory")
    assert shapes.as_text(titled).text == "The observatory. It stands on a hill."

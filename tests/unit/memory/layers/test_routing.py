"""Which layer a memory goes to and why, what reads like instructions, and which names two namespaces share."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.content import new_document
from memory.layers.cross_context import LEAST_SIMILAR, MOST_CANDIDATES, candidates, may_link
from memory.layers.procedural import Procedure, after_run, asks_how, steps_of, text_of, trigger_of
from memory.layers.routing import ASKED_FOR, HAPPENED, problem_of_layer, route
from memory.layers.traces import first_trace
from memory.layers.transitions import Happening, decide
from memory.types import Draft, Kind, LayerName

NOW = datetime(2026, 3, 1, tzinfo=UTC)
names = st.dictionaries(
    st.sampled_from(["eu", "ai", "mira", "mira lund", "acme", "acme inc", "oslo"]), st.integers(1, 9)
)


def layer(text: str, **more: str) -> str:
    return route(Draft(Kind.MEMORY, text, **more)).layer  # type: ignore[arg-type]


def test_documents_stand_in_no_layer() -> None:
    assert route(Draft(Kind.DOCUMENT, "I live in Ghent.")).layer == "base"


def test_the_first_rule_that_fits_decides() -> None:
    assert layer("1. Wait.\n2. Open.", layer="episodic") == "episodic"
    assert layer("1. Wait.\n2. Open.") == "procedural"
    assert layer("I live in Ghent.") == "semantic"
    assert layer("I live in Ghent, and the dog barks.") == "episodic"
    assert route(Draft(Kind.MEMORY, "I love my family.")).reason == HAPPENED  # moving, but no event of its own layer
    assert route(Draft(Kind.MEMORY, "a", layer="semantic")).reason == ASKED_FOR


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (
            "How to bleed a radiator:\n1. Turn off the pump.\n2) Open the valve.",
            ("Turn off the pump.", "Open the valve."),
        ),
        ("Recipe: pancakes\n- Mix.\n- Fry.", ("Mix.", "Fry.")),
        ("Step 1: Mix.\nStep 2: Fry.", ("Mix.", "Fry.")),
        ("Anleitung:\n1. Warten.\n2. Öffnen.", ("Warten.", "Öffnen.")),
        ("My favourites:\n- Oslo\n- Rome", ()),
        ("We had two plans: 1. swim 2. hike", ()),
        ("1. Only one.", ()),
    ],
)
def test_instructions_are_told_by_their_shape(text: str, steps: tuple[str, ...]) -> None:
    assert steps_of(text) == steps


@given(st.lists(st.from_regex(r"[A-Z][a-z]{1,9} [a-z]{1,9}", fullmatch=True), min_size=2, max_size=6))
def test_a_procedure_in_words_reads_as_the_same_procedure(steps: list[str]) -> None:
    text = text_of("Bleed a radiator", steps, ["key"], "Silence")
    found = steps_of(text)
    assert list(found) == steps
    assert trigger_of(text) == "Bleed a radiator"


@given(st.lists(st.floats(0, 1), max_size=20))
def test_the_success_rate_is_the_mean_of_all_runs(runs: list[float]) -> None:
    procedure = Procedure("id", "t", ("a",))
    for success in runs:
        procedure = after_run(procedure, success, NOW)
    assert procedure.runs == 1 + len(runs)
    assert procedure.success_rate == pytest.approx((1 + sum(runs)) / procedure.runs)


@pytest.mark.parametrize(
    ("question", "is_one"),
    [
        ("How do I bleed a radiator?", True),
        ("how to moor the ferry", True),
        ("What are the steps for a release?", True),
        ("Wie kann ich die Heizung entlüften?", True),
        ("Please show me how to moor the ferry.", True),
        ("When did Gina make a video that teaches how to moor a ferry?", False),
        ("How many radiators are there?", False),
        ("How long does it take?", False),
        ("Wie heißt der Hund?", False),
        ("Who showed Mira the way?", False),
    ],
)
def test_questions_that_ask_how_are_recognised(question: str, is_one: bool) -> None:
    assert asks_how(question) is is_one


def test_a_layer_that_takes_no_memories_says_where_it_is_filled() -> None:
    assert problem_of_layer(None, "layer") is problem_of_layer("episodic", "layer") is None
    for name in LayerName:
        problem = problem_of_layer(name.value, "layer")
        assert problem is None or "/v1/" in problem.remedy
    unknown = problem_of_layer("limbic", "layer")
    assert unknown is not None
    assert "episodic" in unknown.remedy


@given(names, names)
def test_candidates_are_near_names_seen_from_either_side(mine: dict[str, int], theirs: dict[str, int]) -> None:
    found = candidates(mine, theirs)
    assert len(found) <= MOST_CANDIDATES
    assert all(one.similarity >= LEAST_SIMILAR for one in found)
    assert {(one.name, one.other_name) for one in found} == {
        (one.other_name, one.name) for one in candidates(theirs, mine)
    }
    assert {(name, name) for name in mine.keys() & theirs.keys()} <= {(one.name, one.other_name) for one in found}


def test_namespaces_are_linked_only_if_all_agree_and_have_one_owner() -> None:
    yes: dict[str, object] = {"linkable": True}
    assert may_link([yes, yes])
    assert not may_link([yes, {}])
    assert not may_link([yes, yes | {"owner": "mira"}])


def test_the_layers_decide_what_is_promoted_demoted_and_archived() -> None:
    draft = Draft(Kind.MEMORY, "We had waffles.")
    document = new_document(draft, "id", 1, "ready", route(draft), NOW)
    trace = first_trace("id", draft, NOW)
    assert decide(document, trace, 0.9) is None

    def kind(recalls: int, retrievability: float, pinned: bool = False) -> Happening | None:
        move = decide(document, replace(trace, recalls=recalls, pinned=pinned), retrievability)
        return move.kind if move else None

    assert kind(3, 0.9) is Happening.PROMOTED
    assert kind(3, 0.4) is None
    assert kind(0, 0.1) is Happening.ARCHIVED
    assert kind(0, 0.1, pinned=True) is None

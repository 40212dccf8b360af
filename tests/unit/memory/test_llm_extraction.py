"""Whatever a model says, either its entities and triples are read, or it counts as bad; nothing is ever run."""

import json
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.errors import MalformedReply
from memory.llm.extraction import Extraction, Triple, as_json, extractions, grounded
from memory.llm.salvage import json_in, without_thoughts
from memory.types import JsonValue
from retrieval.normalize import normal_name

NAMES = st.text("abcXYZ äß日本\"\\{}[],:'", min_size=1, max_size=12).filter(lambda text: bool(normal_name(text)))
TRIPLES = st.lists(st.tuples(NAMES, NAMES, NAMES), max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=15,
)
NAMED: list[JsonValue] = ["Ada", "Ghent"]
STATED: list[list[str]] = [["Ada", "lives in", "Ghent"], ["Ada", "owns", "a boat"]]
ONE: dict[str, JsonValue] = {"entities": NAMED, "triples": STATED}
READ = Extraction(("Ada", "Ghent"), (Triple("Ada", "lives in", "Ghent"), Triple("Ada", "owns", "a boat")))
SAID = json.dumps(ONE)


@given(TRIPLES, st.sampled_from(["{}", "Here:\n{}\nDone.", "```json\n{}\n```", "<think>[1]</think>\n{}", "```\n{}"]))
def test_what_is_written_is_read_whatever_stands_around_it(triples: list[tuple[str, str, str]], around: str) -> None:
    written = {"passages": [{"number": 1, "entities": [], "triples": [list(triple) for triple in triples]}]}
    found = json_in(around.replace("{}", json.dumps(written, ensure_ascii=False)))
    expected = {tuple(" ".join(part.split()) for part in triple) for triple in triples}
    assert {(one.subject, one.predicate, one.object) for one in extractions(found, 1)[1].triples} == expected


@given(st.integers(1, len(SAID) - 1))
def test_of_an_answer_that_is_cut_what_is_complete_is_read(cut: int) -> None:
    try:
        found = extractions(json_in(SAID[:cut]), 1)[1]
    except MalformedReply:
        assert cut <= SAID.index(', ["Ada", "owns"'), "before the first triple is complete, it is worth asking again"
        return
    assert found.entities == READ.entities[: len(found.entities)]
    assert found.triples == READ.triples[: len(found.triples)]


@given(JSON, st.integers(1, 4))
def test_any_json_is_read_or_refused(value: JsonValue, count: int) -> None:
    try:
        found = extractions(value, count)
    except MalformedReply:
        return
    assert found
    assert found.keys() <= set(range(1, count + 1))


@given(st.text(alphabet='{}[]",:\\ab1<think>/`\n ', max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(MalformedReply):
        assert isinstance(json_in(text), dict | list)


@pytest.mark.parametrize(
    "value",
    [
        ONE,
        {"passages": [ONE]},
        {"passages": [{"number": "1", **ONE}]},
        [{"passage": 1, **ONE}],
        {
            "Named Entities": NAMED,
            "Triplets": [{"head": s, "relation": p, "tail": o} for s, p, o in STATED],
        },
        {
            "entities": [{"name": "Ada", "type": "person"}, {"text": "Ghent"}],
            "facts": ["Ada | lives in | Ghent", "(Ada | owns | a boat)"],
        },
        {"nodes": ["Ada", "", None, ["Ada"], "x" * 300, "Ghent", "ada"], "edges": STATED},
        {**ONE, "triples": [["two", "parts"], None, ["", "is", ""], ["a", "b" * 300, "c"], *STATED]},
    ],
)
def test_the_usual_other_forms_are_read(value: JsonValue) -> None:
    assert extractions(value, 1) == {1: READ}


@pytest.mark.parametrize(
    "value", [{}, {"summary": "About Ada."}, {"triples": ["Ada lives in Ghent"]}, [1, 2], [], {"passages": []}, "Ada"]
)
def test_what_has_nothing_to_read_is_refused(value: JsonValue) -> None:
    with pytest.raises(MalformedReply):
        extractions(value, 2 if isinstance(value, list) else 1)


def test_an_empty_extraction_is_one() -> None:
    assert extractions({"entities": [], "triples": []}, 1) == {1: Extraction((), ())}


def test_an_answer_about_several_passages_keeps_them_apart() -> None:
    items: list[JsonValue] = [
        {"number": 2, "entities": ["B"], "triples": []},
        {"number": 9, "entities": ["C"], "triples": []},
    ]
    assert extractions({"passages": items}, 3) == {2: Extraction(("B",), ())}


def test_an_answer_about_several_passages_that_numbers_none_goes_by_their_order() -> None:
    items = [{"entities": ["A"], "triples": []}, {"entities": ["B"], "triples": []}]
    assert extractions(items, 2) == {1: Extraction(("A",), ()), 2: Extraction(("B",), ())}
    with pytest.raises(MalformedReply):
        extractions(items, 3)


def test_what_names_nothing_of_its_passage_is_left_out() -> None:
    words = frozenset(normal_name("Ada lives by the canal in Ghent.").split())
    lies = Extraction(("Ada", "Mallory"), (*READ.triples, Triple("Mallory", "owns", "the vault")))
    assert grounded(lies, words) == Extraction(("Ada",), READ.triples)


@given(st.lists(NAMES, max_size=4), TRIPLES)
def test_what_the_cache_keeps_is_read_again(entities: list[str], triples: list[tuple[str, str, str]]) -> None:
    value: JsonValue = {"entities": entities, "triples": [list(one) for one in triples]}
    once = extractions(value, 1)
    assert extractions(json.loads(json.dumps(as_json(once[1]))), 1) == once


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("<think>a</think>b", "b"),
        ("a</think>b", "b"),
        ("b<think>a", "b"),
        ("<THINK>\na\n</THINK>\n\nb", "b"),
        ("<think>a</think><reasoning>c</reasoning>b", "b"),
    ],
)
def test_thoughts_are_not_part_of_what_is_said(said: str, left: str) -> None:
    assert without_thoughts(said) == left


@pytest.mark.parametrize(
    "text",
    ["", "I cannot do that.", "[" * 100_000, '{"a":' * 50_000, "{'a': __import__('os').abort()}", "x" * 1_000_001],
)
def test_what_is_no_json_is_refused_and_never_run(text: str) -> None:
    with pytest.raises(MalformedReply):
        json_in(text)


@pytest.mark.parametrize("make", [lambda n: '{"a": "' + "\\" * n, lambda n: "[" + '"a",' * n, lambda n: "{" * n])
def test_even_hostile_texts_are_read_in_linear_time(make: Callable[[int], str]) -> None:
    with suppress(MalformedReply):
        json_in(make(200_000))

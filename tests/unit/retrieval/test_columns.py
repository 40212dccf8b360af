"""A mask says for every row what the obvious evaluation says, whatever happened to the columns before."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.columns import Columns
from retrieval.predicates import All, Condition, Filter, Not, Operator, Some, matches
from retrieval.types import Attributes, Scalar

BIG = 2**53 + 1
fields = st.sampled_from(["kind", "metadata.a", "metadata.b/ö"])
TEXTS = ["", "a", "A", "ab", "ß", "1"]
NUMBERS = [0, 1, 2, -1, -2, BIG, BIG - 1, -BIG, 10**400, 1.0, 1.5, -0.0, float(BIG - 1), float("nan")]
scalars: st.SearchStrategy[Scalar] = st.sampled_from([*TEXTS, *NUMBERS, True, False])
values: st.SearchStrategy[Scalar | list[Scalar]] = scalars | st.lists(scalars, max_size=3)
attributes = st.dictionaries(fields, values, max_size=3)
plain = scalars.filter(lambda value: value == value)


def condition(field: str, operator: Operator, one: Scalar, several: list[Scalar]) -> Condition:
    if operator in (Operator.IN, Operator.NIN):
        return Condition(field, operator, tuple(several))
    return Condition(field, operator, str(one) if operator in (Operator.CONTAINS, Operator.ICONTAINS) else one)


conditions: st.SearchStrategy[Filter] = st.builds(
    condition, fields, st.sampled_from(Operator), plain, st.lists(plain, max_size=3)
)
filters = st.recursive(
    conditions,
    lambda inner: (
        st.builds(All, st.lists(inner, max_size=3).map(tuple))
        | st.builds(Some, st.lists(inner, max_size=3).map(tuple))
        | st.builds(Not, inner)
    ),
    max_leaves=6,
)
steps = st.lists(
    st.tuples(st.just("append"), st.just(0), attributes)
    | st.tuples(st.just("replace"), st.integers(0, 50), attributes)
    | st.tuples(st.sampled_from(["store", "select"]), st.integers(0, 2**16), st.just({})),
    max_size=25,
)
Step = tuple[str, int, Attributes]


def stored_and_opened(columns: Columns) -> Columns:
    arrays = columns.to_arrays()
    for array in arrays.values():
        array.flags.writeable = False  # as a memory map is
    return Columns.from_arrays(arrays)


def play(history: list[Step]) -> tuple[Columns, list[Attributes]]:
    columns, rows = Columns(), list[Attributes]()
    for action, number, attributes in history:
        if action == "append":
            columns.append(attributes)
            rows.append(attributes)
        elif action == "replace" and rows:
            columns.replace(number % len(rows), attributes)
            rows[number % len(rows)] = attributes
        elif action == "store":
            columns = stored_and_opened(columns)
        elif action == "select":
            kept = [row for row in range(len(rows)) if number >> (row % 16) & 1]
            columns, rows = columns.select(np.array(kept, np.int64)), [rows[row] for row in kept]
    return columns, rows


@settings(max_examples=300)
@given(steps, filters)
def test_a_mask_is_the_obvious_evaluation_of_every_row(history: list[Step], filter_: Filter) -> None:
    columns, rows = play(history)
    assert filter_.mask(columns).tolist() == [matches(filter_, attributes) for attributes in rows]


def spelled(value: object) -> str:
    return repr(tuple(value) if isinstance(value, list) else value)  # tells 1, 1.0 and True apart


@given(steps)
def test_codes_stand_for_the_values_of_the_rows(history: list[Step]) -> None:
    columns, rows = play(history)
    for field in ["kind", "metadata.a", "never seen"]:
        values, codes = columns.values(field), columns.codes(field).tolist()
        seen = [spelled(values[code]) if code >= 0 else None for code in codes]
        assert seen == [spelled(row[field]) if field in row else None for row in rows]
        backwards = np.arange(len(rows))[::-1]
        found = [None if value is None else spelled(value) for value in columns.at(field, backwards)]
        assert found == seen[::-1]


def test_opening_copies_no_codes_and_changes_leave_the_stored_ones_alone() -> None:
    columns = Columns()
    for name in ["memory", "document", "memory"]:
        columns.append({"kind": name})
    arrays = columns.to_arrays()
    opened = Columns.from_arrays(arrays)
    assert np.shares_memory(opened.codes("kind"), arrays["codes.0"])
    before = arrays["codes.0"].copy()
    opened.replace(0, {"kind": "other"})
    opened.append({"kind": "document"})
    assert np.array_equal(arrays["codes.0"], before)
    assert Condition("kind", Operator.EQ, "document").mask(opened).tolist() == [False, True, False, True]


def test_storing_drops_values_that_no_row_has_any_more() -> None:
    columns = Columns()
    columns.append({"kind": "secret"})
    columns.replace(0, {"kind": "public"})
    assert b"secret" not in b"".join(array.tobytes() for array in columns.to_arrays().values())


def test_a_field_that_nobody_has_matches_only_negatively() -> None:
    columns = Columns()
    columns.append({})
    assert Condition("kind", Operator.EQ, "x").mask(columns).tolist() == [False]
    assert Condition("kind", Operator.NE, "x").mask(columns).tolist() == [True]

import re

import pandas as pd
import pytest

from forceposture.v1 import problem_pb2, solution_pb2
from optimizer.tables.defaults import CONSTANT_DEFAULTS
from optimizer.tables.schema import (
    PROBLEM_TABLES,
    SOLUTION_TABLES,
    Column,
    Table,
    frame_from_rows,
    rows_from_frame,
)
from optimizer.tables.typed_tables import REQUIRED_TABLES

ALL_COLUMNS = [
    pytest.param(table, column, id=f"{table.name}.{column.name}")
    for table in [*PROBLEM_TABLES.values(), *SOLUTION_TABLES.values()]
    for column in table.columns
]
INPUT_COLUMNS = [
    pytest.param(table, column, id=f"{table.name}.{column.name}")
    for table in PROBLEM_TABLES.values()
    for column in table.columns
]
_UNITS = (
    "persons|count|usd_m|days|yr|year|years|km|fraction|points|factor|ratio|degrees|seconds|usd"
    "|usd_m_per_(yr|unit|unit_yr|person|person_yr|point|point_yr|set|set_yr)"
    "|(count|persons|fraction)_per_yr"
)


def test_every_repeated_field_is_a_table() -> None:
    problem = [field.name for field in problem_pb2.Problem.DESCRIPTOR.fields]
    assert list(PROBLEM_TABLES) == problem
    assert list(SOLUTION_TABLES) == [f.name for f in solution_pb2.Solution.DESCRIPTOR.fields if f.is_repeated]


@pytest.mark.parametrize(("table", "column"), ALL_COLUMNS)
def test_every_field_is_a_column(table: Table, column: Column) -> None:
    field = table.row.fields_by_name[column.name]
    assert field.has_presence, "declare it optional, so that not sent is never 0"
    assert not field.is_repeated


# The spread, the limits and the price of any quantity, in that quantity's own unit.
_OF_ANY_UNIT = {
    "policy_rules.value",
    "policy_rules.penalty_usd_m",
    "sources.low",
    "sources.high",
    "sources.original_value",
}


@pytest.mark.parametrize(("table", "column"), INPUT_COLUMNS)
def test_numbers_carry_their_unit(table: Table, column: Column) -> None:
    if column.type in ("number", "integer") and f"{table.name}.{column.name}" not in _OF_ANY_UNIT:
        assert column.name in ("days", "year") or re.fullmatch(rf".*_({_UNITS})", column.name)


@pytest.mark.parametrize(("table", "column"), INPUT_COLUMNS)
def test_options_make_sense(table: Table, column: Column) -> None:
    assert not (column.is_key and column.is_nullable)
    for other, other_column in column.references:
        assert other_column in PROBLEM_TABLES[other].by_name
    if column.type in ("number", "integer") and table.name != "sources":
        assert column.minimum is not None
        assert column.maximum is not None
        assert column.minimum < column.maximum
    else:
        assert column.type in ("number", "integer") or column.minimum is column.maximum is None
    if column.type == "choice":
        assert column.choices
        assert "UNSPECIFIED" not in column.choices
    if column.name.endswith("_id"):
        assert column.type == "text"
        assert column.references or column.is_key


def test_every_table_but_settings_has_a_key() -> None:
    assert [name for name, table in PROBLEM_TABLES.items() if not table.key] == ["settings"]
    assert set(REQUIRED_TABLES) <= set(PROBLEM_TABLES)


def test_defaults_are_of_columns_that_may_be_empty() -> None:
    for table, defaults in CONSTANT_DEFAULTS.items():
        for column, value in defaults.items():
            described = PROBLEM_TABLES[table].by_name[column]
            assert described.is_nullable
            if described.type in ("number", "integer"):
                assert isinstance(value, int | float)
                assert described.minimum is not None
                assert described.maximum is not None
                assert described.minimum <= value <= described.maximum
            elif described.type == "choice":
                assert value in described.choices


@pytest.mark.parametrize("table", [*PROBLEM_TABLES.values(), *SOLUTION_TABLES.values()], ids=lambda t: t.name)
def test_rows_survive_frames(table: Table) -> None:
    samples = {"text": "x", "number": 1.5, "integer": 3, "boolean": False}
    row = {c.name: samples.get(c.type, c.choices[0] if c.choices else None) for c in table.columns}
    frame = pd.DataFrame([row, {}], columns=list(row), dtype="object")
    frame = frame.astype({column.name: column.pandas_type for column in table.columns})
    message_class = getattr(problem_pb2, table.row.name, None) or getattr(solution_pb2, table.row.name)
    messages = [message_class(**cells) for cells in rows_from_frame(table, frame)]
    back = frame_from_rows(table, messages)
    assert back.iloc[0].to_dict() == row
    assert back.iloc[1].isna().all()
    assert table.empty().dtypes.to_dict() == frame.dtypes.to_dict()

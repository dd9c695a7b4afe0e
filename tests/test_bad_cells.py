"""Bad cells, names and keys: never a traceback, never a silent default, always a finding that says where."""

import datetime
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from edited_problems import Edits, assert_found, code_of, edited_cells, findings_of
from hypothesis import given, settings
from hypothesis import strategies as st
from small_problem import small_cells, small_problem, small_tables

from optimizer.cases.read import read_case
from optimizer.checks import check
from optimizer.errors import ProblemError
from optimizer.tables.problem import problem_from_tables
from optimizer.tables.raw_cells import cells_from_rows
from optimizer.tables.schema import PROBLEM_TABLES

# By code and place: the edits that are found by the types of cells, keys and references.
CELLS: list[tuple[str, str, Edits]] = [
    ("TABLE_UNKNOWN", "garison", {"garison": {"X": {"garrison_id": "X"}}}),
    ("COLUMN_UNKNOWN", "garrisons.garison_id", {"garrisons": {"BATTLEGROUP_ESTONIA": {"garison_id": "X"}}}),
    ("COLUMN_UNKNOWN", "settings.years", {"settings": {"": {"years": 3}}}),
    ("COLUMN_MISSING", "settings.first_year", {"settings": {"": {"first_year": None}}}),
    ("PERIODS_UNCLEAR", "settings.year_count", {"settings": {"": {"year_count": 2}}}),
    (
        "PERIODS_UNCLEAR",
        "settings.year_count",
        {"settings": {"": {"year_count": None}}, "periods": {"2026": None, "2027": None, "2028": None}},
    ),
    ("PERIODS_UNCLEAR", "periods[2025].year", {"settings": {"": {"year_count": 4}}, "periods": {"2025": {}}}),
    (
        "PERIODS_UNCLEAR",
        "periods[2066].year",
        {"settings": {"": {"year_count": None}}, "periods": {"2066": {}}},
    ),
    ("VALUE_MISSING", "sites[EST_TAPA].host_actor_id", {"sites": {"EST_TAPA": {"host_actor_id": None}}}),
    ("VALUE_MISSING", "sites[EST_TAPA].host_actor_id", {"sites": {"EST_TAPA": {"host_actor_id": "  "}}}),
    ("VALUE_MISSING", "theaters[row 3].theater_id", {"theaters": {"X": {"theater_id": "", "name": "X"}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].capacity_persons", {"sites": {"EST_TAPA": {"capacity_persons": "many"}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].capacity_persons", {"sites": {"EST_TAPA": {"capacity_persons": "1,5"}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].capacity_persons", {"sites": {"EST_TAPA": {"capacity_persons": "1_0"}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].capacity_persons", {"sites": {"EST_TAPA": {"capacity_persons": True}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].capacity_persons", {"sites": {"EST_TAPA": {"capacity_persons": [1]}}}),
    (
        "VALUE_TYPE",
        "sites[EST_TAPA].capacity_persons",
        {"sites": {"EST_TAPA": {"capacity_persons": {"a": 1}}}},
    ),
    ("VALUE_TYPE", "sites[EST_TAPA].capacity_persons", {"sites": {"EST_TAPA": {"capacity_persons": b"1"}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].capacity_persons", {"sites": {"EST_TAPA": {"capacity_persons": 1j}}}),
    (
        "VALUE_TYPE",
        "sites[EST_TAPA].capacity_persons",
        {"sites": {"EST_TAPA": {"capacity_persons": datetime.datetime(2025, 1, 1)}}},
    ),
    ("VALUE_TYPE", "settings.year_count", {"settings": {"": {"year_count": 2.5}}}),
    ("VALUE_TYPE", "settings.year_count", {"settings": {"": {"year_count": "three"}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].accepts_air", {"sites": {"EST_TAPA": {"accepts_air": "maybe"}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].accepts_air", {"sites": {"EST_TAPA": {"accepts_air": 2}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].name", {"sites": {"EST_TAPA": {"name": 30}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].name", {"sites": {"EST_TAPA": {"name": "a\0b"}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].name", {"sites": {"EST_TAPA": {"name": "\ud800"}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].name", {"sites": {"EST_TAPA": {"name": "x" * 40_000}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].name", {"sites": {"EST_TAPA": {"name": ["x"]}}}),
    ("VALUE_TYPE", "unit_types[SQUADRON].is_counted", {"unit_types": {"SQUADRON": {"is_counted": "1"}}}),
    ("VALUE_NOT_FINITE", "settings.win_ratio", {"settings": {"": {"win_ratio": math.nan}}}),
    ("VALUE_NOT_FINITE", "settings.win_ratio", {"settings": {"": {"win_ratio": math.inf}}}),
    ("VALUE_NOT_FINITE", "settings.win_ratio", {"settings": {"": {"win_ratio": "NaN"}}}),
    ("VALUE_NOT_FINITE", "settings.win_ratio", {"settings": {"": {"win_ratio": "-Infinity"}}}),
    ("VALUE_NOT_FINITE", "settings.win_ratio", {"settings": {"": {"win_ratio": "1e999"}}}),
    ("VALUE_NOT_FINITE", "settings.win_ratio", {"settings": {"": {"win_ratio": 10**5000}}}),
    ("VALUE_NOT_FINITE", "settings.year_count", {"settings": {"": {"year_count": "inf"}}}),
    ("VALUE_RANGE", "sites[EST_TAPA].capacity_persons", {"sites": {"EST_TAPA": {"capacity_persons": 1e300}}}),
    (
        "VALUE_RANGE",
        "sites[EST_TAPA].capacity_persons",
        {"sites": {"EST_TAPA": {"capacity_persons": 10**40}}},
    ),
    (
        "VALUE_RANGE",
        "actor_unit_types[USA/BRIGADE].own_cost_usd_m_per_unit_yr",
        {"actor_unit_types": {"USA/BRIGADE": {"own_cost_usd_m_per_unit_yr": -1}}},
    ),
    ("VALUE_RANGE", "settings.discount_rate_fraction", {"settings": {"": {"discount_rate_fraction": 3}}}),
    ("VALUE_RANGE", "settings.year_count", {"settings": {"": {"year_count": 0}}}),
    ("VALUE_RANGE", "settings.first_year", {"settings": {"": {"first_year": "20260"}}}),
    (
        "VALUE_RANGE",
        "sources[actor_unit_types/*/own_cost_usd_m_per_unit_yr].low",
        {"sources": {"actor_unit_types/*/own_cost_usd_m_per_unit_yr": {"low": 1e300}}},
    ),
    ("VALUE_CHOICE", "phases[D0].kind", {"phases": {"D0": {"kind": "DETERR"}}}),
    ("VALUE_CHOICE", "phases[D0].kind", {"phases": {"D0": {"kind": "UNSPECIFIED"}}}),
    ("VALUE_CHOICE", "phases[D0].kind", {"phases": {"D0": {"kind": 1}}}),
    ("VALUE_CHOICE", "unit_types[BRIGADE].domain", {"unit_types": {"BRIGADE": {"domain": "SPACE"}}}),
    ("KEY_DUPLICATE", "theaters[BALTIC]", {"theaters": {"X": {"theater_id": "BALTIC", "name": "again"}}}),
    (
        "KEY_DUPLICATE",
        "requirements[BALTIC/BALTIC_ONLY/D0/HEAVY_GROUND/2026]",
        {
            "requirements": {
                "X": {
                    "theater_id": "BALTIC",
                    "scenario_id": "BALTIC_ONLY",
                    "phase_id": "D0",
                    "capability_id": "HEAVY_GROUND",
                    "year": 2026.0,
                }
            }
        },
    ),
    ("KEY_DUPLICATE", "settings", {"settings": {"X": {"lead_actor_id": "POL"}}}),
    ("KEY_UNSAFE", "theaters[..].theater_id", {"theaters": {"..": {"theater_id": ".."}}}),
    ("KEY_UNSAFE", "theaters[A B].theater_id", {"theaters": {"A B": {"theater_id": "A B"}}}),
    ("KEY_UNSAFE", "theaters[A/B].theater_id", {"theaters": {"A/B": {"theater_id": "A/B"}}}),
    ("KEY_UNSAFE", "theaters[a[1]].theater_id", {"theaters": {"a[1]": {"theater_id": "a[1]"}}}),
    ("KEY_UNSAFE", "theaters[Łódź].theater_id", {"theaters": {"Łódź": {"theater_id": "Łódź"}}}),
    ("REFERENCE_UNKNOWN", "settings.lead_actor_id", {"settings": {"": {"lead_actor_id": "US"}}}),
    ("REFERENCE_UNKNOWN", "sites[EST_TAPA].host_actor_id", {"sites": {"EST_TAPA": {"host_actor_id": "NO"}}}),
    (
        "REFERENCE_UNKNOWN",
        "site_group_members[EASTERN_FLANK/POLAND].member_id",
        {"site_group_members": {"EASTERN_FLANK/POLAND": {}}},
    ),
    (
        "REFERENCE_UNKNOWN",
        "on_order[USA/TANK/2026].unit_type_id",
        {"on_order": {"USA/TANK/2026": {"arriving_count": 1}}},
    ),
    ("TABLE_MISSING", "settings", {"settings": {}}),
    ("TABLE_MISSING", "actors", {"actors": {}}),
    ("TABLE_MISSING", "sites", {"sites": {}}),
    ("TABLE_MISSING", "unit_types", {"unit_types": {}}),
    ("TABLE_MISSING", "requirements", {"requirements": {}}),
    ("TABLE_MISSING", "phases", {"phases": {}}),
    ("TABLE_MISSING", "readiness", {"readiness": {}}),
]


@pytest.mark.parametrize(("code", "path", "edits"), CELLS, ids=code_of)
def test_bad_cells(code: str, path: str, edits: Edits) -> None:
    with pytest.raises(ProblemError) as caught:
        problem_from_tables(edited_cells(edits))
    assert_found(code, path, caught.value.findings)


def test_findings_name_the_nearest_name() -> None:
    (finding,) = [f for f in findings_of({"garison": {"X": {"a": 1}}}) if f.code == "TABLE_UNKNOWN"]
    assert finding.fix == "Did you mean garrisons?"
    findings = findings_of({"garrisons": {"BATTLEGROUP_ESTONIA": {"garison_id": "X"}}})
    assert [f.fix for f in findings if f.code == "COLUMN_UNKNOWN"] == ["Did you mean garrison_id?"]
    findings = findings_of({"settings": {"": {"lead_actor_id": "US"}}})
    assert [(f.value, f.fix) for f in findings] == [("US", "Did you mean USA?")]


def test_many_unknown_references_are_counted() -> None:
    sites = [
        {"site_id": f"S{i}", "host_actor_id": "ATLANTIS", "staging_area_id": "CENTRAL"} for i in range(250)
    ]
    with pytest.raises(ProblemError) as caught:
        small_problem(sites=sites)
    unknown = [f for f in caught.value.findings if f.column_name == "host_actor_id"]
    assert len(unknown) == 101
    assert "150 more rows like these" in unknown[-1].message


def test_many_findings_of_a_kind_are_counted() -> None:
    sites = [
        {"site_id": f"S{i}", "host_actor_id": "POL", "staging_area_id": "CENTRAL", "capacity_persons": -1}
        for i in range(250)
    ]
    with pytest.raises(ProblemError) as caught:
        small_problem(sites=small_tables()["sites"] + sites)
    assert len(caught.value.findings) == 101
    assert "150 more" in caught.value.findings[-1].message


def test_nothing_at_all() -> None:
    with pytest.raises(ProblemError) as caught:
        problem_from_tables({})
    assert {f.code for f in caught.value.findings} == {"TABLE_MISSING"}


def test_numbers_that_pandas_marks_as_missing_are_empty_cells() -> None:
    sites = pd.DataFrame(small_tables()["sites"])
    sites = sites.assign(capacity_persons=pd.to_numeric(sites["capacity_persons"]))
    assert sites["capacity_persons"].isna().any()
    assert problem_from_tables({**small_cells(), "sites": sites}).digest == small_problem().digest


Place = tuple[str, int, str]

_CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["USA", "POL", "BRIGADE", "BALTIC", "HOME", "FOREIGN", "1e300", "-1", "0", "*", "NaN", ""]
    ),
    st.sampled_from([[], {}, b"x", object(), datetime.date(2025, 1, 1), pd.NA, pd.NaT]),
)
_PLACES = [
    (name, position, column.name)
    for name, table in PROBLEM_TABLES.items()
    for position in range(len(small_tables()[name]))
    for column in table.columns
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(_PLACES), _CELLS), min_size=1, max_size=4))
def test_no_cell_raises_anything_else(edits: list[tuple[Place, Any]]) -> None:
    tables = small_tables()
    for (name, position, column), cell in edits:
        tables[name][position][column] = cell
    assert_harmless(tables)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(PROBLEM_TABLES)), max_size=5, unique=True),
    st.lists(st.tuples(st.sampled_from(_PLACES), st.sampled_from(_PLACES)), max_size=4),
)
def test_no_missing_row_or_table_raises_anything_else(
    emptied: list[str], moved: list[tuple[Place, Place]]
) -> None:
    tables = small_tables()
    for (name, position, column), (other, other_position, other_column) in moved:
        tables[name][position][column] = tables[other][other_position].get(other_column)
    for name in emptied:
        tables[name] = tables[name][:-1]
    assert_harmless(tables)


def assert_harmless(tables: dict[str, list[dict[str, Any]]]) -> None:
    try:
        findings = check(problem_from_tables({n: cells_from_rows(table) for n, table in tables.items()}))
    except ProblemError as error:
        findings = list(error.findings)
        assert findings
    for finding in findings:
        str(finding).encode("utf-8")


def test_a_case_folder_reports_what_its_tables_say(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text("title: x\nlead_actor_id: USA\n", encoding="utf-8")
    (tmp_path / "actors.csv").write_text("actor_id,nmae\nUSA,America\n", encoding="utf-8")
    with pytest.raises(ProblemError) as caught:
        read_case(tmp_path)
    found = {(finding.code, finding.path) for finding in caught.value.findings}
    assert ("COLUMN_UNKNOWN", "actors.nmae") in found
    assert ("COLUMN_MISSING", "settings.first_year") in found
    assert ("TABLE_MISSING", "sites") in found

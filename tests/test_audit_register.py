"""Every column of every solution table is held: eight solved plans, cells changed alone, and each change found."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import hand_cases
import numpy as np
import pandas as pd
import pytest
from small_problem import rows, small_problem, small_tables
from test_conversions import guards
from tiny_cases import from_home, handing_over_late, priced, tiny_problem

from optimizer.audit import CHECKS
from optimizer.audit.comparison import ABSOLUTE, RELATIVE
from optimizer.audit.plan import Plan
from optimizer.audit.register import REGISTER, Held
from optimizer.audit.shape import shape
from optimizer.cases.read import read_case
from optimizer.objectives import Asked
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.defaults import complete
from optimizer.tables.problem import Problem
from optimizer.tables.schema import SOLUTION_TABLES

CHECKS_BY_NAME = {check.__name__: check for check in CHECKS}
COLUMNS = [(table, column) for table, held in REGISTER.items() for column in held.columns]
KEYS = [(name, column) for name, table in SOLUTION_TABLES.items() for column in table.key]
FOUND_ALWAYS = [(table, column) for table, column in COLUMNS if not REGISTER[table].columns[column].reason]
SOMETIMES_RIGHT = [(table, column) for table, column in COLUMNS if REGISTER[table].columns[column].reason]


def with_every_need_short() -> Problem:
    """The small problem with cheap sets, overhead, staffs, needs that may go short, and a program for a cover."""
    tables = small_tables()
    forces = [{**row, "overhead_usd_m_per_unit_yr": 12} for row in tables["actor_unit_types"]]
    cheap = {"set_purchase_cost_usd_m_per_set": 1, "set_upkeep_cost_usd_m_per_set_yr": 0.1}
    options = tables["nuclear_options"]
    return small_problem(
        interests=rows(
            "theater_id capability_id interest_usd_m_per_point_yr",
            "SUWALKI HEAVY_GROUND 300",
            "BALTIC HEAVY_GROUND 400",
        ),
        actor_unit_types=[{**forces[0], **cheap, "set_lead_time_yr": 0}, *forces[1:]],
        owned_today=[{**row, "sets_owned_count": 0} for row in tables["owned_today"]],
        stationed_today=[row for row in tables["stationed_today"] if row["mode"] != "PREPOSITIONED"],
        site_access=[{**row, "unassigned_persons": 100} for row in tables["site_access"]],
        policy_rules=[
            *tables["policy_rules"],
            {
                **rows(
                    "policy_rule_id quantity actor_id unit_type_id", "BRIGADES STATIONED_COUNT USA BRIGADE"
                )[0],
                "sentence": "Units, or sets for them.",
                "sense": "AT_LEAST",
                "value": 6,
                "penalty_usd_m": 50,
            },
        ],
        nuclear_options=[row for row in options if row["nuclear_posture"] != "NONE"],
    )


def lifted() -> Problem:
    """Seven brigades are needed from home, and ships carry three."""
    return tiny_problem(
        interests=priced(4000),
        readiness=rows("readiness_class_id mode phase_id ready_fraction", "READY HOME D30 1"),
        transit_times=from_home(),
        lift=rows("lift_pool_id scenario_id phase_id capacity_points", "SHIPS WAR D30 6"),
        lift_actors=rows("lift_pool_id actor_id", "SHIPS USA"),
        lift_unit_types=rows("lift_pool_id unit_type_id lift_points", "SHIPS BRIGADE 2"),
    )


_FELT = {"count": 0.01, "points": 0.01, "fraction": 0.01, "persons": 1.0, "usd_m": 1.0}
"""By how much a decision is changed at least: more than the tolerance of the sums it goes into."""

PROBLEMS: dict[str, tuple[Callable[[], Problem], bool]] = {
    "small": (small_problem, False),
    "short": (with_every_need_short, True),
    "command": (hand_cases.hand_command, False),
    "interest": (partial(read_case, "hand", "interest"), False),
    "five_years": (hand_cases.hand_five_years, False),
    "handover": (handing_over_late, False),
    "converted": (guards, False),
    "lifted": (lifted, False),
}
"""By name, a problem and whether its relaxation is solved."""


@cache
def plan(case: str) -> Plan:
    problem_of, is_relaxed = PROBLEMS[case]
    problem = problem_of()
    solution = solve(problem, SolveOptions(relax=is_relaxed))
    assert solution.outcome["plan"] == "OPTIMAL"
    assert solution.outcome["audit_findings"] == []
    return Plan(complete(problem).problem, solution.tables, is_relaxed, Asked())


@dataclass(frozen=True)
class Change:
    """One cell of a plan and what it is changed to."""

    case: str
    table: str
    row: int
    column: str
    value: Any

    def findings(self) -> list[str]:
        """What the shape, or the checks that the register names, have to say."""
        frame = plan(self.case).tables[self.table].copy()
        frame.loc[frame.index[self.row], self.column] = self.value
        return findings(self.case, self.table, frame, self.column)


def findings(case: str, table: str, frame: pd.DataFrame, column: str | None = None) -> list[str]:
    """What is found where a table is another one, by the checks of a column or of the table."""
    before = plan(case)
    changed = replace(before, tables={**before.tables, table: frame}, drawn={})
    malformed = shape(changed)
    if malformed:
        return malformed
    columns = REGISTER[table].columns
    of_column = columns.get(column or "")
    held = [of_column] if of_column else columns.values()
    names = dict.fromkeys(name for one in held for name in one.by)
    return [finding for name in names for finding in CHECKS_BY_NAME[name](changed)]


def unit(column: str) -> str:
    return next((name for name in ABSOLUTE if column.endswith(name)), "persons")


def changes(table: str, column: str, held: Held) -> Iterator[Change]:
    """The greatest value of each plan, a little up; of the first plan also down, its least value, and an empty one."""
    is_first = True
    for case in PROBLEMS:
        frame = plan(case).tables[table].reset_index(drop=True)
        if frame[column].isna().all():
            continue
        if SOLUTION_TABLES[table].by_name[column].type != "number":
            yield Change(case, table, 0, column, "EXPOSURE" if column == "objective" else "points")
            continue
        kind = unit(column)
        values = frame[column].astype("float64").to_numpy()
        # Of equal ones the last: of a log that only gets better, an earlier one may well be worse.
        greatest, least = int(np.flatnonzero(values == np.nanmax(values))[-1]), int(np.nanargmin(values))
        for row in dict.fromkeys((greatest, least) if is_first else (greatest,)):
            value = float(values[row])
            tolerance = ABSOLUTE[kind] + RELATIVE * abs(value)
            step = 4 * tolerance if held.kind == "recomputed" else max(_FELT[kind], 0.01 * abs(value))
            yield Change(case, table, row, column, value + step)
            if is_first and (value > step or held.may_be_negative):
                yield Change(case, table, row, column, value - step)
        if is_first and abs(values[greatest]) > step:
            yield Change(case, table, greatest, column, float("nan"))
        is_first = False


def least_positive(table: str, column: str) -> list[Change]:
    """The least value above 0 of each plan: a price that an interest caps is below those that nothing caps."""
    found = []
    for case in PROBLEMS:
        values = plan(case).tables[table][column].reset_index(drop=True)
        positive = values[values > 0]
        if len(positive):
            row = int(positive.to_numpy(dtype=float).argmin())
            found.append(
                Change(case, table, int(positive.index.to_numpy()[row]), column, float(positive.min()))
            )
    return found


def test_the_register_has_every_column_and_only_checks_that_run() -> None:
    for name, table in SOLUTION_TABLES.items():
        assert set(REGISTER[name].columns) == set(table.by_name) - set(table.key)
    assert set(REGISTER) == set(SOLUTION_TABLES)
    for table_name, column in COLUMNS:
        held = REGISTER[table_name].columns[column]
        assert held.by
        assert set(held.by) <= set(CHECKS_BY_NAME)
        assert held.reason or held.kind != "exempt"


def test_in_the_plans_every_column_has_values() -> None:
    without = [
        (name, column.name)
        for name, table in SOLUTION_TABLES.items()
        for column in table.columns
        if not any(_has_values(plan(case).tables[name][column.name]) for case in PROBLEMS)
    ]
    assert without == []


def _has_values(cells: pd.Series) -> bool:
    return bool(cells.notna().any() if cells.dtype.kind not in "fiu" else (cells.fillna(0) != 0).any())


@pytest.mark.parametrize(("table", "column"), FOUND_ALWAYS)
def test_every_change_of_a_cell_is_found(table: str, column: str) -> None:
    tried = list(changes(table, column, REGISTER[table].columns[column]))
    assert tried
    assert [change for change in tried if not change.findings()] == []


@pytest.mark.parametrize(("table", "column"), SOMETIMES_RIGHT)
def test_what_may_differ_may_not_be_anything(table: str, column: str) -> None:
    """Of a decision that could be another one, and of what nothing determines, what is out of all bounds is found."""
    held = REGISTER[table].columns[column]
    if SOLUTION_TABLES[table].by_name[column].type != "number":
        assert Change("small", table, 0, column, " ").findings()
        return
    small = [change for change in changes(table, column, held) if not pd.isna(change.value)]
    small += least_positive(table, column)
    assert small
    extremes = [
        replace(change, value=change.value * factor) for change in small for factor in (1000.0, -1000.0)
    ]
    # Nothing caps the dual of a rule without a penalty; test_limit_prices.py has one with a penalty.
    is_capped = table != "limit_prices"
    assert not is_capped or any(change.value > 0 and change.findings() for change in extremes)
    if not held.may_be_negative:
        assert all(change.findings() for change in extremes[:4] if change.value < -1)


@pytest.mark.parametrize(("table", "column"), KEYS)
def test_a_row_under_another_key_is_found(table: str, column: str) -> None:
    """The row of another year, place or owner; an identifier that nobody has; and none at all.

    A row may as well stand under another key where plans tie, so of several rows one must be found.
    """
    case = next(name for name in PROBLEMS if len(plan(name).tables[table]))
    frame = plan(case).tables[table]
    row = int(frame[column].notna().to_numpy().argmax())
    value = frame[column].iloc[row]
    others = [other for other in frame[column].dropna().unique() if other != value][:2]
    like_it = (frame[column] == value).to_numpy().nonzero()[0][:20]
    for other in others:
        assert any(Change(case, table, int(each), column, other).findings() for each in like_it), other
    nobody = value + 1000 if column in ("year", "order_number", "step_number") else "NOBODY"
    assert Change(case, table, row, column, nobody).findings()
    if frame[column].dtype == "str" and not SOLUTION_TABLES[table].by_name[column].is_nullable:
        assert Change(case, table, row, column, pd.NA).findings()


@pytest.mark.parametrize("table", SOLUTION_TABLES)
def test_rows_and_tables_that_are_missing_or_too_many_are_found(table: str) -> None:
    case = next(name for name in PROBLEMS if len(plan(name).tables[table]))
    frame = plan(case).tables[table]
    assert findings(case, table, pd.concat([frame, frame.head(1)]))
    assert findings(case, table, frame.drop(columns=frame.columns[-1]))
    # Of a log and of duals nothing says that they are complete.
    is_told = table not in ("search_steps", "limit_prices")
    assert bool(findings(case, table, frame.iloc[:0])) == is_told
    assert findings(case, table, frame.iloc[1:]) or table == "limit_prices"
    before = plan(case)
    without = {name: rows for name, rows in before.tables.items() if name != table}
    assert shape(replace(before, tables=without, drawn={})) == [f"{table}: the table is missing"]


@pytest.mark.parametrize("table", [name for name, held in REGISTER.items() if held.asked_by])
def test_what_nothing_asks_for_is_not_shown(table: str) -> None:
    """Rows of the small problem's plan, put beside a problem without the input tables that they answer."""
    case = next(name for name in PROBLEMS if len(plan(name).tables[table]))
    before = plan(case)
    problem = before.problem
    emptied = {name: problem[name].iloc[:0] for name in REGISTER[table].asked_by}
    unasked = replace(before, problem=Problem({**problem.tables, **emptied}), drawn={})
    assert any("nothing in the problem asks for it" in finding for finding in shape(unasked))

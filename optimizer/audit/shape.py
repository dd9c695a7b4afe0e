"""Whether the plan's tables are tables at all: complete, keys unique and known, years of the plan, numbers present."""

import numpy as np
import pandas as pd

from optimizer.audit.comparison import ABSOLUTE, Broken, said
from optimizer.audit.plan import Plan
from optimizer.audit.register import REGISTER
from optimizer.tables.schema import PROBLEM_TABLES, SOLUTION_TABLES, Table

_NAMES = {
    "actor_id": "actors",
    "host_actor_id": "actors",
    "unit_type_id": "unit_types",
    "site_id": "sites",
    "theater_id": "theaters",
    "scenario_id": "scenarios",
    "phase_id": "phases",
    "capability_id": "capabilities",
    "garrison_id": "garrisons",
    "policy_rule_id": "policy_rules",
    "command_id": "commands",
}


def shape(plan: Plan) -> list[str]:
    """Findings about the form of the plan's tables; without any, the rules can read them."""
    findings: list[str] = []
    for name, table in SOLUTION_TABLES.items():
        if name not in plan.tables:
            findings.append(f"{name}: the table is missing")
            continue
        frame = plan.tables[name].reset_index(drop=True)
        missing = [column for column in table.by_name if column not in frame.columns]
        findings += [f"{name}: the column {column} is missing" for column in missing]
        if len(frame) and not missing:
            findings += _asked(plan, table, frame) + _keys(plan, table, frame) + _cells(table, frame)
    return findings


def _asked(plan: Plan, table: Table, frame: pd.DataFrame) -> list[str]:
    asked_by = REGISTER[table.name].asked_by
    if not asked_by or any(len(plan.problem[name]) for name in asked_by):
        return []
    everywhere = np.ones(len(frame), dtype=bool)
    return _said(table, frame, everywhere, "nothing in the problem asks for it")


def _keys(plan: Plan, table: Table, frame: pd.DataFrame) -> list[str]:
    findings = _said(table, frame, frame.duplicated(table.key).to_numpy(), "the row is given twice")
    for column in table.key:
        known: pd.Series | tuple[str, ...] | None = None
        if column in _NAMES:
            known = plan.problem[_NAMES[column]][PROBLEM_TABLES[_NAMES[column]].key[0]]
        elif table.by_name[column].choices:
            known = table.by_name[column].choices
        if known is not None:
            is_empty = frame[column].isna().to_numpy() & table.by_name[column].is_nullable
            is_unknown = ~(frame[column].isin(known).to_numpy() | is_empty)
            findings += _said(table, frame, is_unknown, f"there is no {column} {{{column}}}")
    if "year" in table.key:
        years = plan.all_years if REGISTER[table.name].has_today else plan.problem.years
        findings += _said(
            table, frame, ~frame["year"].isin(years).to_numpy(), "{year} is no year of the plan"
        )
    return findings


def _cells(table: Table, frame: pd.DataFrame) -> list[str]:
    findings: list[str] = []
    for name, held in REGISTER[table.name].columns.items():
        if table.by_name[name].type != "number":
            findings += _said(table, frame, frame[name].isna().to_numpy(), f"{name} is empty")
            continue
        values = frame[name].to_numpy(dtype="float64", na_value=np.nan)
        is_wrong = (np.isnan(values) & (not held.may_be_empty)) | np.isinf(values)
        findings += _said(table, frame, is_wrong, f"{name} is {{{name}}}")
        if not held.may_be_negative:
            least = -ABSOLUTE.get(name.rsplit("_", 1)[-1], ABSOLUTE["count"])
            findings += _said(table, frame, values < least, f"{name} is {{{name}}}, below 0")
    return findings


def _said(table: Table, frame: pd.DataFrame, is_wrong: Broken, words: str) -> list[str]:
    """A sentence for each row that is wrong, naming it; most plans have none, and then no name is made up."""
    if not is_wrong.any():
        return []
    rows = frame[is_wrong]
    return said(rows.assign(row=table.row_keys(rows)), f"{table.name}: {{row}}: {words}")

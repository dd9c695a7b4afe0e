"""Whether the plan's tables are tables at all: complete, keys unique and known, years of the plan, numbers present."""

import math
from collections import Counter
from collections.abc import Sequence

from optimizer.audit.comparison import ABSOLUTE, said
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
        frame = plan.tables[name]
        missing = [column for column in table.by_name if column not in frame.columns]
        findings += [f"{name}: the column {column} is missing" for column in missing]
        if len(frame) and not missing:
            findings += _asked(plan, table) + _keys(plan, table) + _cells(plan, table)
    return findings


def _asked(plan: Plan, table: Table) -> list[str]:
    asked_by = REGISTER[table.name].asked_by
    if not asked_by or any(len(plan.problem[name]) for name in asked_by):
        return []
    everywhere = [True] * len(plan.tables[table.name])
    return _said(plan, table, table.key[0], everywhere, "nothing in the problem asks for it")


def _keys(plan: Plan, table: Table) -> list[str]:
    keys = list(zip(*(plan.cells(table.name, name) for name in table.key), strict=True))
    twice = [key for key, count in Counter(keys).items() if count > 1]
    row = "/".join(f"{{{name}}}" for name in table.key)
    findings = said(table.key, twice, f"{table.name}: {row}: the row is given twice")
    for name in table.key:
        column, cells = table.by_name[name], plan.cells(table.name, name)
        known = {*column.choices, *([""] if column.is_nullable else [])}
        if name in _NAMES:
            known.update(plan.cells(_NAMES[name], PROBLEM_TABLES[_NAMES[name]].key[0]))
        if name in _NAMES or column.choices:
            is_unknown = [cell not in known for cell in cells]
            findings += _said(plan, table, name, is_unknown, f"there is no {name} {{cell}}")
    if "year" in table.key:
        years = set(plan.all_years if REGISTER[table.name].has_today else plan.problem.years)
        is_outside = [year not in years for year in plan.cells(table.name, "year")]
        findings += _said(plan, table, "year", is_outside, "{cell} is no year of the plan")
    return findings


def _cells(plan: Plan, table: Table) -> list[str]:
    findings: list[str] = []
    for name, held in REGISTER[table.name].columns.items():
        cells = plan.cells(table.name, name)
        if table.by_name[name].type != "number":
            findings += _said(plan, table, name, [cell == "" for cell in cells], f"{name} is empty")
            continue
        may_be_empty = held.may_be_empty
        is_wrong = [not (-math.inf < cell < math.inf or (may_be_empty and cell != cell)) for cell in cells]
        findings += _said(plan, table, name, is_wrong, f"{name} is {{cell}}")
        if not held.may_be_negative:
            least = -ABSOLUTE.get(name.rsplit("_", 1)[-1], ABSOLUTE["count"])
            is_negative = [cell < least for cell in cells]
            findings += _said(plan, table, name, is_negative, f"{name} is {{cell}}, below 0")
    return findings


def _said(plan: Plan, table: Table, column: str, is_wrong: Sequence[bool], words: str) -> list[str]:
    """A sentence for each row that is wrong, naming the row and its cell in a column."""
    if not any(is_wrong):
        return []
    keys = zip(*(plan.cells(table.name, name) for name in table.key), strict=True)
    rows = zip(keys, plan.cells(table.name, column), is_wrong, strict=True)
    wrong = [("/".join(map(str, key)), cell) for key, cell, is_so in rows if is_so]
    return said(("row", "cell"), wrong, f"{table.name}: {{row}}: {words}")

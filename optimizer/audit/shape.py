"""Whether the plan's tables are tables at all: keys unique and known, years of the plan, numbers present."""

import numpy as np
import pandas as pd

from optimizer.audit.comparison import ABSOLUTE, said
from optimizer.audit.plan import Plan
from optimizer.tables.schema import PROBLEM_TABLES, SOLUTION_TABLES, Table

_DECISIONS = (
    "owned_forces",
    "stationed_forces",
    "site_uses",
    "garrison_supplies",
    "deployments",
    "requirement_results",
    "unmet_needs",
    "spending_results",
    "policy_rule_results",
    "command_results",
    "presence_results",
    "response_results",
    "nuclear_results",
    "exposure_results",
    "billing_results",
    "handover_results",
    "stability_results",
)
_WITH_TODAY = (
    "owned_forces",
    "stationed_forces",
    "site_uses",
    "spending_results",
    "command_results",
    "response_results",
    "nuclear_results",
    "exposure_results",
    "billing_results",
    "handover_results",
)
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
_MAY_BE_EMPTY = (
    "price_usd_m_per_point",
    "spending_fraction",
    "ceiling_fraction",
    "open_fraction",
    "shortfall_points",
    "violation",
)
"""Columns without meaning in some rows; empty counts as 0 in the rules."""

_MAY_BE_NEGATIVE = (
    "price_usd_m_per_point",
    "lead_points",
    "allied_points",
    "spending_usd_m",
    "other_spending_usd_m",
    "spending_fraction",
    "quantity",
    "value",
    "target_usd_m",
    "willingness_usd_m",
)


def shape(plan: Plan) -> list[str]:
    """Findings about the form of the plan's tables."""
    findings: list[str] = []
    for name in _DECISIONS:
        if name in plan.tables:
            table = SOLUTION_TABLES[name]
            frame = plan.tables[name].reindex(columns=list(table.by_name)).reset_index(drop=True)
            frame["row"] = table.row_keys(frame)
            findings += _keys(plan, table, frame) + _numbers(table, frame)
    return findings


def _keys(plan: Plan, table: Table, frame: pd.DataFrame) -> list[str]:
    findings = said(frame[frame.duplicated(table.key)], f"{table.name}: {{row}}: the row is given twice")
    for column in table.key:
        if column in _NAMES:
            table_name = _NAMES[column]
            known = plan.problem[table_name][PROBLEM_TABLES[table_name].key[0]]
            unknown = ~frame[column].isin(known)
            findings += said(frame[unknown], f"{table.name}: {{row}}: there is no {column} {{{column}}}")
    years = plan.all_years if table.name in _WITH_TODAY else plan.problem.years
    outside = ~frame["year"].isin(years)
    return findings + said(frame[outside], f"{table.name}: {{row}}: {{year}} is no year of the plan")


def _numbers(table: Table, frame: pd.DataFrame) -> list[str]:
    findings: list[str] = []
    for column in table.columns:
        if column.type != "number":
            continue
        values = frame[column.name].astype("float64")
        if column.name not in _MAY_BE_EMPTY:
            where = f"{table.name}: {{row}}: {column.name}"
            findings += said(frame[~np.isfinite(values)], f"{where} is {{{column.name}}}")
        if column.name not in _MAY_BE_NEGATIVE:
            least = -ABSOLUTE.get(column.name.rsplit("_", 1)[-1], ABSOLUTE["count"])
            below = values < least
            findings += said(
                frame[below], f"{table.name}: {{row}}: {column.name} is {{{column.name}}}, below 0"
            )
    return findings

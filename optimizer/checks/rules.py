"""Policy rules and freed levers."""

import pandas as pd

from optimizer.checks.rows import row_findings
from optimizer.errors import Finding
from optimizer.problem import Problem
from optimizer.typed_tables import nearest

_STATIONED = ("STATIONED_COUNT", "STATIONED_PERSONS")


def check(problem: Problem) -> list[Finding]:
    """Findings about policy rules and levers; ``problem`` has its defaults."""
    return [*_rules(problem), *_levers(problem)]


def _rules(problem: Problem) -> list[Finding]:
    rules = problem["policy_rules"]
    quantity = rules["quantity"]
    findings = row_findings(
        "RULE_UNCLEAR",
        "policy_rules",
        rules[(quantity == "OWNED_POINTS") & rules["capability_id"].isna()],
        "capability_id",
        "OWNED_POINTS needs to know which capability's points are meant",
        "Fill capability_id.",
    )
    useless = {
        "capability_id": quantity != "OWNED_POINTS",
        "site_group_id": ~quantity.isin(_STATIONED),
        "unit_type_id": quantity == "SPENDING_USD_M",
    }
    for column, where in useless.items():
        findings += row_findings(
            "RULE_UNCLEAR",
            "policy_rules",
            rules[where & rules[column].notna()],
            column,
            f"{{quantity}} cannot be told apart by {column}",
            f"Empty {column}, or measure another quantity.",
        )
    return findings + row_findings(
        "RULE_UNCLEAR",
        "policy_rules",
        rules[rules["first_year"] > rules["last_year"]],
        "first_year",
        "the rule's first year is after its last, {last_year}",
        "Correct one of the two.",
    )


def _levers(problem: Problem) -> list[Finding]:
    levers = problem["freed_levers"]
    known = {
        "GARRISON": ("garrisons", problem["garrisons"]["garrison_id"]),
        "COMMAND": ("commands", problem["commands"]["command_id"]),
        "NUCLEAR": ("nuclear_options", problem["nuclear_options"]["actor_id"]),
        "CEILING": ("site_group_limits", problem["site_group_limits"]["site_group_id"]),
    }
    findings = []
    for lever, (table, identifiers) in known.items():
        names: list[str] = pd.unique(identifiers).tolist()
        for row in levers[(levers["lever"] == lever) & ~levers["lever_key"].isin(names)].itertuples():
            findings.append(
                Finding(
                    "LEVER_UNKNOWN",
                    "freed_levers",
                    f"{lever}/{row.lever_key}",
                    "lever_key",
                    str(row.lever_key),
                    f"{table} has no row of that name, so there is nothing to free",
                    nearest(str(row.lever_key), names),
                )
            )
    return findings

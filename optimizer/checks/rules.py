"""Policy rules and freed levers."""

import pandas as pd

from optimizer.checks.rows import row_findings
from optimizer.errors import Finding
from optimizer.problem import Problem
from optimizer.typed_tables import nearest

_MONEY = ("SPENDING_USD_M", "SPENDING_FRACTION", "BILLED_USD_M")
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
    findings += row_findings(
        "RULE_UNCLEAR",
        "policy_rules",
        rules[(quantity == "SPENDING_FRACTION") & rules["actor_id"].isna()],
        "actor_id",
        "SPENDING_FRACTION needs to know whose spending and GDP are meant",
        "Fill actor_id.",
    )
    payers = problem["billing"]["actor_id"]
    unbilled = rules["actor_id"].notna() & ~rules["actor_id"].isin(payers) | payers.empty
    findings += row_findings(
        "RULE_UNCLEAR",
        "policy_rules",
        rules[(quantity == "BILLED_USD_M") & unbilled],
        "actor_id",
        "BILLED_USD_M measures what is billed, but billing has no such row",
        "Add the bill to billing, or measure another quantity.",
    )
    useless = {
        "capability_id": quantity != "OWNED_POINTS",
        "site_group_id": ~quantity.isin(_STATIONED),
        "unit_type_id": quantity.isin(_MONEY),
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
        "BILLING": ("billing", problem["billing"]["actor_id"]),
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

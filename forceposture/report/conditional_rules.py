"""Which side of a threat was taken: "it spends, or we leave"."""

import pandas as pd
from rich.console import RenderableType

from forceposture.report.tables import Table, name, section, words
from forceposture.report.view import View
from optimizer.tables.names import origins

_TOLERANCE = 1e-6


def conditional_rules(view: View) -> list[RenderableType]:
    """For each pair of rules of which one may hold, the years in which the one, the other or both do."""
    rules = view.problem["policy_rules"][["policy_rule_id", "sense", "or_policy_rule_id"]]
    pairs = rules[rules["or_policy_rule_id"].notna()]
    if pairs.empty:
        return []
    rows = view.rows("policy_rule_results").merge(rules, on="policy_rule_id")
    over = rows["quantity"] - rows["value"]
    over = over.where(rows["sense"] != "AT_LEAST", -over).where(rows["sense"] != "EQUAL", over.abs())
    rows["holds"] = over <= _TOLERANCE * rows["value"].abs().clip(lower=1.0)
    holds = rows.set_index(["policy_rule_id", "year"])["holds"]
    made = Table(name("Rule"), name("Or"), name("Holds"), *words("In"))
    for pair in pairs.to_dict("records"):
        rules_of_pair = [pair["policy_rule_id"], pair["or_policy_rule_id"]]
        sides = [holds.get(rule, pd.Series(dtype=bool)) for rule in rules_of_pair]
        for side, years in _sides(view.problem.years, sides):
            made.add_row(*rules_of_pair, side, ", ".join(map(str, years)))
    notes = [f"{rule}: {origin}." for rule, origin in origins(view.problem).items() if rule in holds.index]
    return [section("Either-or rules", made, *notes)]


def _sides(years: list[int], holds: list[pd.Series]) -> list[tuple[str, list[int]]]:
    """Which of two rules hold, and in which of the years in which both apply."""
    named = {
        (True, False): "the first",
        (False, True): "the second",
        (True, True): "both",
        (False, False): "neither",
    }
    found: dict[str, list[int]] = {}
    for year in years:
        if all(year in side.index for side in holds):
            found.setdefault(named[bool(holds[0][year]), bool(holds[1][year])], []).append(year)
    return list(found.items())

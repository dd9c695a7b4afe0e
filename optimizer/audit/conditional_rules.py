"""Whether of each pair of conditional rules at least one holds."""

import pandas as pd

from optimizer.audit.comparison import ABSOLUTE, RELATIVE, said

_PAIR = ["policy_rule_id", "or_policy_rule_id", "year"]


def paired(rules: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Pairs in the years in which both apply: _PAIR.

    Args:
        rules: the table policy_rules.
        rows: policy_rule_id and year of every rule in each of its years.
    """
    named = rows[["policy_rule_id", "year"]].merge(
        rules[["policy_rule_id", "or_policy_rule_id"]].dropna(), on="policy_rule_id"
    )
    others = rows[["policy_rule_id", "year"]].set_axis(["or_policy_rule_id", "year"], axis="columns")
    return named.merge(others, on=["or_policy_rule_id", "year"])


def holds_alone(rules: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """Whether a rule holds by itself in a year: nobody names it, and what it names does not apply."""
    pairs = pd.MultiIndex.from_frame(paired(rules, rows)[["policy_rule_id", "year"]])
    in_pair = pd.MultiIndex.from_frame(rows[["policy_rule_id", "year"]]).isin(pairs)
    return ~(rows["policy_rule_id"].isin(rules["or_policy_rule_id"].dropna()) | in_pair)


def conditional_rules(rules: pd.DataFrame, rows: pd.DataFrame) -> list[str]:
    """Findings about pairs.

    Args:
        rules: the table policy_rules.
        rows: every rule in each of its years, with measured, value, sense and unit.
    """
    over = (rows["measured"] - rows["value"]).where(
        rows["sense"] == "AT_MOST", rows["value"] - rows["measured"]
    )
    size = rows[["measured", "value"]].abs().max(axis="columns")
    allowed = rows["unit"].map(ABSOLUTE) + RELATIVE * size
    sides = rows.assign(is_broken=over > allowed)[["policy_rule_id", "year", "measured", "is_broken"]]
    pairs = paired(rules, rows).merge(sides, on=["policy_rule_id", "year"])
    other = sides.set_axis(["or_policy_rule_id", "year", "other_measured", "other_is_broken"], axis="columns")
    pairs = pairs.merge(other, on=["or_policy_rule_id", "year"])
    sentence = "policy_rule_results: {policy_rule_id} or {or_policy_rule_id} {year}: neither holds, "
    sentence += "with {measured} and {other_measured}"
    return said(pairs[pairs["is_broken"] & pairs["other_is_broken"]], sentence)

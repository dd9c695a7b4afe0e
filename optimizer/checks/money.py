"""Money: its year, and what must be known of an actor whose spending is limited."""

import pandas as pd

from optimizer.checks.rows import row_findings
from optimizer.errors import Finding
from optimizer.tables.problem import Problem

_LIMITS = ["spending_ceiling_fraction", "spending_ramp_fraction_per_yr"]


def check(problem: Problem) -> list[Finding]:
    """Findings about money; ``problem`` has its defaults."""
    return [
        *_base_year(problem),
        *_limited_spending(problem),
        *_unknown_spending(problem),
        *_shares_without_gdp(problem),
    ]


def first_years(problem: Problem) -> pd.DataFrame:
    """By actor, the first year in which each column of actor_years has a value; empty where none."""
    frame = problem["actor_years"].set_index("actor_id")
    values = frame.drop(columns="year")
    years = frame["year"].astype("float64")
    given = values.notna().mul(years, axis="index").where(values.notna())
    return given.groupby(level="actor_id").min()


def _base_year(problem: Problem) -> list[Finding]:
    base_year = problem.settings["money_base_year"]
    conversions = problem["money_conversions"]
    return row_findings(
        "MONEY_YEAR_MIXED",
        "money_conversions",
        conversions[conversions["money_base_year"] != base_year],
        "money_base_year",
        f"the factor leads to dollars of {{money_base_year}}, but the problem's money is of {base_year}",
        f"Give the factor to dollars of {base_year}.",
    )


def _limited_spending(problem: Problem) -> list[Finding]:
    """GDP must be known when a ceiling begins, and in the period before a ramp begins."""
    first = first_years(problem)
    year_1, calendar = problem.years[0], problem.calendar
    ceiling, ramp = (first[column].clip(lower=year_1) for column in _LIMITS)
    begins = calendar.periods_of(ramp.dropna())
    before_ramp = begins.map(calendar.previous).fillna(begins - 1).reindex(ramp.index)
    is_limited = ceiling.notna() | ramp.notna()
    is_derived = is_limited & ~(first["other_spending_usd_m_per_yr"] <= year_1)
    derived_year = pd.Series(float(year_1 - 1), index=first.index).where(is_derived)
    needed = pd.concat([ceiling, before_ramp, derived_year], axis="columns").min(axis="columns")
    late = ~(first["gdp_usd_m"] <= needed) & is_limited
    rows = pd.DataFrame({"year": needed[late].astype(int)}).reset_index()
    findings = row_findings(
        "FIRST_YEAR_MISSING",
        "actor_years",
        rows.assign(gdp_usd_m=None),
        "gdp_usd_m",
        "spending is limited as a share of GDP, but no GDP is given in or before {year}",
        "Give gdp_usd_m for {year} or an earlier year.",
    )
    years = problem["actor_years"]
    limited = years["actor_id"].isin(first.index[is_limited])
    return findings + row_findings(
        "VALUE_RANGE",
        "actor_years",
        years[limited & (years["gdp_usd_m"] == 0)],
        "gdp_usd_m",
        "spending is limited as a share of GDP, which cannot be 0",
        "Give the GDP, or empty the ceiling and the ramp.",
    )


def _unknown_spending(problem: Problem) -> list[Finding]:
    first = first_years(problem).reindex(problem["actors"]["actor_id"])
    today = problem.today
    has_published = first["spending_usd_m_per_yr"] <= today
    has_other = first["other_spending_usd_m_per_yr"] <= today + 1
    is_limited = first[_LIMITS].notna().any(axis="columns")
    unknown = ~has_published & ~has_other
    findings = _spending_findings(
        first.index[unknown & is_limited],
        today,
        "spending is limited, but what the actor spends on other than modeled units is not known",
    )
    rules = problem["policy_rules"]
    spending = rules[rules["quantity"].isin(["SPENDING_USD_M", "SPENDING_FRACTION"])]
    everybody = (spending["actor_id"].isna() & (spending["quantity"] == "SPENDING_USD_M")).any()
    ruled = pd.Series(first.index.isin(spending["actor_id"]) | everybody, first.index)
    findings += _spending_findings(
        first.index[unknown & ruled & ~is_limited],
        today,
        "a policy rule measures spending, but what the actor spends on other than modeled units is not known",
    )
    has_ramp = first["spending_ramp_fraction_per_yr"] <= today + 1
    return findings + _spending_findings(
        first.index[has_ramp & has_other & ~has_published],
        today,
        "spending may rise only so fast, but from where is not known",
    )


def _shares_without_gdp(problem: Problem) -> list[Finding]:
    """A rule on spending as a share of GDP needs a GDP above 0 in its first year."""
    rules = problem["policy_rules"]
    rules = rules[(rules["quantity"] == "SPENDING_FRACTION") & rules["actor_id"].notna()]
    years = problem["actor_years"]
    known = years[years["gdp_usd_m"] > 0].groupby("actor_id")["year"].min().astype("float64")
    zero = years.loc[years["gdp_usd_m"] == 0, "actor_id"]
    late = ~(rules["actor_id"].map(known) <= rules["first_year"].astype("float64"))
    return row_findings(
        "RULE_UNCLEAR",
        "policy_rules",
        rules[late | rules["actor_id"].isin(zero)],
        "actor_id",
        "the rule measures a share of GDP, but the GDP of {actor_id} is not known in {first_year}, or is 0",
        "Give gdp_usd_m in actor_years for the rule's first year or an earlier one.",
    )


def _spending_findings(actors: pd.Index, today: int, message: str) -> list[Finding]:
    return row_findings(
        "OTHER_SPENDING_UNKNOWN",
        "actor_years",
        pd.DataFrame({"actor_id": actors, "year": today, "spending_usd_m_per_yr": None}),
        "spending_usd_m_per_yr",
        message,
        "Give spending_usd_m_per_yr for {year}, or other_spending_usd_m_per_yr if no ramp is given.",
    )

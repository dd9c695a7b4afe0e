"""Money: its year, and what must be known of an actor whose spending is limited."""

import math

from optimizer.checks.rows import is_above, row_findings
from optimizer.errors import Finding
from optimizer.tables.calendar import Calendar
from optimizer.tables.problem import Problem

_LIMITS = ("spending_ceiling_fraction", "spending_ramp_fraction_per_yr")
_SPENDING = ("SPENDING_USD_M", "SPENDING_FRACTION")

FirstYears = dict[str, dict[str, int]]
"""By actor and column of actor_years, the first year in which it has a value; no entry where there is none."""


def check(problem: Problem) -> list[Finding]:
    """Findings about money; ``problem`` has its defaults."""
    first = _first_years(problem)
    return [
        *_base_year(problem),
        *_limited_spending(problem, first),
        *_unknown_spending(problem, first),
        *_shares_without_gdp(problem),
    ]


def _first_years(problem: Problem) -> FirstYears:
    first: FirstYears = {}
    for row in problem.rows("actor_years"):
        years = first.setdefault(row["actor_id"], {})
        for column, cell in row.items():
            if cell is not None:
                years[column] = min(row["year"], years.get(column, row["year"]))
    return first


def _base_year(problem: Problem) -> list[Finding]:
    base_year = problem.settings["money_base_year"]
    return row_findings(
        "MONEY_YEAR_MIXED",
        "money_conversions",
        [row for row in problem.rows("money_conversions") if row["money_base_year"] != base_year],
        "money_base_year",
        f"the factor leads to dollars of {{money_base_year}}, but the problem's money is of {base_year}",
        f"Give the factor to dollars of {base_year}.",
    )


def _limited_spending(problem: Problem, first: FirstYears) -> list[Finding]:
    """GDP must be known when a ceiling begins, and in the period before a ramp begins."""
    limited = {actor: years for actor, years in first.items() if any(column in years for column in _LIMITS)}
    needed = {actor: _gdp_needed(years, problem.calendar) for actor, years in limited.items()}
    findings = row_findings(
        "FIRST_YEAR_MISSING",
        "actor_years",
        [
            {"actor_id": actor, "year": needed[actor], "gdp_usd_m": None}
            for actor, years in limited.items()
            if not years.get("gdp_usd_m", math.inf) <= needed[actor]
        ],
        "gdp_usd_m",
        "spending is limited as a share of GDP, but no GDP is given in or before {year}",
        "Give gdp_usd_m for {year} or an earlier year.",
    )
    return findings + row_findings(
        "VALUE_RANGE",
        "actor_years",
        [row for row in problem.rows("actor_years") if row["actor_id"] in limited and row["gdp_usd_m"] == 0],
        "gdp_usd_m",
        "spending is limited as a share of GDP, which cannot be 0",
        "Give the GDP, or empty the ceiling and the ramp.",
    )


def _gdp_needed(years: dict[str, int], calendar: Calendar) -> int:
    """The year from which GDP must be known of an actor whose spending is limited."""
    year_1 = calendar.years[0]
    needed = [] if years.get("other_spending_usd_m_per_yr", math.inf) <= year_1 else [year_1 - 1]
    ceiling, ramp = (max(year_1, years[column]) if column in years else None for column in _LIMITS)
    if ceiling is not None:
        needed.append(ceiling)
    if ramp is not None:
        needed.append(calendar.previous[calendar.periods[ramp]] if ramp in calendar.periods else ramp - 1)
    return min(needed)


def _unknown_spending(problem: Problem, first: FirstYears) -> list[Finding]:
    today = problem.today
    rules = [row for row in problem.rows("policy_rules") if row["quantity"] in _SPENDING]
    ruled = {row["actor_id"] for row in rules}
    is_everybody_ruled = any(row["actor_id"] is None and row["quantity"] == "SPENDING_USD_M" for row in rules)
    limited, measured, rising = [], [], []
    for row in problem.rows("actors"):
        actor = row["actor_id"]
        years = first.get(actor, {})
        has_published = years.get("spending_usd_m_per_yr", math.inf) <= today
        has_other = years.get("other_spending_usd_m_per_yr", math.inf) <= today + 1
        if has_published:
            continue
        if not has_other and any(column in years for column in _LIMITS):
            limited.append(actor)
        elif not has_other and (is_everybody_ruled or actor in ruled):
            measured.append(actor)
        elif has_other and years.get("spending_ramp_fraction_per_yr", math.inf) <= today + 1:
            rising.append(actor)
    return [
        *_spending_findings(
            limited,
            today,
            "spending is limited, but what the actor spends on other than modeled units is not known",
        ),
        *_spending_findings(
            measured,
            today,
            "a policy rule measures spending, but what the actor spends on other than modeled units is not known",
        ),
        *_spending_findings(rising, today, "spending may rise only so fast, but from where is not known"),
    ]


def _shares_without_gdp(problem: Problem) -> list[Finding]:
    """A rule on spending as a share of GDP needs a GDP above 0 in its first year."""
    years = problem.rows("actor_years")
    zero = {row["actor_id"] for row in years if row["gdp_usd_m"] == 0}
    known = {(row["actor_id"], row["year"]) for row in years if is_above(row["gdp_usd_m"], 0)}
    return row_findings(
        "RULE_UNCLEAR",
        "policy_rules",
        [
            row
            for row in problem.rows("policy_rules")
            if row["quantity"] == "SPENDING_FRACTION" and row["actor_id"] is not None
            if row["actor_id"] in zero
            or not any(actor == row["actor_id"] and year <= row["first_year"] for actor, year in known)
        ],
        "actor_id",
        "the rule measures a share of GDP, but the GDP of {actor_id} is not known in {first_year}, or is 0",
        "Give gdp_usd_m in actor_years for the rule's first year or an earlier one.",
    )


def _spending_findings(actors: list[str], today: int, message: str) -> list[Finding]:
    return row_findings(
        "OTHER_SPENDING_UNKNOWN",
        "actor_years",
        [{"actor_id": actor, "year": today, "spending_usd_m_per_yr": None} for actor in actors],
        "spending_usd_m_per_yr",
        message,
        "Give spending_usd_m_per_yr for {year}, or other_spending_usd_m_per_yr if no ramp is given.",
    )

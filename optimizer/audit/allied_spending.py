"""What actors spend, and whether ceilings and ramps hold."""

import pandas as pd

from optimizer.audit.comparison import at_most, equal
from optimizer.audit.ledger import NOT_MONEY, costs_today, ledger
from optimizer.audit.once import once
from optimizer.audit.plan import Plan
from optimizer.tables.plan_tables import by_year, carried, filled

_ROW = "spending_results: {actor_id} {year}: "
_NOT_SPENDING = ["SALVAGE", *NOT_MONEY]
_SHOWN = ["spending_usd_m", "other_spending_usd_m", "spending_fraction", "ceiling_fraction"]


def allied_spending(plan: Plan) -> list[str]:
    """Findings about spending."""
    rows = spending(plan)
    share = rows["spending_usd_m"] / rows["gdp_usd_m"]
    rows["earlier_fraction"] = share.groupby(rows["actor_id"]).shift()
    rows["ceiling_usd_m"] = rows["spending_ceiling_fraction"] * rows["gdp_usd_m"]
    ramp = rows["earlier_fraction"] + rows["spending_ramp_fraction_per_yr"] * plan.spans(rows)
    rows["ramp_usd_m"] = ramp * rows["gdp_usd_m"]
    years = rows[rows["year"] > plan.problem.today]
    ceiling = _ROW + "{spending_usd_m} M$ spent but the ceiling is {ceiling_usd_m}"
    ramp_words = _ROW + "{spending_usd_m} M$ spent but the ramp allows {ramp_usd_m}"
    return [
        *at_most(years, "spending_usd_m", "ceiling_usd_m", "usd_m", ceiling),
        *at_most(years, "spending_usd_m", "ramp_usd_m", "usd_m", ramp_words),
        *_shown(plan, rows),
    ]


@once
def spending(plan: Plan) -> pd.DataFrame:
    """actor_id, year, spending_usd_m, other_spending_usd_m and the actor's yearly figures, by actor and year.

    Spending is that of a year, in the mean over those of the period; of period 0 it is the published one, empty if
    there is none. Spending on what is not modeled counts as 0 where it is not known; is_known says whether it is.
    """
    rows = _figures(plan).sort_values(["actor_id", "year"], ignore_index=True)
    lines = ledger(plan)
    lines = lines[~lines["kind"].isin(_NOT_SPENDING)]
    lines = lines.assign(usd_m=lines["usd_m"] / plan.spans(lines))
    modeled = lines.groupby(["actor_id", "year"])[["usd_m"]].sum().reset_index()
    rows = rows.merge(modeled, on=["actor_id", "year"], how="left").fillna({"usd_m": 0.0})
    is_today = rows["year"] == plan.problem.today
    today = rows.loc[is_today, ["actor_id", "spending_usd_m_per_yr", "gdp_usd_m"]]
    today = today.set_axis(["actor_id", "published_usd_m", "gdp_today_usd_m"], axis="columns")
    rows = rows.merge(today, on="actor_id")
    cost_today = rows["actor_id"].map(costs_today(plan).groupby("actor_id")["usd_m"].sum()).fillna(0.0)
    growth = (rows["gdp_usd_m"] / rows["gdp_today_usd_m"]).fillna(1.0)
    rest = (rows["published_usd_m"] - cost_today) * growth
    other = rows["other_spending_usd_m_per_yr"].fillna(rest)
    rows = rows.assign(other_spending_usd_m=other.fillna(0.0), is_known=other.notna())
    planned = rows["other_spending_usd_m"] + rows["usd_m"]
    return rows.assign(spending_usd_m=planned.where(~is_today, rows["published_usd_m"]))


def _figures(plan: Plan) -> pd.DataFrame:
    """actor_years for every actor in period 0 and every year, each column carried forward."""
    given = filled(plan.problem["actor_years"], ["actor_id"])
    figures = carried(given, ["actor_id"], plan.all_years)
    return by_year(plan.problem["actors"][["actor_id"]], plan.all_years).merge(
        figures, on=["actor_id", "year"], how="left"
    )


def _shown(plan: Plan, spent: pd.DataFrame) -> list[str]:
    """Findings about what the table shows; a row that is not there shows 0.

    Where spending on what is not modeled is not known nothing may be shown, nor in period 0 unless it is published.
    """
    shown = plan.shown("spending_results")
    shown = shown.rename(columns={name: f"shown_{name}" for name in _SHOWN})
    is_later = spent["year"] > plan.problem.today
    has_years = (spent["is_known"] & is_later).groupby(spent["actor_id"]).transform("any")
    rows = spent[has_years & (spent["is_known"] & is_later | ~is_later & spent["spending_usd_m"].notna())]
    rows = rows.assign(
        spending_fraction=rows["spending_usd_m"] / rows["gdp_usd_m"].where(rows["gdp_usd_m"] > 0),
        ceiling_fraction=rows["spending_ceiling_fraction"],
    ).merge(shown, on=["actor_id", "year"], how="outer")
    both = [*_SHOWN, *[f"shown_{name}" for name in _SHOWN]]
    rows[both] = rows[both].fillna(0.0)
    findings: list[str] = []
    for name in _SHOWN:
        unit = "fraction" if name.endswith("fraction") else "usd_m"
        sentence = f"{_ROW}{name} of {{shown_{name}}} shown but {{{name}}} follows from the tables"
        findings += equal(rows, f"shown_{name}", name, unit, sentence)
    return findings

"""5 Goals: what only some objectives need, and a budget.

A budget limits the lead actor's money, not its penalties; the worst burden is that of every ally and year::

    budget_use[u,t]   lead_money[u,t] = outlays(u,t)                                                u the lead actor
    lead_budget[u]    Σ_t discount[t]·lead_money[u,t] − factor[n]·salvage(u) ≤ budget
    burden[a,t]       spending[a,t] ≤ gdp[a,t]·worst_burden                                         a an ally

==================  ===============================================================  ==========================
symbol              meaning, unit                                                    source
==================  ===============================================================  ==========================
lead_money[u,t]     equivalent outlays, M$ a year of t; only where there is
                    a budget
budget              M$ over the years, discounted                                    options.lead_budget_usd_m
worst_burden        greatest spending of an ally in a year, share of its GDP; only
                    where least worst burden is asked for
spending, gdp       see ``allied_spending``                                          actor_years
outlays, salvage    see ``outlays``
==================  ===============================================================  ==========================

The price of the budget is what is minimized first, saved by one more dollar: points of shortfall, for instance.
"""

from typing import Any

import pandas as pd

from optimizer.errors import Finding
from optimizer.formulation.binding import add_block, key_set, parameter, variable
from optimizer.formulation.counts import Counts
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.allied_limits import ACTOR_YEAR, limits
from optimizer.formulation.frames.index import Index, no_rows
from optimizer.formulation.outlays import equivalent_outlays, outlay_terms, salvage_terms, salvage_value
from optimizer.objectives import WORST_BURDEN
from optimizer.tables.by_year import with_years

ROWS = {
    "budget_use": RowKind.PHYSICS,
    "lead_budget": RowKind.POLICY,
    "burden": RowKind.PHYSICS,
}


def budgets(index: Index) -> pd.DataFrame:
    """The lead actor's budget, if there is one: actor_id, budget_usd_m, last_factor."""
    budget = index.asked.lead_budget_usd_m
    frame = pd.DataFrame({"actor_id": [index.lead], "budget_usd_m": [budget]})
    return frame.assign(last_factor=index.factors[index.years[-1]])[[budget is not None]]


def burdened(index: Index) -> pd.DataFrame:
    """ACTOR_YEAR of allies in every year, with gdp_usd_m and other_spending_usd_m, if the worst burden is asked for."""
    if WORST_BURDEN not in index.asked.objectives:
        return no_rows([*ACTOR_YEAR, "gdp_usd_m", "other_spending_usd_m"])
    allies = index.problem["actors"][["actor_id"]]
    allies = allies[allies["actor_id"] != index.lead]
    known = limits(index)[[*ACTOR_YEAR, "gdp_usd_m", "other_spending_usd_m"]]
    return with_years(allies, index.years).merge(known, on=ACTOR_YEAR, how="left")


def findings(index: Index) -> list[Finding]:
    """Findings for objectives that the problem's tables cannot give a value."""
    rows = burdened(index)
    if rows.empty:
        return []
    rows["lacks"] = "other_spending_usd_m_per_yr"
    rows["lacks"] = rows["lacks"].where(rows["gdp_usd_m"] > 0, "gdp_usd_m")
    unknown = rows[~(rows["gdp_usd_m"] > 0) | rows["other_spending_usd_m"].isna()].drop_duplicates("actor_id")
    return [
        Finding(
            "OBJECTIVE_UNCLEAR",
            "actor_years",
            f"{row.actor_id}/{row.year}",
            str(row.lacks),
            "",
            "the least worst burden is asked for, but this ally's spending as a share of GDP is not known",
            "Give its GDP, and its other spending or its published spending of period 0.",
        )
        for row in unknown.itertuples()
    ]


def add_variables(m: Any, index: Index) -> None:
    """Adds the lead actor's money where there is a budget, and the worst burden where it is asked for."""
    m.budget = parameter(budgets(index), ["actor_id"], "budget_usd_m")
    m.lead_money = variable(m.budget, m.years, free=True)
    # One for all allies; a set, so that rules can sum over it where the worst burden is not asked for.
    borne = pd.DataFrame({"every": ["ALLIES"] if WORST_BURDEN in index.asked.objectives else []})
    m.burdens = key_set(borne, ["every"])
    m.worst_burden = variable(m.burdens)


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    m.last_factor = parameter(budgets(index), ["actor_id"], "last_factor")
    add_block(m, budget_use, m.budget, m.years)
    add_block(m, lead_budget, m.budget)
    add_block(m, burden, key_set(burdened(index), ACTOR_YEAR))


def budget_use(m: Any, actor: Any, year: Any) -> Any:
    """What the lead actor pays in a year counts against the budget."""
    return m.lead_money[actor, year] == equivalent_outlays(m, actor, year)


def lead_budget(m: Any, actor: Any) -> Any:
    """The lead actor's money stays within the budget."""
    return (
        sum(m.discount[year] * m.lead_money[actor, year] for year in m.years)
        - m.last_factor[actor] * salvage_value(m, actor)
        <= m.budget[actor]
    )


def burden(m: Any, actor: Any, year: Any) -> Any:
    """No ally spends more of its GDP than the worst burden."""
    return m.spending[actor, year] <= m.gdp[actor, year] * sum(m.worst_burden[every] for every in m.burdens)


def counts(index: Index) -> Counts:
    """Counts of the family."""
    has_budget = index.asked.lead_budget_usd_m is not None
    years = pd.DataFrame({"actor_id": index.lead, "year": index.years if has_budget else []})
    lead = pd.Series([index.lead] * has_budget)
    allies = len(burdened(index))
    return Counts(
        rows={
            "budget_use": (len(years), len(years) + outlay_terms(index, years)),
            "lead_budget": (len(lead), len(years) + salvage_terms(index, lead)),
            "burden": (allies, 2 * allies),
        },
        columns={"lead_money": len(years), "worst_burden": int(WORST_BURDEN in index.asked.objectives)},
    )


FAMILY = Family(ROWS, add_variables, add_rows, counts, findings)

"""What is minimized, and the costs that break ties.

::

    lead_cost        Σ_t discount[t]·outlays(u,t) − factor[n]·salvage(u)                     M$, u the lead actor
    penalty          Σ_t discount[t]·( Σ_{k,c} interest[k,c]·unmet[k,c,t] + Σ_r penalty[r]·(violation + excess)[r,t]
                                       + exposure_price[t]·exposure[t] )
                     + Σ_t factor[t]·Σ_{a,g,h} move_price[a,t]·moves[a,g,h,t]
    alliance_cost    Σ_a ( Σ_t discount[t]·outlays(a,t) − factor[n]·salvage(a) )             M$, all actors
    missing_shares   Σ_{k,c,p,s,t} span[t]·weight[k]·shortfall[k,c,p,s,t] / required[k,c,p,s,t]   shares of needs
    exposure_borne   Σ_t span[t]·exposure[t]                                                 points
    greatest_burden  worst_burden                                                            share of GDP
    change           Σ personnel[g]·(raised + disbanded + converted) + Σ (housing_built + housing_released)      persons

factor[t] is the discount factor of the calendar year t, discount[t] the sum of those of the span[t] years for which
the period t stands; outlays are the equivalent ones. Where every period is a year, discount is factor and span 1.

An objective is one of these or, of money, one and the penalty (``optimizer.objectives``); weight[k] is
theaters.shortfall_weight_factor. Several are minimized in order, each held at its least while the next is.
Minimizing the lead actor's cost alone leaves allied quantities arbitrary; ties are broken by least alliance cost,
then by least change from today in people, counted by the people of units raised, disbanded and converted and by the
room built and given up. Where the lead actor's cost is not asked for, it is the first to break ties.
"""

from typing import Any

import pyomo.core as pyo

from optimizer.formulation.families.exposure import prices
from optimizer.formulation.families.transition import stability_years
from optimizer.formulation.frames.index import Index
from optimizer.formulation.frames.paths import NEED
from optimizer.formulation.frames.reach import reach_of
from optimizer.formulation.outlays import equivalent_outlays, salvage_value
from optimizer.objectives import COST_VECTORS, EXPOSURE, SHORTFALL, WORST_BURDEN
from optimizer.tables.keyed import values


def add_objectives(m: Any, index: Index) -> None:
    """Adds the first objective, active, and the cost vectors beside it, inactive."""
    discount, factors, last = index.discount, index.factors, index.years[-1]

    def cost(actor: str) -> Any:
        paid = pyo.quicksum(discount[year] * equivalent_outlays(m, actor, year) for year in index.years)
        return paid - factors[last] * salvage_value(m, actor)

    interests = values(
        index.problem["interests"], ["theater_id", "capability_id"], "interest_usd_m_per_point_yr"
    )
    penalties = values(index.problem["policy_rules"], ["policy_rule_id"], "penalty_usd_m")
    exposure_price, move_prices = {}, {}
    if len(m.exposure):
        exposure_price = values(prices(index), ["year"], "exposure_price_usd_m_per_point_yr")
    if len(m.moves):
        move_prices = values(stability_years(index), ["actor_id", "year"], "move_price_usd_m_per_unit")
    personnel = values(index.forces, ["unit_type_id"], "personnel_persons")
    lead = cost(index.lead)
    penalty = (
        pyo.quicksum(discount[t] * interests[k, c] * m.unmet[k, c, t] for k, c, t in m.unmet)
        + pyo.quicksum(discount[t] * penalties[r] * m.violation[r, t] for r, t in m.violation)
        + pyo.quicksum(discount[t] * penalties[r] * m.excess[r, t] for r, t in m.excess)
        + pyo.quicksum(discount[t] * price * m.exposure[t] for t, price in exposure_price.items())
        + pyo.quicksum(factors[t] * move_prices[a, t] * m.moves[a, g, h, t] for a, g, h, t in m.moves)
    )
    people = (
        pyo.quicksum(personnel[g] * m.raised[a, g, t] for a, g, t in m.raised)
        + pyo.quicksum(personnel[g] * m.disbanded[a, g, t] for a, g, t in m.disbanded)
        + pyo.quicksum(personnel[g] * m.converted[a, g, h, t] for a, g, h, t in m.converted)
        + pyo.quicksum(m.housing_built.values())
        + pyo.quicksum(m.housing_released.values())
    )
    m.lead_cost = pyo.Objective(expr=lead)
    m.penalty = pyo.Objective(expr=penalty)
    m.alliance_cost = pyo.Objective(expr=pyo.quicksum(cost(actor) for actor in m.actors))
    m.change = pyo.Objective(expr=people)
    if SHORTFALL in index.asked.objectives:
        m.missing_shares = pyo.Objective(expr=_missing_shares(m, index))
    if EXPOSURE in index.asked.objectives:
        spans = index.problem.calendar.spans
        m.exposure_borne = pyo.Objective(expr=pyo.quicksum(spans[t] * m.exposure[t] for t in index.years))
    if WORST_BURDEN in index.asked.objectives:
        m.greatest_burden = pyo.Objective(expr=pyo.quicksum(m.worst_burden.values()))
    vectors = list(m.component_objects(pyo.Objective))
    first = [m.component(name).expr for name in COST_VECTORS[index.asked.objectives[0]]]
    m.objective = pyo.Objective(expr=pyo.quicksum(first))
    for vector in vectors:
        vector.deactivate()


def _missing_shares(m: Any, index: Index) -> Any:
    weights = values(index.problem["theaters"], ["theater_id"], "shortfall_weight_factor")
    required = values(reach_of(index).needs, [*NEED, "year"], "required_points")
    spans = index.problem.calendar.spans
    return pyo.quicksum(
        spans[key[-1]] * weights[key[0]] / required[key] * m.shortfall[key] for key in m.shortfall
    )

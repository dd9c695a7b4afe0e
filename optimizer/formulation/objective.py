"""What is minimized, and the two costs that break ties.

::

    lead_cost      Σ_t discount[t]·outlays(u,t) − discount[n]·salvage(u)
    penalty        Σ_t discount[t]·( Σ_{k,c} interest[k,c]·unmet[k,c,t] + Σ_r penalty[r]·(violation + excess)[r,t]
                                     + exposure_price[t]·exposure[t]
                                     + Σ_{a,g,h} move_price[a,t]·moves[a,g,h,t] )
    objective      lead_cost + penalty                                                     M$, u the lead actor
    alliance_cost  Σ_a ( Σ_t discount[t]·outlays(a,t) − discount[n]·salvage(a) )           M$, all actors
    change         Σ personnel[g]·(raised + disbanded) + Σ (housing_built + housing_released)      persons

Minimizing the lead actor's cost alone leaves allied quantities arbitrary; ties are broken by least alliance cost,
then by least change from today in people, counted by the people of units raised and disbanded and by the room
built and given up.
"""

from typing import Any

import pyomo.environ as pyo

from optimizer.formulation.exposure import prices
from optimizer.formulation.index import Index
from optimizer.formulation.outlays import outlays, salvage_value
from optimizer.formulation.sets import values
from optimizer.formulation.transition import stability_years

OBJECTIVES = ("lead_cost", "penalty", "alliance_cost", "change")
"""Names of the cost vectors; the objective is the sum of the first two."""


def add_objectives(m: Any, index: Index) -> None:
    """Adds the objective, active, and the cost vectors beside it, inactive."""
    discount, last = index.discount, index.years[-1]

    def cost(actor: str) -> Any:
        paid = pyo.quicksum(discount[year] * outlays(m, actor, year) for year in index.years)
        return paid - discount[last] * salvage_value(m, actor)

    interests = values(
        index.problem["interests"], ["theater_id", "capability_id"], "interest_usd_m_per_point_yr"
    )
    penalties = values(index.problem["policy_rules"], ["policy_rule_id"], "penalty_usd_m")
    exposure_price = prices(index)
    move_prices = values(stability_years(index), ["actor_id", "year"], "move_price_usd_m_per_unit")
    personnel = values(index.forces, ["unit_type_id"], "personnel_persons")
    lead = cost(index.lead)
    penalty = (
        pyo.quicksum(discount[t] * interests[k, c] * m.unmet[k, c, t] for k, c, t in m.unmet)
        + pyo.quicksum(discount[t] * penalties[r] * m.violation[r, t] for r, t in m.violation)
        + pyo.quicksum(discount[t] * penalties[r] * m.excess[r, t] for r, t in m.excess)
        + pyo.quicksum(discount[t] * price * m.exposure[t] for t, price in exposure_price.items())
        + pyo.quicksum(discount[t] * move_prices[a, t] * m.moves[a, g, h, t] for a, g, h, t in m.moves)
    )
    people = (
        pyo.quicksum(personnel[g] * m.raised[a, g, t] for a, g, t in m.raised)
        + pyo.quicksum(personnel[g] * m.disbanded[a, g, t] for a, g, t in m.disbanded)
        + pyo.quicksum(m.housing_built.values())
        + pyo.quicksum(m.housing_released.values())
    )
    m.lead_cost = pyo.Objective(expr=lead)
    m.penalty = pyo.Objective(expr=penalty)
    m.alliance_cost = pyo.Objective(expr=pyo.quicksum(cost(actor) for actor in m.actors))
    m.change = pyo.Objective(expr=people)
    m.objective = pyo.Objective(expr=lead + penalty)
    for name in OBJECTIVES:
        getattr(m, name).deactivate()

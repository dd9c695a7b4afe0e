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

import pandas as pd

from optimizer.formulation.binding import key_set, keys_of, parameter
from optimizer.formulation.families.deterrence import unmet
from optimizer.formulation.families.exposure import exposed_years, prices
from optimizer.formulation.families.transition import stability_years
from optimizer.formulation.frames.index import Index
from optimizer.formulation.outlays import equivalent_outlays, salvage_value
from optimizer.objectives import COST_VECTORS, EXPOSURE, SHORTFALL, WORST_BURDEN


def add_objectives(m: Any, index: Index) -> None:
    """Adds the costs, and which of them are minimized first."""
    asked = index.asked.objectives
    actors = index.problem["actors"]
    m.lead = key_set(actors[actors["actor_id"] == index.lead], ["actor_id"])
    _add_penalties(m, index)
    m.personnel = parameter(index.forces, ["unit_type_id"], "personnel_persons")
    for name in ("raised", "disbanded", "converted", "housing_built", "housing_released"):
        setattr(m, f"every_{name}", keys_of(getattr(m, name)))
    rules = [lead_cost, penalty, alliance_cost, change]
    if SHORTFALL in asked or EXPOSURE in asked:
        years = pd.DataFrame({"year": index.years})
        m.span = parameter(years.assign(span=index.spans(years)), ["year"], "span")
    if SHORTFALL in asked:
        m.shortfall_weight = parameter(index.problem["theaters"], ["theater_id"], "shortfall_weight_factor")
        m.every_shortfall = keys_of(m.shortfall)
        rules.append(missing_shares)
    if EXPOSURE in asked:
        m.every_exposure = keys_of(m.exposure)
        rules.append(exposure_borne)
    if WORST_BURDEN in asked:
        rules.append(greatest_burden)
    m.costs.update({rule.__name__: rule for rule in rules})
    m.minimized = COST_VECTORS[asked[0]]


def _add_penalties(m: Any, index: Index) -> None:
    p = index.problem
    m.interest = parameter(p["interests"], ["theater_id", "capability_id"], "interest_usd_m_per_point_yr")
    m.every_unmet = keys_of(m.scenarios_counted)
    m.rule_penalty = parameter(p["policy_rules"], ["policy_rule_id"], "penalty_usd_m")
    m.every_violation, m.every_excess = keys_of(m.violation), keys_of(m.excess)
    priced = prices(index)
    m.priced_exposure = key_set(priced[priced["year"].isin(exposed_years(index))], ["year"])
    m.exposure_price = parameter(priced, ["year"], "exposure_price_usd_m_per_point_yr")
    m.every_move = keys_of(m.moves)
    m.move_price = parameter(stability_years(index), ["actor_id", "year"], "move_price_usd_m_per_unit")


def lead_cost(m: Any) -> Any:
    """What the lead actor pays, less what is left at the end."""
    return sum(_cost(m, actor) for actor in m.lead)


def alliance_cost(m: Any) -> Any:
    """What all actors pay, less what is left at the end."""
    return sum(_cost(m, actor) for actor in m.actors)


def _cost(m: Any, actor: Any) -> Any:
    return sum(m.discount[t] * equivalent_outlays(m, actor, t) for t in m.years) - sum(
        m.end_factor[end] * salvage_value(m, actor) for end in m.end
    )


def penalty(m: Any) -> Any:
    """What is missing, what rules are broken, exposure and moves, each at its price."""
    return (
        sum(m.discount[t] * m.interest[k, c] * unmet(m, k, c, t) for k, c, t in m.every_unmet)
        + sum(m.discount[t] * m.rule_penalty[r] * m.violation[r, t] for r, t in m.every_violation)
        + sum(m.discount[t] * m.rule_penalty[r] * m.excess[r, t] for r, t in m.every_excess)
        + sum(m.discount[t] * m.exposure_price[t] * m.exposure[t] for t in m.priced_exposure)
        + sum(m.factor[t] * m.move_price[a, t] * m.moves[a, g, h, t] for a, g, h, t in m.every_move)
    )


def change(m: Any) -> Any:
    """People of units raised, disbanded and converted, and room built and given up."""
    return (
        sum(m.personnel[g] * m.raised[a, g, t] for a, g, t in m.every_raised)
        + sum(m.personnel[g] * m.disbanded[a, g, t] for a, g, t in m.every_disbanded)
        + sum(m.personnel[g] * m.converted[a, g, h, t] for a, g, h, t in m.every_converted)
        + sum(m.housing_built[a, site, t] for a, site, t in m.every_housing_built)
        + sum(m.housing_released[a, site, t] for a, site, t in m.every_housing_released)
    )


def missing_shares(m: Any) -> Any:
    """What is missing of each need, as a part of it."""
    return sum(
        m.span[t] * m.shortfall_weight[k] / m.required[k, c, p, s, t] * m.shortfall[k, c, p, s, t]
        for k, c, p, s, t in m.every_shortfall
    )


def exposure_borne(m: Any) -> Any:
    """Exposure of all years."""
    return sum(m.span[t] * m.exposure[t] for t in m.every_exposure)


def greatest_burden(m: Any) -> Any:
    """The worst burden of an ally."""
    return sum(m.worst_burden[every] for every in m.burdens)

"""What an actor pays in a year, and what of it is left at the end: the one place where costs meet decisions.

::

    outlays(a,t) = Σ_g ( Σ_o raise_part[a,g,o,t]·raised[a,g,o] + once[t]·disband_cost[a,g]·disbanded[a,g,t]
                         + Σ_h Σ_o conversion_part[a,g,h,o,t]·converted[a,g,h,o]
                         + own_cost[a,g]·owned[a,g,t] )
                 + Σ_g ( Σ_o set_part[a,g,o,t]·sets_bought[a,g,o] + set_upkeep[a,g]·sets_owned[a,g,t] )
                 + Σ_l ( open_cost·open + once[t]·(opening_cost·opening + closing_cost·closing) )
                 + Σ_l ( housing_cost·housing + once[t]·build_cost·housing_built )
                 + Σ_{g,l,m} stationing_cost[a,g,l,m]·stationed[a,g,l,m,t]
                 + Σ_{v,b} command_cost[v,b]·held[v,b,t]                                     a the lead actor
                 + Σ_{b,n} nuclear_cost[a,b,n]·nuclear_choice[b,n,t]                 b = a, all b for the lead
                 + Σ_n Σ_o program_part[a,n,o,t]·program_start[a,n,o]
                 + once[t]·homecoming_cost[a]·homecoming[a,t]
                 + Σ_h billed[a,h,t]                                                                  a an ally
                 − Σ_{b,h} billed[b,h,t]                             a the lead actor; M$ in a year of t

    salvage(a)   = Σ raise_salvage·salvaged + Σ conversion_salvage·salvaged_converted
                 + Σ set_salvage·sets_salvaged + Σ housing_salvage·housing_salvaged

An order is placed in the last year of its period and paid in equal parts over its lead time, from that year, or whole
where there is none; a conversion and a nuclear program likewise. A part counts in the period to which its year belongs:
raise_part is the parts paid in t. Everything else that costs once is paid in the last year of t. All of that is money a
year of t in one of two figures (``frames.payments``): once[t] is 1 divided by the years of t in ``outlays``, the mean
that limits of spending look at, and factor[t] / discount[t] in ``equivalent_outlays``, which is what is discounted.
Where every period is a year both are 1. The stationing cost of a unit is that of its people at the site plus that of
its mode. Salvage falls in a straight line over the life of what was bought, counted from the year it arrives.
"""

from typing import Any

import pandas as pd

from optimizer.formulation.binding import key_set, own_name, parameter, relation
from optimizer.formulation.frames.command_options import OPTION
from optimizer.formulation.frames.home_room import payers
from optimizer.formulation.frames.hosted_forces import BILL
from optimizer.formulation.frames.housing import housing_salvage_rates, used_access
from optimizer.formulation.frames.index import ACCESS, CONVERSION, FORCE, PLACE, Index, once
from optimizer.formulation.frames.nuclear_options import CHOICE, payments, yearly_costs
from optimizer.formulation.frames.payments import in_equal_parts, once_weights

TYPE = "unit_type_id"


def add_rates(m: Any, index: Index) -> None:
    """Adds the cost rates, and for each actor the decisions that cost it something."""
    m.actors = key_set(index.problem["actors"], ["actor_id"])
    forces, places = index.forces, index.places
    m.own_cost, m.owners = _rated(m, forces, FORCE, "own_cost_usd_m_per_unit_yr")
    m.disband_cost, m.disbanders = _rated(m, forces, FORCE, "disband_cost_usd_m_per_unit")
    m.set_upkeep, m.set_keepers = _rated(m, index.set_forces, FORCE, "set_upkeep_cost_usd_m_per_set_yr")
    once = once_weights(index)
    m.once_average, m.once_worth = (parameter(once, ["year"], weight) for weight in ("average", "worth"))
    m.raise_average, m.raise_worth, m.orders_paid = _paid(m, _unit_payments(index), FORCE)
    m.set_average, m.set_worth, m.set_orders_paid = _paid(m, _set_payments(index), FORCE)
    m.conversion_average, m.conversion_worth, m.conversions_paid = _paid(
        m, _conversion_payments(index), CONVERSION
    )
    m.stationing_cost, m.stationers = _rated(m, places, PLACE, "stationing_cost_usd_m_per_unit_yr")
    used = used_access(index)
    opened = used[used["has_opening"]]
    m.open_cost, m.openers = _rated(m, opened, ACCESS, "open_cost_usd_m_per_yr")
    m.opening_cost, m.opening_sites = _rated(m, opened, ACCESS, "opening_cost_usd_m")
    m.closing_cost, m.closing_sites = _rated(m, opened, ACCESS, "closing_cost_usd_m")
    m.housing_cost, m.housers = _rated(m, used, ACCESS, "housing_cost_usd_m_per_person_yr")
    m.build_cost, m.builders = _rated(m, used, ACCESS, "housing_build_cost_usd_m_per_person")
    m.salvage, m.salvagers = _rated(m, index.orders, [*FORCE, "year"], "salvage_usd_m_per_unit")
    m.conversion_salvage, m.conversion_salvagers = _rated(
        m, index.conversion_orders, [*CONVERSION, "year"], "salvage_usd_m_per_unit"
    )
    m.set_salvage, m.set_salvagers = _rated(m, index.set_orders, [*FORCE, "year"], "salvage_usd_m_per_unit")
    m.housing_salvage, m.housing_salvagers = _rated(
        m, housing_salvage_rates(index), [*ACCESS, "year"], "salvage_usd_m_per_person"
    )
    commands = index.problem["command_options"]
    costly = commands[commands["lead_cost_usd_m_per_yr"] != 0].assign(payer_id=index.lead)
    m.command_cost = parameter(costly, OPTION, "lead_cost_usd_m_per_yr")
    m.command_payers = relation(costly, ["payer_id"], OPTION, m.actors)
    yearly, programs = yearly_costs(index), payments(index)
    m.nuclear_cost = parameter(yearly, ["payer_id", *CHOICE], "usd_m")
    m.nuclear_payers = relation(yearly, ["payer_id"], CHOICE, m.actors)
    program = [*CHOICE, "year", "paid_year"]
    m.program_average = parameter(programs, program, "average_usd_m")
    m.program_worth = parameter(programs, program, "worth_usd_m")
    m.programs_paid = relation(
        programs, ["actor_id", "paid_year"], ["nuclear_posture", "year"], m.actors, m.years
    )
    m.homecoming_cost = parameter(index.problem["actors"], ["actor_id"], "homecoming_usd_m_per_person")
    m.homecomers = own_name(payers(index), ["actor_id"], m.actors)
    billing = index.problem["billing"].assign(receiver_id=index.lead)
    m.bills_paid = relation(billing, ["actor_id"], BILL, m.actors)
    m.bills_received = relation(billing, ["receiver_id"], BILL, m.actors)


def _rated(m: Any, frame: pd.DataFrame, by: list[str], rate: str) -> tuple[Any, Any]:
    """A rate by key, and for each actor the rest of the keys at which its rate is above 0."""
    costly = frame[frame[rate] > 0]
    rest = [name for name in by if name != "actor_id"]
    return parameter(costly, by, rate), relation(costly, ["actor_id"], rest, m.actors)


def _paid(m: Any, payments: pd.DataFrame, by: list[str]) -> tuple[Any, Any, Any]:
    """What an order costs in a period, in both figures, and by actor and period the orders paid then."""
    key = [*by, "year", "paid_year"]
    paid = relation(payments, ["actor_id", "paid_year"], [*by[1:], "year"], m.actors, m.years)
    return parameter(payments, key, "average_usd_m"), parameter(payments, key, "worth_usd_m"), paid


@once
def _unit_payments(index: Index) -> pd.DataFrame:
    return in_equal_parts(index, index.orders, "raise_cost_usd_m_per_unit", "lead_time_yr")


@once
def _set_payments(index: Index) -> pd.DataFrame:
    return in_equal_parts(index, index.set_orders, "set_purchase_cost_usd_m_per_set", "set_lead_time_yr")


@once
def _conversion_payments(index: Index) -> pd.DataFrame:
    return in_equal_parts(index, index.conversion_orders, "conversion_cost_usd_m_per_unit", "lead_time_yr")


def outlays(m: Any, actor: Any, year: Any) -> Any:
    """What an actor pays in a year of a period, in the mean over its years, M$."""
    return _outlays(
        m,
        actor,
        year,
        m.once_average,
        m.raise_average,
        m.conversion_average,
        m.set_average,
        m.program_average,
    )


def equivalent_outlays(m: Any, actor: Any, year: Any) -> Any:
    """What an actor would pay in every year of a period, were one-off money spread at its worth, M$.

    Times the period's discount, that is what the actor pays in the period, each dollar discounted from its own year.
    """
    return _outlays(
        m, actor, year, m.once_worth, m.raise_worth, m.conversion_worth, m.set_worth, m.program_worth
    )


def _outlays(
    m: Any,
    actor: Any,
    year: Any,
    once: Any,
    raising: Any,
    converting: Any,
    set_buying: Any,
    program_cost: Any,
) -> Any:
    return (
        sum(
            raising[actor, g, order, year] * m.raised[actor, g, order]
            for g, order in m.orders_paid[actor, year]
        )
        + sum(
            converting[actor, g, after, order, year] * m.converted[actor, g, after, order]
            for g, after, order in m.conversions_paid[actor, year]
        )
        + sum(
            once[year] * m.disband_cost[actor, g] * m.disbanded[actor, g, year] for g in m.disbanders[actor]
        )
        + sum(m.own_cost[actor, g] * m.owned[actor, g, year] for g in m.owners[actor])
        + sum(
            set_buying[actor, g, order, year] * m.sets_bought[actor, g, order]
            for g, order in m.set_orders_paid[actor, year]
        )
        + sum(m.set_upkeep[actor, g] * m.sets_owned[actor, g, year] for g in m.set_keepers[actor])
        + sum(m.open_cost[actor, site] * m.open[actor, site, year] for site in m.openers[actor])
        + sum(
            once[year] * m.opening_cost[actor, site] * m.opening[actor, site, year]
            for site in m.opening_sites[actor]
        )
        + sum(
            once[year] * m.closing_cost[actor, site] * m.closing[actor, site, year]
            for site in m.closing_sites[actor]
        )
        + sum(m.housing_cost[actor, site] * m.housing[actor, site, year] for site in m.housers[actor])
        + sum(
            once[year] * m.build_cost[actor, site] * m.housing_built[actor, site, year]
            for site in m.builders[actor]
        )
        + sum(
            m.stationing_cost[actor, g, site, mode] * m.stationed[actor, g, site, mode, year]
            for g, site, mode in m.stationers[actor]
        )
        + sum(
            m.command_cost[command, holder] * m.held[command, holder, year]
            for command, holder in m.command_payers[actor]
        )
        + sum(
            m.nuclear_cost[actor, ally, posture] * m.nuclear_choice[ally, posture, year]
            for ally, posture in m.nuclear_payers[actor]
        )
        + sum(
            program_cost[actor, posture, start, year] * m.program_start[actor, posture, start]
            for posture, start in m.programs_paid[actor, year]
        )
        + sum(
            once[year] * m.homecoming_cost[payer] * m.homecoming[payer, year] for payer in m.homecomers[actor]
        )
        + sum(m.billed[payer, host, year] for payer, host in m.bills_paid[actor])
        - sum(m.billed[payer, host, year] for payer, host in m.bills_received[actor])
    )


def salvage_value(m: Any, actor: Any) -> Any:
    """What an actor's additions are still worth at the end of the last year, M$."""
    return (
        sum(m.salvage[actor, g, order] * m.salvaged[actor, g, order] for g, order in m.salvagers[actor])
        + sum(
            m.conversion_salvage[actor, g, after, order] * m.salvaged_converted[actor, g, after, order]
            for g, after, order in m.conversion_salvagers[actor]
        )
        + sum(
            m.set_salvage[actor, g, order] * m.sets_salvaged[actor, g, order]
            for g, order in m.set_salvagers[actor]
        )
        + sum(
            m.housing_salvage[actor, site, year] * m.housing_salvaged[actor, site, year]
            for site, year in m.housing_salvagers[actor]
        )
    )


def outlay_terms(index: Index, actor_years: pd.DataFrame) -> int:
    """How many decisions ``outlays`` sums up, over all rows of a frame with actor_id and year."""
    orders = [
        paid[["actor_id", "paid_year"]].rename(columns={"paid_year": "year"})
        for paid in (
            _unit_payments(index),
            _set_payments(index),
            _conversion_payments(index),
            payments(index),
        )
    ]
    dated = pd.concat(orders).merge(actor_years, on=["actor_id", "year"])
    years = actor_years["actor_id"].value_counts()
    return len(dated) + int(_yearly_parties(index).map(years).fillna(0).sum())


def discounted_cost_terms(index: Index, actors: pd.Series) -> int:
    """How many decisions some actors' outlays of all years, less their salvage, sum up; an order counts once."""
    ordered = [
        _unit_payments(index).drop_duplicates([*FORCE, "year"]),
        _set_payments(index).drop_duplicates([*FORCE, "year"]),
        _conversion_payments(index).drop_duplicates([*CONVERSION, "year"]),
        payments(index).drop_duplicates([*CHOICE, "year"]),
    ]
    once = sum(int(orders["actor_id"].isin(actors).sum()) for orders in ordered)
    yearly = int(_yearly_parties(index).isin(actors).sum())
    return once + yearly * len(index.years) + salvage_terms(index, actors)


def salvage_terms(index: Index, actors: pd.Series) -> int:
    """How many decisions ``salvage_value`` sums up, over some actors."""
    added = (
        (index.orders, "salvage_usd_m_per_unit"),
        (index.conversion_orders, "salvage_usd_m_per_unit"),
        (index.set_orders, "salvage_usd_m_per_unit"),
        (housing_salvage_rates(index), "salvage_usd_m_per_person"),
    )
    return sum(int(((rows[rate] > 0) & rows["actor_id"].isin(actors)).sum()) for rows, rate in added)


def _yearly_parties(index: Index) -> pd.Series:
    """Who pays, or receives, for each decision that costs something in every year."""
    used = used_access(index)
    opened = used[used["has_opening"]]
    rated = [
        (index.forces, "own_cost_usd_m_per_unit_yr"),
        (index.forces, "disband_cost_usd_m_per_unit"),
        (index.set_forces, "set_upkeep_cost_usd_m_per_set_yr"),
        (index.places, "stationing_cost_usd_m_per_unit_yr"),
        (opened, "open_cost_usd_m_per_yr"),
        (opened, "opening_cost_usd_m"),
        (opened, "closing_cost_usd_m"),
        (used, "housing_cost_usd_m_per_person_yr"),
        (used, "housing_build_cost_usd_m_per_person"),
    ]
    options = index.problem["command_options"]
    commands = options.loc[options["lead_cost_usd_m_per_yr"] != 0, "actor_id"]
    billed = index.problem["billing"]["actor_id"]
    parties = [frame.loc[frame[column] > 0, "actor_id"] for frame, column in rated]
    parties += [yearly_costs(index)["payer_id"], billed, payers(index)["actor_id"]]
    parties += [pd.Series(index.lead, index=rows.index, dtype="str") for rows in (commands, billed)]
    every: pd.Series = pd.concat(parties)
    return every

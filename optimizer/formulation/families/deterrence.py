"""4.6 Deterrence: every theater has the points it needs, in every phase of every scenario.

A need is met by deployed units, or goes short at the price of the lead actor's interest::

    deterrence[k,c,p,s,t]    Σ_{j,g,i} effect[j,g,k,c]·deployed[j,g,i,k,p,s,t]
                             − Σ_{j,g,i} Σ_{p'<p DETER} effect[j,g,k,c]·lost[g,p',p]·deployed[j,g,i,k,p',s,t]
                             + Σ_{v,a} bonus[v,a,c,p,s,t] + Σ_{a,n} lowered[a,n,k,c,p,s,t]·nuclear_choice[a,n,t]
                             + shortfall[k,c,p,s,t] ≥ required[k,c,p,s,t]               (losses only in WIN phases)
    lead_share[k,c,p,s,t]    lead_counted[k,c,p,s,t] ≤ the lead actor's part of the first two sums
    lead_share_least         the same part + fraction·shortfall[k,c,p,s,t] ≥ fraction·required[k,c,p,s,t]
    shortfall_priced         shortfall[k,c,p,s,t] ≤ shortfall_level[k,c,t] + shortfall_excess[k,c,s,t]

    unmet[k,c,t]             = shortfall_level[k,c,t] + Σ_s part[k,c,s,t]·shortfall_excess[k,c,s,t]
    lost[g,p',p]             = attrition[g,p']·Π_{p'<p''<p} (1 − attrition[g,p''])

The first two sums are survivors: of what was added in a phase q, Π_{q≤p'<p} (1 − attrition[g,p']) is left by p. As
deployed is cumulative, what was added in q is deployed[q] − deployed[q−1]; put together by phase, that is lost[g,p',p].

==========================  ==================================================  ================================
symbol                      meaning, unit                                       source column
==========================  ==================================================  ================================
effect[j,g,k,c]             quality·points[g,c]·theater_factor[g,k], points     actors, unit_capabilities,
                            of a unit                                           unit_type_theaters
attrition[g,p']             part of the units still there that phase p' takes   attrition.attrition_fraction
required[k,c,p,s,t]         points: as given, or red_score ÷ break_even_ratio   requirements, settings
                            (DETER) or red_score·win_ratio (WIN)
shortfall[k,c,p,s,t]        points missing; only where there is an interest, or
                            least shortfall is the first objective; without an
                            upper bound, whose dual would raise the price of a
                            need of which nothing is met above the interest
bonus[v,a,c,p,s,t]          points that the holder of a command adds            see ``command``
lowered[a,n,k,c,p,s,t]      points by which a nuclear option lowers the need    see ``nuclear``
unmet[k,c,t]                points missing, as settings.shortfall_measure says  priced by interests
shortfall_level[k,c,t]      ROBUST: the worst shortfall; CVAR: where the tail
                            begins; EXPECTED: none
shortfall_excess[k,c,s,t]   EXPECTED: the worst shortfall of the scenario's
                            phases; CVAR: that above the level; ROBUST: none
part[k,c,s,t]               the scenario's part of the weight of those that     scenarios.weight_fraction
                            need k, c in t; CVAR: divided by 1 − tail level     settings.tail_level_fraction
lead_counted[k,c,p,s,t]     points of the lead actor that count, at most        requirements.
                            maximum_lead_fraction·required                      maximum_lead_fraction
fraction                    least part of what is met, required − shortfall,    requirements.
                            that the lead actor counts for                      minimum_lead_fraction
==========================  ==================================================  ================================

Where the lead actor's part is capped, lead_counted takes its place in the first row. Where it has a least part, what
others bring beyond what that part lets count is missing, at the price of what is missing. One more point asked for then
costs the dual of the need and fraction times that of lead_share_least. Where the cap binds it costs less: of one more
point the lead actor counts for maximum_lead_fraction, at the dual of lead_share in place of that of the need. Together
with the others of k, c and t, that is at most the interest.

The break-even ratio follows RAND MR-638 ch. 6: if the attacker needs 3:1 in a sector, a theater is just held at 1.5:1.
The tail of CVAR is Rockafellar and Uryasev's (2000); as no shortfall is below 0, neither is the level.
"""

from typing import Any

import numpy as np
import pandas as pd

from optimizer.errors import Finding
from optimizer.formulation.binding import (
    add_block,
    bounded_variable,
    key_set,
    own_name,
    parameter,
    relation,
    variable,
)
from optimizer.formulation.counts import Counts, distinct
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.index import Index, once
from optimizer.formulation.frames.nuclear_options import dispensable_needs
from optimizer.formulation.frames.paths import NEED
from optimizer.formulation.frames.reach import COLUMN, HELD, LOSS, reach_of
from optimizer.tables.keyed import is_among, joined, keys

ROWS = {
    "deterrence": RowKind.PRICED,
    "lead_share": RowKind.PHYSICS,
    "lead_share_least": RowKind.POLICY,
    "shortfall_priced": RowKind.PHYSICS,
}

PRICED = ["theater_id", "capability_id"]
EFFECT = ["pool_id", "unit_type_id", "theater_id", "capability_id"]


@once
def needs(index: Index) -> pd.DataFrame:
    """The rows of ``reach.needs`` with is_priced, is_leveled, is_averaged, is_elastic and most_lead_points.

    Of what is priced, is_leveled says whether its worst counts, is_averaged whether the scenarios' excess does.
    most_lead_points is infinite without a cap.
    """
    measure = index.problem.settings["shortfall_measure"]
    frame = reach_of(index).needs.copy(deep=False)
    frame["is_priced"] = is_among(frame, PRICED, set(keys(index.problem["interests"], PRICED)))
    frame["is_leveled"] = frame["is_priced"] & (measure != "EXPECTED")
    frame["is_averaged"] = frame["is_priced"] & (measure != "ROBUST")
    frame["is_elastic"] = frame["is_priced"] | index.asked.lets_every_need_go_short
    frame["most_lead_points"] = (frame["maximum_lead_fraction"] * frame["required_points"]).fillna(np.inf)
    return frame


def led(need: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``needs`` of which the lead actor must count for a least part."""
    return need[need["minimum_lead_fraction"] > 0]


@once
def scenario_parts(index: Index) -> pd.DataFrame:
    """What each scenario's excess counts: PRICED, scenario_id, year and part; no rows for ROBUST."""
    settings = index.problem.settings
    need = needs(index)
    frame = need.loc[need["is_priced"], [*PRICED, "scenario_id", "year"]].drop_duplicates()
    frame = joined(frame, index.problem["scenarios"][["scenario_id", "weight_fraction"]], ["scenario_id"])
    tail = 1.0 - float(settings["tail_level_fraction"])
    weight = frame.groupby([*PRICED, "year"])["weight_fraction"].transform("sum")
    frame["part"] = frame["weight_fraction"] / weight
    if settings["shortfall_measure"] == "CVAR":
        frame["part"] /= tail
    is_averaged = bool(settings["shortfall_measure"] != "ROBUST")
    return frame[frame["part"].notna() & is_averaged].reset_index(drop=True)


def add_variables(m: Any, index: Index) -> None:
    """Adds shortfall where a need may go short, its measure where that has a price, and lead_counted where capped."""
    need, key = needs(index), [*NEED, "year"]
    m.shortfall = variable(key_set(need[need["is_elastic"]], key))
    m.shortfall_level = variable(key_set(need[need["is_leveled"]], [*PRICED, "year"]))
    m.scenario_part = parameter(scenario_parts(index), [*PRICED, "scenario_id", "year"], "part")
    m.shortfall_excess = variable(m.scenario_part)
    m.lead_counted = bounded_variable(need[need["is_capped"]], key, least=0, most="most_lead_points")


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    reach = reach_of(index)
    need, key = needs(index), [*NEED, "year"]
    capped, priced = need[need["is_capped"]], need[need["is_priced"]]
    is_capped = set(keys(capped, NEED))

    def is_counted_apart(frame: pd.DataFrame) -> pd.Series:
        """Which points are the lead actor's for a need in which its part is capped."""
        return (frame["pool_id"] == index.lead) & is_among(frame, NEED, is_capped)

    supply, losses, lost = reach.supply, reach.losses, [*COLUMN, "earlier_phase_id"]
    apart, lost_apart = is_counted_apart(supply), is_counted_apart(losses)
    m.effect = parameter(supply, EFFECT, "effect_points")
    m.lost_points = parameter(losses, LOSS, "lost_points")
    m.required = parameter(need, key, "required_points")
    m.needs = key_set(need, NEED)
    m.suppliers = relation(supply[~apart], NEED, HELD, m.needs)
    m.losers = relation(losses[~lost_apart], NEED, lost, m.needs)
    m.wanted = key_set(need, PRICED)
    m.capped = own_name(capped, PRICED, m.wanted)
    m.elastic = own_name(need[need["is_elastic"]], PRICED, m.wanted)
    add_block(m, deterrence, m.required)

    shared = need[need["is_capped"] | (need["minimum_lead_fraction"] > 0)]
    m.led_needs = key_set(shared, NEED)
    m.lead_suppliers = relation(supply[supply["pool_id"] == index.lead], NEED, HELD, m.led_needs)
    m.lead_losers = relation(losses[losses["pool_id"] == index.lead], NEED, lost, m.led_needs)
    add_block(m, lead_share, m.lead_counted)
    m.least_lead_part = parameter(led(need), key, "minimum_lead_fraction")
    add_block(m, lead_share_least, m.least_lead_part)

    m.leveled = own_name(need[need["is_leveled"]], PRICED, m.wanted)
    m.averaged = own_name(need[need["is_averaged"]], PRICED, m.wanted)
    add_block(m, shortfall_priced, key_set(priced, key))
    parts, by_year = scenario_parts(index), [*PRICED, "year"]
    m.scenarios_counted = relation(parts, by_year, ["scenario_id"], key_set(priced, by_year))


def deterrence(m: Any, theater: Any, capability: Any, phase: Any, scenario: Any, year: Any) -> Any:
    """Deployed points, less losses, with what is missing, reach the need."""
    return (
        sum(
            m.effect[pool, unit_type, theater, capability]
            * m.deployed[pool, unit_type, column, there, held_phase, held_scenario, year]
            for pool, unit_type, column, there, held_phase, held_scenario in m.suppliers[
                theater, capability, phase, scenario
            ]
        )
        - sum(
            m.lost_points[pool, unit_type, theater, capability, earlier, phase]
            * m.deployed[pool, unit_type, column, theater, earlier, scenario, year]
            for pool, unit_type, column, earlier in m.losers[theater, capability, phase, scenario]
        )
        + sum(
            m.lead_counted[theater, capped, phase, scenario, year] for capped in m.capped[theater, capability]
        )
        + sum(
            m.bonus[command, holder, capability, phase, scenario, year]
            for command, holder in m.bonus_options[theater, capability]
        )
        + sum(
            m.lowered_points[ally, posture, theater, capability, phase, scenario, year]
            * m.nuclear_choice[ally, posture, year]
            for ally, posture in m.reducing_options[theater, capability]
        )
        + sum(m.shortfall[theater, short, phase, scenario, year] for short in m.elastic[theater, capability])
        >= m.required[theater, capability, phase, scenario, year]
    )


def lead_share(m: Any, theater: Any, capability: Any, phase: Any, scenario: Any, year: Any) -> Any:
    """Where its part is capped, the lead actor counts for no more than it brings."""
    return m.lead_counted[theater, capability, phase, scenario, year] <= _lead_points(
        m, theater, capability, phase, scenario, year
    )


def lead_share_least(m: Any, theater: Any, capability: Any, phase: Any, scenario: Any, year: Any) -> Any:
    """The lead actor counts for its least part of what is met of a need."""
    part = m.least_lead_part[theater, capability, phase, scenario, year]
    return (
        _lead_points(m, theater, capability, phase, scenario, year)
        + sum(
            part * m.shortfall[theater, short, phase, scenario, year]
            for short in m.elastic[theater, capability]
        )
        >= part * m.required[theater, capability, phase, scenario, year]
    )


def _lead_points(m: Any, theater: Any, capability: Any, phase: Any, scenario: Any, year: Any) -> Any:
    """Points of the lead actor's deployed units, less losses."""
    return sum(
        m.effect[pool, unit_type, theater, capability]
        * m.deployed[pool, unit_type, column, there, held_phase, held_scenario, year]
        for pool, unit_type, column, there, held_phase, held_scenario in m.lead_suppliers[
            theater, capability, phase, scenario
        ]
    ) - sum(
        m.lost_points[pool, unit_type, theater, capability, earlier, phase]
        * m.deployed[pool, unit_type, column, theater, earlier, scenario, year]
        for pool, unit_type, column, earlier in m.lead_losers[theater, capability, phase, scenario]
    )


def shortfall_priced(m: Any, theater: Any, capability: Any, phase: Any, scenario: Any, year: Any) -> Any:
    """What is missing is priced once, over phases and scenarios, as the settings measure it."""
    return m.shortfall[theater, capability, phase, scenario, year] <= sum(
        m.shortfall_level[theater, leveled, year] for leveled in m.leveled[theater, capability]
    ) + sum(
        m.shortfall_excess[theater, averaged, scenario, year] for averaged in m.averaged[theater, capability]
    )


def unmet(m: Any, theater: Any, capability: Any, year: Any) -> Any:
    """What is missing of a capability, as the settings measure it."""
    return sum(m.shortfall_level[theater, leveled, year] for leveled in m.leveled[theater, capability]) + sum(
        m.scenario_part[theater, capability, scenario, year]
        * m.shortfall_excess[theater, capability, scenario, year]
        for scenario in m.scenarios_counted[theater, capability, year]
    )


def counts(index: Index) -> Counts:
    """Counts of the family."""
    reach = reach_of(index)
    need = needs(index)
    capped, priced = need[need["is_capped"]], need[need["is_priced"]]
    is_capped = set(keys(capped, NEED))

    def split(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        counted = (frame["pool_id"] == index.lead) & is_among(frame, NEED, is_capped)
        return frame[~counted], frame[counted]

    def terms(rows: pd.DataFrame, *parts: pd.DataFrame) -> int:
        return sum(len(rows[NEED].merge(part[NEED], on=NEED)) for part in parts)

    direct, lead = split(reach.supply)
    direct_losses, lead_losses = split(reach.losses)
    least = led(need)
    every_lead = [part[part["pool_id"] == index.lead] for part in (reach.supply, reach.losses)]
    least_short = int(least["is_elastic"].sum())
    elastic = int(need["is_elastic"].sum())
    measure = index.problem.settings["shortfall_measure"]
    priced_terms = 3 if measure == "CVAR" else 2
    return Counts(
        rows={
            "deterrence": (len(need), terms(need, direct, direct_losses) + elastic + len(capped)),
            "lead_share": (len(capped), len(capped) + terms(capped, lead, lead_losses)),
            "lead_share_least": (len(least), least_short + terms(least, *every_lead)),
            "shortfall_priced": (len(priced), priced_terms * len(priced)),
        },
        columns={
            "shortfall": elastic,
            "shortfall_level": distinct(need[need["is_leveled"]], [*PRICED, "year"]),
            "shortfall_excess": len(scenario_parts(index)),
            "lead_counted": len(capped),
        },
    )


def findings(index: Index) -> list[Finding]:
    """Findings for needs that nobody can meet, and for those whose shortfall has a price but no weight."""
    return [*_unreachable(index), *_unled(index), *_weightless(index)]


def _unreachable(index: Index) -> list[Finding]:
    """Needs to which no unit of anybody adds, no nuclear option lowers to nothing, and no price is set."""
    if index.asked.lets_every_need_go_short:
        return []
    reach = reach_of(index)
    every = reach.needs.drop_duplicates(NEED)
    priced = set(keys(index.problem["interests"], PRICED))
    met = {*keys(reach.supply, NEED), *dispensable_needs(index, reach.needs)}
    lost = ~is_among(every, NEED, met) & ~is_among(every, PRICED, priced)
    return [
        Finding(
            "REQUIREMENT_UNREACHABLE",
            "requirements",
            f"{theater}/{scenario}/{phase}/{capability}/{year}",
            "required_points",
            f"{points:g}",
            "nobody owns or may own a unit with this capability that can be there in time",
            "Check readiness, notice and transit times, or give the theater an interest.",
        )
        for theater, capability, phase, scenario, year, points in keys(
            every[lost], [*NEED, "year", "required_points"]
        )
    ]


def _unled(index: Index) -> list[Finding]:
    """Needs of which the lead actor must count for a part, with no unit that adds to them and no price."""
    least, supply = led(needs(index)), reach_of(index).supply
    is_supplied = is_among(least, NEED, set(keys(supply[supply["pool_id"] == index.lead], NEED)))
    unled = least[~is_supplied & ~least["is_elastic"]].drop_duplicates(NEED)
    return [
        Finding(
            "REQUIREMENT_UNREACHABLE",
            "requirements",
            f"{theater}/{scenario}/{phase}/{capability}/{year}",
            "minimum_lead_fraction",
            f"{fraction:g}",
            f"no unit that {index.lead} owns or may own has this capability and can be there in time",
            "Lower minimum_lead_fraction to 0, check readiness and transit times, or give the theater an interest.",
        )
        for theater, capability, phase, scenario, year, fraction in keys(
            unled, [*NEED, "year", "minimum_lead_fraction"]
        )
    ]


def _weightless(index: Index) -> list[Finding]:
    """Priced needs whose scenarios all weigh nothing where weights count."""
    if index.problem.settings["shortfall_measure"] == "ROBUST":
        return []
    need = needs(index)
    priced = need[need["is_priced"]].merge(index.problem["scenarios"], on="scenario_id")
    weight = priced.groupby([*PRICED, "year"])["weight_fraction"].sum()
    weightless = weight[weight <= 0].rename("weight").reset_index()
    return [
        Finding(
            "WEIGHTS_MISSING",
            "interests",
            f"{row.theater_id}/{row.capability_id}",
            "",
            "",
            f"no scenario that needs it in {row.year} has a weight, so its shortfall would count for nothing",
            "Give one of the scenarios a weight_fraction, or take the shortfall_measure ROBUST.",
        )
        for row in weightless.drop_duplicates(PRICED).itertuples()
    ]


FAMILY = Family(ROWS, add_variables, add_rows, counts, findings)

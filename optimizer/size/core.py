"""Rows and nonzeros of every family, block by block, and the columns: a second reading of the formulation."""

import pandas as pd

from optimizer.formulation.families import (
    allied_response,
    allied_spending,
    basing,
    command,
    deployment,
    deterrence,
    garrison,
    policy_rules,
)
from optimizer.formulation.families.stationing import SETS, places_abroad
from optimizer.formulation.frames import allied_limits
from optimizer.formulation.frames.housing import housing_salvage_rates, used_access
from optimizer.formulation.frames.index import ACCESS, FORCE, PLACE, Index
from optimizer.formulation.frames.paths import NEED
from optimizer.formulation.frames.reach import WHEN, Reach
from optimizer.size.counts import Counts, distinct


def _salvage(added: pd.DataFrame, by: list[str], column: str) -> list[tuple[int, int]]:
    """Rows and nonzeros of the pair of blocks that limit a salvage."""
    worth = added[added[column] > 0]
    owners = distinct(worth, by)
    return [(owners, len(worth) + owners), (len(worth), 2 * len(worth))]


def _forces(index: Index) -> list[tuple[int, int]]:
    years = len(index.years)
    places, set_forces = index.places, index.set_forces
    rotating = places[places["rotation_ratio"] > 0]
    abroad = places_abroad(index)
    sets = places[places["mode"] == "PREPOSITIONED"]
    used = distinct(places, ACCESS)
    peopled = int((places["personnel_persons"] > 0).sum())
    balances = len(index.forces) * years
    return [
        (balances, 3 * balances + len(index.orders)),
        *_salvage(index.orders, FORCE, "salvage_usd_m_per_unit"),
        (distinct(rotating, FORCE) * years, (len(rotating) + distinct(rotating, FORCE)) * years),
        (distinct(abroad, FORCE) * years, (len(abroad) + distinct(abroad, FORCE)) * years),
        (distinct(sets, FORCE) * years, (len(sets) + distinct(sets, FORCE)) * years),
        (distinct(sets, SETS) * years, (len(sets) + distinct(sets, SETS)) * years),
        (len(set_forces) * years, 2 * len(set_forces) * years + len(index.set_orders)),
        *_salvage(index.set_orders, FORCE, "salvage_usd_m_per_unit"),
        (used * years, (peopled + used) * years),
    ]


def _sites(index: Index) -> list[tuple[int, int]]:
    years = len(index.years)
    used = used_access(index)
    opened = used[used["has_opening"]]
    limited = used[used["capacity_persons"].notna()]
    manned = int((opened["minimum_garrison_persons"] > 0).sum())
    roomy = int((opened["housing_most_persons"] > 0).sum())
    counted = basing.counted_people(index).groupby(basing.GROUP_LIMIT).size().rename("members").reset_index()
    limits = basing.group_limits(index).merge(counted, on=basing.GROUP_LIMIT)
    ceilings = limits[limits["maximum_persons"].notna()]
    paces = limits[limits["maximum_withdrawal_persons_per_yr"].notna()]
    supply, shares = garrison.supplies(index), garrison.shares(index)
    standing = index.places[
        (index.places["mode"] != "PREPOSITIONED") & (index.places["personnel_persons"] > 0)
    ]
    standing = standing.merge(supply[PLACE].drop_duplicates(), on=PLACE)
    garrisons = index.problem["garrisons"].merge(supply[["garrison_id"]].drop_duplicates(), on="garrison_id")
    in_points = garrisons[garrisons["required_points"] > 0]
    useful = supply[(supply["points_per_person"] > 0) & supply["garrison_id"].isin(in_points["garrison_id"])]
    by_actor = ["garrison_id", "actor_id"]
    each = supply.groupby(by_actor).size().rename("members").reset_index()
    least = shares[shares["least_fraction"] > 0].merge(each, on=by_actor)
    most = shares[shares["most_fraction"] < 1].merge(each, on=by_actor)
    openers = garrison.supplying_sites(index).groupby(by_actor).size().rename("members").reset_index()
    opened_least = garrison.least_sites(index).merge(openers, on=by_actor)
    return [
        (len(used) * years, 2 * len(used) * years),
        (distinct(limited, ["site_id"]) * years, len(limited) * years),
        (len(used) * years, 4 * len(used) * years),
        (len(opened) * years, (len(opened) + roomy) * years),
        (len(opened) * years, 4 * len(opened) * years),
        (len(opened) * years, 2 * len(opened) * years),
        (manned * years, 2 * manned * years),
        *_salvage(housing_salvage_rates(index), ACCESS, "salvage_usd_m_per_person"),
        (len(ceilings), int(ceilings["members"].sum())),
        (len(paces), 2 * int(paces["members"].sum())),
        (distinct(supply, PLACE) * years, (len(supply) + len(standing)) * years),
        (len(garrisons) * years, len(supply) * years),
        (len(in_points) * years, len(useful) * years),
        (len(least), int(least["members"].sum())),
        (len(most), int(most["members"].sum())),
        (len(opened_least), int(opened_least["members"].sum())),
    ]


def _deployment(index: Index, reach: Reach) -> list[tuple[int, int]]:
    years = len(index.years)
    ready = deployment.ready_forces(reach)
    reserved = index.forces[index.forces["reserved_count"] > 0][FORCE]
    held_back = len(ready.merge(reserved, on=FORCE))
    pool, pools = ["pool_id", "unit_type_id", *WHEN], deployment.limited_pools(reach)
    column, columns = [*FORCE, "column_id", *WHEN], deployment.limited_columns(reach)
    force, serving = [*FORCE, *WHEN], deployment.serving_columns(reach)
    from_home = deployment.columns_from_home(reach)
    sources = deployment.lone_sources(reach)
    home = sources[sources["source_id"] == "HOME"]
    away = sources[sources["source_id"] != "HOME"]
    places = reach.source_places
    standing = places[places["mode"] != "PREPOSITIONED"].merge(home[FORCE], on=FORCE)
    there = places.merge(away, on=[*FORCE, "source_id"])
    lift = reach.lift_uses
    return [
        (len(ready) * years, 2 * len(ready) * years),
        (held_back * years, 2 * held_back * years),
        (distinct(pools, pool) * years, (len(pools) + len(deployment.pool_parts(reach))) * years),
        (distinct(columns, column) * years, (len(columns) + len(deployment.column_parts(reach))) * years),
        (distinct(from_home, force) * years, (len(from_home) + distinct(from_home, force)) * years),
        (distinct(serving, force) * years, (len(serving) + distinct(serving, force)) * years),
        (len(home) * years, (2 * len(home) + len(standing)) * years),
        (len(away) * years, (len(away) + len(there)) * years),
        (len(reach.stays) * years, 2 * len(reach.stays) * years),
        (distinct(lift, ["lift_pool_id", *WHEN]) * years, len(lift) * years),
    ]


def _needs(index: Index, reach: Reach) -> list[tuple[int, int]]:
    need = deterrence.needs(index, reach)
    is_lead = reach.supply["pool_id"] == index.lead
    loses_lead = reach.losses["pool_id"] == index.lead
    capped = need[need["is_capped"]]
    keys = pd.MultiIndex.from_frame(capped[NEED].drop_duplicates())

    def split(frame: pd.DataFrame, is_lead: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
        counted = pd.MultiIndex.from_frame(frame[NEED]).isin(keys) & is_lead.to_numpy()
        return frame[~counted], frame[counted]

    direct, lead = split(reach.supply, is_lead)
    direct_losses, lead_losses = split(reach.losses, loses_lead)

    def terms(rows: pd.DataFrame, *parts: pd.DataFrame) -> int:
        return sum(len(rows[NEED].merge(part[NEED], on=NEED)) for part in parts)

    priced, elastic = int(need["is_priced"].sum()), int(need["is_elastic"].sum())
    measure = index.problem.settings["shortfall_measure"]
    return [
        (len(need), terms(need, direct, direct_losses) + elastic + len(capped)),
        (len(capped), len(capped) + terms(capped, lead, lead_losses)),
        (priced, 3 * priced if measure == "CVAR" else 2 * priced),
    ]


def _commands(index: Index, reach: Reach) -> list[tuple[int, int]]:
    options = command.options(index)
    by_year = [*command.OPTION, "year"]
    kept = int((options["may_change"] & (options["actor_id"] != index.lead)).sum())
    taking = command.taking(options)
    asked = command.prerequisites(index)
    asked = asked[~asked["is_before"]].merge(taking[by_year], on=by_year)
    shared = command.shared_needs(taking, reach)
    own = pd.concat([reach.supply, reach.losses]).merge(
        shared[["actor_id", *NEED, "year"]], on=["actor_id", *NEED]
    )
    bonus = command.bonuses(index, reach)
    covered = pd.concat([command.covered_supply(index, reach), command.covered_losses(index, reach)])
    covered = covered.merge(bonus[["command_id", *NEED, "year"]], on=["command_id", *NEED])
    return [
        (distinct(options, ["command_id", "year"]), len(options)),
        (kept, 2 * kept),
        (len(asked), len(asked) + int((asked["threshold_count"] > 0).sum())),
        (len(shared), len(shared) + len(own)),
        (len(bonus), len(bonus) + len(covered)),
        (len(bonus), 2 * len(bonus)),
        (0, len(bonus)),
    ]


def _responses(index: Index) -> list[tuple[int, int]]:
    responses = index.problem["responses"]
    if responses.empty:
        return []
    years = len(index.years)
    theaters = distinct(responses, ["theater_id"])
    targets = allied_response.targets(index)
    floored = int((targets["below_usd_m"] > 0).sum())
    steep = int(((targets["below_usd_m"] > 0) & (targets["above_usd_m"] > 0)).sum())
    answers = int((responses["response_usd_m_per_point_yr"] != 0).sum()) * years
    lagged = len(allied_response.slow(index))
    return [
        (theaters * years, (theaters + len(allied_response.counted_presence(index))) * years),
        (len(targets), len(targets) + answers + floored),
        (floored, floored + steep),
        (len(targets), 2 * len(targets) + lagged),
        (len(targets), 2 * len(targets)),
    ]


def _money(index: Index) -> list[tuple[int, int]]:
    limits = allied_limits.limits(index)
    years = limits[limits["year"] != index.today]
    ceilings = int(years["spending_ceiling_fraction"].notna().sum())
    ramps = len(allied_spending.ramped_years(index))
    rules = policy_rules.rule_years(index)
    alone = len(policy_rules.standing_alone(index))
    priced = rules["penalty_usd_m"].notna()
    sides = int(priced.sum()) + int((priced & (rules["sense"] == "EQUAL")).sum())
    return [
        (len(years), len(years) + cost_terms(index, years)),
        (ceilings, ceilings),
        (ramps, 2 * ramps),
        (len(rules), len(rules) + _rule_terms(index, rules)),
        (alone, alone + sides),
    ]


def cost_terms(index: Index, spenders: pd.DataFrame) -> int:
    """Decisions that cost something, over all spenders and years."""
    payments = 0
    for orders, cost, lead in (
        (index.orders, "raise_cost_usd_m_per_unit", "lead_time_yr"),
        (index.set_orders, "set_purchase_cost_usd_m_per_set", "set_lead_time_yr"),
    ):
        paid = orders[(orders[cost] > 0) & orders["actor_id"].isin(spenders["actor_id"])]
        payments += int(paid[lead].clip(lower=1).sum())
    by_actor = spenders["actor_id"].value_counts()
    return payments + int(costly_decisions(index).map(by_actor).fillna(0).sum())


def costly_decisions(index: Index) -> pd.Series:
    """The payer of each decision that costs something in every year."""
    forces, set_forces, places = index.forces, index.set_forces, index.places
    used = used_access(index)
    opened = used[used["has_opening"]]
    yearly = [
        (forces, "own_cost_usd_m_per_unit_yr"),
        (forces, "disband_cost_usd_m_per_unit"),
        (set_forces, "set_upkeep_cost_usd_m_per_set_yr"),
        (places, "stationing_cost_usd_m_per_unit_yr"),
        (opened, "open_cost_usd_m_per_yr"),
        (opened, "opening_cost_usd_m"),
        (opened, "closing_cost_usd_m"),
        (used, "housing_cost_usd_m_per_person_yr"),
        (used, "housing_build_cost_usd_m_per_person"),
    ]
    costly = pd.concat([frame.loc[frame[column] > 0, "actor_id"] for frame, column in yearly])
    options = index.problem["command_options"]
    commands = options[options["lead_cost_usd_m_per_yr"] != 0].assign(actor_id=index.lead)
    payers: pd.Series = pd.concat([costly, commands["actor_id"]])
    return payers


def _rule_terms(index: Index, rules: pd.DataFrame) -> int:
    """What the rules sum up, over all rules and years."""
    selected = policy_rules.selections(index)
    rule = [policy_rules.RULE]
    held = rules[[*rule, "year"]]
    always = pd.concat([selected["owned"], selected["stationed"], selected["disbanded"]])
    terms = len(held.merge(always.loc[always["coefficient"] != 0, rule], on=rule))
    ordered = selected["raised"][[*rule, *FORCE]].merge(index.orders[[*FORCE, "year"]], on=FORCE)
    terms += len(held.merge(ordered, on=[*rule, "year"]))
    terms += len(held.merge(selected["billed"][rule], on=rule))
    spent = policy_rules.spending_terms(index, selected["spending"])
    return terms + len(held.merge(spent[[*rule, "year"]], on=[*rule, "year"]))


def counts(index: Index, reach: Reach) -> Counts:
    """Counts of the families that every problem has."""
    blocks = [
        *_forces(index),
        *_sites(index),
        *_deployment(index, reach),
        *_needs(index, reach),
        *_commands(index, reach),
        *_money(index),
        *_responses(index),
    ]
    return Counts(blocks, *_columns(index, reach))


def _columns(index: Index, reach: Reach) -> tuple[int, int]:
    """Columns, and of them those that must be whole."""
    years, periods, settings = len(index.years), len(index.periods), index.problem.settings
    used = used_access(index)
    opened = int(used["has_opening"].sum())
    need = deterrence.needs(index, reach)
    priced = need[need["is_priced"]]
    rules = policy_rules.rule_years(index)
    penalty = rules["penalty_usd_m"].notna()
    salvage = [
        (index.orders, "salvage_usd_m_per_unit"),
        (index.set_orders, "salvage_usd_m_per_unit"),
        (housing_salvage_rates(index), "salvage_usd_m_per_person"),
    ]
    columns = [
        len(index.forces) * (periods + years),
        len(index.places) * periods,
        len(index.orders) + len(index.set_orders),
        sum(int((frame[column] > 0).sum()) for frame, column in salvage),
        len(index.set_forces) * periods,
        distinct(index.places, ACCESS) * periods,
        len(used) * (periods + 2 * years) + opened * (periods + 2 * years),
        len(garrison.supplies(index)) * years,
        (len(reach.variables) + len(deployment.ready_forces(reach)) + len(deployment.lone_sources(reach)))
        * years,
        int(need["is_elastic"].sum())
        + distinct(priced, [*deterrence.PRICED, "year"]) * (settings["shortfall_measure"] != "EXPECTED")
        + len(deterrence.scenario_parts(index, reach))
        + int(need["is_capped"].sum()),
        len(allied_spending.spending_years(index)),
        len(rules) + int(penalty.sum()) + int((penalty & (rules["sense"] == "EQUAL")).sum()),
    ]
    held = len(command.options(index)) + len(index.problem["command_options"])
    floored = 0
    if len(index.problem["responses"]):
        targets = allied_response.targets(index)
        floored = int((targets["below_usd_m"] > 0).sum())
        columns += [distinct(index.problem["responses"], ["theater_id"]) * years, floored]
        columns += [2 * len(targets), len(allied_response.published(index))]
    columns += [held, len(command.bonuses(index, reach))]
    whole = int(index.forces["is_counted"].sum()) + int(index.places["is_counted"].sum())
    return sum(columns), whole * periods + opened * (periods + 2 * years) + held + floored

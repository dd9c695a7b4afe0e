"""4.13 Conditional policy rules: "it spends, or we leave".

A rule r may name another, q, that may hold instead. In every year in which both apply, at least one of them holds::

    conditional_at_most[r,i,t]   quantity[i,t] ≤ limit[r,i,t] + step[r,i,t]·either[r,t]                  i = r or q
    conditional_at_least[r,i,t]  quantity[i,t] ≥ limit[r,i,t] + step[r,i,t]·either[r,t]

=======================  ============================================================  ===========================
symbol                   meaning, unit                                                 source column
=======================  ============================================================  ===========================
either[r,t]              0: r holds, 1: q holds; binary
quantity[i,t]            see ``policy_rules``
limit, step of r         AT_MOST: value, M; AT_LEAST: value, −M                        policy_rules.value
limit, step of q         AT_MOST: value + M, −M; AT_LEAST: value − M, M                policy_rules.value
M[i,t]                   AT_MOST: max(0, greatest − value); AT_LEAST: max(0, value −
                         least) of the quantity; the smallest valid for these bounds
=======================  ============================================================  ===========================

Least and greatest follow from limits: units owned from those of the force and what can be raised, units stationed
from what can be owned or what sites can house, orders and disbanding from their yearly limits, spending from its
ceiling and, of allies, from what is not modeled. Ceilings of groups would tighten them and are left out. Where a bound
that a rule needs is infinite, that is a finding. A rule that another one names holds only as part of the pair; one
that names another holds by itself in years in which the other does not apply.
"""

from typing import Any

import numpy as np
import pandas as pd

from optimizer.errors import Finding
from optimizer.formulation.binding import add_block, key_set, no_keys, parameter, variable
from optimizer.formulation.counts import Counts
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.allied_limits import ACTOR_YEAR
from optimizer.formulation.frames.allied_limits import limits as spending_limits
from optimizer.formulation.frames.index import ACCESS, FORCE, PLACE, Index, once
from optimizer.formulation.frames.rules import RULE, pairs, selections, spending_terms
from optimizer.tables.by_year import with_years

ROWS = {
    "conditional_at_most": RowKind.POLICY,
    "conditional_at_least": RowKind.POLICY,
}

SIDE = [RULE, "side_id", "year"]


def quantity_bounds(index: Index) -> pd.DataFrame:
    """What each rule's quantity can be at least and at most: RULE, year, least and greatest."""
    selected = selections(index)
    parts = [bounds(index, selected[name]) for name, bounds in _BOUNDS.items()]
    total = pd.concat(parts).groupby([RULE, "year"])[["least", "greatest"]].sum()
    wanted = with_years(index.problem["policy_rules"][[RULE]], index.years)
    return wanted.merge(total.reset_index(), on=[RULE, "year"], how="left").fillna(0.0)


def _owned(index: Index, chosen: pd.DataFrame) -> pd.DataFrame:
    frame = chosen[chosen["coefficient"] > 0].merge(index.owned_bounds, on=FORCE)
    part = frame["coefficient"]
    return frame.assign(least=part * frame["least"], greatest=part * frame["most"])


def _raised(index: Index, chosen: pd.DataFrame) -> pd.DataFrame:
    orders = index.orders[[*FORCE, "year", "maximum_raised_count_per_yr"]]
    frame = chosen[[RULE, *FORCE]].merge(orders, on=FORCE)
    return frame.assign(least=0.0, greatest=frame["maximum_raised_count_per_yr"].fillna(np.inf))


def _disbanded(index: Index, chosen: pd.DataFrame) -> pd.DataFrame:
    """What was there, on order and converted at most, a year.

    Whoever raises units to disband them might as well raise fewer.
    """
    following = {before: year for year, before in index.problem.calendar.previous.items()}
    before = index.owned_bounds.assign(year=index.owned_bounds["year"].map(following))
    frame = chosen[[RULE, *FORCE]].merge(before[[*FORCE, "year", "most"]], on=FORCE)
    frame = frame.merge(index.forces[[*FORCE, "maximum_disbanded_count_per_yr"]], on=FORCE)
    frame = frame.merge(index.on_order, on=[*FORCE, "year"], how="left")
    orders = index.conversion_orders
    orders = orders.assign(unit_type_id=orders["to_unit_type_id"], year=orders["arrival_year"])
    orders["converted"] = orders["maximum_converted_count"].fillna(np.inf)
    converted = orders.groupby([*FORCE, "year"])["converted"].sum().reset_index()
    frame = frame.merge(converted, on=[*FORCE, "year"], how="left")
    there = frame["most"] + frame["arriving_count"].fillna(0.0) + frame["converted"].fillna(0.0)
    there = there / index.spans(frame)
    pace = frame["maximum_disbanded_count_per_yr"].fillna(np.inf)
    return frame.assign(least=0.0, greatest=np.minimum(pace, there))


def _spending(index: Index, chosen: pd.DataFrame) -> pd.DataFrame:
    known = spending_limits(index)
    known = known[known["other_spending_usd_m"].notna()]
    terms = spending_terms(index, chosen)[[RULE, *ACTOR_YEAR, "coefficient"]]
    frame = terms.merge(known, on=ACTOR_YEAR)
    least = frame["other_spending_usd_m"].clip(lower=0.0).where(frame["actor_id"] != index.lead, 0.0)
    ceiling = (frame["spending_ceiling_fraction"] * frame["gdp_usd_m"]).fillna(np.inf)
    return frame.assign(least=frame["coefficient"] * least, greatest=frame["coefficient"] * ceiling)


def _billed(index: Index, chosen: pd.DataFrame) -> pd.DataFrame:
    return with_years(chosen[[RULE]], index.years).assign(least=0.0, greatest=np.inf)


def _stationed(index: Index, chosen: pd.DataFrame) -> pd.DataFrame:
    frame = chosen.loc[chosen["coefficient"] > 0, [RULE, *PLACE, "coefficient"]]
    frame = frame.merge(index.places[[*PLACE, "rotation_ratio", "personnel_persons"]], on=PLACE)
    frame = frame.merge(index.access[[*ACCESS, "housing_limit_persons", "capacity_persons"]], on=ACCESS)
    has_people = frame["personnel_persons"] > 0
    frame["per_person"] = (frame["coefficient"] / frame["personnel_persons"]).where(has_people, np.inf)
    is_set = frame["mode"] == "PREPOSITIONED"
    standing = frame[~is_set].assign(per_owned=frame["coefficient"] / frame["rotation_ratio"])
    by_force = standing.groupby([RULE, *FORCE])["per_owned"].max().reset_index()
    by_force = by_force.merge(index.owned_bounds, on=FORCE)
    by_force["owned"] = by_force["per_owned"] * by_force["most"]
    owned = by_force.groupby([RULE, "year"])["owned"].sum().reset_index()
    rooms = pd.concat([_housed(frame).rename("all"), _housed(frame[is_set]).rename("sets")], axis="columns")
    years = with_years(rooms.fillna({"sets": 0.0}).reset_index(), index.years)
    both = years.merge(owned, on=[RULE, "year"], how="left").fillna({"owned": 0.0})
    return both.assign(least=0.0, greatest=np.minimum(both["all"], both["owned"] + both["sets"]))


def _housed(frame: pd.DataFrame) -> pd.Series:
    """The most that sites can house of each rule's quantity, by RULE."""
    each = frame.groupby([RULE, "site_id", "actor_id"])[
        ["per_person", "housing_limit_persons", "capacity_persons"]
    ].max()
    each["room"] = (each["per_person"] * each["housing_limit_persons"]).where(
        each["housing_limit_persons"] > 0, 0.0
    )
    sites = each.groupby([RULE, "site_id"]).agg(
        {"room": "sum", "per_person": "max", "capacity_persons": "max"}
    )
    whole = (sites["per_person"] * sites["capacity_persons"]).fillna(np.inf)
    return sites["room"].clip(upper=whole).groupby(RULE).sum()


_BOUNDS = {
    "owned": _owned,
    "stationed": _stationed,
    "raised": _raised,
    "disbanded": _disbanded,
    "spending": _spending,
    "billed": _billed,
}


@once
def sides(index: Index) -> pd.DataFrame:
    """Both rules of each pair: SIDE, sense, value, relaxation_most (M), limit and step."""
    both = pairs(index)
    parts = [
        both.assign(side_id=both[RULE], is_first=True),
        both.assign(side_id=both["or_policy_rule_id"], is_first=False),
    ]
    rules = index.problem["policy_rules"][[RULE, "sense", "value"]]
    measured = quantity_bounds(index).merge(rules, on=RULE).rename(columns={RULE: "side_id"})
    frame = pd.concat(parts).merge(measured, on=["side_id", "year"])
    is_most = frame["sense"] == "AT_MOST"
    over = (frame["greatest"] - frame["value"]).where(is_most, frame["value"] - frame["least"])
    frame["relaxation_most"] = over.clip(lower=0.0)
    signed = frame["relaxation_most"].where(is_most, -frame["relaxation_most"])
    frame["limit"] = frame["value"] + signed.where(~frame["is_first"], 0.0)
    frame["step"] = signed.where(frame["is_first"], -signed)
    return frame.sort_values(SIDE, ignore_index=True)


def findings(index: Index) -> list[Finding]:
    """Findings for conditional rules whose quantity has no bound on the side that is let go."""
    frame = sides(index)
    endless = frame[~np.isfinite(frame["relaxation_most"])].drop_duplicates("side_id")
    return [
        Finding(
            "RULE_WITHOUT_BOUND",
            "policy_rules",
            str(row.side_id),
            "quantity",
            "",
            "the rule is one of two that may hold, but nothing limits its quantity where it does not",
            "Give maximum_owned_count, limit_persons, a yearly limit or a spending ceiling, as the quantity needs.",
        )
        for row in endless.itertuples()
    ]


def add_variables(m: Any, index: Index) -> None:
    """Adds either."""
    m.either = variable(key_set(pairs(index), [RULE, "year"]), binary=True)


def add_nothing(m: Any, index: Index) -> None:
    """Adds no either."""
    m.either = variable(no_keys([RULE, "year"]))


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    frame = sides(index)
    m.side_limit = parameter(frame, SIDE, "limit")
    m.side_step = parameter(frame, SIDE, "step")
    for sense, rule in (("AT_MOST", conditional_at_most), ("AT_LEAST", conditional_at_least)):
        add_block(m, rule, key_set(frame[frame["sense"] == sense], SIDE))


def conditional_at_most(m: Any, rule: Any, side: Any, year: Any) -> Any:
    """The quantity stays at or below the value, unless the other rule of the pair holds."""
    step = m.side_step[rule, side, year] * m.either[rule, year]
    return m.quantity[side, year] - step <= m.side_limit[rule, side, year]


def conditional_at_least(m: Any, rule: Any, side: Any, year: Any) -> Any:
    """The quantity stays at or above the value, unless the other rule of the pair holds."""
    step = m.side_step[rule, side, year] * m.either[rule, year]
    return m.quantity[side, year] - step >= m.side_limit[rule, side, year]


def counts(index: Index) -> Counts:
    """Counts of the family."""
    frame, either = sides(index), len(pairs(index))

    def held(sense: str) -> tuple[int, int]:
        rows = frame[frame["sense"] == sense]
        return (len(rows), len(rows) + int((rows["step"] != 0).sum()))

    return Counts(
        rows={"conditional_at_most": held("AT_MOST"), "conditional_at_least": held("AT_LEAST")},
        columns={"either": either},
        integer_count=either,
    )


FAMILY = Family(
    ROWS, add_variables, add_rows, counts, findings, tables=("policy_rules",), add_nothing=add_nothing
)

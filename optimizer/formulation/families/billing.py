"""4.8 Billing and participation: what allies pay for the lead actor's troops, and how much alliance they bear.

While the lever BILLING of an ally is not freed, it pays today's amount for each person; then, a negotiated one::

    incremental_cost[h,t]   incremental[h,t] = Σ_{l in h} ( Σ_{g,m} stationing_cost·stationed + open_cost·open
                              + housing_cost·housing + once[t]·( opening_cost·opening
                              + closing_cost·closing + counted[l,t]·housing_built ) )
    bill_today[a,h,t]       billed[a,h,t] = today[a,h]·people[h,t]                                   not freed
    bill_floor[a,h,t]       billed[a,h,t] ≥ floor[a,h]·people[h,t]                                   freed
    bill_ceiling[a,h,t]     billed[a,h,t] ≤ multiple[a,h]·incremental[h,t]                           freed
    bill_people[a,h,t]      billed[a,h,t] ≤ multiple[a,h]·dearest[h]·people[h,t]                     freed
    bills_together[h,t]     Σ_a billed[a,h,t] ≤ incremental[h,t] + surplus[h,t]·people[h,t]
    bill_presence[h,g,t]    Σ_{l in h, m} personnel[g,m]·stationed[g,l,m,t] ≤ kind[h,g]            surplus[h,t] > 0
    participation[a]        Σ_t discount[t]·outlays(a,t) − factor[n]·salvage(a) ≤ stand_alone[a]

=======================  =====================================================  ==================================
symbol                   meaning, unit                                          source column
=======================  =====================================================  ==================================
billed[a,h,t]            M$ a year from a to the lead actor for its people in   billing.billed_today_usd_m_per_yr
                         the sites of host h; t = 0 fixed
incremental[h,t]         M$ a year that these people cost more than at home;    site_access, unit_type_modes
                         t = 0 fixed
once[t]                  yearly worth of a dollar paid once in t: factor[t] /
                         discount[t], see ``outlays``; 1 where t is a year
people[h,t]              persons of the lead actor's modeled units there
kind[h,g]                persons of its units of kind g there today             stationed_today.stationed_count
today[a,h]               M$ a person: billed today by the people of period 0
floor[a,h]               M$ a person                                            billing.floor_usd_m_per_person_yr
multiple[a,h]            1                                                      billing.maximum_multiple_ratio
counted[l,t]             M$ a person: what of a room built in t is written
                         off by year n
cheapest[h], dearest[h]  M$ a person: premium and room in the cheapest place;
                         all costs of a site borne by the smallest unit alone
surplus[h,t]             M$ a person: max( greatest multiple·cheapest[h],
                         Σ_a owed ) − cheapest[h], at least 0; owed is today's
                         rate, or the floor once freed
stand_alone[a]           M$ over the years, discounted                          actors.stand_alone_cost_usd_m
=======================  =====================================================  ==================================

No troops, no bill: with people[h,t] = 0 neither idle rooms nor an empty site can be billed. A dollar more of cost
lets bills rise by a dollar at most, whatever the multiples and however many payers: only people bring a surplus,
counted at the cheapest cost, and where they do there may be no more of them than today, kind by kind: what is billed
stands there today, and nobody is kept for rent in the place of those who fight. What is paid once counts at its worth
and not at its mean, since bills of a period's first years would otherwise bring interest. So nothing is built, kept or
stationed dearly for its bill; what salvage returns is not billed. Bills are transfers and cancel in the cost of the
alliance.
"""

from typing import Any

import pandas as pd

from optimizer.errors import Finding
from optimizer.formulation.binding import (
    add_block,
    bounded_variable,
    key_set,
    no_keys,
    parameter,
    relation,
    variable,
)
from optimizer.formulation.counts import Counts
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.hosted_forces import (
    BILL,
    HOST,
    HOST_YEAR,
    KIND,
    billed_places,
    bills,
    counted_building,
    host_years,
    hosted_access,
    hosted_places,
    hosts_today,
    kinds_today,
)
from optimizer.formulation.frames.index import ACCESS, PLACE, Index, with_periods
from optimizer.formulation.outlays import discounted_cost_terms, equivalent_outlays, salvage_value

ROWS = {
    "incremental_cost": RowKind.PHYSICS,
    "bill_today": RowKind.POLICY,
    "bill_floor": RowKind.POLICY,
    "bill_ceiling": RowKind.POLICY,
    "bill_people": RowKind.PHYSICS,
    "bills_together": RowKind.PHYSICS,
    "bill_presence": RowKind.POLICY,
    "participation": RowKind.POLICY,
}


def findings(index: Index) -> list[Finding]:
    """Findings for freed bills whose floor no number of people lets them reach."""
    if index.problem["billing"].empty:
        return []
    frame = bills(index)
    least = frame["floor_usd_m_per_person_yr"]
    beyond = frame[frame["is_freed"] & (least > frame["most_usd_m_per_person"] * (1 + 1e-9))]
    return [
        Finding(
            "BILL_UNCLEAR",
            "billing",
            f"{row.actor_id}/{row.host_actor_id}",
            "floor_usd_m_per_person_yr",
            f"{row.floor_usd_m_per_person_yr:g}",
            f"the least bill for a person is above the most, {row.most_usd_m_per_person:g} M$: "
            f"{row.maximum_multiple_ratio:g} times what a person there costs {index.lead} at the dearest",
            "Lower floor_usd_m_per_person_yr, or raise maximum_multiple_ratio.",
        )
        for row in beyond.drop_duplicates(BILL).itertuples()
    ]


def together(index: Index) -> pd.DataFrame:
    """The rows of ``host_years`` in which the payers' own ceilings do not say enough of all bills together."""
    frame = host_years(index)
    payers = index.problem["billing"].groupby(HOST).size()
    is_more = (frame[HOST].map(payers) > 1) | (frame["surplus_usd_m_per_person"] > 0)
    # Where people cost nothing there is no surplus, and a multiple of what sites cost is more than that all the same.
    is_more |= frame["greatest_multiple"] > 1
    return frame[frame["has_freed"] & is_more]


def capped_kinds(index: Index) -> pd.DataFrame:
    """KIND and year of the kinds of units of which no more may stand in a host than today, with place_count."""
    years = host_years(index)
    return kinds_today(index).merge(years.loc[years["is_capped"], HOST_YEAR], on=HOST)


def participants(index: Index) -> pd.DataFrame:
    """The actors whose cost has a limit."""
    actors = index.problem["actors"]
    return actors[actors["stand_alone_cost_usd_m"].notna()]


def add_variables(m: Any, index: Index) -> None:
    """Adds billed and incremental."""
    if index.problem["billing"].empty:
        m.billed, m.incremental = variable(no_keys([*BILL, "year"])), variable(no_keys(HOST_YEAR))
        return
    billed = with_periods(index, index.problem["billing"], "billed_today_usd_m_per_yr")
    m.billed = bounded_variable(billed, [*BILL, "year"])
    incremental = with_periods(index, hosts_today(index), "incremental_today_usd_m")
    m.incremental = bounded_variable(incremental, HOST_YEAR)


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    if len(index.problem["billing"]):
        _add_bills(m, index)
    m.stand_alone = parameter(participants(index), ["actor_id"], "stand_alone_cost_usd_m")
    add_block(m, participation, m.stand_alone)


def _add_bills(m: Any, index: Index) -> None:
    m.hosts = key_set(hosts_today(index), [HOST])
    _add_incremental(m, index)
    m.hosted_sites = relation(hosted_access(index), [HOST], ACCESS, m.hosts)
    m.payers = relation(index.problem["billing"], [HOST], ["actor_id"], m.hosts)

    frame, bill_year = bills(index), [*BILL, "year"]
    locked, freed = frame[~frame["is_freed"]], frame[frame["is_freed"]]
    m.today_bill = parameter(locked, BILL, "today_usd_m_per_person")
    add_block(m, bill_today, key_set(locked, bill_year))
    owed = freed[freed["floor_usd_m_per_person_yr"] > 0]
    m.bill_floor_rate = parameter(owed, BILL, "floor_usd_m_per_person_yr")
    add_block(m, bill_floor, key_set(owed, bill_year))
    m.freed_bills = key_set(freed, bill_year)
    m.bill_multiple = parameter(freed, BILL, "maximum_multiple_ratio")
    add_block(m, bill_ceiling, m.freed_bills)
    m.bill_most = parameter(freed, BILL, "most_usd_m_per_person")
    add_block(m, bill_people, m.freed_bills)

    m.bill_surplus = parameter(together(index), HOST_YEAR, "surplus_usd_m_per_person")
    add_block(m, bills_together, m.bill_surplus)
    m.kind_places = relation(billed_places(index), KIND, ["site_id", "mode"])
    m.kind_today = parameter(kinds_today(index), KIND, "persons_today")
    add_block(m, bill_presence, key_set(capped_kinds(index), [*KIND, "year"]))


def _add_incremental(m: Any, index: Index) -> None:
    access = hosted_access(index)

    def costly(frame: pd.DataFrame, rate: str, members: list[str]) -> Any:
        return relation(frame[frame[rate] > 0], [HOST], members, m.hosts)

    opened = access[access["has_opening"]]
    m.hosted_units = costly(hosted_places(index), "stationing_cost_usd_m_per_unit_yr", PLACE)
    m.hosted_open = costly(opened, "open_cost_usd_m_per_yr", ACCESS)
    m.hosted_opening = costly(opened, "opening_cost_usd_m", ACCESS)
    m.hosted_closing = costly(opened, "closing_cost_usd_m", ACCESS)
    m.hosted_housing = costly(access, "housing_cost_usd_m_per_person_yr", ACCESS)
    built = counted_building(index)
    m.counted_building = parameter(built, [*ACCESS, "year"], "counted_usd_m_per_person")
    m.hosted_building = relation(built, HOST_YEAR, ACCESS, m.hosts, m.years)
    add_block(m, incremental_cost, m.hosts, m.years)


def incremental_cost(m: Any, host: Any, year: Any) -> Any:
    """What the lead actor's people in a host cost it more than at home."""
    return m.incremental[host, year] == (
        sum(
            m.stationing_cost[a, g, site, mode] * m.stationed[a, g, site, mode, year]
            for a, g, site, mode in m.hosted_units[host]
        )
        + sum(m.open_cost[a, site] * m.open[a, site, year] for a, site in m.hosted_open[host])
        + sum(
            m.once_worth[year] * m.opening_cost[a, site] * m.opening[a, site, year]
            for a, site in m.hosted_opening[host]
        )
        + sum(
            m.once_worth[year] * m.closing_cost[a, site] * m.closing[a, site, year]
            for a, site in m.hosted_closing[host]
        )
        + sum(m.housing_cost[a, site] * m.housing[a, site, year] for a, site in m.hosted_housing[host])
        + sum(
            m.once_worth[year] * m.counted_building[a, site, year] * m.housing_built[a, site, year]
            for a, site in m.hosted_building[host, year]
        )
    )


def bill_today(m: Any, actor: Any, host: Any, year: Any) -> Any:
    """Until the lever is freed, an ally pays today's amount for each person."""
    return m.billed[actor, host, year] == sum(
        m.today_bill[actor, host] * m.people[lead, site, year] for lead, site in m.hosted_sites[host]
    )


def bill_floor(m: Any, actor: Any, host: Any, year: Any) -> Any:
    """An ally pays at least its floor for each person."""
    return m.billed[actor, host, year] >= sum(
        m.bill_floor_rate[actor, host] * m.people[lead, site, year] for lead, site in m.hosted_sites[host]
    )


def bill_ceiling(m: Any, actor: Any, host: Any, year: Any) -> Any:
    """An ally pays at most a multiple of what the people cost more than at home."""
    return m.billed[actor, host, year] <= m.bill_multiple[actor, host] * m.incremental[host, year]


def bill_people(m: Any, actor: Any, host: Any, year: Any) -> Any:
    """No troops, no bill: what stands empty is not billed."""
    return m.billed[actor, host, year] <= sum(
        m.bill_most[actor, host] * m.people[lead, site, year] for lead, site in m.hosted_sites[host]
    )


def bills_together(m: Any, host: Any, year: Any) -> Any:
    """All bills for a host exceed what its people cost by no more than these people bring."""
    return sum(m.billed[actor, host, year] for actor in m.payers[host]) <= m.incremental[host, year] + sum(
        m.bill_surplus[host, year] * m.people[lead, site, year] for lead, site in m.hosted_sites[host]
    )


def bill_presence(m: Any, actor: Any, host: Any, unit_type: Any, year: Any) -> Any:
    """Where people bring more than they cost, there are no more of a kind of unit than today."""
    return (
        sum(
            m.mode_personnel[unit_type, mode] * m.stationed[actor, unit_type, site, mode, year]
            for site, mode in m.kind_places[actor, host, unit_type]
        )
        <= m.kind_today[actor, host, unit_type]
    )


def participation(m: Any, actor: Any) -> Any:
    """An actor's discounted cost is at most what standing alone would cost it."""
    return (
        sum(m.discount[year] * equivalent_outlays(m, actor, year) for year in m.years)
        - sum(m.end_factor[end] * salvage_value(m, actor) for end in m.end)
        <= m.stand_alone[actor]
    )


def counts(index: Index) -> Counts:
    """Counts of the family."""
    table, years = index.problem["billing"], len(index.years)
    payers = table.groupby(HOST).size()
    sites = hosted_access(index).groupby(HOST).size().reindex(payers.index, fill_value=0)
    frame, shared, capped = bills(index), together(index), capped_kinds(index)
    frame["sites"] = frame[HOST].map(sites)
    locked, freed = frame[~frame["is_freed"]], frame[frame["is_freed"]]
    owed = freed[freed["floor_usd_m_per_person_yr"] > 0]
    bringing = shared.loc[shared["surplus_usd_m_per_person"] > 0, HOST]
    joined = participants(index)["actor_id"]

    def people(rows: pd.DataFrame, rate: str) -> int:
        return int(rows.loc[rows[rate] > 0, "sites"].sum())

    return Counts(
        rows={
            "incremental_cost": (len(payers) * years, len(payers) * years + _incremental_terms(index)),
            "bill_today": (len(locked), len(locked) + people(locked, "today_usd_m_per_person")),
            "bill_floor": (len(owed), len(owed) + people(owed, "floor_usd_m_per_person_yr")),
            "bill_ceiling": (len(freed), len(freed) + int((freed["maximum_multiple_ratio"] > 0).sum())),
            "bill_people": (len(freed), len(freed) + people(freed, "most_usd_m_per_person")),
            "bills_together": (
                len(shared),
                len(shared) + int(shared[HOST].map(payers).sum()) + int(bringing.map(sites).sum()),
            ),
            "bill_presence": (len(capped), int(capped["place_count"].sum())),
            "participation": (len(joined), discounted_cost_terms(index, joined)),
        },
        columns={
            "billed": len(table) * len(index.periods),
            "incremental": len(payers) * len(index.periods),
        },
    )


def _incremental_terms(index: Index) -> int:
    access = hosted_access(index)
    opened = access[access["has_opening"]]
    rated = [
        (hosted_places(index), "stationing_cost_usd_m_per_unit_yr"),
        (opened, "open_cost_usd_m_per_yr"),
        (opened, "opening_cost_usd_m"),
        (opened, "closing_cost_usd_m"),
        (access, "housing_cost_usd_m_per_person_yr"),
    ]
    terms = sum(int((frame[rate] > 0).sum()) for frame, rate in rated)
    return terms * len(index.years) + len(counted_building(index))


FAMILY = Family(ROWS, add_variables, add_rows, counts, findings)

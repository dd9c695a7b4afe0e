"""What allies pay for the lead actor's troops, and whether every actor's cost is below that of standing alone."""

from optimizer.audit.amounts import Amounts, greatest
from optimizer.audit.comparison import at_most, equal, limited, said
from optimizer.audit.ledger import KEY, discounted, money_lines, posture_today
from optimizer.audit.once import once
from optimizer.audit.places import lead_places
from optimizer.audit.plan import Plan

_BILL = ("actor_id", "host_actor_id", "year")
_HOST_YEAR = ("host_actor_id", "year")
_ROW = "billing_results: {actor_id} {host_actor_id} {year}: "
_HOST_ROW = "billing_results: {host_actor_id} {year}: "
_BUILDING = "site_access.housing_build_cost_usd_m_per_person"
_ABROAD = ("STATIONING", "SITES", "OPEN_CLOSE", "HOUSING")
_MORE = 1e-12
"""M$ for a person by which a bill above its cost is more than a rounding."""


def billing(plan: Plan) -> list[str]:
    """Findings about bills."""
    bills = plan.given("billing", "maximum_multiple_ratio") * plan.periods
    freed = bills.where(lambda payer, host, year: plan.is_freed("BILLING", payer, year))
    billed = plan.shown("billing_results", "billed_usd_m")
    people, incremental = _people(plan), _incremental(plan)
    _, dearest = _person_costs(plan)
    persons = people.for_each(bills)
    today_bill = _today_rate(plan, people) * people
    least_bill = plan.given("billing", "floor_usd_m_per_person_yr") * people
    people_words = _ROW + "{left} M$, above {right} for the {persons} people there"
    shown = {name: plan.shown("billing_results", name) for name in ("incremental_usd_m", "stationed_persons")}
    costs, there = shown["incremental_usd_m"].inside(bills), shown["stationed_persons"].inside(bills)
    return [
        *equal(
            billed.inside(bills).outside(freed),
            today_bill.outside(freed),
            "usd_m",
            _ROW + "{left} M$, not {right}",
        ),
        *at_most(least_bill.inside(freed), billed, "usd_m", _ROW + "{right} M$, below the floor"),
        *at_most(billed.inside(freed), freed * incremental, "usd_m", _ROW + "{left} M$, above {right}"),
        *at_most(billed.inside(freed), freed * dearest * people, "usd_m", people_words, persons=persons),
        *_of_hosts(plan, billed.inside(bills), freed, people, incremental),
        *equal(
            costs,
            incremental.for_each(bills),
            "usd_m",
            _ROW + "a cost of {left} M$ shown but it is {right}",
        ),
        *equal(there, persons, "persons", _ROW + "{left} people shown but there are {right}"),
        *said(_BILL, billed.outside(bills), _ROW + "there is no such bill"),
    ]


def _of_hosts(
    plan: Plan, billed: Amounts, freed: Amounts, people: Amounts, incremental: Amounts
) -> list[str]:
    """All payers of a host together, and the people for whom they may pay more than their cost."""
    cheapest, _ = _person_costs(plan)
    ratio, rate = plan.given("billing", "maximum_multiple_ratio"), _today_rate(plan, people)
    floor = plan.given("billing", "floor_usd_m_per_person_yr")
    owed, asked = Amounts(_HOST_YEAR), Amounts(_HOST_YEAR)
    for payer, host, year in ratio * plan.years:
        is_freed = (payer, host, year) in freed
        owed[host, year] += (floor if is_freed else rate)[payer, host]
        most = ratio[payer, host] * cheapest[host,] if is_freed else 0.0
        asked[host, year] = max(asked[host, year], most)
    surplus = greatest(owed, asked) - cheapest.for_each(owed)
    beyond = Amounts(_HOST_YEAR, {key: more for key, more in surplus.items() if more > _MORE})
    together = billed.inside(plan.years).summed(*_HOST_YEAR).inside(freed.summed(*_HOST_YEAR))
    most_together = (incremental + surplus.positive() * people).inside(together)
    refusing = plan.given("billing", "allows_more_presence")
    refusing = refusing.where(lambda *bill: not refusing[bill]).summed("host_actor_id")
    kinds = _people_by_kind(plan)
    today = kinds.having(year=plan.today).summed("unit_type_id", "host_actor_id")
    capped = kinds.inside(beyond.inside(refusing))
    more = "stationed_forces: {unit_type_id} {host_actor_id} {year}: {left} people bring more than they cost, but "
    more += "there are {right} of this kind today"
    return [
        *at_most(together, most_together, "usd_m", _HOST_ROW + "bills of {left} M$ together, above {right}"),
        *at_most(capped, today.for_each(capped), "persons", more),
    ]


def _people(plan: Plan) -> Amounts:
    """People of the lead actor by host and year, period 0 too."""
    people = plan.people.having(actor_id=plan.lead) * plan.pairs("sites", "site_id", "host_actor_id")
    return people.summed(*_HOST_YEAR)


def _people_by_kind(plan: Plan) -> Amounts:
    """People of the lead actor by kind of unit, host and period, period 0 too."""
    people = plan.persons.having(actor_id=plan.lead) * plan.pairs("sites", "site_id", "host_actor_id")
    return people.summed("unit_type_id", *_HOST_YEAR)


def _today_rate(plan: Plan, people: Amounts) -> Amounts:
    """M$ for a person of today's bills by payer and host, 0 where nobody is there today."""
    bills = plan.given("billing", "billed_today_usd_m_per_yr")
    today = people.having(year=plan.today)
    return Amounts(
        bills.names,
        {
            (payer, host): bill / today[host, plan.today]
            for (payer, host), bill in bills.items()
            if today[host, plan.today] > 0
        },
    )


def _incremental(plan: Plan) -> Amounts:
    """By host and period, what the ledger's lines of the lead actor's sites there add up to, a year.

    The lines of a period are as much in each of its years as is worth the same, discounted. A room counts with what
    of it is written off by the last year. Today's sites are those of the tables.
    """
    last, life = plan.problem.years[-1], plan.given("site_access", "housing_life_yr")
    kind, site, year, source = (KEY.index(name) for name in ("kind", "site_id", "year", "source_column"))
    planned = {
        key: usd_m / plan.discount[key[year],]
        for key, usd_m in discounted(plan).items()
        if key[kind] in _ABROAD
    }
    lines = Amounts(KEY, planned | posture_today(plan)).having(actor_id=plan.lead)
    costs = Amounts(_HOST_YEAR)
    for key, usd_m in lines.without(site_id="").items():
        part = 1.0
        if key[source] == _BUILDING:
            part = min((last - key[year] + 1) / life[key[site], plan.lead], 1.0)
        place = (plan.host[key[site]], key[year])
        costs[place] += usd_m * part
    return costs


@once
def _person_costs(plan: Plan) -> tuple[Amounts, Amounts]:
    """What one more of the lead actor's people costs by host: the least, and the most.

    The most is at the dearest site with all that opening, keeping and closing it costs, borne by the smallest unit
    that may stand there alone, and as much of a room built as can be written off.
    """
    access = {row.site_id: row for row in plan.rows("site_access") if row.actor_id == plan.lead}
    persons = plan.given("unit_type_modes", "personnel_persons").positive()
    mode_cost = plan.given("unit_type_modes", "mode_cost_usd_m_per_unit_yr")
    places = (lead_places(plan) * persons).ordered(("unit_type_id", "mode", "site_id"))
    smallest: dict[str, float] = {}
    for (_, _, site), people in places.items():
        smallest[site] = min(people, smallest.get(site, people))
    cheapest, dearest = Amounts(("host_actor_id",)), Amounts(("host_actor_id",))
    for (unit, mode, site), people in places.items():
        row, host = access[site], (plan.host[site],)
        cost = row.stationing_cost_usd_m_per_person_yr + row.housing_cost_usd_m_per_person_yr
        cost += mode_cost[unit, mode] / people
        cheapest[host] = min(cost, cheapest.get(host, cost))
        written_off = min(len(plan.period) / row.housing_life_yr, 1.0)
        opened = row.open_cost_usd_m_per_yr + row.opening_cost_usd_m + row.closing_cost_usd_m
        cost += row.housing_build_cost_usd_m_per_person * written_off
        cost += opened / max(smallest[site], row.minimum_garrison_persons)
        dearest[host] = max(cost, dearest[host])
    return cheapest, dearest


def participation(plan: Plan) -> list[str]:
    """Findings about what actors bear for the alliance."""
    most = plan.given("actors", "stand_alone_cost_usd_m")
    if not most:
        return []
    cost = money_lines(discounted(plan)).summed("actor_id")
    sentence = "ledger: {actor_id}: a cost of {left} M$ but standing alone would cost {right}"
    return limited(cost, most, "usd_m", sentence)

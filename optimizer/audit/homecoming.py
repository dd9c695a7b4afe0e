"""Whether there is room at home for everybody there, and it is paid for."""

from optimizer.audit.comparison import at_most, equal, said
from optimizer.audit.plan import Plan

_KEY = ("actor_id", "year")
_ROW = "homecoming_results: {actor_id} {year}: "


def homecoming(plan: Plan) -> list[str]:
    """Findings about people at home and their room, of actors that pay for more of them."""
    paying = plan.given("actors", "homecoming_usd_m_per_person").positive()
    shown, room, paid = (
        plan.shown("homecoming_results", name)
        for name in ("home_persons", "home_room_persons", "homecoming_persons")
    )
    persons = plan.given("unit_types", "personnel_persons")
    home = (plan.at_home * persons).summed(*_KEY).inside(paying)
    ordered = (
        (plan.in_periods(plan.given("on_order", "arriving_count")) * persons).summed(*_KEY).inside(paying)
    )
    due = home.having(year=plan.today) + (plan.after(room) + ordered).inside(plan.years) + paid
    return [
        *said(_KEY, room.outside(paying), _ROW + "the actor pays nothing for people at home"),
        *equal(shown, home, "persons", _ROW + "{left} people shown but {right} are at home"),
        *equal(room, due, "persons", _ROW + "room for {left} but there is room for {right}"),
        *at_most(home, room, "persons", _ROW + "{left} people at home but room for {right}"),
    ]

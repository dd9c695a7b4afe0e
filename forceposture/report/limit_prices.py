"""Which limits bind, and what a little more room in them would save, the dearest first."""

from rich.console import RenderableType

from forceposture.report.needs import payer
from forceposture.report.numbers import figure, spans
from forceposture.report.tables import Table, figures, name, section, words
from forceposture.report.view import View
from optimizer.tables.names import group_names, sentences

_LINES = 10
_OF_A_KIND = 3
_SHARED = (
    "Each saving is for a little of that limit alone; limits that bind together share what both would save."
)
_NO_PRICE = "A limit that is not listed may be reached: loosened a little, it would save nothing."

_KINDS = {
    "SPENDING_CEILING": ("Spending ceiling", "{actor_id}"),
    "SPENDING_RAMP": ("Spending ramp", "{actor_id}, rise a year"),
    "WILL": ("Will to spend", "{actor_id}"),
    "RULE": ("Rule", "{limit_id}"),
    "RESERVE": ("Reserve", "{unit_type_id} of {actor_id} kept at home"),
    "THEATER_RESERVE": ("Theater reserve", "{unit_type_id} of {actor_id} kept for {limit_id}"),
    "PROGRAM": ("Program", "{unit_type_id} of {actor_id}"),
    "PRESENCE": ("Presence of today", "{unit_type_id} of {actor_id} at {site_group_id}"),
    "PRESENCE_PATH": ("Path of presence", "{actor_id} in {site_group_id}"),
    "CEILING": ("Ceiling on people", "{actor_id} in {site_group_id}"),
    "WITHDRAWAL": ("Pace of leaving", "{actor_id} in {site_group_id}, a year"),
    "RAISING": ("Pace of raising", "{unit_type_id} of {actor_id}, ordered a year"),
    "DISBANDING": ("Pace of disbanding", "{unit_type_id} of {actor_id}, a year"),
    "CONVERTING": ("Pace of converting", "{limit_id} of {actor_id} to {unit_type_id}, ordered a year"),
    "OWNING": ("Units allowed", "{unit_type_id} of {actor_id}"),
    "CAPACITY": ("Capacity of a site", "{site_group_id}"),
    "HOUSING": ("Room at a site", "{actor_id} at {site_group_id}"),
    "FACILITY": ("Facility", "{limit_id} at {site_group_id}"),
    "LIFT": ("Lift", "{limit_id}, {phase_id}, {scenario_id}"),
    "GARRISON": ("Garrison", "{limit_id}"),
    "GARRISON_SHARE": ("Share of a garrison", "{actor_id} in {limit_id}"),
    "EXPOSURE": ("Exposure", "points of the lead actor"),
    "MOVES": ("Moves", "{actor_id}, a year"),
}
"""By kind of limit, what it is called, and what it is on."""

_NAMED = {
    "GARRISON": "garrisons",
    "GARRISON_SHARE": "garrisons",
    "FACILITY": "facilities",
    "THEATER_RESERVE": "theaters",
    "CONVERTING": "unit_types",
}
"""By kind of limit, the table that names limit_id."""


def has_limit_prices(view: View) -> bool:
    """Whether the plan has prices of limits."""
    return not view.solution.tables["limit_prices"].empty


def limit_prices(view: View) -> list[RenderableType]:
    """A line for each limit with a price, years put together: at most ten, and three of a kind."""
    rows = view.solution.tables["limit_prices"].copy()
    key = [column for column in rows.columns if column not in ("year", "price_usd_m_per_unit")]
    rows[key] = rows[key].astype("object").fillna("")
    lines = []
    for values, group in rows.groupby(key, sort=False):
        price = group["price_usd_m_per_unit"]
        most, least = float(price.max()), float(price.min())
        lines.append(
            (most, least, dict(zip(key, map(str, values), strict=True)), sorted(group["year"].to_list()))
        )
    lines.sort(key=lambda line: -line[0])
    made = Table(name("Limit"), *words("On"), *figures("Saves"), *words("If loosened by", "In"))
    shown: dict[str, int] = {}
    for most, least, cells, years in lines:
        kind = str(cells["limit_kind"])
        if sum(shown.values()) == _LINES or shown.get(kind, 0) == _OF_A_KIND:
            continue
        shown[kind] = shown.get(kind, 0) + 1
        called, on = _KINDS[kind]
        saved = figure(most) if figure(most) == figure(least) else f"up to {figure(most)}"
        made.add_row(
            called,
            on.format(**_names(view, cells)),
            saved,
            str(cells["unit"]),
            spans(years, view.problem.years),
        )
    rest = len(lines) - sum(shown.values())
    notes = (
        [f"And {rest} more; limit_prices.csv has them all." if rest > 1 else "And 1 more."] if rest else []
    )
    title = f"Limits that cost most: what loosening one would save {payer(view)} (M$ a year)"
    return [section(title, made, *notes, _SHARED, _NO_PRICE)]


def _names(view: View, cells: dict[str, str]) -> dict[str, str]:
    """What the parts of a limit's key are called."""
    kind, limit = cells["limit_kind"], cells["limit_id"]
    called = {
        "actor_id": view.name("actors", cells["actor_id"]) if cells["actor_id"] else "all foreign actors",
        "unit_type_id": view.name("unit_types", cells["unit_type_id"]),
        "site_group_id": group_names(view.problem).get(cells["site_group_id"], cells["site_group_id"]),
        "scenario_id": view.name("scenarios", cells["scenario_id"]),
        "phase_id": view.name("phases", cells["phase_id"]),
        "limit_id": limit,
    }
    if kind == "RULE":
        called["limit_id"] = sentences(view.problem)[limit].removesuffix(".")
    elif kind in _NAMED:
        called["limit_id"] = view.name(_NAMED[kind], limit)
    return called

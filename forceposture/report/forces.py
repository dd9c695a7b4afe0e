"""Who owns what and stands where, today and at the end of the plan."""

import pandas as pd
from rich.console import RenderableType
from rich.text import Text

from forceposture.report.numbers import NOTHING, change, change_of_people, count, counted, people
from forceposture.report.tables import Table, figures, name, section, sentence, words
from forceposture.report.view import View

_ALLIED_ROWS = 12
_SITES_OF_A_HOST = 5
_SITES_OF_A_LIST = 12
_BECAME = {
    "Brought home": "brought_home_persons",
    "Sent abroad": "sent_abroad_persons",
    "Moved abroad": "moved_persons",
    "Disbanded": "disbanded_persons",
    "Raised": "raised_persons",
}


def lead_forces(view: View) -> list[RenderableType]:
    """What the lead actor owns, by kind of unit."""
    rows = view.owned[view.owned["actor_id"] == view.lead]
    if rows.empty:
        return [sentence(f"{view.lead_name} owns no modeled units.")]
    made = Table(name("Unit type"), *figures(str(view.today), str(view.end), "Change", "Raised", "Disbanded"))
    for row in rows.to_dict("records"):
        made.add_row(
            view.name("unit_types", row["unit_type_id"]),
            count(row["today"]),
            count(row["end"]),
            change(row["change"]),
            count(row["arrived_count"]),
            count(row["disbanded_count"]),
        )
    return [section(f"{view.lead_name}: units owned", made)]


def lead_presence(view: View) -> list[RenderableType]:
    """Where the lead actor's people stand, by host, and which of its sites are kept, opened and closed."""
    sites = view.sites[view.sites["actor_id"] == view.lead]
    sites = sites[sites["used_today"] | sites["used_end"]]
    if sites.empty:
        return [sentence(f"{view.lead_name} uses no site, today or at the end.")]
    made = Table(
        name("Host"), *figures(str(view.today), str(view.end), "Change"), *words(f"Open sites in {view.end}")
    )
    totals = sites.groupby(["is_abroad", "host_actor_id"])[["people_today", "people_end"]].sum()
    ordered = totals.sort_values(["people_today", "people_end"], ascending=False).reset_index()
    for row in ordered[ordered["is_abroad"]].to_dict("records"):
        kept = sites[sites["host_actor_id"] == row["host_actor_id"]]
        _add_host(made, view, view.name("actors", row["host_actor_id"]), kept, is_listed=True)
    made.add_section()
    _add_host(made, view, "All abroad", sites[sites["is_abroad"]], is_listed=False)
    if not sites["is_abroad"].all():
        _add_host(made, view, "In its own country", sites[~sites["is_abroad"]], is_listed=True)
    uses = view.rows("site_uses")
    others = uses[(uses["actor_id"] == view.lead) & (uses["year"] == view.today)]["unassigned_persons"].sum()
    notes = [f"People at its sites outside the model: {people(others)}."] if others > NOTHING else []
    for word, changed in (
        ("opened", sites[sites["used_end"] & ~sites["used_today"]]),
        ("left", sites[sites["used_today"] & ~sites["used_end"]]),
    ):
        largest = changed.sort_values(["people_today", "people_end"], ascending=False, kind="stable")
        names = [view.name("sites", site) for site in largest["site_id"]]
        shown = _shortened(names, _SITES_OF_A_LIST, "; site_uses.csv has all")
        notes.append(f"Sites {word} since {view.today}: {len(names)}{f' ({shown})' if names else ''}")
    return [section(f"{view.lead_name}: people of modeled units at sites, by host", made, *notes)]


def _add_host(made: Table, view: View, label: str, sites: pd.DataFrame, is_listed: bool) -> None:
    """Adds a row of people at some sites, and which of them, or how many, are open at the end."""
    kept = sites[sites["used_end"]].sort_values("people_end", ascending=False, kind="stable")
    names = [
        f"{view.name('sites', site)} {people(persons) if persons > NOTHING else '(empty)'}"
        for site, persons in zip(kept["site_id"], kept["people_end"], strict=True)
    ]
    today, end = float(sites["people_today"].sum()), float(sites["people_end"].sum())
    listed = _shortened(names, _SITES_OF_A_HOST, "") if is_listed else f"{len(names)} open"
    made.add_row(label, people(today), people(end), change_of_people(today, end), listed)


def allied_forces(view: View) -> list[RenderableType]:
    """The largest changes in what allies own, and how many people they have abroad."""
    owned = view.owned[view.owned["actor_id"] != view.lead]
    if owned.empty:
        return []
    changed = owned[owned["change"].abs() > NOTHING]
    size = (changed["change"] * changed["personnel_persons"].fillna(0.0)).abs()
    changed = changed.loc[size.sort_values(ascending=False, kind="stable").index]
    made = Table(name("Ally"), name("Unit type"), *figures(str(view.today), str(view.end), "Change"))
    for row in changed.iloc[:_ALLIED_ROWS].to_dict("records"):
        made.add_row(
            view.name("actors", row["actor_id"]),
            view.name("unit_types", row["unit_type_id"]),
            count(row["today"]),
            count(row["end"]),
            change(row["change"]),
        )
    more = len(changed) - _ALLIED_ROWS
    notes = (
        [f"And {counted(more, 'change')} of no more people; owned_forces.csv has all."] if more > 0 else []
    )
    sites = view.sites[(view.sites["actor_id"] != view.lead) & view.sites["is_abroad"]]
    today, end = (people(sites[column].sum()) for column in ("people_today", "people_end"))
    notes.append(f"Allies' people abroad: {today} in {view.today}, {end} in {view.end}.".replace("–", "none"))
    if changed.empty:
        title = f"Allies: in {view.end} all own as many units as in {view.today}"
        return [Text(title, style="bold"), *map(sentence, notes)]
    return [section("Allies: units owned, the largest changes by their people", made, *notes)]


def became(view: View) -> list[RenderableType]:
    """What became of people: brought home, sent abroad, moved, disbanded, raised."""
    made = Table(name("Actor"), *figures(*_BECAME))
    changes = view.rows("force_changes")
    is_lead = changes["actor_id"] == view.lead
    for label, rows in ((view.lead_name, changes[is_lead]), ("All allies", changes[~is_lead])):
        if len(rows):
            made.add_row(label, *(people(float(rows[column].sum())) for column in _BECAME.values()))
    return [section(f"People, from {view.today} to {view.end}", made)] if made.rows else []


def _shortened(names: list[str], most: int, where: str) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more{where}" if rest > 0 else "")

"""Who owns what and stands where, today and at the end of the plan."""

from rich.console import Group, RenderableType
from rich.text import Text

from forceposture.report.view import View
from forceposture.report.words import change, count, people, section, table

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


def lead_forces(view: View) -> Group:
    """What the lead actor owns, by kind of unit."""
    made = table(1, "Unit type", str(view.today), str(view.end), "Change", "Raised", "Disbanded")
    rows = view.owned[view.owned["actor_id"] == view.lead]
    for row in rows.to_dict("records"):
        made.add_row(
            view.name("unit_types", row["unit_type_id"]),
            count(row["today"]),
            count(row["end"]),
            change(row["change"]),
            count(row["arrived_count"]),
            count(row["disbanded_count"]),
        )
    return section(f"{view.lead_name}: units owned", made)


def lead_presence(view: View) -> list[RenderableType]:
    """Where the lead actor's people stand, by host, and which of its sites are kept, opened and closed."""
    made = table(1, "Host", str(view.today), str(view.end), "Change")
    made.add_column(f"Open sites in {view.end}")
    sites = view.sites[view.sites["actor_id"] == view.lead]
    sites = sites[sites["used_today"] | sites["used_end"]]
    totals = sites.groupby("host_actor_id")[["people_today", "people_end"]].sum()
    ordered = totals.sort_values(["people_today", "people_end"], ascending=False).reset_index()
    for row in ordered.to_dict("records"):
        kept = sites[sites["used_end"] & (sites["host_actor_id"] == row["host_actor_id"])]
        kept = kept.sort_values("people_end", ascending=False, kind="stable")
        names = [
            f"{view.name('sites', site)} {count(persons) if persons >= 0.5 else '(empty)'}"
            for site, persons in zip(kept["site_id"], kept["people_end"].round(), strict=True)
        ]
        made.add_row(
            view.name("actors", row["host_actor_id"]),
            people(row["people_today"]),
            people(row["people_end"]),
            change(round(row["people_end"] - row["people_today"])),
            _shortened(names, _SITES_OF_A_HOST, ""),
        )
    today, end = sites["people_today"].sum(), sites["people_end"].sum()
    open_count = int(sites["used_end"].sum())
    made.add_section()
    made.add_row("All", people(today), people(end), change(round(end - today)), f"{open_count} open")
    uses = view.rows("site_uses")
    others = uses[(uses["actor_id"] == view.lead) & (uses["year"] == view.today)]["unassigned_persons"].sum()
    notes = (
        [f"Staffs, schools and hospitals, {people(others)} people, are outside the model."] if others else []
    )
    for word, rows in (
        ("opened", sites[sites["used_end"] & ~sites["used_today"]]),
        ("left", sites[sites["used_today"] & ~sites["used_end"]]),
    ):
        largest = rows.sort_values(["people_today", "people_end"], ascending=False, kind="stable")
        names = [view.name("sites", site) for site in largest["site_id"]]
        shown = _shortened(names, _SITES_OF_A_LIST, "; site_uses.csv has all")
        notes.append(f"Sites {word}: {len(names)}{f' ({shown})' if names else ''}")
    title = f"{view.lead_name}: people of modeled units away from home, by host of the site"
    return [section(title, made), *map(Text, notes)]


def allied_forces(view: View) -> Group:
    """The largest changes in what allies own, and how many people they have away from home."""
    owned = view.owned[view.owned["actor_id"] != view.lead]
    changed = owned[owned["change"].abs() >= 0.05]
    size = (changed["change"] * changed["personnel_persons"].fillna(0.0)).abs()
    changed = changed.loc[size.sort_values(ascending=False, kind="stable").index]
    made = table(2, "Ally", "Unit type", str(view.today), str(view.end), "Change")
    for row in changed.iloc[:_ALLIED_ROWS].to_dict("records"):
        made.add_row(
            view.name("actors", row["actor_id"]),
            view.name("unit_types", row["unit_type_id"]),
            count(row["today"]),
            count(row["end"]),
            change(row["change"]),
        )
    notes = []
    if len(changed) > _ALLIED_ROWS:
        notes.append(f"And {len(changed) - _ALLIED_ROWS} smaller changes; owned_forces.csv has all.")
    sites = view.sites[view.sites["actor_id"] != view.lead]
    today, end = sites["people_today"].sum(), sites["people_end"].sum()
    notes.append(f"Allies' people away from home: {today:,.0f} in {view.today}, {end:,.0f} in {view.end}.")
    if changed.empty:
        return Group(Text("Allies: units owned stay what they are", style="bold"), *map(Text, notes))
    return section("Allies: units owned, the largest changes by their people", made, *notes)


def became(view: View) -> Group:
    """What became of people: brought home, sent abroad, moved, disbanded, raised."""
    made = table(1, "Actor", *_BECAME)
    changes = view.rows("force_changes")
    is_lead = changes["actor_id"] == view.lead
    for label, rows in ((view.lead_name, changes[is_lead]), ("All allies", changes[~is_lead])):
        made.add_row(label, *(people(float(rows[column].sum())) for column in _BECAME.values()))
    return section(f"People, from {view.today} to {view.end}", made)


def _shortened(names: list[str], most: int, where: str) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more{where}" if rest > 0 else "")

"""What moves from today to the end of the plan, in ten lines at most."""

import pandas as pd
from rich.console import RenderableType

from forceposture.report.numbers import change, change_of_people, count, people
from forceposture.report.politics import command_holders
from forceposture.report.tables import Table, name, section, sentence, words
from forceposture.report.view import View
from optimizer.tables.plan_tables import site_theaters

_ELSEWHERE = "elsewhere abroad"
_REGIONS = 3
_LISTED = 5
_PEOPLE = 0.5
"""Of people, what is no change."""


def moves(view: View) -> list[RenderableType]:
    """People by region, units, commands and garrisons: what differs at the end from today."""
    rows = [*_regions(view), *_units(view), *_flows(view)]
    kept, notes = "units", []
    if "allied_figures_withheld" not in view.solution.outcome:
        handed = _commands(view)
        rows += [*handed, *_garrisons(view)]
        kept = "units, commands and garrisons"
        notes += ["No command changes hands."] if len(view.problem["commands"]) and not handed else []
    since = f"From {view.today} to {view.end}"
    if not rows:
        return [
            sentence(f"{since} {view.lead_name} has as many people in every region, and the same {kept}.")
        ]
    made = Table(name("What moves"), *words(since))
    for label, text in rows:
        made.add_row(label, text)
    return [section(f"What moves ({view.lead_name} where no other actor is named)", made, *notes)]


def _regions(view: View) -> list[tuple[str, str]]:
    """People abroad, in all and by region with the largest changes first, and in the own country."""
    sites = view.sites[view.sites["actor_id"] == view.lead]
    theaters = site_theaters(view.problem)
    found = [theaters.get(site) for site in sites["site_id"]]
    region = [_ELSEWHERE if theater is None else view.name("theaters", theater) for theater in found]
    abroad = sites.assign(region=region)[sites["is_abroad"]]
    sums = abroad.groupby("region")[["people_today", "people_end"]].sum()
    sums = sums.loc[(sums["people_end"] - sums["people_today"]).abs().sort_values(ascending=False).index]
    shown = sums if len(sums) <= _REGIONS + 1 else sums.iloc[:_REGIONS]
    pairs: dict[str, list[float]] = {"People abroad": sums.sum().to_list()}
    pairs |= {f"of them {place}": shown.loc[place].to_list() for place in shown.index}
    pairs |= {"of them in other regions": sums.iloc[len(shown) :].sum().to_list()}
    pairs |= {"People at home": _at_home(view, sites)}
    return [
        (label, f"{_people(before)} to {_people(after)} ({change_of_people(before, after)})")
        for label, (before, after) in pairs.items()
        if round(before) != round(after)
    ]


def _at_home(view: View, sites: pd.DataFrame) -> list[float]:
    """People of the lead actor's units at home and at its sites in its own country, today and at the end."""
    owned, types = view.rows("owned_forces"), view.problem["unit_types"]
    owned = owned[owned["actor_id"] == view.lead]
    owned = owned.merge(types[["unit_type_id", "personnel_persons"]], on="unit_type_id")
    persons = (owned["home_count"] * owned["personnel_persons"].fillna(0.0)).groupby(owned["year"]).sum()
    at_sites = sites.loc[~sites["is_abroad"], ["people_today", "people_end"]].sum().to_list()
    years = (view.today, view.end)
    return [here + float(persons.get(year, 0.0)) for here, year in zip(at_sites, years, strict=True)]


def _units(view: View) -> list[tuple[str, str]]:
    """The changes in units owned that concern most people."""
    owned = view.owned[view.owned["actor_id"] == view.lead]
    owned = owned.assign(people=(owned["change"] * owned["personnel_persons"].fillna(0.0)).abs())
    changed = owned[owned["change"].map(change) != "–"].sort_values("people", ascending=False, kind="stable")
    told = [
        f"{view.name('unit_types', row['unit_type_id'])} {_count(row['today'])} to {_count(row['end'])}"
        f" ({change(row['change'])})"
        for row in changed.to_dict("records")
    ]
    return [("Units owned", _listed(told))] if told else []


def _flows(view: View) -> list[tuple[str, str]]:
    """People of units that are raised, converted and disbanded, of the lead actor and of all allies."""
    changes = view.rows("force_changes")
    is_lead = changes["actor_id"] == view.lead
    told = []
    for whose, rows in ((view.lead_name, changes[is_lead]), ("all allies", changes[~is_lead])):
        sums = {word: float(rows[f"{word}_persons"].sum()) for word in ("raised", "converted", "disbanded")}
        parts = [f"{people(number)} {word}" for word, number in sums.items() if number > _PEOPLE]
        told += [f"{whose}: {', '.join(parts)}"] if parts else []
    return [("People of units", "; ".join(told))] if told else []


def _commands(view: View) -> list[tuple[str, str]]:
    told = [
        f"{view.name('commands', command)}: {before} to {after} in {since}"
        for command, (before, after, since) in command_holders(view).items()
        if before != after
    ]
    return [("Commands", _listed(told))] if told else []


def _garrisons(view: View) -> list[tuple[str, str]]:
    """Who supplies which garrison with more or fewer people than today."""
    key = ["garrison_id", "actor_id"]
    garrisons = view.problem["garrisons"][["garrison_id", "required_persons"]]
    shares = view.problem["garrison_actors"].merge(garrisons, on="garrison_id")
    shares["today"] = shares["today_fraction"].fillna(0.0) * shares["required_persons"].fillna(0.0)
    supplied = view.rows("garrison_supplies")
    end = supplied[supplied["year"] == view.end].groupby(key)["garrisoned_persons"].sum()
    both = shares.set_index(key)[["today"]].join(end.rename("end"), how="left").fillna(0.0)
    change_of_each = (both["end"] - both["today"]).abs()
    order = change_of_each.sort_values(ascending=False, kind="stable").index
    both = both.loc[order][change_of_each.loc[order] > _PEOPLE]
    told = [
        f"{view.name('garrisons', str(garrison))}: {view.name('actors', str(actor))}"
        f" {_people(today)} to {_people(after)} people"
        for (garrison, actor), (today, after) in zip(both.index, both.to_numpy(), strict=True)
    ]
    return [("Garrisons", _listed(told))] if told else []


def _listed(told: list[str]) -> str:
    rest = len(told) - _LISTED
    return "; ".join(told[:_LISTED]) + (f"; and {rest} more" if rest > 0 else "")


def _people(number: float) -> str:
    return people(number).replace("–", "none")


def _count(number: float) -> str:
    return count(number).replace("–", "none")

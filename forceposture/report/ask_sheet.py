"""What the plan asks of each ally, and what it gets, against today."""

from typing import Any

import pandas as pd
from rich.console import RenderableType

from forceposture.report.cost_change import costs_by_part
from forceposture.report.numbers import NOTHING, count, money_unit, people
from forceposture.report.politics import command_holders
from forceposture.report.tables import Table, figures, name, section, sentence
from forceposture.report.view import View

_ALLIES = 10
_SPENDING = ["spends_today", "spends_end", "ceiling"]
_PEOPLE = 0.5
"""Of people, what is nothing."""


def ask_sheet(view: View) -> list[RenderableType]:
    """A line for each ally of which something is asked, or that pays a bill: those whose money changes most."""
    asked = _asked(view)
    if asked.empty:
        return [sentence("Nothing is asked of any ally, and none pays a bill.")] if _allies(view) else []
    unit = money_unit(asked[["bill_today", "bill_end"]].to_numpy().ravel())
    shown = asked.iloc[:_ALLIES].to_dict("records")
    columns = {
        "Units raised": [count(row["arrived"]) for row in shown],
        "People raised": [people(row["raised_persons"]) for row in shown],
        "Converted": [count(row["converted"]) for row in shown],
        f"Spends {view.today}": [_percent(row["spends_today"]) for row in shown],
        f"Spends {view.end}": [_percent(row["spends_end"]) for row in shown],
        "Ceiling": [_percent(row["ceiling"]) for row in shown],
        f"Hosts {view.today}": [people(row["hosted_today"]) for row in shown],
        f"Hosts {view.end}": [people(row["hosted_end"]) for row in shown],
        f"Bill {view.today}": [unit.text(row["bill_today"]) for row in shown],
        f"Bill {view.end}": [unit.text(row["bill_end"]) for row in shown],
    }
    columns = {heading: cells for heading, cells in columns.items() if any(cell != "–" for cell in cells)}
    made = Table(name("Ally"), *figures(*columns))
    for row, *cells in zip(shown, *columns.values(), strict=True):
        made.add_row(view.name("actors", row["actor_id"]), *cells)
    rest = len(asked) - _ALLIES
    notes = ["First the ally whose cost differs most from keeping today's posture, bills included."]
    notes += ["And 1 other ally." if rest == 1 else f"And {rest} other allies."] if rest > 0 else []
    if any(heading.startswith("Spends") for heading in columns):
        notes.append("Spends: all defense spending in percent of GDP, what is not modeled included.")
    if any(heading.startswith("Hosts") for heading in columns):
        notes.append(f"Hosts: people of {view.lead_name} of modeled units at sites there.")
    notes += [
        f"{view.name('actors', row['actor_id'])} {row['commands']}." for row in shown if row["commands"]
    ]
    title = f"What is asked of allies, by {view.end}"
    if any(heading.startswith("Bill") for heading in columns):
        title += f" (bills in {unit.word} a year)"
    return [section(title, made, *notes)]


def _allies(view: View) -> list[str]:
    actors = view.problem["actors"]["actor_id"].astype("str").to_list()
    return [actor for actor in actors if actor != view.lead]


def _asked(view: View) -> pd.DataFrame:
    """A row for each ally of which something is asked or that pays, with all that a line says, the most money first."""
    frame = pd.DataFrame({"actor_id": _allies(view)})
    for part in (_forces(view), _hosted(view), _bills(view), _spending(view), _money(view)):
        frame = frame.merge(part, on="actor_id", how="left")
    known = [column for column in frame.columns if column not in ("actor_id", *_SPENDING)]
    frame[known] = frame[known].fillna(0.0)
    changed = _commands(view)
    frame["commands"] = [changed.get(actor, "") for actor in frame["actor_id"]]
    is_asked = (frame[["arrived", "converted", "bill_end"]] > NOTHING).any(axis="columns")
    is_asked |= (frame["hosted_today"] - frame["hosted_end"]).abs() > _PEOPLE
    is_asked |= (frame["commands"] != "") | (frame["bill_today"] > NOTHING)
    return frame[is_asked].sort_values("money", ascending=False, kind="stable")


def _forces(view: View) -> pd.DataFrame:
    """Units that an ally gets and converts until the end, and people of those it gets."""
    rows = view.owned.assign(raised_persons=view.owned["arrived_count"] * view.owned["personnel_persons"])
    rows = rows.rename(columns={"arrived_count": "arrived", "converted_in_count": "converted"})
    columns = ["arrived", "raised_persons", "converted"]
    return rows.groupby("actor_id")[columns].sum().reset_index()


def _hosted(view: View) -> pd.DataFrame:
    """People of the lead actor at sites of an ally, today and at the end."""
    sites = view.sites[view.sites["actor_id"] == view.lead]
    sums = sites.groupby("host_actor_id")[["people_today", "people_end"]].sum().reset_index()
    return sums.set_axis(["actor_id", "hosted_today", "hosted_end"], axis="columns")


def _bills(view: View) -> pd.DataFrame:
    bills = view.rows("billing_results")
    sums = bills.pivot_table(index="actor_id", columns="year", values="billed_usd_m", aggfunc="sum")
    sums = sums.reindex(columns=[view.today, view.end]).fillna(0.0)
    return sums.set_axis(["bill_today", "bill_end"], axis="columns").reset_index()


def _spending(view: View) -> pd.DataFrame:
    """Parts of GDP that an ally spends, today and at the end, and may spend at the end; empty where not known."""
    rows = view.solution.tables["spending_results"]
    spent = rows.pivot_table(index="actor_id", columns="year", values="spending_fraction", observed=True)
    spent = spent.reindex(columns=[view.today, view.end]).set_axis(_SPENDING[:2], axis="columns")
    ceiling = rows[rows["year"] == view.end].set_index("actor_id")["ceiling_fraction"]
    return spent.assign(ceiling=ceiling).reset_index()


def _money(view: View) -> pd.DataFrame:
    """By how much all that is paid differs from keeping today's posture, apart from bills, and the bills, M$."""
    costs = costs_by_part(view)
    is_bill = costs["part"] == "Bills"
    differs = (costs["plan"] - costs["kept"]).where(~is_bill, 0.0)
    sums = costs.assign(differs=differs, bills=costs["plan"].where(is_bill, 0.0)).groupby("actor_id")
    money = sums["differs"].sum().abs() + sums["bills"].sum()
    return money.rename("money").reset_index()


def _commands(view: View) -> dict[str, str]:
    """By ally the commands that it gains and loses, by name."""
    identifiers = {view.name("actors", actor): actor for actor in _allies(view)}
    told: dict[str, list[str]] = {}
    for command, (before, after, since) in command_holders(view).items():
        called = view.name("commands", command)
        for holder, word in ((after, f"gains {called} in {since}"), (before, f"loses {called} in {since}")):
            if before != after and holder in identifiers:
                told.setdefault(identifiers[holder], []).append(word)
    return {actor: "; ".join(words_of) for actor, words_of in told.items()}


def _percent(part: Any) -> str:
    return "–" if pd.isna(part) else f"{float(part):.2%}"

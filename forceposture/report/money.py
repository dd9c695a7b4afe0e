"""Who pays how much for what, and what a year costs before and after."""

import pandas as pd
from rich.console import Group

from forceposture.report.numbers import BILLIONS, MILLIONS, money_unit
from forceposture.report.tables import Table, figures, name, section
from forceposture.report.view import View
from optimizer.plan.ledger import money_lines

_KINDS = {
    "Own": ("OWN",),
    "Raise": ("RAISE", "SETS"),
    "Convert": ("CONVERT",),
    "Disband": ("DISBAND",),
    "Station": ("STATIONING",),
    "Sites": ("SITES", "OPEN_CLOSE", "HOUSING"),
    "Return": ("HOMECOMING",),
    "Other": ("COMMAND", "NUCLEAR"),
    "Bills": ("BILLED_PAID", "BILLED_RECEIVED"),
    "Left": ("SALVAGE",),
}
_YEARLY_KINDS = {
    "Owning units": ("OWN",),
    "Upkeep of sets": ("SETS",),
    "Stationing people": ("STATIONING",),
    "Keeping sites open": ("SITES",),
    "Keeping room": ("HOUSING",),
    "Commands held": ("COMMAND",),
    "Umbrellas and other nuclear cover": ("NUCLEAR",),
    "Received from allies": ("BILLED_RECEIVED",),
}
_NOTES = {
    "Raise": "Raise: raising and equipping units, buying and keeping sets of equipment.",
    "Return": "Return: room and moves for people at home beyond those of today.",
    "Convert": "Convert: turning units of one kind into another.",
    "Other": "Other: commands, and nuclear forces, programs and umbrellas.",
    "Bills": "Bills: what allies pay to the lead actor for its troops.",
    "Left": "Left: what purchases are still worth at the end; it counts against the cost.",
}
_PAYER_ROWS = 8


def payers(view: View) -> Group:
    """Discounted cost by payer and kind: the lead actor, the allies that pay most, the rest."""
    lines = money_lines(view.rows("ledger"))
    cells = lines.pivot_table(index="actor_id", columns="kind", values="discounted_usd_m", aggfunc="sum")
    cells = cells.fillna(0.0)
    costs = pd.DataFrame(
        {label: cells.reindex(columns=list(kinds)).sum(axis="columns") for label, kinds in _KINDS.items()}
    )
    costs["Total"] = costs.sum(axis="columns")
    unit = money_unit(costs["Total"])
    used = [label for label in costs.columns if (costs[label].abs() > unit.nothing_usd_m).any()]
    allies = costs[costs.index != view.lead].sort_values("Total", ascending=False)
    made = Table(name("Payer"), *figures(*used))
    rows = [(view.name("actors", actor), costs.loc[actor]) for actor in costs.index if actor == view.lead]
    rows += [(view.name("actors", str(actor)), allies.loc[actor]) for actor in allies.index[:_PAYER_ROWS]]
    rest = allies.iloc[_PAYER_ROWS:]
    if len(rest):
        rows.append(("1 other ally" if len(rest) == 1 else f"{len(rest)} other allies", rest.sum()))
    for label, row in rows:
        made.add_row(label, *(unit.text(float(row[kind])) for kind in used))
    made.add_section()
    made.add_row("All", *(unit.text(float(costs[kind].sum())) for kind in used))
    notes = [note for kind, note in _NOTES.items() if kind in used]
    return section(f"Who pays what ({unit.word} of {_base(view)}, {span(view)})", made, *notes)


def lead_year(view: View) -> Group:
    """What a year costs the lead actor as long as nothing changes: today's posture and that of the end."""
    costs = lead_year_costs(view)
    before, after = (sum(cost[place] for cost in costs.values()) for place in (0, 1))
    unit = money_unit([before, after])
    unit = MILLIONS if unit is BILLIONS else unit
    made = Table(name("For"), *figures(str(view.today), str(view.end), "Change"))
    for label, (today, end) in costs.items():
        if max(abs(today), abs(end)) > unit.nothing_usd_m:
            made.add_row(label, unit.text(today), unit.text(end), unit.change(today, end))
    made.add_section()
    made.add_row("All", unit.text(before), unit.text(after), unit.change(before, after))
    return section(
        f"{view.lead_name}: cost of keeping the posture of a year (M$ of {_base(view)} a year)",
        made,
        "Without purchases, openings and closings, and without what is not modeled.",
    )


def lead_year_costs(view: View) -> dict[str, list[float]]:
    """By what it is for, M$ that a year costs the lead actor as long as nothing changes: today, and at the end."""
    costs = view.yearly_costs
    sums = costs[costs["actor_id"] == view.lead].set_index("kind")[["today", "end"]]
    return {label: sums[sums.index.isin(kinds)].sum().tolist() for label, kinds in _YEARLY_KINDS.items()}


def span(view: View) -> str:
    """The years that a sum covers, and that it is discounted if it is."""
    if len(view.problem.years) == 1:
        return f"in {view.end}"
    return "all years, discounted" if view.problem.settings["discount_rate_fraction"] else "all years"


def _base(view: View) -> int:
    return int(view.problem.settings["money_base_year"])

"""What the plan costs whom against today's posture, and of which kind the difference is."""

from dataclasses import dataclass

import pandas as pd
from rich.console import RenderableType

from forceposture.report.money import span
from forceposture.report.numbers import MoneyUnit, money_unit
from forceposture.report.tables import Table, figures, name, section, sentence
from forceposture.report.view import View
from optimizer.plan.ledger import money_lines
from optimizer.tables.names import origins
from optimizer.tables.solution import Solution

_BILLS = "Bills"
_PARTS = {
    "Force structure": ("OWN", "RAISE", "SETS", "CONVERT", "DISBAND"),
    "Presence": ("STATIONING", "SITES", "OPEN_CLOSE", "HOUSING", "HOMECOMING"),
    "Commands, nuclear cover": ("COMMAND", "NUCLEAR"),
    _BILLS: ("BILLED_PAID", "BILLED_RECEIVED"),
}
_PART_OF = {kind: part for part, kinds in _PARTS.items() for kind in kinds}
_RULES = 5
_EXACT = 1e-6
_COLUMNS = ("today", "end", "kept", "plan")
_YEAR = "A year: what keeping a posture costs, without purchases and moves, and without what is not modeled."
_NOTES = (
    "Force structure: owning, raising, converting and disbanding units, and sets of equipment.",
    "Presence: stationing, sites and room, and coming home. What purchases are still worth is taken off.",
    "Today's posture may fall short of needs: posture score says where.",
)


@dataclass(frozen=True)
class Baseline:
    """An earlier plan beside which a plan is shown.

    Attributes:
        name: what it is called in a sentence, such as "the baseline" or "the plan in results/hand".
        solution: the plan; its problem may be another.
    """

    name: str
    solution: Solution


def cost_change(view: View) -> list[RenderableType]:
    """The lead actor's cost by part, and all allies' cost: a year, and over the years, against today's posture."""
    costs = costs_by_part(view)
    unit = money_unit(costs[list(_COLUMNS)].to_numpy().ravel())
    headings = (f"{view.today} a year", f"{view.end} a year", "Change", "Kept", "Plan", "Plan less kept")
    made = Table(name("For"), *figures(*headings))
    is_lead = costs["actor_id"] == view.lead
    of_lead, of_allies = _by_part(costs[is_lead]), _by_part(costs[~is_lead])
    for part, amounts in of_lead.items():
        if _is_money(amounts, unit):
            made.add_row("Bills received" if part == _BILLS else part, *_cells(amounts, unit))
    made.add_row(f"All of {view.lead_name}", *_cells(_total(of_lead), unit))
    if not is_lead.all():
        made.add_section()
        if _is_money(of_allies[_BILLS], unit):
            made.add_row("Bills of allies", *_cells(of_allies[_BILLS], unit))
        made.add_row("All of allies", *_cells(_total(of_allies), unit))
    title = f"What it costs whom, against today's posture ({unit.word} of {view.problem.settings['money_base_year']})"
    kept = f"Kept: today's posture paid for in every year. Plan: all that is paid. Both {span(view)}."
    return [section(title, made, _YEAR, kept, *_NOTES)]


def against_baseline(view: View, baseline: Baseline) -> list[RenderableType]:
    """How the plan's discounted costs differ from those of an earlier plan of another problem, and of which kind."""
    earlier, now = baseline.solution, view.solution
    if earlier.problem_digest == now.problem_digest:
        return []
    called = f"{baseline.name} (problem {earlier.problem_digest[:8]})"
    if _years(earlier) != _years(now):
        return [sentence(f"Costs are not comparable with {called}: it is over other years.")]
    parts = []
    for payer, cost in (("", "lead_cost_usd_m"), (" for all actors together", "alliance_cost_usd_m")):
        before, after = earlier.outcome.get(cost), now.outcome.get(cost)
        if before is not None and after is not None:
            unit = money_unit([before, after])
            parts.append(f"{_changed(unit, before, after)}{payer or f' for {view.lead_name}'}")
    said: list[RenderableType] = [sentence(f"Against {called}, over all years: {'; '.join(parts)}.")]
    if "allied_figures_withheld" in {**earlier.outcome, **now.outcome}:
        return said
    costs = [
        _by_part(_of_lead(solution, view.lead).assign(today=0.0, end=0.0, kept=0.0))
        for solution in (earlier, now)
    ]
    amounts = {part: [by_part[part][-1] for by_part in costs] for part in _PARTS}
    unit = money_unit(amount for pair in amounts.values() for amount in pair)
    split = [
        f"{part[:1].lower()}{part[1:]} {_changed(unit, *pair)}"
        for part, pair in amounts.items()
        if unit.change(*pair) != "–"
    ]
    return [*said, sentence(f"Of that for {view.lead_name}: {'; '.join(split)}.")] if split else said


def _changed(unit: MoneyUnit, before: float, after: float) -> str:
    change = unit.change(before, after)
    return "no change" if change == "–" else f"{change} {unit.word}"


def _of_lead(solution: Solution, lead: str) -> pd.DataFrame:
    """What the lead actor pays by part, over all years, discounted."""
    paid = _paid_by_part(solution.tables["ledger"])
    return paid[paid["actor_id"] == lead]


def kept_by_law(view: View) -> list[RenderableType]:
    """The rules with a source that the plan keeps exactly, if there are any."""
    known, rows = origins(view.problem), view.rows("policy_rule_results")
    is_exact = (rows["quantity"] - rows["value"]).abs() <= _EXACT * rows["value"].abs().clip(lower=1.0)
    held = [rule for rule in rows.loc[is_exact, "policy_rule_id"].astype("str").unique() if rule in known]
    if not held:
        return []
    rest = len(held) - _RULES
    said = "; ".join(f"{rule} ({known[rule]})" for rule in held[:_RULES])
    return [
        sentence(f"Held at what a law or statement asks: {said}{f'; and {rest} more' if rest > 0 else ''}.")
    ]


def costs_by_part(view: View) -> pd.DataFrame:
    """actor_id, part, and M$: today and end (a year of each posture), kept and plan (all years, discounted).

    Kept is today's posture paid for in every year. What purchases are worth at the end counts with what was bought.
    """
    yearly = view.yearly_costs
    rate = float(view.problem.settings["discount_rate_fraction"])
    years = sum(view.problem.calendar.discount(rate).values())
    yearly = yearly.assign(part=yearly["kind"].map(_PART_OF), kept=yearly["today"] * years)
    paid = _paid_by_part(view.rows("ledger"))
    every = pd.concat([yearly.drop(columns="kind"), paid], ignore_index=True)
    return every.groupby(["actor_id", "part"])[list(_COLUMNS)].sum().reset_index()


def _paid_by_part(ledger: pd.DataFrame) -> pd.DataFrame:
    """actor_id, part and plan (M$, discounted) of each line of money of a ledger."""
    lines = money_lines(ledger)
    parts = [
        _PART_OF.get(kind) or _salvaged(source)
        for kind, source in lines[["kind", "source_column"]].itertuples(index=False)
    ]
    return pd.DataFrame(
        {"actor_id": lines["actor_id"].astype("str"), "part": parts, "plan": lines["discounted_usd_m"]}
    )


def _salvaged(source_column: str) -> str:
    """The part to which belongs what is left of a purchase, by the column of its price."""
    return "Presence" if source_column.startswith("site_access.") else "Force structure"


def _by_part(costs: pd.DataFrame) -> dict[str, list[float]]:
    """Sums of the columns by part, nothing where a part has none."""
    return {part: costs.loc[costs["part"] == part, list(_COLUMNS)].sum().to_list() for part in _PARTS}


def _total(by_part: dict[str, list[float]]) -> list[float]:
    return [sum(amounts) for amounts in zip(*by_part.values(), strict=True)]


def _is_money(amounts: list[float], unit: MoneyUnit) -> bool:
    return any(abs(amount) > unit.nothing_usd_m for amount in amounts)


def _cells(amounts: list[float], unit: MoneyUnit) -> list[str]:
    today, end, kept, plan = amounts
    yearly = [unit.text(today), unit.text(end), unit.change(today, end)]
    return [*yearly, unit.text(kept), unit.text(plan), unit.change(kept, plan)]


def _years(solution: Solution) -> set[int]:
    return {int(year) for year in solution.tables["owned_forces"]["year"]}

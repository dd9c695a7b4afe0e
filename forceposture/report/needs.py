"""How far requirements and the planners' own rules are met, and what a requirement costs at the margin."""

import pandas as pd
from rich.console import RenderableType

from forceposture.report.numbers import NOTHING, count, counted, figure, share
from forceposture.report.tables import Table, figures, name, section, sentence, words
from forceposture.report.view import View
from optimizer.objectives import ALLIANCE_COST
from optimizer.tables.names import names, origins

PRICES = {
    "LINEAR": "of the plan",
    "RELAXATION": "of the relaxation, in the long run: units and sites follow in fractions",
    "INTEGERS_HELD": "of the short run: the plan's whole units, open sites and commands stay as they are",
}
"""By word of the PriceKind choice, which prices are shown."""

_HIGHEST = 5
_CAPABILITY = ["theater_id", "capability_id"]
_MARGIN = "A need without a price could be slightly greater at no cost."
_MARGIN_HELD = "More of a need may take another whole unit, site or command, whose cost no price shows."


def requirements(view: View) -> list[RenderableType]:
    """By theater and kind of phase: how many requirements are met, by whom, and the tightest."""
    rows = view.needs
    spared = bool((view.rows("requirement_results")["reduction_points"] > 0).any())
    notes = ["Needs are less what nuclear cover spares."] if spared else []
    if rows.empty:
        return [sentence("No requirement asks for anything."), *map(sentence, notes)]
    made = Table(name("Theater"), name("To"), *figures("Met", "By lead", "Short"), *words("Tightest"))
    for (theater, kind), group in rows.groupby(["theater_id", "kind"]):
        order = group.sort_values(["met", "needed_points"], ascending=[True, False], kind="stable")
        supplied = float(group["supplied_points"].sum())
        made.add_row(
            view.name("theaters", str(theater)),
            str(kind).lower(),
            f"{int((group['shortfall_points'] <= NOTHING).sum())}/{len(group)}",
            share(float(group["lead_points"].sum()) / supplied) if supplied > NOTHING else "–",
            count(group["shortfall_points"].max()),
            _tightest(view, order.iloc[0]),
        )
    met = int((rows["shortfall_points"] <= NOTHING).sum())
    return [
        section(
            f"Requirements: {met:,} of {len(rows):,} met in full",
            made,
            "Points that the plan assigns, not all that could come. By lead: the lead actor's part of them.",
            *notes,
            "Short: the largest shortfall. Tightest: points there, of points needed; among equals, the greatest need.",
        )
    ]


def highest_prices(view: View) -> list[RenderableType]:
    """Which needs size the forces: those of which one more point would cost most, where the solve found prices."""
    known = view.solution.tables["requirement_results"]["price_usd_m_per_point"].notna()
    if not known.any():
        return []
    is_held = view.solution.outcome["price_kind"] == "INTEGERS_HELD"
    margin = _MARGIN_HELD if is_held else _MARGIN
    rows = _priced(view)
    if rows.empty:
        none = "No need has a price" + (" of the short run." if is_held else ".")
        return [sentence(none), sentence(margin)]
    which = f"Prices {PRICES[view.solution.outcome['price_kind']]}."
    shown = rows.iloc[:_HIGHEST]
    title = f"Needs that size the forces: what one more point would cost {payer(view)} (M$ a year)"
    return [section(title, _price_table(view, shown), which, margin)]


def prices(view: View) -> list[RenderableType]:
    """The highest price of every theater and capability, where the first screen does not show them all."""
    rows = _priced(view)
    if len(rows) <= _HIGHEST:
        return []
    title = f"Prices: what one more point of a need would cost {payer(view)} (M$ a point, undiscounted)"
    return [section(title, _price_table(view, rows.sort_values(_CAPABILITY, kind="stable")))]


def _priced(view: View) -> pd.DataFrame:
    """Of each theater and capability the need with the highest price above nothing, the highest first."""
    rows = view.needs.sort_values("price_usd_m_per_point", ascending=False, kind="stable")
    return rows[rows["price_usd_m_per_point"] > NOTHING].drop_duplicates(_CAPABILITY)


def _price_table(view: View, rows: pd.DataFrame) -> Table:
    made = Table(name("Theater"), name("Capability"), *figures("Price"), *words("Where it is highest"))
    phases = names(view.problem, "phases")
    for row in rows.to_dict("records"):
        phase = f"{phases[row['phase_id']]} ({row['kind'].lower()})"
        made.add_row(
            view.name("theaters", row["theater_id"]),
            view.name("capabilities", row["capability_id"]),
            figure(float(row["price_usd_m_per_point"])),
            ", ".join([phase, view.name("scenarios", row["scenario_id"]), str(row["year"])]),
        )
    return made


def payer(view: View) -> str:
    """Whose cost prices are of."""
    return "all actors" if view.solution.options.get("objectives") == [ALLIANCE_COST] else view.lead_name


def policy_rules(view: View) -> list[RenderableType]:
    """The planners' own rules that are broken at a price, if there are any."""
    rows = view.rows("policy_rule_results")
    rules = view.problem["policy_rules"]
    conditional = rules.loc[rules["or_policy_rule_id"].notna(), "policy_rule_id"].to_list()
    conditional += rules["or_policy_rule_id"].dropna().to_list()
    rows = rows[~rows["policy_rule_id"].isin(conditional)]
    broken = rows[rows["violation"] > NOTHING]
    if rows.empty:
        return []
    if broken.empty:
        rule_count = rows["policy_rule_id"].nunique()
        return [sentence(f"No policy rule is broken, of {counted(rule_count, 'rule')}.")]
    made = Table(name("Rule"), name("Year"), *figures("Is", "Should be", "Off by"))
    for row in broken.to_dict("records"):
        numbers = [figure(row[column]) for column in ("quantity", "value", "violation")]
        made.add_row(str(row["policy_rule_id"]), str(row["year"]), *numbers)
    origin = origins(view.problem)
    notes = [f"{rule}: {origin[rule]}." for rule in broken["policy_rule_id"].unique() if rule in origin]
    return [section("Policy rules broken at their price", made, *notes)]


def _tightest(view: View, row: pd.Series) -> str:
    place = [view.name("capabilities", row["capability_id"]), row["phase_id"]]
    place += [view.name("scenarios", row["scenario_id"]), str(row["year"])]
    return f"{_over(row['supplied_points'], row['needed_points'])}: {', '.join(place)}"


def _over(supplied: float, needed: float) -> str:
    """Points over need, with as many decimals as it takes to tell them from 0 and from each other."""
    differ = abs(supplied - needed) > NOTHING
    decimals = 1
    while decimals < 6 and (
        (differ and round(supplied, decimals) == round(needed, decimals))
        or round(needed, decimals) == 0
        or (supplied > NOTHING and round(supplied, decimals) == 0)
    ):
        decimals += 1
    shown = (round(abs(number), 6) for number in (supplied, needed))
    return " of ".join(f"{number:,.{decimals}f}" for number in shown)

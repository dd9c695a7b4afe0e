"""How far requirements and the planners' own rules are met."""

import pandas as pd
from rich.console import Group, RenderableType
from rich.text import Text

from forceposture.report.view import View
from forceposture.report.words import PRICES, count, section, table


def requirements(view: View) -> Group:
    """By theater and kind of phase: how many requirements are met, by whom, and the tightest."""
    rows = view.rows("requirement_results")
    phases = view.problem["phases"][["phase_id", "kind"]].astype({"kind": "str"})
    rows = rows.merge(phases, on="phase_id", how="left")
    rows["supplied_points"] = rows["lead_points"] + rows["allied_points"] + rows["bonus_points"]
    rows["required_points"] -= rows["reduction_points"]
    rows["met"] = (rows["supplied_points"] / rows["required_points"].clip(lower=1e-9)).round(3)
    made = table(2, "Theater", "To", "Met", "By lead", "Short")
    made.add_column("Tightest")
    for (theater, kind), group in rows.groupby(["theater_id", "kind"]):
        order = group.sort_values(["met", "required_points"], ascending=[True, False], kind="stable")
        part = group["lead_points"].sum() / max(group["supplied_points"].sum(), 1e-9)
        short = group["shortfall_points"]
        made.add_row(
            view.name("theaters", str(theater)),
            str(kind).lower(),
            f"{int((short <= 0).sum())}/{len(group)}",
            f"{part:.0%}",
            count(short.max()),
            _described(view, order.iloc[0]),
        )
    met = int((rows["shortfall_points"] <= 0).sum())
    return section(
        f"Requirements: {met} of {len(rows)} met in full",
        made,
        "Points that the plan assigns, not all that could come. By lead: the lead actor's part of them.",
        *(["Needs are less what nuclear cover spares."] if rows["reduction_points"].any() else []),
        "Short: the largest shortfall. Tightest: points over need; among equals, the greatest need.",
        *_prices(view, rows),
    )


def _prices(view: View, rows: pd.DataFrame) -> list[str]:
    """What one more point would cost the lead actor at most, by theater, and which prices these are."""
    dearest = rows.groupby("theater_id")["price_usd_m_per_point"].max()
    dearest = dearest[dearest > 0]
    if dearest.empty:
        return []
    each = [f"{view.name('theaters', str(theater))} {price:,.0f} M$" for theater, price in dearest.items()]
    which = PRICES[view.solution.outcome["price_kind"]]
    return [f"Highest price of one more point: {', '.join(each)}. Prices {which}."]


def policy_rules(view: View) -> list[RenderableType]:
    """The planners' own rules that are broken at a price, if there are any."""
    rows = view.rows("policy_rule_results")
    rules = view.problem["policy_rules"]
    conditional = rules.loc[rules["or_policy_rule_id"].notna(), "policy_rule_id"].to_list()
    conditional += rules["or_policy_rule_id"].dropna().to_list()
    rows = rows[~rows["policy_rule_id"].isin(conditional)]
    broken = rows[rows["violation"] > 1e-6]
    if rows.empty:
        return []
    if broken.empty:
        return [Text(f"All {rows['policy_rule_id'].nunique()} policy rules are kept in every year.")]
    made = table(1, "Rule", "Year", "Is", "Should be", "Off by")
    for row in broken.to_dict("records"):
        made.add_row(
            str(row["policy_rule_id"]),
            str(row["year"]),
            count(row["quantity"]),
            count(row["value"]),
            count(row["violation"]),
        )
    return [section("Policy rules broken at their price", made)]


def _described(view: View, row: pd.Series) -> str:
    place = [view.name("capabilities", row["capability_id"]), row["phase_id"]]
    place += [view.name("scenarios", row["scenario_id"]), str(row["year"])]
    supplied, required = (round(float(row[column]), 6) for column in ("supplied_points", "required_points"))
    return f"{supplied:,.1f} of {required:,.1f}: {', '.join(place)}"

"""What a year of today's posture, and one of the end, costs each actor as long as nothing changes."""

from typing import Any

import pandas as pd

from forceposture.report.view import View
from optimizer.plan.ledger import nuclear_running_costs, running_costs


def yearly_costs(view: View) -> pd.DataFrame:
    """M$ a year, without purchases, openings and moves.

    Returns:
        One row for each actor_id and kind of cost that has any, with today and end; what is received is below 0.
    """
    owned, stationed, uses = (view.rows(name) for name in ("owned_forces", "stationed_forces", "site_uses"))
    opened_today = view.problem["site_access"][["actor_id", "site_id", "open_today"]]
    uses = uses.merge(opened_today, on=["actor_id", "site_id"], how="left")
    is_open = uses["open_today"].astype("boolean").fillna(False).astype("float64")
    uses["open_fraction"] = uses["open_fraction"].where(uses["year"] != view.today, is_open)
    rows: list[Any] = [frame.to_dict("records") for frame in (owned, stationed, uses)]
    chosen: list[Any] = view.rows("nuclear_results").to_dict("records")
    lines = [*running_costs(view.problem, *rows), *nuclear_running_costs(view.problem, chosen)]
    costs_of = [(actor, year, kind, usd_m) for (actor, year, kind, *_), usd_m in lines]
    parts = [pd.DataFrame(costs_of, columns=["actor_id", "year", "kind", "usd_m"])]
    held = view.rows("command_results").merge(view.problem["command_options"], on=["command_id", "actor_id"])
    command_cost = held["held_fraction"] * held["lead_cost_usd_m_per_yr"]
    parts.append(held.assign(actor_id=view.lead, kind="COMMAND", usd_m=command_cost))
    bills = view.rows("billing_results")
    parts.append(bills.assign(kind="BILLED_PAID", usd_m=bills["billed_usd_m"]))
    parts.append(bills.assign(actor_id=view.lead, kind="BILLED_RECEIVED", usd_m=-bills["billed_usd_m"]))
    every = pd.concat([part[["actor_id", "year", "kind", "usd_m"]] for part in parts], ignore_index=True)
    every = every.astype({"actor_id": "str", "kind": "str"})
    sums = every.pivot_table(index=["actor_id", "kind"], columns="year", values="usd_m", aggfunc="sum")
    costs = sums.reindex(columns=[view.today, view.end]).fillna(0.0)
    return costs.set_axis(["today", "end"], axis="columns").reset_index()

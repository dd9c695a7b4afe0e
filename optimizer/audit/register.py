"""How the audit holds every column of every solution table: the one list of it.

A key column names its row: rows are matched by it. Every other column is one of

- *recomputed*: drawn up again from the input tables and the decisions, and compared;
- *a decision*: what the plan chose, held to the rules of the input, and what everything else is recomputed from;
- *exempt*: what no input table and no decision determines, with the reason, and with what is checked all the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["recomputed", "decision", "exempt"]


@dataclass(frozen=True)
class Held:
    """How a column is held.

    Attributes:
        kind: how.
        by: names of the checks that see a change, all of ``CHECKS`` in ``optimizer.audit``.
        reason: why a change can be right: of a decision, when another value is a plan as well; of a column that is
            exempt, why nothing determines it. Empty where every change is seen.
        may_be_empty: whether a cell may be empty: there is nothing to say, or it counts as 0.
        may_be_negative: whether a value may be below 0.
    """

    kind: Kind
    by: tuple[str, ...]
    reason: str = ""
    may_be_empty: bool = False
    may_be_negative: bool = False


@dataclass(frozen=True)
class HeldTable:
    """How a table is held.

    Attributes:
        columns: by name, how each column that is no key is held.
        asked_by: input tables of which one must have rows before this table may have any; empty if it always may.
        has_today: whether it has rows of period 0.
    """

    columns: Mapping[str, Held]
    asked_by: tuple[str, ...] = ()
    has_today: bool = False


def _recomputed(*by: str, may_be_empty: bool = False, may_be_negative: bool = False) -> Held:
    return Held("recomputed", by, "", may_be_empty, may_be_negative)


def _decision(*by: str, reason: str = "", may_be_empty: bool = False, may_be_negative: bool = False) -> Held:
    return Held("decision", by, reason, may_be_empty, may_be_negative)


def _exempt(*by: str, reason: str, may_be_empty: bool = False, may_be_negative: bool = False) -> Held:
    return Held("exempt", by, reason, may_be_empty, may_be_negative)


REGISTER: dict[str, HeldTable] = {
    "owned_forces": HeldTable(
        {
            "owned_count": _recomputed("force_structure"),
            "home_count": _recomputed("stationing"),
            "arrived_count": _recomputed("force_structure"),
            "raised_count": _decision("force_structure"),
            "disbanded_count": _decision("force_structure"),
            "sets_owned_count": _decision("force_structure", "ledger_shown", reason="Sets may be given up."),
            "sets_bought_count": _decision("force_structure", "ledger_shown"),
            "converted_in_count": _recomputed("force_structure"),
            "converted_out_count": _recomputed("force_structure"),
        },
        has_today=True,
    ),
    "conversion_results": HeldTable(
        {"converted_count": _decision("conversions", "force_structure")}, asked_by=("conversions",)
    ),
    "stationed_forces": HeldTable(
        {
            "stationed_count": _decision("stationing", "basing"),
            "stationed_persons": _recomputed("stationing"),
        },
        has_today=True,
    ),
    "site_uses": HeldTable(
        {
            "open_fraction": _decision("basing", "ledger_shown", may_be_empty=True),
            "stationed_persons": _recomputed("basing"),
            "unassigned_persons": _recomputed("basing"),
            "housing_persons": _recomputed("basing"),
            "housing_built_persons": _decision("basing"),
            "housing_released_persons": _decision("basing"),
        },
        has_today=True,
    ),
    "garrison_supplies": HeldTable(
        {
            "garrisoned_persons": _decision(
                "garrison",
                reason="More of the people who are there anyway may be counted than are asked for.",
            )
        },
        asked_by=("garrisons",),
    ),
    "deployments": HeldTable(
        {
            "deployed_count": _decision(
                "deployment",
                "deterrence",
                "cost_views",
                reason="Units at a site abroad may move beyond what the lead actor's part counts.",
            )
        }
    ),
    "support_results": HeldTable(
        {
            "needed_points": _recomputed("support"),
            "provided_points": _recomputed("support"),
        },
        asked_by=("unit_support",),
    ),
    "requirement_results": HeldTable(
        {
            "required_points": _recomputed("deterrence"),
            "lead_points": _recomputed("deterrence"),
            "allied_points": _recomputed("deterrence"),
            "shortfall_points": _recomputed("deterrence"),
            "bonus_points": _decision(
                "command",
                "deterrence",
                reason="A bonus may be counted in part where the need is met with less of it.",
            ),
            "reduction_points": _recomputed("deterrence"),
            "price_usd_m_per_point": _exempt(
                "prices",
                reason="A dual: only a solver has it. It is not negative, 0 where more is there than is needed, "
                "and at most the interest; prices are tried against solves with one more point.",
                may_be_empty=True,
                may_be_negative=True,
            ),
        }
    ),
    "unmet_needs": HeldTable({"unmet_points": _recomputed("unmet_shown")}, asked_by=("interests",)),
    "spending_results": HeldTable(
        {
            "spending_usd_m": _recomputed("allied_spending", may_be_negative=True),
            "other_spending_usd_m": _recomputed("allied_spending", may_be_negative=True),
            "spending_fraction": _recomputed("allied_spending", may_be_empty=True, may_be_negative=True),
            "ceiling_fraction": _recomputed("allied_spending", may_be_empty=True),
        },
        has_today=True,
    ),
    "policy_rule_results": HeldTable(
        {
            "quantity": _recomputed("policy_rules", may_be_negative=True),
            "value": _recomputed("policy_rules", may_be_negative=True),
            "violation": _decision(
                "policy_rules",
                "ledger_shown",
                reason="More may be said to be violated than is, where that costs nothing.",
            ),
        },
        asked_by=("policy_rules",),
    ),
    "ledger": HeldTable(
        {
            "usd_m": _recomputed("ledger_shown", may_be_negative=True),
            "discounted_usd_m": _recomputed("ledger_shown", may_be_negative=True),
        }
    ),
    "force_changes": HeldTable(
        {
            "brought_home_persons": _recomputed("force_changes"),
            "sent_abroad_persons": _recomputed("force_changes"),
            "moved_persons": _recomputed("force_changes"),
            "disbanded_persons": _recomputed("force_changes"),
            "raised_persons": _recomputed("force_changes"),
            "converted_persons": _recomputed("force_changes"),
        }
    ),
    "command_results": HeldTable(
        {"held_fraction": _decision("command", "ledger_shown")}, asked_by=("commands",), has_today=True
    ),
    "presence_results": HeldTable(
        {"presence_points": _recomputed("presence_shown")}, asked_by=("responses",)
    ),
    "response_results": HeldTable(
        {
            "target_usd_m": _recomputed("allied_response", may_be_negative=True),
            "willingness_usd_m": _recomputed("allied_response", may_be_negative=True),
            "floor_usd_m": _recomputed("allied_response"),
        },
        asked_by=("responses",),
    ),
    "billing_results": HeldTable(
        {
            "billed_usd_m": _decision("billing", "ledger_shown"),
            "incremental_usd_m": _recomputed("billing"),
            "stationed_persons": _recomputed("billing"),
        },
        asked_by=("billing",),
        has_today=True,
    ),
    "nuclear_results": HeldTable(
        {
            "chosen_fraction": _decision("nuclear"),
            "started_fraction": _decision("nuclear", "ledger_shown"),
        },
        asked_by=("nuclear_options",),
        has_today=True,
    ),
    "exposure_results": HeldTable(
        {
            "exposure_points": _recomputed("exposure"),
            "presence_exposure_points": _recomputed("exposure"),
            "command_exposure_points": _recomputed("exposure"),
            "umbrella_exposure_points": _recomputed("exposure"),
        },
        asked_by=("exposure", "exposure_limits", "nuclear_options"),
        has_today=True,
    ),
    "handover_results": HeldTable(
        {
            "lead_points": _recomputed("transition"),
            "allied_points": _recomputed("transition"),
            "carried_points": _recomputed("transition"),
        },
        asked_by=("handovers",),
        has_today=True,
    ),
    "stability_results": HeldTable(
        {"moves_count": _recomputed("transition")}, asked_by=("stability_limits",)
    ),
    "objective_results": HeldTable(
        {
            "objective": _recomputed("objectives"),
            "value": _recomputed("objectives", may_be_negative=True),
            "best_bound": _exempt(
                "objectives",
                reason="The solver's proof: only another solve has it. It is not above the value, and the outcome's.",
                may_be_empty=True,
                may_be_negative=True,
            ),
            "unit": _recomputed("objectives"),
        }
    ),
    "cost_views": HeldTable(
        {
            "incremental_usd_m": _recomputed("cost_views"),
            "units_abroad_usd_m": _recomputed("cost_views"),
            "with_overhead_usd_m": _recomputed("cost_views"),
            "held_for_theater_usd_m": _recomputed("cost_views"),
        }
    ),
    "homecoming_results": HeldTable(
        {
            "home_persons": _recomputed("homecoming"),
            "home_room_persons": _recomputed("homecoming"),
            "homecoming_persons": _decision("homecoming", "ledger_shown"),
        },
        has_today=True,
    ),
    "limit_prices": HeldTable(
        {
            "unit": _recomputed("limit_prices"),
            "price_usd_m_per_unit": _exempt(
                "limit_prices",
                reason="A dual: no table has it. It is not below 0, and there is none where the limit leaves room.",
            ),
        }
    ),
    "search_steps": HeldTable(
        {
            "elapsed_seconds": _exempt(
                "search_steps", reason="A log of the search: only a clock has it. It never falls."
            ),
            "best_bound": _exempt(
                "search_steps",
                reason="A log of the search. It never falls, and ends at or below the bound shown.",
                may_be_negative=True,
            ),
            "best_value": _exempt(
                "search_steps",
                reason="A log of the search. It never rises, and no step is better than the plan shown.",
                may_be_empty=True,
                may_be_negative=True,
            ),
            "step_source": _exempt("search_steps", reason="A log of the search: words; they are there."),
        }
    ),
}
"""Every table of a solution, in the schema's order but for the log, and how it is held."""

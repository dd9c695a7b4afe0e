"""One row of the model in a planner's words: the sentence of its rule, and the names of what it is about."""

import inspect
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from optimizer.formulation import FAMILIES
from optimizer.tables.names import NAMED, group_names, names, sentences
from optimizer.tables.problem import Problem

_UNITS = {
    "M$": (
        "spending_ceiling",
        "spending_ramp",
        "spending_willing",
        "bill_today",
        "bill_floor",
        "bill_ceiling",
        "participation",
        "response_target",
        "response_floor",
        "willingness_lag",
        "lead_budget",
    ),
    "people": (
        "presence_path",
        "minimum_garrison",
        "site_group_ceiling",
        "withdrawal_pace",
        "garrison_requirement",
        "garrison_share_least",
        "garrison_share_most",
        "bill_presence",
    ),
    "units": ("program_kept", "presence_kept", "command_prerequisite"),
    "points": ("garrison_points", "lead_share_least", "command_share", "exposure_cap", "handover"),
    "open sites": ("garrison_open", "presence_open"),
    "moves": ("stability",),
    "of a choice": ("command_kept", "nuclear_program", "nuclear_holds_today"),
}
"""By unit, the blocks of policy whose rows are in it; the planners' own rules are in that of what they measure."""

_UNITS_OF_RULES = {
    "STATIONED_PERSONS": "people",
    "SPENDING_USD_M": "M$",
    "BILLED_USD_M": "M$",
    "OWNED_POINTS": "points",
    "SPENDING_FRACTION": "of GDP",
}
"""By what a rule measures, its unit; else units."""

_UNIT_OF = {block: unit for unit, blocks in _UNITS.items() for block in blocks}


class RuleWords:
    """What the rows of a problem's model say."""

    def __init__(self, problem: Problem) -> None:
        self._labels = {thing: names(problem, table) for thing, table in NAMED.items()}
        self._labels["group"], self._labels["rule"] = group_names(problem), sentences(problem)
        self._labels["actor"]["FOREIGN"] = "all foreign actors"
        rules = problem["policy_rules"]
        self._measured = dict(zip(rules["policy_rule_id"].astype("str"), rules["quantity"], strict=True))

    def name(self, thing: str, identifier: Any) -> str:
        """The name of a thing, such as a theater; what has no name is written as it is."""
        return self._labels.get(thing, {}).get(str(identifier), str(identifier))

    def unit(self, block: str, key: Sequence[Any]) -> str:
        """In what a row of policy is missed, after a number."""
        if block not in _UNIT_OF:
            return _UNITS_OF_RULES.get(str(self._measured[str(key[0])]), "units")
        return _UNIT_OF[block]

    def sentence(self, block: str, key: Sequence[Any]) -> str:
        """The rule of a row, and in parentheses what it is about.

        Args:
            block: the row's block.
            key: the row's index.
        """
        rule = _rules()[block]
        about = dict(zip(list(inspect.signature(rule).parameters)[1:], key, strict=True))
        said = (inspect.getdoc(rule) or block).partition("\n")[0]
        if "rule" in about:
            # Of an either-or pair, which the key names by its first rule, the side is the rule that the row is of.
            said = self.name("rule", about.pop("side", about["rule"]))
            del about["rule"]
        places = dict.fromkeys(self.name(thing, part) for thing, part in about.items())
        return f"{said.removesuffix('.')} ({', '.join(places)})"


@cache
def _rules() -> dict[str, Callable[..., Any]]:
    """The function of every block of rows: its docstring is the rule, its arguments after the model are the key."""
    return {block: getattr(family.module, block) for family in FAMILIES for block in family.rows}

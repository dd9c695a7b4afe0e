"""One row of the model in a planner's words: the sentence of its rule, and the names of what it is about."""

import inspect
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from optimizer.formulation import FAMILIES
from optimizer.tables.names import NAMED, group_names, names, sentences
from optimizer.tables.problem import Problem


class RuleWords:
    """What the rows of a problem's model say."""

    def __init__(self, problem: Problem) -> None:
        self._labels = {thing: names(problem, table) for thing, table in NAMED.items()}
        self._labels["group"], self._labels["rule"] = group_names(problem), sentences(problem)
        self._labels["actor"]["FOREIGN"] = "all foreign actors"

    def name(self, thing: str, identifier: Any) -> str:
        """The name of a thing, such as a theater; what has no name is written as it is."""
        return self._labels.get(thing, {}).get(str(identifier), str(identifier))

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

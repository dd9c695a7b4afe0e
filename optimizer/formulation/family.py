"""What a family of rules is: one record, from which the build, the size, the findings and the pages follow."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import ModuleType
from typing import Any

from optimizer.errors import Finding
from optimizer.formulation.counts import Counts
from optimizer.formulation.frames.index import Index


class RowKind(Enum):
    """How a block of rows is treated; each family names the kind of each of its blocks."""

    PHYSICS = "never relaxed: balances, availability, capacity, lift, reach, identities"
    POLICY = "never broken by a plan; on the way to one it may be, until it is repaired"
    PRICED = "relaxed at a stated price where there is one, else hard"


def _no_findings(index: Index) -> list[Finding]:
    return []


def _add_nothing(m: Any, index: Index) -> None:
    pass


@dataclass(frozen=True)
class Family:
    """A family of rules, as its module registers it.

    Attributes:
        rows: the kind of each block; a block is a function of that name in the module, and its docstring the rule.
        add_variables: adds the family's columns to a model; of all families before the rows of any.
        add_rows: adds the family's blocks.
        counts: what both add, from the frames alone.
        findings: what only the frames show to be wrong; asked of problems whose tables have no findings.
        tables: input tables of which one must have rows before there is anything to add or findings to look for;
            empty if there always may be.
        add_nothing: adds, where nothing is to be added, what other families name, without members; of a family
            with tables.
    """

    rows: Mapping[str, RowKind]
    add_variables: Callable[[Any, Index], None]
    add_rows: Callable[[Any, Index], None]
    counts: Callable[[Index], Counts]
    findings: Callable[[Index], list[Finding]] = _no_findings
    tables: tuple[str, ...] = ()
    add_nothing: Callable[[Any, Index], None] = _add_nothing

    def is_asked_for(self, index: Index) -> bool:
        """Whether the problem has rows in one of the family's tables."""
        return not self.tables or any(len(index.problem[name]) for name in self.tables)

    @property
    def module(self) -> ModuleType:
        """The module that registers the family; its docstring holds the formulas."""
        return sys.modules[self.add_rows.__module__]

    @property
    def name(self) -> str:
        """Name of the module, of the golden file and of the audit."""
        return self.module.__name__.rpartition(".")[2]

"""Rows, nonzeros and columns of conditional policy rules."""

from optimizer.formulation.families import conditional_rules, policy_rules
from optimizer.formulation.frames.index import Index
from optimizer.formulation.frames.reach import Reach
from optimizer.size.counts import Counts


def counts(index: Index, _: Reach) -> Counts:
    """Counts of the family of conditional rules."""
    sides = conditional_rules.sides(index)
    either = len(policy_rules.pairs(index))
    return Counts([(len(sides), len(sides) + int((sides["step"] != 0).sum()))], either, either)

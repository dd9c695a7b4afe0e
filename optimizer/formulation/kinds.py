"""Kinds of rows: what may be relaxed, and when."""

from enum import Enum


class RowKind(Enum):
    """How a block of rows is treated; each family names the kind of each of its blocks."""

    PHYSICS = "never relaxed: balances, availability, capacity, lift, reach, identities"
    POLICY = "relaxed only to explain why there is no plan"
    PRICED = "relaxed at a stated price where there is one, else hard"

"""How a rule is compared, with which tolerance, and how a breach is said."""

from collections.abc import Collection, Mapping, Sequence

from optimizer.audit.amounts import Amounts, Key

RELATIVE = 1e-6
"""Part of the larger side by which a rule may be missed: what a solver's own tolerance amounts to."""

ABSOLUTE = {
    "count": 1e-5,
    "points": 1e-5,
    "fraction": 1e-6,
    "persons": 1e-3,
    "usd_m": 1e-3,
}
"""What a rule may be missed by whatever its size, by unit.

A solver keeps its rows to about 1e-7 (whole numbers to 1e-6) in units of the matrix, where people are counted
in thousands and money in billions; so people and millions of dollars have a thousand times that.
"""

WHOLE = 1e-5
"""Distance from a whole number below which a count is whole: a solver's tolerance of 1e-6 and a margin."""

OBJECTIVE = 1e-6
"""Part of the objective by which the ledger may differ from it; promised to readers of the ledger."""

_MOST_FINDINGS = 20

Also = Mapping[Key, object]
"""What else a sentence names, by the key of its row."""


def said(names: Sequence[str], keys: Collection[Key], sentence: str, **also: Also) -> list[str]:
    """One sentence for each key, its places filled with the parts of the key; after 20 only how many more.

    Args:
        names: what the parts of the keys are.
        keys: of which the sentence is said.
        sentence: with places for names, and for the names of ``also``.
        also: further things by key; of a number that is not there, 0 is said.
    """
    shown = sorted(keys)[:_MOST_FINDINGS]
    findings = [
        sentence.format_map(
            {
                **{name: _text(part) for name, part in zip(names, key, strict=True)},
                **{name: _text(things[key]) for name, things in also.items()},
            }
        )
        for key in shown
    ]
    more = len(keys) - len(shown)
    if more:
        table = sentence.partition(":")[0]
        findings.append(f"{table}: and {more} more like the last")
    return findings


def at_most(left: Amounts, right: Amounts, unit: str, sentence: str, **also: Also) -> list[str]:
    """A sentence for each key whose ``left`` exceeds its ``right``; what is not there is 0."""
    right = right.ordered(left.names)
    return _exceeding(left.keys() | right.keys(), left, right, unit, sentence, also)


def limited(left: Amounts, limits: Amounts, unit: str, sentence: str, **also: Also) -> list[str]:
    """A sentence for each key whose ``left`` exceeds its limit, the ``right``; what has no limit is not compared."""
    limits = limits.ordered(left.names)
    return _exceeding(limits.keys(), left, limits, unit, sentence, also)


def equal(left: Amounts, right: Amounts, unit: str, sentence: str, **also: Also) -> list[str]:
    """A sentence for each key whose ``left`` and ``right`` differ; what is not there is 0."""
    right = right.ordered(left.names)
    least = ABSOLUTE[unit]
    broken = []
    for key in left.keys() | right.keys():
        one, other = left[key], right[key]
        if not -least <= one - other <= least and abs(one - other) > _allowed(one, other, unit):
            broken.append(key)
    return said(left.names, broken, sentence, left=left, right=right, **also)


def none(amounts: Amounts, unit: str, sentence: str, **also: Also) -> list[str]:
    """A sentence for each key of which there is more than nothing, the ``left``."""
    least = ABSOLUTE[unit]
    broken = [key for key, amount in amounts.items() if amount > least]
    return said(amounts.names, broken, sentence, left=amounts, **also)


def whole(amounts: Amounts, sentence: str) -> list[str]:
    """A sentence for each key whose amount, the ``left``, is no whole number."""
    broken = [key for key, amount in amounts.items() if abs(amount - round(amount)) > WHOLE]
    return said(amounts.names, broken, sentence, left=amounts)


def _exceeding(
    keys: Collection[Key], left: Amounts, right: Amounts, unit: str, sentence: str, also: Mapping[str, Also]
) -> list[str]:
    least = ABSOLUTE[unit]
    broken = []
    for key in keys:
        one, other = left[key], right[key]
        if one - other > least and one - other > _allowed(one, other, unit):
            broken.append(key)
    return said(left.names, broken, sentence, left=left, right=right, **also)


def _allowed(left: float, right: float, unit: str) -> float:
    return RELATIVE * max(abs(left), abs(right)) + ABSOLUTE[unit]


def _text(value: object) -> str:
    return format(value, ".9g") if isinstance(value, float) else str(value)

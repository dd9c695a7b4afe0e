"""Whether of each pair of conditional rules at least one holds."""

from collections.abc import Iterable
from types import SimpleNamespace

from optimizer.audit.amounts import Amounts, Key
from optimizer.audit.comparison import ABSOLUTE, RELATIVE, said

_PAIR = ("policy_rule_id", "or_policy_rule_id", "year")


def pairs(rules: Iterable[SimpleNamespace], measured: Amounts) -> Amounts:
    """1 for each _PAIR in the years in which both rules apply.

    Args:
        rules: the rows of policy_rules.
        measured: what each rule measures in each of its years.
    """
    others = {rule.policy_rule_id: rule.or_policy_rule_id for rule in rules if rule.or_policy_rule_id}
    return Amounts(
        _PAIR,
        {
            (name, others[name], year): 1.0
            for name, year in measured
            if name in others and (others[name], year) in measured
        },
    )


def alone(rules: Iterable[SimpleNamespace], measured: Amounts) -> Amounts:
    """What rules measure that hold by themselves in a year: nobody names them, and what they name does not apply."""
    named = {rule.or_policy_rule_id for rule in rules}
    first = pairs(rules, measured).summed("policy_rule_id", "year")
    return measured.outside(first).where(lambda name, year: name not in named)


def conditional_rules(
    rules: Iterable[SimpleNamespace], measured: Amounts, units: dict[str, str]
) -> list[str]:
    """Findings about pairs.

    Args:
        rules: the rows of policy_rules.
        measured: what each rule measures in each of its years.
        units: of what each rule measures.
    """
    by_name = {rule.policy_rule_id: rule for rule in rules}

    def is_broken(name: str, year: int) -> bool:
        rule, found = by_name[name], measured[name, year]
        over = found - rule.value if rule.sense == "AT_MOST" else rule.value - found
        return bool(over > ABSOLUTE[units[name]] + RELATIVE * max(abs(found), abs(rule.value)))

    neither: list[Key] = [
        key for key in pairs(rules, measured) if is_broken(key[0], key[2]) and is_broken(key[1], key[2])
    ]
    sentence = "policy_rule_results: {policy_rule_id} or {or_policy_rule_id} {year}: neither holds, "
    sentence += "with {one} and {other}"
    return said(
        _PAIR,
        neither,
        sentence,
        one={key: measured[key[0], key[2]] for key in neither},
        other={key: measured[key[1], key[2]] for key in neither},
    )

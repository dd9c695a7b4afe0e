"""Frames on a Pyomo model: keys, values, members and bounds, and what templates ask for."""

import pandas as pd
import pyomo.core as pyo
import pytest

from optimizer.formulation.binding import (
    add_block,
    add_years,
    bounded_variable,
    key_set,
    own_name,
    parameter,
    relation,
    variable,
)

UNITS = pd.DataFrame(
    {
        "owner": ["POL", "EST", "POL", "POL"],
        "kind": ["TANK", "TANK", "GUARD", "TANK"],
        "limit": [4.0, float("inf"), float("nan"), 4.0],
        "is_whole": [True, False, True, True],
    }
)


@pytest.fixture
def m() -> pyo.ConcreteModel:
    model = pyo.ConcreteModel()
    model.owners = key_set(UNITS, ["owner"])
    model.kinds = key_set(UNITS, ["kind"])
    return model


def members(component: pyo.Set) -> dict[object, list[object]]:
    return {key: list(component[key]) for key in component}


def test_keys_come_once_and_in_order(m: pyo.ConcreteModel) -> None:
    assert list(m.owners) == ["POL", "EST"]
    m.forces = key_set(UNITS, ["owner", "kind"])
    assert list(m.forces) == [("POL", "TANK"), ("EST", "TANK"), ("POL", "GUARD")]
    assert m.forces.dimen == 2


def test_an_empty_frame_says_how_many_names_a_key_has(m: pyo.ConcreteModel) -> None:
    m.nothing = key_set(UNITS.head(0), ["owner", "kind"])
    m.unknown = parameter(UNITS.head(0), ["owner", "kind"], "limit")
    m.nobody = relation(UNITS.head(0), ["owner"], ["kind", "limit"], m.owners)
    assert m.nothing.dimen == m.unknown.dim() == 2
    assert members(m.nobody) == {"POL": [], "EST": []}
    assert m.nobody["POL"].dimen == 2


def test_a_relation_takes_the_keys_of_its_frame_or_those_of_others(m: pyo.ConcreteModel) -> None:
    m.kinds_of = relation(UNITS.head(1), ["owner"], ["kind"])
    assert members(m.kinds_of) == {"POL": ["TANK"]}
    m.kinds_of_all = relation(UNITS, ["owner"], ["kind"], m.owners)
    assert members(m.kinds_of_all) == {"POL": ["TANK", "GUARD"], "EST": ["TANK"]}
    m.again = relation(UNITS, ["owner"], ["kind"], m.kinds_of)
    assert members(m.again) == {"POL": ["TANK", "GUARD"]}
    m.limits = relation(UNITS.head(1), ["owner", "kind"], ["limit"], m.owners, m.kinds)
    assert members(m.limits) == {
        ("POL", "TANK"): [4],
        ("POL", "GUARD"): [],
        ("EST", "TANK"): [],
        ("EST", "GUARD"): [],
    }


def test_values_may_be_names(m: pyo.ConcreteModel) -> None:
    m.kind = parameter(UNITS.head(2), ["owner"], "kind")
    assert m.kind.extract_values() == {"POL": "TANK", "EST": "TANK"}


def test_no_limit_is_no_bound(m: pyo.ConcreteModel) -> None:
    m.owned = bounded_variable(UNITS.head(3), ["owner", "kind"], least=0, most="limit", whole="is_whole")
    m.known = bounded_variable(UNITS.head(3), ["owner", "kind"], least="limit", most="limit")
    assert [each.bounds for each in m.owned.values()] == [(0, 4), (0, None), (0, None)]
    assert [each.bounds for each in m.known.values()] == [(4, 4), (None, None), (None, None)]
    assert [each.is_integer() for each in m.owned.values()] == [True, False, True]


def test_variables_are_not_negative_unless_free_or_binary(m: pyo.ConcreteModel) -> None:
    m.amount = variable(m.owners)
    m.balance = variable(m.amount, m.kinds, free=True)
    m.choice = variable(m.kinds, binary=True)
    assert m.amount["POL"].bounds == (0, None)
    assert m.balance["EST", "GUARD"].bounds == (None, None)
    assert m.choice["TANK"].is_binary()


def test_what_rules_cannot_say_has_its_way_around(m: pyo.ConcreteModel) -> None:
    """A period before, a term that some keys lack, and a block without rows."""

    def kept(m: pyo.ConcreteModel, owner: str, year: int) -> pyo.Expression:
        spare = sum(m.spare[own] for own in m.sparing[owner])
        return m.held[owner, year] <= m.held[owner, m.previous[year]] + spare

    def never(m: pyo.ConcreteModel, owner: str) -> pyo.Expression:
        raise AssertionError(owner)

    factors = {2026: 1.0, 2027: 0.5}
    add_years(m, {2026: 2025, 2027: 2026}, factors, factors)
    m.held = pyo.Var(m.owners, [2025, 2026, 2027])
    m.spare = variable(m.owners)
    m.sparing = own_name(UNITS[UNITS["kind"] == "GUARD"], ["owner"], m.owners)
    add_block(m, kept, m.spare, m.end)
    add_block(m, never, key_set(UNITS.head(0), ["owner"]))
    assert {key: str(row.expr) for key, row in m.kept.items()} == {
        ("POL", 2027): "held[POL,2027]  <=  held[POL,2026] + spare[POL]",
        ("EST", 2027): "held[EST,2027]  <=  held[EST,2026]",
    }
    assert len(m.never) == 0
    assert m.discount[2027] == 0.5

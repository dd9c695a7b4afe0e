"""Frames, as families name them, in both readers: keys, values, members, bounds, and what rules may hold."""

from typing import Any

import numpy as np
import pandas as pd
import pyomo.core as pyo
import pytest
from pyomo_arrays import pyomo_arrays
from test_matrix import assert_equal

from optimizer.errors import NeverHoldsError, SolverError
from optimizer.formulation.binding import (
    Model,
    add_block,
    add_years,
    bounded_variable,
    key_set,
    keys_of,
    no_members,
    own_name,
    parameter,
    relation,
    variable,
)
from optimizer.formulation.pyomo_model import concrete_model
from optimizer.solver.codes import CodedKeys
from optimizer.solver.compilation import matrix_of
from optimizer.solver.matrix import Matrix

UNITS = pd.DataFrame(
    {
        "owner": ["POL", "EST", "POL", "POL"],
        "kind": ["TANK", "TANK", "GUARD", "TANK"],
        "limit": [4.0, float("inf"), float("nan"), 4.0],
        "is_whole": [True, False, True, True],
        "cost": [3.0, 5.0, 7.0, 2.0],
    }
)


@pytest.fixture
def m() -> Any:
    model: Any = Model()
    model.owners = key_set(UNITS, ["owner"])
    model.kinds = key_set(UNITS, ["kind"])
    model.some = variable(model.owners)
    model.costs["cost"] = lambda m: sum(m.some[owner] for owner in m.owners)
    model.minimized = ("cost",)
    return model


def some_at_all(m: Any, owner: str) -> Any:
    return m.some[owner] >= 1


def members(component: pyo.Set) -> dict[object, list[object]]:
    return {key: list(component[key]) for key in component}


def arrays(m: Model) -> Matrix:
    """The arrays, which are those of the ConcreteModel too."""
    found = matrix_of(m)
    assert_equal(found, pyomo_arrays(concrete_model(m)))
    return found


def rows(matrix: Matrix) -> dict[str, dict[str, float]]:
    """By name of a row what it holds, by name of a column."""
    names, dense = matrix.column_names(), matrix.coefficients.toarray()
    return {
        row: {name: value for name, value in zip(names, values.tolist(), strict=True) if value}
        for row, values in zip(matrix.row_names(), dense, strict=True)
    }


class TestFrames:
    def test_keys_come_once_and_in_order(self, m: Any) -> None:
        m.forces = key_set(UNITS, ["owner", "kind"])
        read = concrete_model(m)
        assert list(read.owners) == ["POL", "EST"]
        assert list(read.forces) == [("POL", "TANK"), ("EST", "TANK"), ("POL", "GUARD")]
        m.held = variable(m.forces)
        add_block(m, some_at_all, m.owners)
        assert list(arrays(m).columns["held"].keys) == list(read.forces)

    def test_an_empty_frame_says_how_many_names_a_key_has(self, m: Any) -> None:
        m.nothing = key_set(UNITS.head(0), ["owner", "kind"])
        m.unknown = parameter(UNITS.head(0), ["owner", "kind"], "limit")
        m.nobody = relation(UNITS.head(0), ["owner"], ["kind", "limit"], m.owners)
        m.none = no_members(["kind", "limit"], m.owners)
        read = concrete_model(m)
        assert read.nothing.dimen == read.unknown.dim() == 2
        assert members(read.nobody) == members(read.none) == {"POL": [], "EST": []}
        assert read.nobody["POL"].dimen == read.none["POL"].dimen == 2

    def test_a_relation_takes_the_keys_of_its_frame_or_those_of_others(self, m: Any) -> None:
        m.kinds_of = relation(UNITS.head(1), ["owner"], ["kind"])
        m.kinds_of_all = relation(UNITS, ["owner"], ["kind"], m.owners)
        m.again = relation(UNITS, ["owner"], ["kind"], m.kinds_of)
        m.limits = relation(UNITS.head(1), ["owner", "kind"], ["limit"], m.owners, m.kinds)
        read = concrete_model(m)
        assert members(read.kinds_of) == {"POL": ["TANK"]}
        assert members(read.kinds_of_all) == {"POL": ["TANK", "GUARD"], "EST": ["TANK"]}
        assert members(read.again) == {"POL": ["TANK", "GUARD"]}
        assert members(read.limits) == {
            ("POL", "TANK"): [4],
            ("POL", "GUARD"): [],
            ("EST", "TANK"): [],
            ("EST", "GUARD"): [],
        }

    def test_values_may_be_names(self, m: Any) -> None:
        m.kind = parameter(UNITS.head(2), ["owner"], "kind")
        assert concrete_model(m).kind.extract_values() == {"POL": "TANK", "EST": "TANK"}

    def test_no_limit_is_no_bound(self, m: Any) -> None:
        m.owned = bounded_variable(UNITS.head(3), ["owner", "kind"], least=0, most="limit", whole="is_whole")
        m.known = bounded_variable(UNITS.head(3), ["owner", "kind"], least="limit", most="limit")
        m.open = bounded_variable(UNITS.head(3), ["owner", "kind"], least=0, most="limit", binary=True)
        add_block(m, some_at_all, m.owners)
        read, found = concrete_model(m), arrays(m)
        assert [each.bounds for each in read.owned.values()] == [(0, 4), (0, None), (0, None)]
        assert [each.bounds for each in read.known.values()] == [(4, 4), (None, None), (None, None)]
        assert [each.is_integer() for each in read.owned.values()] == [True, False, True]
        assert found.column_lower.tolist()[2:] == [0, 0, 0, 4, -np.inf, -np.inf, 0, 0, 0]
        assert found.column_upper.tolist()[2:] == [4, np.inf, np.inf, 4, np.inf, np.inf, 1, 1, 1]

    def test_variables_are_not_negative_unless_free_or_binary(self, m: Any) -> None:
        m.amount = variable(m.owners)
        m.balance = variable(m.amount, m.kinds, free=True)
        m.choice = variable(m.kinds, binary=True)
        read = concrete_model(m)
        assert read.amount["POL"].bounds == (0, None)
        assert read.balance["EST", "GUARD"].bounds == (None, None)
        assert read.choice["TANK"].is_binary()
        add_block(m, some_at_all, m.owners)
        arrays(m)


class TestRules:
    def test_what_rules_cannot_say_has_its_way_around(self, m: Any) -> None:
        """A period before, a term that some keys lack, and a block without rows."""

        def kept(m: Any, owner: str, year: int) -> Any:
            spare = sum(m.spare[own] for own in m.sparing[owner])
            return m.held[owner, year] <= m.held[owner, m.previous[year]] + spare

        def never(m: Any, owner: str) -> Any:
            raise AssertionError(owner)

        factors = {2026: 1.0, 2027: 0.5}
        add_years(m, {2026: 2025, 2027: 2026}, factors, factors)
        m.held = variable(m.owners, key_set(pd.DataFrame({"year": [2025, 2026, 2027]}), ["year"]))
        m.spare = variable(m.owners)
        m.sparing = own_name(UNITS[UNITS["kind"] == "GUARD"], ["owner"], m.owners)
        add_block(m, kept, m.spare, m.end)
        add_block(m, never, key_set(UNITS.head(0), ["owner"]))
        assert rows(arrays(m)) == {
            "kept[POL,2027]": {"held[POL,2027]": 1, "held[POL,2026]": -1, "spare[POL]": -1},
            "kept[EST,2027]": {"held[EST,2027]": 1, "held[EST,2026]": -1},
        }
        assert len(concrete_model(m).never) == 0
        assert concrete_model(m).discount[2027] == 0.5

    def test_sums_over_several_sets_factors_and_constants(self, m: Any) -> None:
        m.cost = parameter(UNITS, ["owner", "kind"], "cost")
        m.kinds_of = relation(UNITS, ["owner"], ["kind"])
        m.held = variable(key_set(UNITS, ["owner", "kind"]))
        m.every_held = keys_of(m.held)

        def paid(m: Any, owner: str) -> Any:
            money = sum(m.cost[owner, kind] * m.held[owner, kind] for kind in m.kinds_of[owner])
            fixed = sum(-m.cost[owner, kind] for kind in m.kinds_of[owner])
            return 3 * (money + fixed) >= 4 - (m.some[owner] - 1) / 2

        def shared(m: Any, owner: str) -> Any:
            return (
                2 * m.some[owner]
                + sum(
                    m.cost[payer, kind] / m.cost[own, owned] * m.held[own, owned]
                    for payer in m.owners
                    for kind in m.kinds_of[payer]
                    for own, owned in m.every_held
                )
                == 60
            )

        add_block(m, paid, m.owners)
        add_block(m, shared, m.owners)
        found = arrays(m)
        held, costs = ("held[POL,TANK]", "held[EST,TANK]", "held[POL,GUARD]"), (2, 5, 7)
        several = dict(zip(held, (14 / cost for cost in costs), strict=True))
        assert rows(found) == {
            "paid[POL]": {"held[POL,TANK]": -6, "held[POL,GUARD]": -21, "some[POL]": -0.5},
            "paid[EST]": {"held[EST,TANK]": -15, "some[EST]": -0.5},
            "shared[POL]": pytest.approx({"some[POL]": 2, **several}),
            "shared[EST]": pytest.approx({"some[EST]": 2, **several}),
        }
        assert found.row_upper.tolist() == [-4.5 - 27, -4.5 - 15, 60, 60]
        assert found.row_lower.tolist() == [-np.inf, -np.inf, 60, 60]

    def test_a_row_without_a_variable_is_left_out_or_never_holds(self, m: Any) -> None:
        m.limit = parameter(UNITS.head(2), ["owner"], "cost")
        m.kinds_of = relation(UNITS[UNITS["owner"] == "POL"], ["owner"], ["kind"], m.owners)
        m.held = variable(key_set(UNITS, ["owner", "kind"]))

        def at_most(m: Any, owner: str) -> Any:
            return sum(m.held[owner, kind] for kind in m.kinds_of[owner]) <= m.limit[owner]

        def at_least(m: Any, owner: str) -> Any:
            return sum(m.held[owner, kind] for kind in m.kinds_of[owner]) >= m.limit[owner]

        add_block(m, at_most, m.owners)
        assert matrix_of(m).row_names() == ["at_most[POL]"]
        add_block(m, at_least, m.owners)
        with pytest.raises(NeverHoldsError, match=r"at_least\[EST\] can never hold"):
            matrix_of(m)

    def test_what_is_not_there_is_named(self, m: Any) -> None:
        m.limit = parameter(UNITS.head(1), ["owner"], "cost")

        def limited(m: Any, owner: str) -> Any:
            return m.some[owner] <= m.limit[owner]

        add_block(m, limited, m.owners)
        with pytest.raises(KeyError, match=r"a rule asks for limit\[EST\]"):
            matrix_of(m)

    def test_what_no_template_may_hold_is_refused(self, m: Any) -> None:
        def unbounded(m: Any, owner: str) -> Any:
            return m.some[owner] + 1

        def named(m: Any, owner: str) -> Any:
            return m.some["POL"] <= m.some[owner]

        def squared(m: Any, owner: str) -> Any:
            return m.some[owner] ** 2 <= 1

        def counted(m: Any, owner: Any) -> Any:
            return m.some[owner + 1] <= 1

        for rule, error, message in (
            (unbounded, TypeError, "unbounded does not compare two sides"),
            (named, KeyError, "Index 'POL' is not valid"),
            (squared, TypeError, "a rule may not hold"),
            (counted, TypeError, "an index may not hold"),
        ):
            m.rows.clear()
            add_block(m, rule, m.owners)
            with pytest.raises(error, match=message):
                matrix_of(m)


class TestCodes:
    @pytest.mark.parametrize("names", [3, 40_000], ids=["few names", "many names"])
    def test_keys_are_found(self, names: int) -> None:
        """Whether a table of all numbers is worth it or not."""
        columns = [np.array([0, names, 2, 0]), np.array([1, names, 1, 1]), np.array([names, 0, 1, names])]
        keys = CodedKeys(columns)
        assert [column.tolist() for column in keys.columns] == [[0, names, 2], [1, names, 1], [names, 0, 1]]
        assert keys.rows.tolist() == [3, 1, 2]
        sought = [np.array([2, 0, 0, 2]), np.array([1, 1, 1, names + 5]), np.array([1, names, 1, 1])]
        assert keys.positions(sought).tolist() == [2, 0, -1, -1]

    def test_many_keys_of_many_names_are_found(self) -> None:
        random = np.random.default_rng(0)
        columns = [random.integers(0, 1000, 3000) for _ in range(5)]
        keys = CodedKeys(columns)
        assert keys.positions(columns).tolist() == list(range(3000))
        assert keys.positions([columns[0], *columns[:4]]).max() == -1

    def test_too_many_names_are_refused(self) -> None:
        with pytest.raises(SolverError, match="too many names"):
            CodedKeys([np.arange(1000)] * 7)

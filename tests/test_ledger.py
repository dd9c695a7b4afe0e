"""The ledger of plans made by hand, line by line."""

import pandas as pd
import pytest
from hand_plans import one_base, two_theaters

from optimizer.tables.schema import SOLUTION_TABLES


def test_the_ledger_of_two_theaters() -> None:
    lines = two_theaters().ledger
    paid = lines.groupby("actor_id")["usd_m"].sum()
    assert paid.to_dict() == pytest.approx({"EUR": 5000, "ROK": 4000, "USA": 10350})
    own = lines.query("actor_id == 'USA' and kind == 'STATIONING'", engine="python").set_index("theater_id")[
        "usd_m"
    ]
    assert own.to_dict() == pytest.approx({"B": 300, "K": 50})


def test_the_ledger_of_one_base() -> None:
    lines = one_base().ledger
    table = SOLUTION_TABLES["ledger"]
    assert list(lines.columns) == list(table.by_name)
    assert not lines.duplicated(table.key).any()
    assert (lines["usd_m"] != 0).all()
    lead = lines.query("actor_id == 'USA'", engine="python")
    by_kind = lead.groupby(["kind", "year"])["usd_m"].sum().unstack().fillna(0.0)
    expected = pd.DataFrame(
        {
            2026: {"RAISE": 60, "OWN": 600, "SETS": 42, "STATIONING": 22, "SITES": 10, "HOUSING": 11.1},
            2027: {"OWN": 700, "SETS": 2, "STATIONING": 52, "SITES": 10, "HOUSING": 102.1, "PENALTY": 450},
            2028: {"OWN": 600, "DISBAND": 5, "SETS": 2, "STATIONING": 52, "SITES": 10, "HOUSING": 2.1},
        }
    ).fillna(0.0)
    expected.loc["PENALTY", [2026, 2028]] = [903.0, 453.0]
    expected.loc["SALVAGE"] = [0.0, 0.0, -(20.0 + 10.0 + 7.0 + 80.0)]
    pd.testing.assert_frame_equal(by_kind, expected.sort_index(), check_names=False, check_column_type=False)
    assert lead["discounted_usd_m"].sum() == pytest.approx(one_base().objective_usd_m, rel=1e-12)
    built = lead.query(
        "source_column == 'site_access.housing_build_cost_usd_m_per_person' and year == 2027", engine="python"
    )
    assert built[["site_id", "theater_id", "usd_m"]].to_numpy().tolist() == [["BASE", "BALTIC", 100.0]]


def test_opening_and_closing_cost() -> None:
    shut = one_base().changed("site_uses", "year == 2027", "open_fraction", 0.0)
    lines = shut.ledger.query("kind == 'OPEN_CLOSE'", engine="python")
    assert lines[["year", "usd_m"]].to_numpy().tolist() == [[2027, 5.0], [2028, 20.0]]


def test_salvage_takes_the_most_valuable_first() -> None:
    answered = one_base()
    rates = {"life_yr": 10.0, "lead_time_yr": 0, "maximum_raised_count_per_yr": None}
    for column, value in rates.items():
        answered = answered.with_input("actor_unit_types", column, value)
    answered = answered.changed("owned_forces", "actor_id == 'USA' and year > 2025", "raised_count", 3.0)
    answered = answered.changed("owned_forces", "actor_id == 'USA' and year == 2028", "owned_count", 5.0)
    (value,) = answered.ledger.query(
        "kind == 'SALVAGE' and source_column.str.contains('raise')", engine="python"
    )["usd_m"]
    assert value == pytest.approx(-60 * (3 * 0.9 + 2 * 0.8))


def test_raising_is_paid_in_equal_parts_over_the_lead_time() -> None:
    answered = one_base().with_input("actor_unit_types", "lead_time_yr", 2)
    paid = answered.ledger.query("kind == 'RAISE'", engine="python")
    assert paid[["year", "usd_m"]].to_numpy().tolist() == [[2026, 30.0], [2027, 30.0]]

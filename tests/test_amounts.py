"""Amounts by key: what sums, products, years and comparisons of the audit mean."""

import math

import pytest

from optimizer.audit.amounts import Amounts, greatest, least
from optimizer.audit.comparison import at_most, equal, limited, said

OWNED = Amounts(("actor_id", "year"), {("USA", 2026): 3.0, ("USA", 2027): 4.0, ("POL", 2026): 2.0})
"""Units by actor and year."""


def test_what_is_not_there_is_nothing() -> None:
    assert OWNED["DEU", 2026] == 0
    assert ("DEU", 2026) not in OWNED


def test_sums_go_over_the_parts_that_are_not_named() -> None:
    assert OWNED.summed("year") == {(2026,): 5.0, (2027,): 4.0}
    assert OWNED.summed() == {(): 9.0}
    assert OWNED.summed("year", "actor_id") == OWNED.ordered(("year", "actor_id"))


def test_sums_and_differences_match_keys_by_the_names_of_their_parts() -> None:
    lost = Amounts(("year", "actor_id"), {(2026, "USA"): 1.0, (2026, "DEU"): 5.0})
    assert OWNED - lost == {**OWNED, ("USA", 2026): 2.0, ("DEU", 2026): -5.0}
    assert OWNED - lost + lost == {**OWNED, ("DEU", 2026): 0.0}


def test_products_match_what_both_keys_have_and_join_the_rest() -> None:
    cost = Amounts(("actor_id",), {("USA",): 10.0})
    assert OWNED * cost == {("USA", 2026): 30.0, ("USA", 2027): 40.0}
    places = Amounts(("theater_id", "actor_id"), {("EAST", "POL"): 1.0, ("WEST", "POL"): 0.5})
    stood = OWNED * places
    assert stood.names == ("actor_id", "year", "theater_id")
    assert stood == {("POL", 2026, "EAST"): 2.0, ("POL", 2026, "WEST"): 1.0}
    years = Amounts(("year",), {(2026,): 1.0, (2027,): 1.0})
    assert cost * years == {("USA", 2026): 10.0, ("USA", 2027): 10.0}


def test_keys_are_chosen_by_their_parts() -> None:
    assert OWNED.having(year=2027) == {("USA", 2027): 4.0}
    assert OWNED.without(actor_id="USA") == {("POL", 2026): 2.0}
    assert OWNED.where(lambda actor, year: actor == "USA" and year > 2026) == {("USA", 2027): 4.0}
    polish = Amounts(("actor_id",), {("POL",): 0.0})
    assert OWNED.inside(polish) == {("POL", 2026): 2.0}
    assert OWNED.outside(polish) == OWNED.having(actor_id="USA")
    assert polish.for_each(OWNED) == dict.fromkeys(OWNED, 0.0)


def test_years_move_by_a_number_or_by_lead_times() -> None:
    lead = Amounts(("actor_id",), {("USA",): 1})
    assert OWNED.later(2).having(year=2029) == {("USA", 2029): 4.0}
    assert OWNED.later(lead) == {("USA", 2027): 3.0, ("USA", 2028): 4.0, ("POL", 2026): 2.0}


def test_a_limit_that_is_given_by_one_alone_is_the_limit() -> None:
    room = Amounts(("site_id",), {("CAMP",): 100.0, ("PORT",): 50.0})
    limit = Amounts(("site_id",), {("CAMP",): 80.0})
    assert least(room, limit) == {("CAMP",): 80.0, ("PORT",): 50.0}
    assert greatest(room, limit) == room


def test_amounts_are_held_against_0_and_limits_against_nothing_where_they_are_missing() -> None:
    there = Amounts(("actor_id", "year"), {("USA", 2026): 3.0})
    row = "forces: {actor_id} {year}: {left} but {right}"
    assert at_most(OWNED, there, "count", row) == ["forces: POL 2026: 2 but 0", "forces: USA 2027: 4 but 0"]
    assert equal(there, OWNED, "count", row) == ["forces: POL 2026: 0 but 2", "forces: USA 2027: 0 but 4"]
    assert limited(OWNED, there, "count", row) == []
    assert limited(OWNED, there * 0.5, "count", row) == ["forces: USA 2026: 3 but 1.5"]


@pytest.mark.parametrize("size", [1.0, 1e6])
def test_a_rule_may_be_missed_by_what_a_solver_misses_it_by(size: float) -> None:
    left, right = (Amounts(("year",), {(2026,): part}) for part in (size, size * (1 - 5e-7)))
    assert equal(left, right, "usd_m", "{year}") == at_most(left, right, "usd_m", "{year}") == []
    right = Amounts(("year",), {(2026,): size * (1 - 2e-6) - 2e-3})
    assert equal(left, right, "usd_m", "{year}") == at_most(left, right, "usd_m", "{year}") == ["2026"]


def test_without_end_is_no_limit() -> None:
    endless = Amounts(("actor_id", "year"), dict.fromkeys(OWNED, math.inf))
    assert at_most(OWNED, endless, "count", "{actor_id}") == []


def test_names_with_braces_are_said_as_they_are() -> None:
    assert said(("actor_id",), [("{USA}",)], "forces: {actor_id}") == ["forces: {USA}"]

"""How numbers are written: nothing that is not zero looks like zero, and zero has no sign."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forceposture.report import numbers


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "–"),
        (-0.0, "–"),
        (1e-9, "–"),
        (0.03, "<0.1"),
        (-0.03, ">-0.1"),
        (7.0, "7"),
        (2.0000000000000036, "2"),
        (8.8333, "8.8"),
        (9.97, "10.0"),
        (1e15, "1,000,000,000,000,000"),
        (-0.06, "-0.1"),
    ],
)
def test_counts(number: float, text: str) -> None:
    assert numbers.count(number) == text


@pytest.mark.parametrize(
    ("part", "text"), [(0.0, "0%"), (0.004, "<1%"), (0.36, "36%"), (0.998, ">99%"), (1.0, "100%")]
)
def test_only_all_is_a_hundred_percent(part: float, text: str) -> None:
    assert numbers.share(part) == text


@pytest.mark.parametrize(
    ("gap", "text"),
    [(0.0, "0.00%"), (0.001941, "0.20%"), (0.05, "5.00%"), (2e-7, "0.00002%"), (3.5, "350.00%")],
)
def test_a_gap_is_never_written_smaller_than_it_is(gap: float, text: str) -> None:
    assert numbers.at_most(gap) == text


@pytest.mark.parametrize(
    ("largest", "amount", "text"),
    [
        (0.4, 0.4, "0.4 M$"),
        (10350.0, 0.4, "<1 M$"),
        (10350.0, 10350.0, "10,350 M$"),
        (2e6, 30.0, "<0.1 B$"),
        (2e6, -20_500.0, "-20.5 B$"),
        (300.0, 0.0, "0 M$"),
        (300.0, -0.0, "0 M$"),
    ],
)
def test_money(largest: float, amount: float, text: str) -> None:
    assert numbers.money_unit([largest]).full(amount) == text


def test_a_change_is_that_of_the_figures_shown() -> None:
    assert numbers.MILLIONS.change(-5767.6, -3721.4) == "+2,047"
    assert numbers.MILLIONS.change(10.1, 10.4) == "<+1"
    assert numbers.change_of_people(10.4, 10.4) == "–"
    assert numbers.change(-2.2) == "-2.2"


@given(st.floats(-1e12, 1e12))
def test_what_is_no_zero_never_looks_like_one(number: float) -> None:
    for text in (numbers.count(number), numbers.figure(number), numbers.MILLIONS.text(number)):
        if abs(number) > 1e-5:
            assert re.search("[1-9]", text)
        assert not re.fullmatch(r"[+\-]?[0,.]+", text)

"""Laws that every problem obeys, whatever its numbers, on random problems; each is given by its seed."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from random_problems import ALLIES, FIRST_YEAR, Tables, problem_of, random_tables
from tiny_cases import THOROUGH, Optimum, optimum_of

from optimizer.checks import check
from optimizer.checks.model import model_findings
from optimizer.errors import NeverHoldsError
from optimizer.formulation.frames.index import build_index
from optimizer.formulation.frames.paths import NEED
from optimizer.plan.need_prices import need_prices
from optimizer.run import solve
from optimizer.solve_options import SolveOptions

MONEY = 1e-4
"""M$ by which a solver may miss."""


def law(
    example_count: int = 5, known_seeds: Sequence[int] = ()
) -> Callable[[Callable[[int], None]], Callable[[], None]]:
    """Makes a law of a function of the seed of a random problem; seeds that once broke it are always tried."""

    def decorate(function: Callable[[int], None]) -> Any:
        tested = given(st.integers(0, 10**6))(function)
        for seed in known_seeds:
            tested = example(seed)(tested)
        return settings(max_examples=THOROUGH * example_count, deadline=None)(tested)

    return decorate


def solved(tables: Tables, relax: bool = True) -> Optimum | None:
    """The optimum, by default of the linear relaxation; None if there is no plan."""
    try:
        found = optimum_of(build_index(problem_of(tables)), relax)
    except NeverHoldsError:
        return None
    return None if found.is_infeasible else found


def cost(tables: Tables, relax: bool = True) -> float:
    """The objective in M$; infinite if there is no plan."""
    found = solved(tables, relax)
    return np.inf if found is None else found.objective


def not_above(lower: float, upper: float) -> bool:
    return lower <= upper + MONEY + 1e-7 * (abs(upper) if np.isfinite(upper) else 0)


def scaled(tables: Tables, factor: float, *columns: str) -> Tables:
    """The tables with every number in columns of these names multiplied."""
    return {
        name: [
            {column: cell * factor if column in columns else cell for column, cell in row.items()}
            for row in rows
        ]
        for name, rows in tables.items()
    }


def without(tables: Tables, *names: str) -> Tables:
    return {name: rows for name, rows in tables.items() if name not in names}


@law(10)
def test_random_problems_have_no_findings(seed: int) -> None:
    assert check(problem_of(random_tables(seed))) == []


@law()
def test_more_needed_never_costs_less_and_cost_is_convex(seed: int) -> None:
    tables = random_tables(seed)
    columns = ("required_points", "red_score_points")
    low, middle, high = (cost(scaled(tables, factor, *columns)) for factor in (0.6, 0.8, 1.0))
    assert not_above(low, middle)
    assert not_above(middle, high)
    # What a nuclear option lowers is cut to the need, which is not convex.
    if not tables["nuclear_reductions"]:
        assert not_above(middle, (low + high) / 2)


@law()
def test_more_options_never_hurt(seed: int) -> None:
    # A cheaper site may cap presence: a bill of today is then above the cost of a person.
    garrisons = ("garrisons", "garrison_actors", "garrison_unit_types")
    tables = without(random_tables(seed), *garrisons, "freed_levers", "billing")
    random = np.random.default_rng(seed)
    used = {(row["site_id"], row["actor_id"]) for row in tables["stationed_today"]}
    fewer = {
        **tables,
        "site_access": [
            row
            for row in tables["site_access"]
            if (row["site_id"], row["actor_id"]) in used or random.random() < 0.5
        ],
        "transit_times": [row for row in tables["transit_times"] if random.random() < 0.5],
    }
    assert not_above(cost(tables), cost(fewer))


@law()
def test_more_rules_never_help(seed: int) -> None:
    tables = random_tables(seed)
    rules = ["garrisons", "garrison_actors", "garrison_unit_types", "freed_levers", "site_group_limits"]
    rules += ["policy_rules", "lift", "lift_actors", "lift_unit_types", "exposure_limits", "theater_reserves"]
    fewer = without(tables, *rules)
    freeing = ("NUCLEAR", "BILLING", "FORCES", "PRESENCE")
    fewer["freed_levers"] = [row for row in tables["freed_levers"] if row["lever"] in freeing]
    assert not_above(cost(fewer), cost(tables))
    others = [rule for rule in tables["policy_rules"] if rule["policy_rule_id"] != "RULE_0"]
    assert not_above(cost({**tables, "policy_rules": others}), cost(tables))


@law()
def test_fewer_commitments_never_cost_more(seed: int) -> None:
    """Less kept for theaters, more room in facilities, more kinds of units in garrisons: each only allows more."""
    tables = without(random_tables(seed), "billing")  # a cheaper place may cap presence
    kept = cost(tables)
    assert not_above(cost({**tables, "theater_reserves": tables["theater_reserves"][:1]}), kept)
    halved = {**tables, "theater_reserves": scaled(tables, 0.5, "reserved_count")["theater_reserves"]}
    assert not_above(cost(halved), kept)
    assert not_above(cost(scaled(tables, 2, "capacity_count")), kept)
    anywhere = [
        {name: cell for name, cell in row.items() if name != "facility_id"} for row in tables["unit_types"]
    ]
    assert not_above(cost({**tables, "unit_types": anywhere}), kept)
    assert not_above(cost(without(tables, "garrison_unit_types")), kept)


@law()
def test_giving_up_a_theater_costs_no_more_with_what_is_kept_for_it_than_without(seed: int) -> None:
    tables = random_tables(seed)
    given_up = [
        {"theater_id": theater, "capability_id": capability, "interest_usd_m_per_point_yr": 0}
        for theater in ("EAST", "WEST")
        for capability in ("GROUND", "AIR")
        if {"theater_id": theater} in tables["theaters"]
        and {"capability_id": capability} in tables["capabilities"]
    ]
    left = {**tables, "interests": given_up}
    assert cost(left) == pytest.approx(cost(without(left, "theater_reserves")), rel=1e-7, abs=MONEY)


@law(3)
def test_parts_of_allied_units_never_cost_more_than_whole_ones(seed: int) -> None:
    tables = random_tables(seed)
    counted = [{**row, "is_counted": "true"} for row in tables["unit_types"]]
    whole = [{**row, "is_counted_for_lead_only": "false"} for row in counted]
    parts = [{**row, "is_counted_for_lead_only": "true"} for row in counted]
    assert not_above(
        cost({**tables, "unit_types": parts}, relax=False), cost({**tables, "unit_types": whole}, relax=False)
    )


@law()
def test_conversions_never_hurt_and_support_never_helps(seed: int) -> None:
    tables = random_tables(seed)
    assert not_above(cost(tables), cost(without(tables, "conversions")))
    shared = cost(without(tables, "support_sharing"))
    assert not_above(shared, cost(tables))
    assert not_above(cost(without(tables, "unit_support", "support_sharing")), shared)


def nuclear_tables(seed: int) -> Tables:
    """A random problem in which every ally may leave the umbrella, and exposure is borne up to a point."""
    tables = random_tables(seed)
    random = np.random.default_rng(seed)
    allies = [row["actor_id"] for row in tables["actors"] if row["actor_id"] != "USA"]
    options, reductions = [], []
    for ally in allies:
        options += [
            {"actor_id": ally, "nuclear_posture": "UMBRELLA", "holds_today": True}
            | {"lead_cost_usd_m_per_yr": 200, "exposure_points": 2},
            {"actor_id": ally, "nuclear_posture": "INDEPENDENT", "lead_time_yr": 1}
            | {"program_cost_usd_m": float(random.choice([0, 300])), "own_cost_usd_m_per_yr": 50},
        ]
        need = tables["requirements"][random.integers(len(tables["requirements"]))]
        place = {"theater_id": need["theater_id"], "capability_id": need["capability_id"]}
        reductions.append(
            {"actor_id": ally, "nuclear_posture": "INDEPENDENT", **place, "reduction_points": 2}
        )
    levers = [row for row in tables["freed_levers"] if row["lever"] != "NUCLEAR"]
    levers += [{"lever": "NUCLEAR", "lever_key": ally} for ally in allies]
    limit = {"year": FIRST_YEAR, "maximum_exposure_points": 30, "exposure_price_usd_m_per_point_yr": 5}
    return {
        **tables,
        "nuclear_options": options,
        "nuclear_reductions": reductions,
        "freed_levers": levers,
        "exposure": [{"theater_id": row["theater_id"], "hazard_factor": 1} for row in tables["theaters"]],
        "exposure_limits": [limit],
    }


@law(known_seeds=[429])
def test_freed_nuclear_levers_and_higher_caps_never_cost_more(seed: int) -> None:
    tables = nuclear_tables(seed)
    levers = tables["freed_levers"]
    some = [row for row in levers if row["lever"] != "NUCLEAR"]
    locked = cost({**tables, "freed_levers": some})
    one = cost({**tables, "freed_levers": levers[: len(some) + 1]})
    every = cost(tables)
    assert not_above(one, locked)
    assert not_above(every, one)
    assert not_above(cost(scaled(tables, 1.5, "maximum_exposure_points")), every)
    assert not_above(cost(tables), cost(tables, relax=False))


@law()
def test_without_levers_todays_nuclear_option_holds(seed: int) -> None:
    found = solved({**nuclear_tables(seed), "freed_levers": []})
    if found is not None:
        assert set(found.of("nuclear_choice").values()) == {1.0}
        assert all(",UMBRELLA," in name for name in found.of("nuclear_choice"))
        assert found.of("program_start") == {}


@law()
def test_allies_never_hurt(seed: int) -> None:
    rules = [
        "garrisons",
        "garrison_actors",
        "garrison_unit_types",
        "freed_levers",
        "site_group_limits",
        "policy_rules",
        "actor_years",
        "presence_paths",
        "theater_years",
    ]
    tables = without(random_tables(seed), *rules)
    for row in tables["requirements"]:
        row.pop("maximum_lead_fraction", None)
    for row in tables["actors"]:
        row.pop("stand_alone_cost_usd_m", None)
    owned = ("actor_unit_types", "owned_today", "stationed_today", "on_order", "conversions")
    alone = {name: [row for row in tables[name] if row["actor_id"] not in ALLIES] for name in owned}
    assert not_above(cost(tables), cost({**tables, **alone}))


@law()
def test_all_money_times_three_costs_three_times_as_much(seed: int) -> None:
    tables = random_tables(seed)
    columns = {column for rows in tables.values() for row in rows for column in row if "_usd_m" in column}
    dearer = scaled(tables, 3, *columns)
    for old_rule, rule in zip(tables["policy_rules"], dearer["policy_rules"], strict=True):
        if rule["quantity"] in ("SPENDING_USD_M", "BILLED_USD_M"):  # a price of money is no money
            rule["value"] = 3 * old_rule["value"]
            rule.update({name: old_rule[name] for name in ("penalty_usd_m",) if name in old_rule})
    before, after = solved(tables), solved(dearer)
    assert (before is None) == (after is None)
    if before is not None and after is not None:
        assert after.objective == pytest.approx(3 * before.objective, rel=1e-7, abs=MONEY)
        # The old plan, its bills in the new money, stays optimal: it costs what the new one does.
        assert before.answer.values is not None
        old_values = before.answer.values.copy()
        old_values[after.matrix.columns["billed"].positions] *= 3
        old = float(after.matrix.objective @ old_values)
        assert old == pytest.approx(after.answer.objective, rel=1e-7, abs=MONEY)


@law()
def test_names_and_orders_do_not_matter(seed: int) -> None:
    tables = random_tables(seed)
    random = np.random.default_rng(seed)
    words = [
        *ALLIES,
        "USA",
        "HOMELAND",
        "EASTLAND",
        "WESTLAND",
        "MIDLAND",
        "EAST",
        "WEST",
        "BRIGADE",
        "SQUADRON",
    ]
    words += [
        "GROUND",
        "AIR",
        "D0",
        "D10",
        "D30",
        "D60",
        "ONE",
        "TWO",
        "FAST",
        "SLOW",
        "SHIPS",
        "PLANES",
        "GROUP",
    ]
    words += ["BRIGADE_BASE", "SQUADRON_BASE"]
    words += ["SITE_0", "SITE_1", "SITE_2", "GUARD_0", "GUARD_1", "RULE_0", "RULE_1"]
    names = dict(zip(words, random.permutation([f"N{number}" for number in range(len(words))]), strict=True))
    kept = {"domain", "mode", "kind", "lever"}
    renamed = {
        name: [
            {column: cell if column in kept else names.get(cell, cell) for column, cell in row.items()}
            for row in (rows[place] for place in random.permutation(len(rows)))
        ]
        for name, rows in tables.items()
    }
    assert cost(renamed) == pytest.approx(cost(tables), rel=1e-7, abs=MONEY)


@law()
def test_strong_duality(seed: int) -> None:
    found = solved(random_tables(seed))
    if found is None:
        return
    matrix, answer = found.matrix, found.answer
    assert answer.row_duals is not None
    assert answer.reduced_costs is not None
    activity = matrix.coefficients @ answer.values
    reduced = matrix.objective - matrix.coefficients.T @ answer.row_duals
    assert reduced == pytest.approx(answer.reduced_costs, abs=1e-5)

    def worth(duals: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> float:
        """What the limits are worth: a positive dual belongs to the lower one, a negative one to the upper."""
        duals = np.where(np.abs(duals) < 1e-7, 0.0, duals)
        limit = np.where(duals > 0, lower, upper)
        assert np.isfinite(limit[duals != 0]).all()
        return float(duals[duals != 0] @ limit[duals != 0])

    dual = worth(answer.row_duals, matrix.row_lower, matrix.row_upper)
    dual += worth(answer.reduced_costs, matrix.column_lower, matrix.column_upper)
    assert dual == pytest.approx(answer.objective, rel=1e-6, abs=1e-3)
    slack = np.minimum(activity - matrix.row_lower, matrix.row_upper - activity)
    assert np.abs(answer.row_duals[slack > 1e-4]).max(initial=0) < 1e-6


@law(known_seeds=[5211])
def test_no_price_is_above_the_interest(seed: int) -> None:
    """Not even of a need of which nothing is met, as in seed 5211."""
    tables = random_tables(seed)
    found = solved(tables)
    if found is None:
        return
    interests = {
        (row["theater_id"], row["capability_id"]): row["interest_usd_m_per_point_yr"]
        for row in tables["interests"]
    }
    prices: dict[tuple[str, str, int], float] = {}
    for name, dual in found.prices("deterrence").items():
        theater, capability, _, _, year = name.split(",")
        key = (theater, capability, int(year))
        prices[key] = prices.get(key, 0.0) + dual / found.index.discount[int(year)]
    for (theater, capability, _), price in prices.items():
        assert price >= -1e-6
        assert not_above(price, interests.get((theater, capability), np.inf))


@law(10)
def test_a_price_lies_between_what_one_point_less_saves_and_one_more_costs(seed: int) -> None:
    """The price of a row of requirements is that of its needs in all years for which it holds."""
    options = (
        "commands",
        "command_options",
        "command_prerequisites",
        "nuclear_options",
        "nuclear_reductions",
    )
    tables = without(random_tables(seed), *options, "exposure_limits", "theater_years")
    tables["settings"] = [{**row, "need_factor": None} for row in tables["settings"]]
    tables["freed_levers"] = [
        row for row in tables["freed_levers"] if row["lever"] not in ("COMMAND", "NUCLEAR")
    ]
    found = solved(tables)
    if found is None:
        return
    assert found.answer.row_duals is not None
    prices = need_prices(found.index, found.matrix, found.answer.row_duals)
    given = [number for number, row in enumerate(tables["requirements"]) if row.get("required_points")]
    if not given:
        return
    number = given[seed % len(given)]
    row = tables["requirements"][number]
    need = tuple(row[name] for name in NEED)
    later = [
        other["year"]
        for other in tables["requirements"]
        if tuple(other[name] for name in NEED) == need and other["year"] > row["year"]
    ]
    years = [year for year in found.index.years if row["year"] <= year < min(later, default=np.inf)]
    points = row["required_points"]
    step = 0.01 * points
    price = step * sum(prices[(*need, year)] for year in years)

    def cost_of(points: float) -> float:
        changed = [*tables["requirements"]]
        changed[number] = {**row, "required_points": points}
        return cost({**tables, "requirements": changed})

    assert not_above(found.objective - cost_of(points - step), price)
    assert not_above(price, cost_of(points + step) - found.objective)


@law(known_seeds=[548])
def test_elastic_needs_never_cost_more_and_as_much_if_priced_above_their_duals(seed: int) -> None:
    """A mean over scenarios, as in seed 548, counts a point missing in one by the scenario's part of the weight."""
    tables = scaled(random_tables(seed), 0.2, "required_points", "red_score_points")
    hard = solved({**tables, "interests": []})
    if hard is None:
        return
    assert not_above(cost(tables), hard.objective)
    prices: dict[tuple[str, ...], float] = {}
    # A point missing lowers the lead actor's least part by less than a point.
    both = [*hard.prices("deterrence").items(), *hard.prices("lead_share_least").items()]
    for name, dual in both:
        theater, capability, _, _, year = name.split(",")
        key = (theater, capability, year)
        prices[key] = prices.get(key, 0.0) + dual / hard.index.discount[int(year)]
    weights = hard.index.problem["scenarios"]["weight_fraction"]
    assert (weights > 0).all()
    dear_usd_m_per_point = 1.01 * max(prices.values()) * weights.sum() / weights.min() + 1
    places = {(theater, capability) for theater, capability, _ in prices}
    dear = [
        {"theater_id": k, "capability_id": c, "interest_usd_m_per_point_yr": dear_usd_m_per_point}
        for k, c in sorted(places)
    ]
    assert cost({**tables, "interests": dear}) == pytest.approx(hard.objective, rel=1e-7, abs=MONEY)


@law()
def test_looser_limits_on_spending_never_cost_more(seed: int) -> None:
    """Where no part of what is pledged goes elsewhere, to be paid before the forces can use the rest."""
    tables = scaled(random_tables(seed), 0.0, "other_spending_growth_fraction")
    ceiling = scaled(tables, 1.1, "spending_ceiling_fraction")
    both = scaled(ceiling, 1.5, "spending_ramp_fraction_per_yr")
    assert not_above(cost(ceiling), cost(tables))
    assert not_above(cost(both), cost(ceiling))


@law()
def test_more_of_what_is_pledged_for_other_spending_never_saves(seed: int) -> None:
    """Where nothing asks for spending, and no will follows it."""
    tables = without(random_tables(seed), "policy_rules", "responses")
    assert not_above(cost(scaled(tables, 0.5, "other_spending_growth_fraction")), cost(tables))


@law()
def test_freeing_a_bill_that_may_stay_as_it_is_never_costs_more(seed: int) -> None:
    """Nothing is billed today, nothing must be, and no more than the cost can be."""
    tables = without(random_tables(seed), "policy_rules")
    tables["freed_levers"] = [row for row in tables["freed_levers"] if row["lever"] != "BILLING"]
    for row in tables["billing"]:
        for name in ("billed_today_usd_m_per_yr", "floor_usd_m_per_person_yr", "maximum_multiple_ratio"):
            row.pop(name, None)
    payers = sorted({row["actor_id"] for row in tables["billing"]})
    levers = [{"lever": "BILLING", "lever_key": payer} for payer in payers]
    freed = {**tables, "freed_levers": [*tables["freed_levers"], *levers]}
    assert not_above(cost(freed), cost(tables))


@law()
def test_delay_of_a_requirement_that_never_falls_never_costs_more(seed: int) -> None:
    tables = without(random_tables(seed), "periods")
    tables["settings"][0]["year_count"] = max(2, tables["settings"][0]["year_count"])
    first = [row for row in tables["requirements"] if row["year"] == FIRST_YEAR]
    later: list[dict[str, Any]] = []
    for row in first:
        points: dict[str, Any] = {name: 0 for name in ("required_points", "red_score_points") if name in row}
        later += [{**row, **points}, {**row, "year": FIRST_YEAR + 1}]
    assert not_above(cost({**tables, "requirements": later}), cost({**tables, "requirements": first}))


@law(6)
def test_a_solution_passes_its_audit_and_bounds_agree(seed: int) -> None:
    problem = problem_of(random_tables(seed))
    relaxed = solved(random_tables(seed))
    if relaxed is None:
        return
    assert solve(problem, SolveOptions(relax=True)).outcome["audit_findings"] == []
    solution = solve(problem, SolveOptions(relative_gap=1e-6))
    outcome = solution.outcome
    if outcome["plan"] == "NONE":
        assert outcome["termination"] == "INFEASIBLE"
        return
    assert outcome["audit_passed"], outcome["audit_findings"]
    assert outcome["plan"] == "OPTIMAL"
    assert not_above(relaxed.objective, outcome["best_bound_usd_m"])
    assert not_above(outcome["best_bound_usd_m"], outcome["objective_usd_m"])
    assert outcome["lead_cost_usd_m"] + outcome["penalty_usd_m"] == pytest.approx(
        outcome["objective_usd_m"], rel=1e-6, abs=MONEY
    )
    ledger = solution.tables["ledger"]
    lead = ledger.loc[ledger["actor_id"] == "USA", "discounted_usd_m"].sum()
    assert lead == pytest.approx(outcome["objective_usd_m"], rel=1e-6, abs=MONEY)


@law(4, known_seeds=[166, 225370])
def test_without_levers_garrisons_keep_todays_shares(seed: int) -> None:
    tables = random_tables(seed)
    shares = tables["garrison_actors"]
    for garrison in {row["garrison_id"] for row in shares}:
        suppliers = [row for row in shares if row["garrison_id"] == garrison]
        for row in suppliers:
            row["today_fraction"] = 1 / len(suppliers)
    locked = {**tables, "freed_levers": []}
    if check(problem_of(locked)):
        return
    found = solved(locked)
    if found is None:
        return
    people = {row["garrison_id"]: row["required_persons"] for row in tables["garrisons"]}
    supplied: dict[tuple[str, ...], float] = {}
    for name, value in found.of("garrisoned").items():
        garrison_id, actor_id, *_, in_year = name.split(",")
        key = (garrison_id, actor_id, in_year)
        supplied[key] = supplied.get(key, 0.0) + value
    for row in shares:
        for year in found.index.years:
            least = row["today_fraction"] * people[row["garrison_id"]]
            assert not_above(least, supplied[row["garrison_id"], row["actor_id"], str(year)])


@law(4)
def test_what_has_no_plan_has_none_without_presolve_either(seed: int) -> None:
    problem = problem_of({**random_tables(seed), "interests": []})
    index = build_index(problem)
    if model_findings(index):
        return
    outcome = solve(problem, SolveOptions(relax=True)).outcome
    assert outcome["termination"] in ("OPTIMAL", "INFEASIBLE")
    assert (outcome["plan"] == "NONE") == (outcome["termination"] == "INFEASIBLE")

"""Ways in which a plan could look good without being so; none pays."""

import pytest
from small_problem import Rows, rows, small_problem, small_tables
from tiny_cases import FORCE, INTEREST, NEED, optimum, optimum_of, tiny_problem

from optimizer.checks import check
from optimizer.formulation.frames.index import build_index


def test_sets_without_units_deter_nothing() -> None:
    problem = tiny_problem(
        unit_type_modes=rows("unit_type_id mode personnel_persons", "BRIGADE PREPOSITIONED 0"),
        actor_unit_types=[
            {
                **rows(FORCE, "USA BRIGADE 2500 0 READY")[0],
                "set_purchase_cost_usd_m_per_set": 1,
                "set_upkeep_cost_usd_m_per_set_yr": 0,
            }
        ],
        readiness_classes=rows("readiness_class_id mode notice_to_move_days", "READY PREPOSITIONED 0"),
        readiness=rows(
            "readiness_class_id mode phase_id ready_fraction", "READY PREPOSITIONED D30 1", "READY HOME D30 1"
        ),
        owned_today=rows("actor_id unit_type_id owned_count sets_owned_count", "USA BRIGADE 0 50"),
        interests=rows(INTEREST, "EAST GROUND 4000"),
    )
    found = optimum(problem)
    assert found.of("deployed") == {}
    assert found.objective == pytest.approx(7 * 4000)


def test_reserved_units_do_not_man_sets() -> None:
    problem = tiny_problem(
        unit_type_modes=rows("unit_type_id mode personnel_persons", "BRIGADE PREPOSITIONED 0"),
        actor_unit_types=[
            {
                **rows(FORCE, "USA BRIGADE 2500 3 READY")[0],
                "reserved_count": 2,
                "set_purchase_cost_usd_m_per_set": 1,
            }
        ],
        readiness_classes=rows("readiness_class_id mode notice_to_move_days", "READY PREPOSITIONED 0"),
        readiness=rows(
            "readiness_class_id mode phase_id ready_fraction", "READY PREPOSITIONED D30 1", "READY HOME D30 1"
        ),
        owned_today=rows("actor_id unit_type_id owned_count sets_owned_count", "USA BRIGADE 3 50"),
        interests=rows(INTEREST, "EAST GROUND 4000"),
    )
    # Of three owned one may be deployed, with a set of today's.
    assert optimum(problem).objective == pytest.approx(3 * 2500 + 6 * 4000)


def test_the_same_people_do_not_stand_in_two_garrisons() -> None:
    tables: dict[str, Rows] = {
        "requirements": rows(NEED, "EAST WAR D30 GROUND 2026 0"),
        "garrisons": rows(
            "garrison_id site_group_id required_persons",
            "GUARD CAMP 4000",
            "WATCH EAST 4000",
            "PATROL ALY 4000",
        ),
        "garrison_actors": rows("garrison_id actor_id", "GUARD USA", "WATCH USA", "PATROL USA"),
    }
    assert optimum(tiny_problem(**tables)).objective == pytest.approx(3 * 2600)


def test_the_same_units_do_not_serve_two_contingencies() -> None:
    theaters = ["EAST", "WEST"]
    problem = tiny_problem(
        theaters=rows("theater_id", *theaters),
        scenario_theaters=rows("scenario_id theater_id", *[f"WAR {theater}" for theater in theaters]),
        requirements=rows(NEED, *[f"{theater} WAR D30 GROUND 2026 4" for theater in theaters]),
        transit_times=rows(
            "staging_area_id theater_id unit_type_id transit_days", "EAST_AREA WEST BRIGADE 5"
        ),
    )
    assert optimum(problem).objective == pytest.approx(8 * 2600)


def test_units_do_not_move_back_between_phases() -> None:
    """What EAST has by day 10 WEST does not have by day 30, though there would be time."""
    phases = ["D10", "D30"]
    problem = tiny_problem(
        theaters=rows("theater_id", "EAST", "WEST"),
        scenario_theaters=rows("scenario_id theater_id", "WAR EAST", "WAR WEST"),
        phases=rows("phase_id days kind", "D10 10 DETER", "D30 30 DETER"),
        readiness=rows(
            "readiness_class_id mode phase_id ready_fraction", *[f"READY PERMANENT {p} 1" for p in phases]
        ),
        requirements=rows(NEED, "EAST WAR D10 GROUND 2026 3", "WEST WAR D30 GROUND 2026 3"),
        transit_times=rows(
            "staging_area_id theater_id unit_type_id transit_days", "EAST_AREA WEST BRIGADE 15"
        ),
    )
    assert optimum(problem).objective == pytest.approx(6 * 2600)


@pytest.mark.parametrize("life_yr", [1, 2, 30, 100])
@pytest.mark.parametrize("discount", [0, 0.1])
def test_nothing_is_raised_for_its_salvage(life_yr: int, discount: float) -> None:
    """Units, sets and room bought in the last year would be worth nearly all that was paid."""
    force = {
        **rows(FORCE, "USA BRIGADE 0 20 READY")[0],
        "raise_cost_usd_m_per_unit": 1000,
        "life_yr": life_yr,
        "set_purchase_cost_usd_m_per_set": 500,
        "set_life_yr": life_yr,
    }
    problem = tiny_problem(
        {"year_count": 3, "discount_rate_fraction": discount},
        requirements=rows(NEED, "EAST WAR D30 GROUND 2026 0"),
        owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 2"),
        actor_unit_types=[force],
        unit_type_modes=rows(
            "unit_type_id mode personnel_persons", "BRIGADE PERMANENT -", "BRIGADE PREPOSITIONED 150"
        ),
        site_access=[
            {
                "site_id": "CAMP",
                "actor_id": "USA",
                "housing_build_cost_usd_m_per_person": 1,
                "housing_life_yr": life_yr,
            }
        ],
    )
    found = optimum(problem)
    assert found.objective == 0
    assert not found.of("raised") | found.of("sets_bought") | found.of("housing_built")


def test_old_units_are_not_turned_over_for_salvage() -> None:
    """Two of today's units suffice: to disband them and raise new ones is never cheaper."""
    force = {
        **rows(FORCE, "USA BRIGADE 2500 20 READY")[0],
        "raise_cost_usd_m_per_unit": 1000,
        "life_yr": 100,
    }
    problem = tiny_problem(
        {"year_count": 3},
        requirements=rows(NEED, "EAST WAR D30 GROUND 2026 2"),
        owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 2"),
        actor_unit_types=[force],
    )
    assert optimum(problem).objective == pytest.approx(3 * 2 * 2600)


def test_spending_is_not_padded_to_beat_a_ramp() -> None:
    """Spending more than is needed in 2026 would allow more in 2027; there is nothing to spend it on."""
    problem = tiny_problem(
        {"year_count": 2},
        actors=rows("actor_id home_staging_area_id", "USA AMERICA", "ALY EAST_AREA"),
        actor_unit_types=[
            *rows(FORCE, "USA BRIGADE 2500 20 READY"),
            {**rows(FORCE, "ALY BRIGADE 1000 20 READY")[0], "maximum_raised_count_per_yr": 1},
        ],
        actor_years=rows(
            "actor_id year gdp_usd_m spending_usd_m_per_yr spending_ramp_fraction_per_yr"
            " other_spending_usd_m_per_yr",
            "ALY 2025 100000 1000 0.015 1000",
        ),
        requirements=rows(NEED, "EAST WAR D30 GROUND 2026 0", "EAST WAR D30 GROUND 2027 4"),
    )
    found = optimum(problem)
    # One brigade a year may be raised: 2 in 2027, and the United States has the rest.
    assert found.objective == pytest.approx(2 * 2600)
    for year, brigades in (("2026", 1), ("2027", 2)):
        assert found.of("spending")[f"ALY,{year}"] == pytest.approx(1000 + 1000 * brigades)


def test_a_shortfall_is_never_more_than_the_need() -> None:
    """Deploying less than nothing elsewhere, or going short twice, earns nothing."""
    found = optimum(tiny_problem(interests=rows(INTEREST, "EAST GROUND 100")))
    assert found.of("shortfall") == pytest.approx({"EAST,GROUND,D30,WAR,2026": 7})
    assert found.objective == pytest.approx(700)


def test_the_rotation_base_is_owned() -> None:
    """A unit in turns of duty costs what stands behind it, so a small ratio is no way to have units for less."""
    modes = rows("unit_type_id mode rotation_ratio", "BRIGADE PERMANENT 0")
    problem = tiny_problem(
        requirements=rows(NEED, "EAST WAR D30 GROUND 2026 0"),
        unit_type_modes=modes,
        garrisons=rows("garrison_id site_group_id required_persons", "GUARD CAMP 4000"),
        garrison_actors=rows("garrison_id actor_id", "GUARD USA"),
    )
    refused = bool(check(problem))
    assert refused or optimum_of(build_index(problem)).objective >= 2600 - 1e-6


def test_more_of_everything_free_is_never_worse() -> None:
    """The small problem with every American unit for nothing costs no more than before."""
    forces = small_tables()["actor_unit_types"]
    free = [
        {name: cell for name, cell in row.items() if row["actor_id"] != "USA" or "raise_cost" not in name}
        for row in forces
    ]
    before = optimum_of(build_index(small_problem())).objective
    assert optimum_of(build_index(small_problem(actor_unit_types=free))).objective <= before


@pytest.mark.parametrize(("weight", "brigades"), [(None, 4), ("0.5", 8)])
def test_presence_next_door_does_not_escape_the_response(weight: str | None, brigades: int) -> None:
    """The ally gives 10 less one for each brigade; at home none of the lead actor's reaches, in CAMP each costs one.

    From the hub outside of the theater all reach it. 14 are needed: x + 10 = 14 if the hub did not count,
    x + 10 − x/2 = 14 where it counts half.
    """
    years = "actor_id year other_spending_usd_m_per_yr reference_spending_usd_m_per_yr floor_spending_usd_m_per_yr"
    problem = tiny_problem(
        staging_areas=rows(
            "staging_area_id theater_id", "AMERICA -", "ALYLAND -", "EAST_AREA EAST", "HUB_AREA -"
        ),
        sites=rows("site_id host_actor_id staging_area_id", "CAMP ALY EAST_AREA", "HUB ALY HUB_AREA"),
        site_access=rows(
            "site_id actor_id stationing_cost_usd_m_per_person_yr", "CAMP USA 0.025", "HUB USA 0.025"
        ),
        actor_years=rows(years, "ALY 2025 0 10000 0", "ALY 2026 0 10000 0"),
        actor_unit_types=rows(FORCE, "USA BRIGADE 2500 20 READY", "ALY BRIGADE 1000 20 READY"),
        unit_type_modes=rows("unit_type_id mode presence_points", "BRIGADE PERMANENT 1"),
        transit_times=rows(
            "staging_area_id theater_id unit_type_id transit_days",
            "HUB_AREA EAST BRIGADE 1",
            "ALYLAND EAST BRIGADE 1",
        ),
        responses=rows(
            "actor_id theater_id response_usd_m_per_point_yr reference_presence_points", "ALY EAST 1000 0"
        ),
        requirements=rows(NEED, "EAST WAR D30 GROUND 2026 14"),
        presence_weights=rows("site_id theater_id weight_fraction", f"HUB EAST {weight}") if weight else [],
    )
    found = optimum(problem, relax=False)
    assert found.of("stationed") == {"USA,BRIGADE,HUB,PERMANENT,2026": pytest.approx(brigades)}
    assert found.objective == pytest.approx(brigades * 2600)

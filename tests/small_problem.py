"""A small feasible problem that uses every table: three actors, two theaters, three sites, three years."""

from typing import Any

from optimizer.tables.problem import Problem, problem_from_tables
from optimizer.tables.raw_cells import Cells, cells_from_rows

Rows = list[dict[str, Any]]


def rows(columns: str, *lines: str) -> Rows:
    """Rows of a table written as text: columns and cells are separated by spaces, "-" is an empty cell."""
    names = columns.split()
    return [
        {name: cell for name, cell in zip(names, line.split(), strict=True) if cell != "-"} for line in lines
    ]


def small_tables() -> dict[str, Rows]:
    """The tables of the small problem as rows of text and numbers, empty cells omitted."""
    return {**_places(), **_units(), **_time(), **_forces(), **_rules(), **_origins()}


def small_cells(**overrides: Any) -> dict[str, Cells]:
    """The raw cells of the small problem.

    Args:
        overrides: by table name, rows that replace the table's; None takes the table away. ``settings`` is a
            mapping of cells laid over the settings; None empties a cell.
    """
    tables: dict[str, Any] = small_tables()
    settings = {**tables["settings"][0], **overrides.pop("settings", {})}
    tables["settings"] = [{name: cell for name, cell in settings.items() if cell is not None}]
    tables.update(overrides)
    return {name: cells_from_rows(table) for name, table in tables.items() if table is not None}


def small_problem(**overrides: Any) -> Problem:
    """The small problem, with tables replaced as ``small_cells`` says."""
    return problem_from_tables(small_cells(**overrides))


def _places() -> dict[str, Rows]:
    return {
        "settings": [
            {
                "title": "Small",
                "description": "Exercises every table.",
                "lead_actor_id": "USA",
                "money_base_year": 2025,
                "first_year": 2026,
                "year_count": 3,
                "discount_rate_fraction": 0.03,
                "need_factor": 0.95,
                "win_ratio": 1.2,
                "shortfall_measure": "CVAR",
                "tail_level_fraction": 0.5,
            }
        ],
        "periods": rows("year", "2026", "2027", "2028"),
        "actors": rows(
            "actor_id name home_staging_area_id quality_factor response_speed_fraction stand_alone_cost_usd_m"
            " homecoming_usd_m_per_person",
            "USA America AMERICA - - - 0.05",
            "POL Poland CENTRAL 0.9 0.5 60000 -",
            "EST Estonia ESTONIA - - - 0.02",
        ),
        "actor_years": rows(
            "actor_id year gdp_usd_m spending_usd_m_per_yr spending_ceiling_fraction"
            " spending_ramp_fraction_per_yr other_spending_usd_m_per_yr reference_spending_usd_m_per_yr"
            " floor_spending_usd_m_per_yr other_spending_growth_fraction",
            "USA 2025 30000000 900000 - - - - - -",
            "POL 2025 900000 38000 0.06 0.01 - 45000 44500 0.1",
            "POL 2027 950000 - - - - - - -",
            "EST 2025 42000 1500 0.06 0.01 500 - - -",
        ),
        "theaters": rows("theater_id name", "BALTIC Baltic", "SUWALKI Suwałki"),
        "staging_areas": rows(
            "staging_area_id theater_id", "AMERICA -", "CENTRAL -", "ESTONIA BALTIC", "MASURIA SUWALKI"
        ),
        "sites": rows(
            "site_id host_actor_id staging_area_id capacity_persons accepts_air accepts_sea",
            "EST_TAPA EST ESTONIA 3000 false false",
            "POL_ORZYSZ POL MASURIA 9000 false false",
            "POL_POWIDZ POL CENTRAL - - false",
        ),
        "site_access": rows(
            "site_id actor_id limit_persons open_cost_usd_m_per_yr opening_cost_usd_m closing_cost_usd_m"
            " stationing_cost_usd_m_per_person_yr housing_cost_usd_m_per_person_yr"
            " housing_build_cost_usd_m_per_person housing_today_persons minimum_garrison_persons",
            "EST_TAPA USA 1600 10 20 5 0.03 0.004 0.1 - -",
            "EST_TAPA POL 800 2 - - 0.02 0.002 0.05 - -",
            "POL_ORZYSZ USA 5000 20 50 10 0.03 0.004 0.1 4200 500",
            "POL_ORZYSZ POL 8000 - - - - 0.001 0.05 - -",
            "POL_POWIDZ USA 4000 15 40 10 0.02 0.004 0.1 - -",
        ),
        "site_groups": rows("site_group_id", "BALTIC_STATES", "EASTERN_FLANK"),
        "site_group_members": rows(
            "site_group_id member_id",
            "BALTIC_STATES EST_TAPA",
            "EASTERN_FLANK BALTIC_STATES",
            "EASTERN_FLANK POL",
        ),
        "site_group_limits": rows(
            "site_group_id actor_id year maximum_persons maximum_withdrawal_persons_per_yr",
            "EASTERN_FLANK FOREIGN 2025 8000 3000",
            "EASTERN_FLANK FOREIGN 2027 7000 -",
            "EASTERN_FLANK FOREIGN 2028 6000 -",
            "POL USA 2025 7000 2000",
        ),
    }


def _units() -> dict[str, Rows]:
    return {
        "unit_types": rows(
            "unit_type_id domain personnel_persons is_counted facility_id",
            "BRIGADE LAND 4000 true -",
            "BATTALION LAND 800 - -",
            "SQUADRON AIR 600 false AIRFIELD",
        ),
        "facilities": rows("facility_id name", "AIRFIELD Airfield"),
        "site_facilities": rows("site_id facility_id capacity_count", "POL_POWIDZ AIRFIELD 2"),
        "unit_type_modes": rows(
            "unit_type_id mode rotation_ratio personnel_persons mode_cost_usd_m_per_unit_yr",
            "BRIGADE PERMANENT - - -",
            "BRIGADE ROTATIONAL - - 60",
            "BRIGADE PREPOSITIONED - 150 -",
            "BATTALION PERMANENT - - -",
            "BATTALION ROTATIONAL 2 - 10",
            "SQUADRON PERMANENT - - -",
            "SQUADRON ROTATIONAL - 500 20",
        ),
        "unit_type_theaters": rows("unit_type_id theater_id theater_factor", "BRIGADE SUWALKI 0.9"),
        "actor_unit_types": rows(
            "actor_id unit_type_id own_cost_usd_m_per_unit_yr raise_cost_usd_m_per_unit"
            " disband_cost_usd_m_per_unit lead_time_yr maximum_raised_count_per_yr"
            " maximum_disbanded_count_per_yr maximum_owned_count reserved_count effect_factor"
            " readiness_class_id set_purchase_cost_usd_m_per_set set_upkeep_cost_usd_m_per_set_yr"
            " set_lead_time_yr",
            "USA BRIGADE 2500 3000 100 2 2 3 40 4 - HIGH 1200 30 1",
            "USA BATTALION 500 400 20 1 2 2 20 - - HIGH - - -",
            "USA SQUADRON 400 1500 30 2 2 2 30 2 1.1 HIGH - - -",
            "POL BRIGADE 900 1500 50 1 1 - 10 1 - LOCAL - - -",
            "POL BATTALION 180 200 10 1 2 - 10 - - LOCAL - - -",
            "EST BATTALION 162 200 5 1 2 - 12 - - LOCAL - - -",
        ),
        "theater_reserves": rows(
            "actor_id unit_type_id theater_id reserved_count",
            "USA BRIGADE BALTIC 2",
            "USA BRIGADE SUWALKI 1",
            "POL BATTALION BALTIC 0.25",
        ),
        "conversions": rows(
            "actor_id from_unit_type_id to_unit_type_id conversion_cost_usd_m_per_unit lead_time_yr"
            " maximum_converted_count_per_yr life_yr",
            "USA BATTALION BRIGADE 1500 1 1 20",
            "POL BATTALION BRIGADE 600 - - -",
        ),
        "capabilities": rows("capability_id name", "HEAVY_GROUND Heavy", "AIR -", "ENGINEERS -"),
        "unit_capabilities": rows(
            "unit_type_id capability_id capability_points",
            "BRIGADE HEAVY_GROUND 1",
            "BATTALION HEAVY_GROUND 0.2",
            "SQUADRON AIR 1",
        ),
        "unit_support": rows(
            "unit_type_id capability_id needed_points provided_points",
            "BRIGADE ENGINEERS 0.1 -",
            "BATTALION ENGINEERS - 0.5",
        ),
        "support_sharing": rows(
            "actor_id support_group_id", "USA ALLIANCE", "POL ALLIANCE", "EST BALTIC_STATES"
        ),
    }


def _time() -> dict[str, Rows]:
    return {
        "phases": rows("phase_id days kind", "D0 0 DETER", "D30 30 DETER", "D60_WIN 60 WIN"),
        "readiness_classes": rows(
            "readiness_class_id mode notice_to_move_days",
            "HIGH PERMANENT 0",
            "HIGH ROTATIONAL 0",
            "HIGH PREPOSITIONED 5",
            "HIGH HOME 5",
            "LOCAL PERMANENT 0",
            "LOCAL ROTATIONAL 0",
            "LOCAL HOME 0",
        ),
        "readiness": rows(
            "readiness_class_id mode phase_id ready_fraction",
            "HIGH PERMANENT D0 1",
            "HIGH PERMANENT D30 1",
            "HIGH PERMANENT D60_WIN 1",
            "HIGH ROTATIONAL D0 1",
            "HIGH ROTATIONAL D30 1",
            "HIGH ROTATIONAL D60_WIN 1",
            "HIGH PREPOSITIONED D30 1",
            "HIGH PREPOSITIONED D60_WIN 1",
            "HIGH HOME D30 0.7",
            "HIGH HOME D60_WIN 1",
            "LOCAL PERMANENT D0 1",
            "LOCAL PERMANENT D30 1",
            "LOCAL PERMANENT D60_WIN 1",
            "LOCAL ROTATIONAL D0 1",
            "LOCAL ROTATIONAL D30 1",
            "LOCAL ROTATIONAL D60_WIN 1",
            "LOCAL HOME D0 0.9",
            "LOCAL HOME D30 1",
            "LOCAL HOME D60_WIN 1",
        ),
        "attrition": rows(
            "unit_type_id phase_id attrition_fraction", "BRIGADE D30 0.1", "BATTALION D30 0.15"
        ),
        "scenarios": rows("scenario_id weight_fraction", "BALTIC_ONLY 0.6", "BOTH 0.4"),
        "scenario_theaters": rows(
            "scenario_id theater_id", "BALTIC_ONLY BALTIC", "BOTH BALTIC", "BOTH SUWALKI"
        ),
        "scenario_availability": rows(
            "scenario_id actor_id available_fraction access_fraction", "BOTH POL 0.9 -", "BOTH EST - 0.95"
        ),
        "transit_times": rows(
            "staging_area_id theater_id unit_type_id transit_days",
            "AMERICA BALTIC BRIGADE 20",
            "AMERICA BALTIC BATTALION 15",
            "AMERICA BALTIC SQUADRON 3",
            "AMERICA SUWALKI BRIGADE 18",
            "AMERICA SUWALKI SQUADRON 3",
            "CENTRAL BALTIC BRIGADE 5",
            "CENTRAL BALTIC BATTALION 4",
            "CENTRAL BALTIC SQUADRON 1",
            "CENTRAL SUWALKI BRIGADE 2",
            "CENTRAL SUWALKI BATTALION 2",
            "CENTRAL SUWALKI SQUADRON 1",
            "ESTONIA SUWALKI BATTALION 3",
            "MASURIA BALTIC BRIGADE 3",
        ),
        "lift": rows(
            "lift_pool_id scenario_id phase_id capacity_points",
            "US_SEALIFT BALTIC_ONLY D30 12",
            "US_SEALIFT BOTH D30 12",
            "US_SEALIFT BOTH D60_WIN 16",
        ),
        "lift_actors": rows("lift_pool_id actor_id", "US_SEALIFT USA"),
        "lift_unit_types": rows(
            "lift_pool_id unit_type_id lift_points",
            "US_SEALIFT BRIGADE 1",
            "US_SEALIFT BATTALION 0.2",
            "US_SEALIFT SQUADRON 0.1",
        ),
    }


def _forces() -> dict[str, Rows]:
    return {
        "owned_today": rows(
            "actor_id unit_type_id owned_count sets_owned_count",
            "USA BRIGADE 12 2",
            "USA BATTALION 3 -",
            "USA SQUADRON 10 -",
            "POL BRIGADE 4 -",
            "POL BATTALION 2 -",
            "EST BATTALION 6 -",
        ),
        "stationed_today": rows(
            "actor_id unit_type_id site_id mode stationed_count",
            "USA BRIGADE POL_ORZYSZ ROTATIONAL 1",
            "USA BRIGADE POL_POWIDZ PREPOSITIONED 1",
            "USA SQUADRON POL_POWIDZ PERMANENT 1",
            "USA BATTALION EST_TAPA ROTATIONAL 1",
            "POL BRIGADE POL_ORZYSZ PERMANENT 1",
            "POL BATTALION EST_TAPA ROTATIONAL 0.25",
        ),
        "on_order": rows("actor_id unit_type_id year arriving_count", "POL BRIGADE 2026 1"),
        "requirements": rows(
            "theater_id scenario_id phase_id capability_id year required_points red_score_points"
            " maximum_lead_fraction minimum_lead_fraction",
            "BALTIC BALTIC_ONLY D0 HEAVY_GROUND 2026 1 - - -",
            "BALTIC BALTIC_ONLY D30 HEAVY_GROUND 2026 - 6 0.8 0.25",
            "BALTIC BALTIC_ONLY D30 HEAVY_GROUND 2028 - 7.5 0.7 -",
            "BALTIC BALTIC_ONLY D60_WIN HEAVY_GROUND 2026 - 3 - 0.1",
            "BALTIC BALTIC_ONLY D30 AIR 2026 3 - - -",
            "BALTIC BOTH D30 HEAVY_GROUND 2026 3 - - -",
            "SUWALKI BOTH D0 HEAVY_GROUND 2026 1 - - -",
            "SUWALKI BOTH D30 HEAVY_GROUND 2026 - 4.5 - 0.4",
        ),
        "interests": rows(
            "theater_id capability_id interest_usd_m_per_point_yr", "SUWALKI HEAVY_GROUND 5000"
        ),
        "theater_years": rows(
            "theater_id year need_factor maximum_lead_fraction minimum_lead_factor",
            "SUWALKI 2028 1.2 0.9 -",
            "BALTIC 2028 1.1 - 0.5",
        ),
    }


def _rules() -> dict[str, Rows]:
    policy_rules = rows(
        "policy_rule_id quantity actor_id unit_type_id site_group_id capability_id first_year last_year sense"
        " value kind penalty_usd_m",
        "KEEP_BRIGADES OWNED_COUNT USA BRIGADE - - - - AT_LEAST 8 HARD -",
        "SQUADRON_IN_POLAND STATIONED_COUNT USA SQUADRON POL - - - AT_LEAST 1 POLICY -",
        "AMERICANS_FORWARD STATIONED_PERSONS USA - EASTERN_FLANK - - - AT_MOST 5000 - 0.01",
        "POLISH_BATTALION STATIONED_COUNT POL BATTALION EST_TAPA - 2026 2026 EQUAL 0.25 - -",
        "ESTONIAN_ORDERS RAISED_COUNT EST BATTALION - - 2026 2027 AT_MOST 1 - -",
        "NO_RUSH DISBANDED_COUNT USA BRIGADE - - - - AT_MOST 2 - -",
        "POLISH_SPENDING SPENDING_USD_M POL - - - - - AT_MOST 50000 - -",
        "ESTONIAN_POINTS OWNED_POINTS EST - - HEAVY_GROUND - - AT_LEAST 1 - 20",
        "ESTONIAN_SHARE SPENDING_FRACTION EST - - - 2027 - AT_MOST 0.059 - -",
        "POLISH_BILLS BILLED_USD_M POL - - - - - AT_MOST 150 - -",
        "POLAND_SPENDS SPENDING_USD_M POL - - - - - AT_LEAST 39000 - -",
        "OR_WE_LEAVE STATIONED_PERSONS USA - POL - 2027 - AT_MOST 4500 - -",
    )
    either = {"POLAND_SPENDS": "OR_WE_LEAVE"}
    origins = {
        "KEEP_BRIGADES": {"source": "Act on Brigades, section 8", "waiver": "The Secretary certifies it."},
        "NO_RUSH": {"source": "https://example.org/no-rush"},
    }
    return {
        "garrisons": rows(
            "garrison_id site_group_id required_persons capability_id required_points",
            "BATTLEGROUP_ESTONIA BALTIC_STATES 1000 HEAVY_GROUND 0.2",
        ),
        "garrison_actors": rows(
            "garrison_id actor_id today_fraction minimum_fraction maximum_fraction",
            "BATTLEGROUP_ESTONIA USA 0.8 - 0.9",
            "BATTLEGROUP_ESTONIA POL 0.2 0.1 -",
        ),
        "garrison_unit_types": rows("garrison_id unit_type_id", "BATTLEGROUP_ESTONIA BATTALION"),
        "policy_rules": [
            {
                **rule,
                "sentence": f"Because of {rule['policy_rule_id']}.",
                "or_policy_rule_id": either.get(rule["policy_rule_id"]),
                **origins.get(rule["policy_rule_id"], {}),
            }
            for rule in policy_rules
        ],
        "freed_levers": rows(
            "lever lever_key first_year",
            "GARRISON BATTLEGROUP_ESTONIA 2027",
            "CEILING EASTERN_FLANK -",
            "COMMAND SUWALKI_COMMAND 2027",
            "NUCLEAR EST -",
            "BILLING POL 2027",
            "FORCES BRIGADE -",
            "PRESENCE POL 2027",
        ),
        "commands": rows("command_id name theater_id today_actor_id", "SUWALKI_COMMAND - SUWALKI USA"),
        "command_actors": rows("command_id actor_id", "SUWALKI_COMMAND POL"),
        "command_options": rows(
            "command_id actor_id lead_cost_usd_m_per_yr bonus_fraction holder_share_fraction exposure_points",
            "SUWALKI_COMMAND USA 20 - - 2",
            "SUWALKI_COMMAND POL - 0.05 0.1 -",
        ),
        "command_prerequisites": rows(
            "command_id actor_id unit_type_id threshold_count years_before_count years_already_met_count",
            "SUWALKI_COMMAND POL BRIGADE 1 1 1",
        ),
        "responses": rows(
            "actor_id theater_id response_usd_m_per_point_yr low_response_usd_m_per_point_yr"
            " high_response_usd_m_per_point_yr reference_presence_points",
            "POL SUWALKI 900 0 1200 -",
        ),
        "nuclear_options": rows(
            "actor_id nuclear_posture holds_today lead_cost_usd_m_per_yr own_cost_usd_m_per_yr"
            " program_cost_usd_m lead_time_yr exposure_points",
            "EST UMBRELLA true 25 - - - 1.5",
            "EST INDEPENDENT - - 12 40 1 -",
            "EST SHARED - 10 5 - - 0.5",
            "EST NONE - - - - - -",
            "POL UMBRELLA true 60 - - - 2",
            "POL INDEPENDENT - - 300 4000 8 -",
        ),
        "nuclear_reductions": rows(
            "actor_id nuclear_posture theater_id capability_id reduction_points",
            "EST INDEPENDENT BALTIC HEAVY_GROUND 1.5",
            "EST SHARED BALTIC HEAVY_GROUND 0.25",
            "POL UMBRELLA SUWALKI HEAVY_GROUND 0.25",
        ),
        "exposure": rows("theater_id hazard_factor", "BALTIC 1.5", "SUWALKI 0.8"),
        "exposure_limits": rows(
            "year maximum_exposure_points exposure_price_usd_m_per_point_yr", "2025 12 -", "2027 11 3"
        ),
        "billing": rows(
            "actor_id host_actor_id billed_today_usd_m_per_yr floor_usd_m_per_person_yr maximum_multiple_ratio"
            " allows_more_presence",
            "POL POL 60 0.01 1.1 -",
            "POL EST - 0.005 0.5 true",
            "EST EST 12 - - -",
        ),
        "handovers": rows("theater_id capability_id", "SUWALKI HEAVY_GROUND", "BALTIC HEAVY_GROUND"),
        "stability_limits": rows(
            "actor_id year maximum_moves_count move_price_usd_m_per_unit",
            "USA 2025 20 0.5",
            "USA 2027 15 -",
            "POL 2027 - 1",
        ),
        "programmed_forces": rows(
            "actor_id unit_type_id year programmed_count",
            "USA BATTALION 2027 2",
            "USA BRIGADE 2026 11",
            "EST BATTALION 2026 5",
            "EST BATTALION 2028 6.5",
        ),
        "presence_paths": rows(
            "actor_id site_group_id year minimum_persons",
            "USA BALTIC_STATES 2027 700",
            "POL EST_TAPA 2026 100",
        ),
        "presence_weights": rows("site_id theater_id weight_fraction", "POL_POWIDZ SUWALKI 0.5"),
    }


def _origins() -> dict[str, Rows]:
    return {
        "money_conversions": rows("currency year base_year_usd money_base_year", "EUR 2024 1.08 2025"),
        "sources": [
            {
                "table_name": "actor_unit_types",
                "row_key": "*",
                "column_name": "own_cost_usd_m_per_unit_yr",
                "source": "Assumed for this example.",
                "verified": "false",
                "spread_fraction": 0.2,
            },
            {
                "table_name": "actor_unit_types",
                "row_key": "EST/BATTALION",
                "column_name": "own_cost_usd_m_per_unit_yr",
                "source": "Assumed for this example, in euros.",
                "verified": "true",
                "low": 140,
                "high": 190,
                "original_value": 150,
                "original_currency": "EUR",
                "original_year": 2024,
            },
        ],
    }

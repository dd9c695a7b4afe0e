"""Small random problems that use all tables together, each given by its seed.

Most needs have an interest, ceilings leave room for today's posture, and rules mostly have a penalty, so that nearly
every problem has a plan.
"""

from typing import Any

import numpy as np
from small_problem import Rows

from optimizer.tables.problem import Problem, problem_from_tables
from optimizer.tables.raw_cells import cells_from_rows

FIRST_YEAR = 2026
TODAY = FIRST_YEAR - 1
ALLIES = ["ALFA", "BETA", "CORA", "DANE"]
PHASES = [("D0", 0, "DETER"), ("D10", 10, "DETER"), ("D30", 30, "DETER"), ("D60", 60, "WIN")]
AREAS = {"HOMELAND": None, "EASTLAND": "EAST", "WESTLAND": "WEST", "MIDLAND": None}

Tables = dict[str, Rows]


def problem_of(tables: Tables) -> Problem:
    """The problem of rows."""
    return problem_from_tables({name: cells_from_rows(rows) for name, rows in tables.items() if rows})


def random_tables(seed: int) -> Tables:
    """The tables of a random problem, as rows of plain cells; the same for the same seed."""
    tables = _Draw(np.random.default_rng(seed)).tables()
    # Drawn apart, so that everything else of a seed stays what it was.
    random = np.random.default_rng([seed, 1])
    tables = with_periods(tables, random) if random.random() < 0.5 else tables
    random = np.random.default_rng([seed, 2])
    settings = {**tables["settings"][0], "need_factor": [0.8, 1.0][random.choice(2)]}
    return {**tables, "settings": [settings], "theater_years": theater_years(tables, random)}


def theater_years(tables: Tables, random: np.random.Generator) -> Rows:
    """What some theaters need more or less than their requirements say, and how little of it may be the lead's."""
    found: Rows = []
    for theater in tables["theaters"]:
        priced = {
            row["capability_id"] for row in tables["interests"] if row["theater_id"] == theater["theater_id"]
        }
        needed = {
            row["capability_id"]
            for row in tables["requirements"]
            if row["theater_id"] == theater["theater_id"]
        }
        if random.random() < 0.6:
            continue
        row = {"theater_id": theater["theater_id"], "year": FIRST_YEAR + int(random.integers(0, 2))}
        row["need_factor"] = [0.5, 0.9, 1.0][random.choice(3)]
        row["minimum_lead_factor"] = [0.0, 0.5, 1.0][random.choice(3)]
        # What allies cannot bring is only missing where it has a price.
        if needed <= priced and random.random() < 0.4:
            row["maximum_lead_fraction"] = [0.0, 0.5][random.choice(2)]
        found.append(row)
    return found


def with_periods(tables: Tables, random: np.random.Generator) -> Tables:
    """As many periods as there were years, each after the first of one to three years."""
    settings = tables["settings"][0]
    later = random.integers(1, 4, settings["year_count"] - 1).tolist()
    years = np.cumsum([FIRST_YEAR, *later]).tolist()
    return {
        **tables,
        "settings": [{**settings, "year_count": years[-1] - TODAY}],
        "periods": [{"year": year} for year in years],
    }


class _Draw:
    def __init__(self, random: np.random.Generator) -> None:
        self.random = random
        self.year_count = self.choose([1, 2, 3], [0.35, 0.35, 0.3])
        self.allies = ALLIES[: self.choose([1, 2, 3, 4], [0.1, 0.3, 0.3, 0.3])]
        self.actors = ["USA", *self.allies]
        self.theaters = ["EAST", "WEST"][: self.choose([1, 2])]
        self.phases = sorted(
            (PHASES[place] for place in self.some(range(len(PHASES)), 0.6)), key=lambda phase: phase[1]
        )
        self.types = ["BRIGADE", "SQUADRON"][: self.choose([1, 2])]
        self.capabilities = ["GROUND", "AIR"][: self.choose([1, 2])]
        self.classes = ["FAST", "SLOW"]

    def choose(self, options: Any, weights: Any = None) -> Any:
        return options[self.random.choice(len(options), p=weights)]

    def chance(self, probability: float) -> bool:
        return bool(self.random.random() < probability)

    def some(self, options: Any, probability: float) -> list[Any]:
        """Each option with a probability, and at least one."""
        chosen = [option for option in options if self.chance(probability)]
        return chosen or [self.choose(list(options))]

    def amount(self, low: float, high: float, step: float = 0.25) -> float:
        return float(np.round(self.random.uniform(low, high) / step) * step)

    def tables(self) -> Tables:
        tables: Tables = {}
        parts = (self.places, self.units, self.time, self.forces, self.needs, self.rules, self.money)
        extras = (self.dangers, self.bills, self.programs, self.facilities, self.reserves)
        for part in (*parts, *extras, self.conversions, self.support):
            tables.update(part(tables))
        return {
            name: [{key: cell for key, cell in row.items() if cell is not None} for row in rows]
            for name, rows in tables.items()
        }

    def places(self, _: Tables) -> Tables:
        areas = [
            {"staging_area_id": area, "theater_id": theater if theater in self.theaters else None}
            for area, theater in AREAS.items()
        ]
        homes = {"USA": "HOMELAND"}
        homes |= {ally: self.choose(["EASTLAND", "EASTLAND", "MIDLAND", "WESTLAND"]) for ally in self.allies}
        sites = []
        for number in range(self.choose([1, 2, 3])):
            sites.append(
                {
                    "site_id": f"SITE_{number}",
                    "host_actor_id": self.choose(self.allies),
                    "staging_area_id": self.choose(["EASTLAND", "EASTLAND", "MIDLAND", "WESTLAND"]),
                    "capacity_persons": self.choose([None, 12000, 20000]),
                    "accepts_air": self.choose([None, "false"], [0.8, 0.2]),
                }
            )
        access = []
        for site in sites:
            users = {"USA"} | {ally for ally in self.allies if self.chance(0.35)}
            for actor in [actor for actor in self.actors if actor in users]:
                opens = self.chance(0.4)
                access.append(
                    {
                        "site_id": site["site_id"],
                        "actor_id": actor,
                        "limit_persons": self.choose([9000, 16000]) if opens or self.chance(0.5) else None,
                        "open_cost_usd_m_per_yr": self.amount(0, 100, 5) if opens else None,
                        "opening_cost_usd_m": self.amount(0, 60, 5) if opens else None,
                        "closing_cost_usd_m": self.amount(0, 30, 5) if opens else None,
                        "stationing_cost_usd_m_per_person_yr": self.amount(0, 0.04, 0.005),
                        "housing_cost_usd_m_per_person_yr": self.choose([None, 0.004]),
                        "housing_build_cost_usd_m_per_person": self.choose([None, 0.1]),
                        "housing_life_yr": self.choose([None, 2, 20]),
                        "minimum_garrison_persons": 500 if opens and self.chance(0.3) else None,
                    }
                )
        return {
            "settings": [
                {
                    "lead_actor_id": "USA",
                    "money_base_year": 2025,
                    "first_year": FIRST_YEAR,
                    "year_count": self.year_count,
                    "discount_rate_fraction": self.choose([0, 0.05]),
                    "break_even_ratio": self.choose([None, 1.2, 2.1]),
                    "win_ratio": self.choose([None, 1.25]),
                    "shortfall_measure": self.choose([None, None, "EXPECTED", "CVAR"]),
                    "tail_level_fraction": self.choose([None, 0, 0.5]),
                }
            ],
            "actors": [
                {
                    "actor_id": actor,
                    "home_staging_area_id": homes[actor] if self.chance(0.9) else None,
                    "quality_factor": self.choose([None, None, 0.8]),
                }
                for actor in self.actors
            ],
            "theaters": [{"theater_id": theater} for theater in self.theaters],
            "staging_areas": areas,
            "sites": sites,
            "site_access": access,
            "site_groups": [{"site_group_id": "GROUP"}],
            "site_group_members": [
                {"site_group_id": "GROUP", "member_id": member}
                for member in self.some([site["site_id"] for site in sites], 0.6)
            ],
        }

    def units(self, _: Tables) -> Tables:
        people = {"BRIGADE": 4000, "SQUADRON": 500}
        modes = []
        for unit_type in self.types:
            for mode in self.some(["PERMANENT", "ROTATIONAL", "PREPOSITIONED"], 0.6):
                modes.append(
                    {
                        "unit_type_id": unit_type,
                        "mode": mode,
                        "personnel_persons": 150
                        if mode == "PREPOSITIONED"
                        else self.choose([None, None, 450]),
                        "rotation_ratio": 3 if mode == "ROTATIONAL" and self.chance(0.3) else None,
                        "mode_cost_usd_m_per_unit_yr": self.choose([None, 20]),
                    }
                )
        points = []
        for unit_type in self.types:
            for capability in self.some(self.capabilities, 0.6):
                points.append(
                    {
                        "unit_type_id": unit_type,
                        "capability_id": capability,
                        "capability_points": self.choose([0.5, 1, 2]),
                    }
                )
        return {
            "unit_types": [
                {
                    "unit_type_id": unit_type,
                    "domain": {"BRIGADE": "LAND", "SQUADRON": "AIR"}[unit_type],
                    "personnel_persons": people[unit_type],
                    "is_counted": self.choose([None, "true"]),
                }
                for unit_type in self.types
            ],
            "unit_type_modes": modes,
            "unit_type_theaters": [
                {"unit_type_id": unit_type, "theater_id": theater, "theater_factor": self.choose([0.5, 0.9])}
                for unit_type in self.types
                for theater in self.theaters
                if self.chance(0.25)
            ],
            "capabilities": [{"capability_id": capability} for capability in self.capabilities],
            "unit_capabilities": points,
        }

    def time(self, tables: Tables) -> Tables:
        notice: Rows = []
        ready: Rows = []
        for readiness_class in self.classes:
            alike = self.chance(0.5)
            for mode in ("PERMANENT", "ROTATIONAL", "PREPOSITIONED", "HOME"):
                days = self.choose([0, 0, 5] if readiness_class == "FAST" else [0, 5, 12])
                if not (alike and mode == "ROTATIONAL"):
                    falls = self.chance(0.15)
                    parts = sorted((self.choose([0, 0.5, 0.9, 1, 1]) for _ in self.phases), reverse=falls)
                else:
                    days = notice[-1]["notice_to_move_days"]
                notice.append(
                    {"readiness_class_id": readiness_class, "mode": mode, "notice_to_move_days": days}
                )
                for (phase, _, _), part in zip(self.phases, parts, strict=True):
                    row = {"readiness_class_id": readiness_class, "mode": mode, "phase_id": phase}
                    ready.append({**row, "ready_fraction": part})
        scenarios = ["ONE", "TWO"][: self.choose([1, 2])]
        contingencies = [
            {"scenario_id": scenario, "theater_id": theater}
            for scenario in scenarios
            for theater in self.some(self.theaters, 0.7)
        ]
        availability = [
            {
                "scenario_id": scenario,
                "actor_id": actor,
                "available_fraction": self.choose([None, 0.5, 0.8]) if actor != "USA" else None,
                "access_fraction": self.choose([None, None, 0, 0.5]),
            }
            for scenario in scenarios
            for actor in self.actors
            if self.chance(0.25)
        ]
        transit = [
            {
                "staging_area_id": area,
                "theater_id": theater,
                "unit_type_id": unit_type,
                "transit_days": self.choose([1, 8, 20]),
            }
            for area, inside in AREAS.items()
            for theater in self.theaters
            for unit_type in self.types
            if inside != theater and self.chance(0.7)
        ]
        pools = self.some(["SHIPS", "PLANES"], 0.4) if self.chance(0.5) else []
        lift = [
            {
                "lift_pool_id": pool,
                "scenario_id": scenario,
                "phase_id": phase[0],
                "capacity_points": self.choose([1, 2, 2, 4]),
            }
            for pool in pools
            for scenario in scenarios
            for phase in self.phases
            if self.chance(0.7)
        ]
        pools = [pool for pool in pools if any(row["lift_pool_id"] == pool for row in lift)]
        return {
            "phases": [{"phase_id": name, "days": days, "kind": kind} for name, days, kind in self.phases],
            "readiness_classes": notice,
            "readiness": [row for row in ready if self.chance(0.95)],
            "attrition": [
                {"unit_type_id": unit_type, "phase_id": name, "attrition_fraction": self.choose([0.1, 0.25])}
                for unit_type in self.types
                for name, _, kind in self.phases
                if kind == "DETER" and self.chance(0.3)
            ],
            "scenarios": [
                {"scenario_id": scenario, "weight_fraction": self.choose([None, 0.25, 0.75])}
                for scenario in scenarios
            ],
            "scenario_theaters": contingencies,
            "scenario_availability": availability,
            "transit_times": transit,
            "lift": lift,
            "lift_actors": [
                {"lift_pool_id": pool, "actor_id": actor}
                for pool in pools
                for actor in self.actors
                if actor == "USA" or self.chance(0.3)
            ],
            "lift_unit_types": [
                {"lift_pool_id": pool, "unit_type_id": unit_type, "lift_points": self.choose([0, 0.5, 1])}
                for pool in pools
                for unit_type in self.types
            ],
        }

    def forces(self, tables: Tables) -> Tables:
        forces, owned, stationed, orders = [], [], [], []
        modes = {(row["unit_type_id"], row["mode"]) for row in tables["unit_type_modes"]}
        for actor in self.actors:
            is_lead = actor == "USA"
            for unit_type in self.types if is_lead else self.some(self.types, 0.7):
                count = self.choose([0, 2, 4, 6])
                has_sets = is_lead and (unit_type, "PREPOSITIONED") in modes and self.chance(0.7)
                force = {"actor_id": actor, "unit_type_id": unit_type}
                forces.append(
                    {
                        **force,
                        "own_cost_usd_m_per_unit_yr": self.amount(500, 1500, 10) * (2 if is_lead else 1),
                        "raise_cost_usd_m_per_unit": self.choose([None, 300, 900]),
                        "disband_cost_usd_m_per_unit": self.choose([None, 20, 200]),
                        "lead_time_yr": self.choose([None, 1, 2]),
                        "life_yr": self.choose([None, 2, 10]),
                        "maximum_raised_count_per_yr": self.choose([None, 0, 2]),
                        "maximum_disbanded_count_per_yr": self.choose([None, None, 1]),
                        "maximum_owned_count": self.choose([8, 10]),
                        "reserved_count": self.choose([None, None, 1]) if count else None,
                        "effect_factor": self.choose([None, None, 1.1]),
                        "readiness_class_id": self.choose(self.classes, [0.7, 0.3]),
                        "set_purchase_cost_usd_m_per_set": self.choose([None, 100, 400])
                        if has_sets
                        else None,
                        "set_upkeep_cost_usd_m_per_set_yr": 10 if has_sets else None,
                        "set_lead_time_yr": self.choose([None, 1]),
                        "set_life_yr": self.choose([None, 4]),
                    }
                )
                sets = self.choose([0, 2]) if has_sets else 0
                if count or sets:
                    owned.append({**force, "owned_count": count, "sets_owned_count": sets})
                stationed += self.standing(tables, actor, unit_type, count, modes)
                if self.chance(0.25):
                    orders.append({**force, "year": FIRST_YEAR + self.choose([0, 1]), "arriving_count": 1})
        return {
            "actor_unit_types": forces,
            "owned_today": owned,
            "stationed_today": stationed,
            "on_order": orders,
        }

    def standing(self, tables: Tables, actor: str, unit_type: str, count: int, modes: Any) -> Rows:
        """One unit at the first site that the force may use, if one can be spared."""
        sites = {site["site_id"]: site for site in tables["sites"]}
        land = unit_type == "BRIGADE"
        usable = [
            row["site_id"]
            for row in tables["site_access"]
            if row["actor_id"] == actor and (land or sites[row["site_id"]]["accepts_air"] is None)
        ]
        mode = self.choose(["PERMANENT", "ROTATIONAL"])
        if not usable or count < 4 or (unit_type, mode) not in modes or not self.chance(0.7):
            return []
        place = {"site_id": usable[0], "mode": mode, "stationed_count": 1}
        return [{"actor_id": actor, "unit_type_id": unit_type, **place}]

    def needs(self, tables: Tables) -> Tables:
        requirements = []
        for pair in tables["scenario_theaters"]:
            for phase in self.some([phase[0] for phase in self.phases], 0.6):
                for capability in self.some(self.capabilities, 0.6):
                    need = {**pair, "phase_id": phase, "capability_id": capability}
                    for year in [FIRST_YEAR, FIRST_YEAR + 1][: self.choose([1, 2])]:
                        form = self.choose(["required_points", "required_points", "red_score_points"])
                        cap = self.choose([None, None, None, 0.6])
                        points = {form: self.amount(0, 8, 0.5), "maximum_lead_fraction": cap}
                        requirements.append({**need, "year": year, **points})
        return {
            "requirements": requirements,
            "interests": [
                {
                    "theater_id": theater,
                    "capability_id": capability,
                    "interest_usd_m_per_point_yr": self.choose([0, 800, 2000, 6000]),
                }
                for theater in self.theaters
                for capability in self.capabilities
                if self.chance(0.9) or not self.can_be_met(capability, tables)
            ],
        }

    def can_be_met(self, capability: str, tables: Tables) -> bool:
        return all(row["capability_id"] == capability for row in tables["unit_capabilities"])

    def rules(self, tables: Tables) -> Tables:
        groups = ["GROUP", *self.theaters, *self.allies, *[site["site_id"] for site in tables["sites"]]]
        limits, levers = [], []
        if self.chance(0.5):
            group, whose = self.choose(groups), self.choose(["FOREIGN", *self.actors])
            limit = {"site_group_id": group, "actor_id": whose}
            least = self.choose([None, 8500, 16000])
            pace = self.choose([None, 4000])
            if least is not None or pace is not None:
                limits = [
                    {
                        **limit,
                        "year": TODAY,
                        "maximum_persons": least,
                        "maximum_withdrawal_persons_per_yr": pace,
                    }
                ]
                if self.chance(0.5):
                    limits.append(
                        {**limit, "year": FIRST_YEAR + 1, "maximum_persons": self.choose([8500, 20000])}
                    )
                    if self.chance(0.7):
                        levers.append({"lever": "CEILING", "lever_key": group})
        garrisons, shares = [], []
        stands = {row["unit_type_id"] for row in tables["unit_type_modes"] if row["mode"] != "PREPOSITIONED"}
        hosts = [
            site
            for site in tables["sites"]
            if "BRIGADE" in stands or ("SQUADRON" in stands and site["accepts_air"] is None)
        ]
        for number in range(self.choose([0, 0, 1, 2]) if hosts else 0):
            garrison = {"garrison_id": f"GUARD_{number}"}
            site = self.choose(hosts)["site_id"]
            garrisons.append(
                {**garrison, "site_group_id": site, "required_persons": self.choose([400, 1000])}
            )
            is_freed = self.chance(0.5)
            shares.append(
                {**garrison, "actor_id": "USA", "today_fraction": 0 if is_freed else self.choose([0, 0.5])}
            )
            others = {row["actor_id"] for row in tables["site_access"] if row["site_id"] == site}
            shares += [
                {**garrison, "actor_id": ally} for ally in self.allies if ally in others and self.chance(0.5)
            ]
            if is_freed:
                levers.append(
                    {"lever": "GARRISON", "lever_key": garrison["garrison_id"], "first_year": FIRST_YEAR}
                )
        stable = self.chance(0.3)
        priced = self.chance(0.7)
        return {
            "handovers": [{"theater_id": self.choose(self.theaters), "capability_id": self.capabilities[0]}]
            if self.chance(0.15)
            else [],
            "stability_limits": [
                {
                    "actor_id": self.choose(self.actors),
                    "year": self.choose([TODAY, FIRST_YEAR]),
                    "maximum_moves_count": None if priced else self.choose([2, 4]),
                    "move_price_usd_m_per_unit": self.choose([20, 400]) if priced else None,
                }
            ]
            if stable
            else [],
            "site_group_limits": limits,
            "garrisons": garrisons,
            "garrison_actors": shares,
            "freed_levers": levers,
            "policy_rules": [
                *[self.rule(number, groups) for number in range(self.choose([0, 1, 2]))],
                *(self.either_or() if self.chance(0.25) else []),
            ],
        }

    def either_or(self) -> Rows:
        """An ally arms, or few American units are owned: one of the two."""
        ally = {"policy_rule_id": "ALLY_ARMS", "actor_id": self.allies[0], "sense": "AT_LEAST"}
        lead = {"policy_rule_id": "OR_FEWER", "actor_id": "USA", "sense": "AT_MOST"}
        both = {"sentence": "One of the two.", "quantity": "OWNED_COUNT"}
        return [
            {**both, **ally, "value": self.choose([1, 4]), "or_policy_rule_id": "OR_FEWER"},
            {**both, **lead, "value": self.choose([4, 9])},
        ]

    def rule(self, number: int, groups: list[str]) -> dict[str, Any]:
        quantity = self.choose(
            [
                "OWNED_COUNT",
                "STATIONED_COUNT",
                "STATIONED_PERSONS",
                "RAISED_COUNT",
                "DISBANDED_COUNT",
                "OWNED_POINTS",
            ]
        )
        sense = self.choose(["AT_MOST", "AT_LEAST", "EQUAL"])
        value = self.choose([2000, 6000]) if quantity == "STATIONED_PERSONS" else self.choose([0, 1, 4])
        return {
            "policy_rule_id": f"RULE_{number}",
            "sentence": "For no reason.",
            "quantity": quantity,
            "actor_id": self.choose([None, *self.actors]),
            "unit_type_id": self.choose([None, *self.types]),
            "site_group_id": self.choose([None, *groups]) if quantity.startswith("STATIONED") else None,
            "capability_id": self.choose(self.capabilities) if quantity == "OWNED_POINTS" else None,
            "first_year": self.choose([None, FIRST_YEAR + 1]) if self.year_count > 1 else None,
            "sense": sense,
            "value": value,
            "penalty_usd_m": (0.05 if quantity == "STATIONED_PERSONS" else self.choose([50, 700]))
            if sense != "AT_MOST" or value == 0 or self.chance(0.7)
            else None,
        }

    def money(self, tables: Tables) -> Tables:
        years = []
        for actor in self.allies:
            if self.chance(0.7):
                years.append(
                    {
                        "actor_id": actor,
                        "year": TODAY,
                        "gdp_usd_m": 1000000,
                        "spending_usd_m_per_yr": 30000,
                        "spending_ceiling_fraction": self.choose([None, 0.032, 0.034]),
                        "spending_ramp_fraction_per_yr": self.choose([None, 0.002, 0.003]),
                        "other_spending_growth_fraction": self.choose([None, 0.5]),
                    }
                )
                if self.chance(0.5):
                    years.append({"actor_id": actor, "year": FIRST_YEAR + 1, "gdp_usd_m": 1020000})
        if self.chance(0.3):
            years.append({"actor_id": "USA", "year": TODAY, "other_spending_usd_m_per_yr": 1000})
        return {"actor_years": years}

    def dangers(self, tables: Tables) -> Tables:
        """Nuclear cover and exposure, in some problems."""
        options, reductions, levers = [], [], []
        needed = sorted({(row["theater_id"], row["capability_id"]) for row in tables["requirements"]})
        for ally in self.allies if self.chance(0.4) else []:
            postures = ["UMBRELLA", *self.some(["INDEPENDENT", "SHARED", "NONE"], 0.5)]
            today = self.choose(postures)
            for posture in postures:
                choice = {"actor_id": ally, "nuclear_posture": posture}
                has_program = posture == "INDEPENDENT"
                options.append(
                    {
                        **choice,
                        "holds_today": posture == today,
                        "lead_cost_usd_m_per_yr": self.choose([None, 200]) if posture == "UMBRELLA" else None,
                        "own_cost_usd_m_per_yr": self.choose([None, 100]) if posture != "NONE" else None,
                        "program_cost_usd_m": self.choose([None, 200]) if has_program else None,
                        "lead_time_yr": self.choose([None, 1, 2]) if has_program else None,
                        "exposure_points": self.choose([None, 1, 2]) if posture == "UMBRELLA" else None,
                    }
                )
                if needed and posture != "NONE" and self.chance(0.6):
                    theater, capability = needed[self.random.integers(len(needed))]
                    place = {"theater_id": theater, "capability_id": capability}
                    reductions.append({**choice, **place, "reduction_points": self.choose([0.5, 1.5, 3])})
            if self.chance(0.6):
                freed = self.choose([None, FIRST_YEAR + 1])
                levers.append({"lever": "NUCLEAR", "lever_key": ally, "first_year": freed})
        limits = []
        if self.chance(0.4):
            limit = self.choose([None, 60, 90])
            price = self.choose([None, 1, 20])
            limits = [
                {
                    "year": TODAY,
                    "maximum_exposure_points": limit,
                    "exposure_price_usd_m_per_point_yr": price,
                }
            ]
        return {
            "nuclear_options": options,
            "nuclear_reductions": reductions,
            "exposure": [
                {"theater_id": theater, "hazard_factor": self.choose([0.5, 1, 2])}
                for theater in self.theaters
                if self.chance(0.3)
            ],
            "exposure_limits": limits,
            "freed_levers": tables["freed_levers"] + levers,
        }

    def bills(self, tables: Tables) -> Tables:
        """Some allies pay, some of them for another host, and a few bear no more than alone."""
        there = {
            site["host_actor_id"]
            for row in tables["stationed_today"]
            for site in tables["sites"]
            if row["actor_id"] == "USA" and row["site_id"] == site["site_id"]
        }
        rates = {
            site["host_actor_id"]: row["stationing_cost_usd_m_per_person_yr"]
            for site in tables["sites"]
            for row in tables["site_access"]
            if row["actor_id"] == "USA" and row["site_id"] == site["site_id"]
        }
        bills, levers = [], []
        for payer in self.allies:
            for host, rate in rates.items():
                if not self.chance(0.5 if payer == host else 0.15):
                    continue
                multiple = self.choose([None, 0.5, 1.5])
                reaches_floor = host in there and (multiple or 1) * rate > 0.004
                bills.append(
                    {
                        "actor_id": payer,
                        "host_actor_id": host,
                        "billed_today_usd_m_per_yr": self.choose([None, 5, 60]) if host in there else None,
                        "floor_usd_m_per_person_yr": 0.002 if reaches_floor else None,
                        "maximum_multiple_ratio": multiple,
                        "allows_more_presence": self.choose([None, "true"]),
                    }
                )
            if any(bill["actor_id"] == payer for bill in bills) and self.chance(0.6):
                year = self.choose([None, FIRST_YEAR + 1])
                levers.append({"lever": "BILLING", "lever_key": payer, "first_year": year})
        for actor in tables["actors"]:
            if actor["actor_id"] != "USA" and self.chance(0.15):
                actor["stand_alone_cost_usd_m"] = self.choose([30000, 60000])
        return {"billing": bills, "freed_levers": [*tables["freed_levers"], *levers]}

    def programs(self, tables: Tables) -> Tables:
        """What actors keep and where, what of it is freed, and the least part of the lead actor."""
        sites = [site["site_id"] for site in tables["sites"]]
        hosts = [site["host_actor_id"] for site in tables["sites"]]
        levers = []
        if self.chance(0.5):
            levers.append({"lever": "FORCES", "lever_key": self.choose(["USA", "USA", *self.types])})
        group = self.choose(["GROUP", *sites, *hosts])
        if self.chance(0.5):
            levers.append({"lever": "PRESENCE", "lever_key": group})
        for lever in levers:
            lever["first_year"] = self.choose([None, None, FIRST_YEAR + 1])
        owned = {(row["actor_id"], row["unit_type_id"]): row["owned_count"] for row in tables["owned_today"]}
        programs = []
        for force in tables["actor_unit_types"]:
            count = owned.get((force["actor_id"], force["unit_type_id"]), 0)
            at_will = force["maximum_raised_count_per_yr"] is None and force["lead_time_yr"] is None
            if self.chance(0.25):
                key = {name: force[name] for name in ("actor_id", "unit_type_id")}
                most = count + 1 if at_will else count
                year = self.choose([TODAY, FIRST_YEAR + 1])
                programs.append({**key, "year": year, "programmed_count": self.choose([0, most / 2, most])})
        standing = [row["site_id"] for row in tables["stationed_today"] if row["actor_id"] == "USA"]
        paths = []
        if standing and self.chance(0.6):
            path = {"actor_id": "USA", "site_group_id": self.choose(standing)}
            year = self.choose([TODAY, FIRST_YEAR + 1])
            paths = [{**path, "year": year, "minimum_persons": self.choose([0, 100])}]
        priced = {(row["theater_id"], row["capability_id"]) for row in tables["interests"]}
        for need in tables["requirements"]:
            if (need["theater_id"], need["capability_id"]) in priced and self.chance(0.15):
                need["minimum_lead_fraction"] = self.choose([0.1, 0.5])
        for actor in tables["actors"]:
            if self.chance(0.3):
                actor["homecoming_usd_m_per_person"] = self.choose([0.005, 0.1])
        return {
            "programmed_forces": programs,
            "presence_paths": paths,
            "freed_levers": [*tables["freed_levers"], *levers],
        }

    def facilities(self, tables: Tables) -> Tables:
        """What some types need at sites, which types some garrisons take, and of which types allies have parts.

        Sites have what stands there today needs, and those of garrisons have everything.
        """
        guarded = {row["site_group_id"] for row in tables["garrisons"]}
        needed, there = [], []
        for row in tables["unit_types"]:
            row["is_counted_for_lead_only"] = self.choose([None, None, "true"])
            if not self.chance(0.3):
                continue
            row["facility_id"] = f"{row['unit_type_id']}_BASE"
            needed.append({"facility_id": row["facility_id"]})
            for site in [site["site_id"] for site in tables["sites"]]:
                standing = sum(
                    unit["stationed_count"]
                    for unit in tables["stationed_today"]
                    if unit["site_id"] == site and unit["unit_type_id"] == row["unit_type_id"]
                )
                if standing or site in guarded or self.chance(0.6):
                    capacity = self.choose([None, 1, 2.5])
                    most = None if capacity is None else max(capacity, standing)
                    here = {"site_id": site, "facility_id": row["facility_id"]}
                    there.append({**here, "capacity_count": most})
        return {
            "facilities": needed,
            "site_facilities": there,
            "garrison_unit_types": self.garrison_types(tables),
        }

    def garrison_types(self, tables: Tables) -> Rows:
        """One kind of unit for some garrisons whose shares of today do not bind."""
        bound = {row["garrison_id"] for row in tables["garrison_actors"] if row.get("today_fraction")}
        stands = {row["unit_type_id"] for row in tables["unit_type_modes"] if row["mode"] != "PREPOSITIONED"}
        land_only = {site["site_id"] for site in tables["sites"] if site["accepts_air"] is not None}
        rows = []
        for garrison in tables["garrisons"]:
            types = [name for name in self.types if name in stands]
            if garrison["site_group_id"] in land_only:
                types = [name for name in types if name == "BRIGADE"]
            if garrison["garrison_id"] not in bound and self.chance(0.4):
                kind = self.choose(types)
                rows.append({"garrison_id": garrison["garrison_id"], "unit_type_id": kind})
        return rows

    def reserves(self, tables: Tables) -> Tables:
        """Some forces keep a unit, or a part, for a theater or for both."""
        owned = {(row["actor_id"], row["unit_type_id"]): row["owned_count"] for row in tables["owned_today"]}
        kept = []
        for row in tables["actor_unit_types"]:
            force = {"actor_id": row["actor_id"], "unit_type_id": row["unit_type_id"]}
            theaters = self.theaters[: int(owned.get(tuple(force.values()), 0)) // 2]
            if self.chance(0.4):
                kept += [
                    {**force, "theater_id": theater, "reserved_count": self.choose([0.5, 1])}
                    for theater in theaters
                    if self.chance(0.7)
                ]
        return {"theater_reserves": kept}

    def conversions(self, tables: Tables) -> Tables:
        """Some actors that own both kinds of units may turn one into the other, a few of them either way."""
        owners = [row["actor_id"] for row in tables["actor_unit_types"]]
        rows = [
            {
                "actor_id": actor,
                "from_unit_type_id": before,
                "to_unit_type_id": after,
                "conversion_cost_usd_m_per_unit": self.choose([0, 100, 400]),
                "lead_time_yr": self.choose([None, 1]),
                "maximum_converted_count_per_yr": self.choose([None, 0, 1, 2]),
                "life_yr": self.choose([None, 3, 10]),
            }
            for actor in self.actors
            if owners.count(actor) == 2
            for before, after in self.some([tuple(self.types), tuple(reversed(self.types))], 0.4)
            if self.chance(0.5)
        ]
        return {"conversions": rows}

    def support(self, tables: Tables) -> Tables:
        """One kind of unit supports the other, sometimes each the other; some actors share, others do not."""
        if len(self.types) == 1 or self.chance(0.5):
            return {}
        ways = [tuple(self.types), tuple(reversed(self.types))]
        rows: Rows = []
        for capability, (needing, giving) in zip(
            self.capabilities, self.random.permutation(ways), strict=False
        ):
            if rows and self.chance(0.6):
                break
            need, gift = (
                {"needed_points": self.choose([0.25, 0.5, 1])},
                {"provided_points": self.choose([0.5, 2])},
            )
            rows.append({"unit_type_id": str(needing), "capability_id": capability, **need})
            rows.append({"unit_type_id": str(giving), "capability_id": capability, **gift})
        groups = [self.choose([None, "ONES", "OTHERS"]) for _ in self.actors] if self.chance(0.6) else []
        return {
            "unit_support": rows,
            "support_sharing": [
                {"actor_id": actor, "support_group_id": group}
                for actor, group in zip(self.actors, groups, strict=False)
                if group is not None
            ],
        }

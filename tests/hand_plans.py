"""Plans made by hand, with the problem each answers and its objective."""

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from small_problem import rows

from optimizer.cases.read import read_case
from optimizer.plan.cost_views import cost_views
from optimizer.plan.ledger import ledger
from optimizer.tables.defaults import complete
from optimizer.tables.problem import Problem, problem_from_tables
from optimizer.tables.raw_cells import cells_from_rows
from optimizer.tables.schema import SOLUTION_TABLES


@dataclass(frozen=True)
class AnsweredProblem:
    """A problem and a plan for it."""

    problem: Problem
    tables: dict[str, pd.DataFrame]
    objective_usd_m: float
    is_relaxed: bool = False

    def changed(self, table: str, where: str, column: str, value: Any) -> "AnsweredProblem":
        """The same with other values in the plan's rows that the query ``where`` chooses."""
        frame = self.tables[table].copy()
        chosen = frame.query(where, engine="python").index
        assert len(chosen), f"{table} has no row where {where}"
        frame.loc[chosen, column] = value
        return replace(self, tables={**self.tables, table: frame})

    def with_table(self, table: str, frame: pd.DataFrame) -> "AnsweredProblem":
        """The same plan for a problem with another table."""
        typed = frame.astype(self.problem[table].dtypes.to_dict())
        return replace(self, problem=Problem({**self.problem.tables, table: typed}))

    def with_input(self, table: str, column: str, value: Any) -> "AnsweredProblem":
        """The same plan for a problem with another value in every row of a column."""
        return self.with_table(table, self.problem[table].assign(**{column: value}))

    @property
    def ledger(self) -> pd.DataFrame:
        """The ledger of the plan."""
        return ledger(complete(self.problem).problem, self.tables)


def in_full(problem: Problem, tables: dict[str, pd.DataFrame], objective_usd_m: float) -> AnsweredProblem:
    """A plan with the tables that follow from others, and empty ones for the rest."""
    together = {**{name: table.empty() for name, table in SOLUTION_TABLES.items()}, **tables}
    completed = complete(problem).problem
    together["ledger"] = ledger(completed, together)
    together["cost_views"] = cost_views(completed, together)
    result = {"order_number": 1, "objective": "LEAD_COST", "value": objective_usd_m, "unit": "M$"}
    together["objective_results"] = SOLUTION_TABLES["objective_results"].typed(pd.DataFrame([result]))
    return AnsweredProblem(problem, together, objective_usd_m)


def plan_frame(name: str, columns: str, *lines: str) -> pd.DataFrame:
    """A plan's table written as text; years "a-b" stand for a row in each; missing numbers are 0."""
    table = SOLUTION_TABLES[name]
    spread = []
    for row in rows(columns, *lines):
        if "year" not in row:
            spread.append(row)
            continue
        first, _, last = row["year"].partition("-")
        spread += [{**row, "year": year} for year in range(int(first), int(last or first) + 1)]
    frame = pd.DataFrame(spread).reindex(columns=list(table.by_name))
    for column in table.columns:
        if column.type == "number":
            frame[column.name] = frame[column.name].astype("float64").fillna(0.0)
        else:
            frame[column.name] = frame[column.name].astype(pd.api.types.pandas_dtype(column.pandas_type))
    return frame


def _problem(settings: dict[str, Any], **tables: list[dict[str, Any]]) -> Problem:
    return problem_from_tables(
        {name: cells_from_rows(table) for name, table in {"settings": [settings], **tables}.items()}
    )


def two_theaters() -> AnsweredProblem:
    """Allies that spend all they may, the lead actor the rest: 3 · 2600 + 1 · 2550 = 10,350 M$."""
    problem = read_case("hand_no_response")
    stands = ["USA B 3", "USA K 1", "EUR B 5", "ROK K 5"]
    places = [line.split() for line in stands]
    owned = {"USA": "4", "EUR": "5", "ROK": "5"}
    tables = {
        "owned_forces": plan_frame(
            "owned_forces",
            "actor_id unit_type_id year owned_count arrived_count raised_count",
            *[f"{actor} BRIGADE 2025 0 0 0" for actor in owned],
            *[f"{actor} BRIGADE 2026 {count} {count} {count}" for actor, count in owned.items()],
        ),
        "stationed_forces": plan_frame(
            "stationed_forces",
            "actor_id unit_type_id site_id mode year stationed_count stationed_persons",
            *[f"{a} BRIGADE {k}_SITE PERMANENT 2026 {n} {4000 * int(n)}" for a, k, n in places],
        ),
        "site_uses": plan_frame(
            "site_uses",
            "actor_id site_id year stationed_persons housing_persons housing_built_persons",
            *[f"{a} {k}_SITE 2026 {4000 * int(n)} {4000 * int(n)} {4000 * int(n)}" for a, k, n in places],
        ),
        "deployments": plan_frame(
            "deployments",
            "actor_id unit_type_id source_id theater_id scenario_id phase_id year deployed_count",
            *[f"{a} BRIGADE {k}_AREA {k} BK D30 2026 {n}" for a, k, n in places],
        ),
        "requirement_results": plan_frame(
            "requirement_results",
            "theater_id scenario_id phase_id capability_id year required_points lead_points allied_points",
            "B BK D30 GROUND 2026 7 3 4",
            "K BK D30 GROUND 2026 6 1 5",
        ),
        "spending_results": plan_frame(
            "spending_results",
            "actor_id year spending_usd_m spending_fraction ceiling_fraction",
            "USA 2026 10350 0 0",
            "EUR 2026 5000 0.02 0.02",
            "ROK 2026 4000 0.02 0.02",
        ),
        "force_changes": plan_frame(
            "force_changes",
            "actor_id unit_type_id sent_abroad_persons raised_persons",
            "USA BRIGADE 16000 16000",
            "EUR BRIGADE 0 20000",
            "ROK BRIGADE 0 20000",
        ),
    }
    return in_full(problem, tables, 10350.0)


def one_base() -> AnsweredProblem:
    """Three years of one base abroad: orders, sets, rotation, lift, losses, shortfalls, salvage."""
    return in_full(_one_base_problem(), _one_base_plan(), 1648.1 + 1316.1 / 1.05 + 1007.1 / 1.05**2)


def _one_base_problem() -> Problem:
    readiness = [f"HIGH PERMANENT {phase} 1" for phase in ("D0", "D30", "W60")]
    readiness += [f"HIGH ROTATIONAL {phase} 0.8" for phase in ("D0", "D30", "W60")]
    readiness += [f"HIGH PREPOSITIONED {phase} 1" for phase in ("D30", "W60")]
    readiness += ["HIGH HOME D30 0.6", "HIGH HOME W60 1"]
    return _problem(
        {
            "lead_actor_id": "USA",
            "money_base_year": 2025,
            "first_year": 2026,
            "year_count": 3,
            "discount_rate_fraction": 0.05,
        },
        actors=rows("actor_id home_staging_area_id quality_factor", "USA AMERICA -", "POL MASURIA 0.8"),
        actor_years=rows(
            "actor_id year gdp_usd_m spending_usd_m_per_yr spending_ceiling_fraction"
            " spending_ramp_fraction_per_yr",
            "POL 2025 10000 400 0.05 0.001",
        ),
        theaters=rows("theater_id", "BALTIC", "KOREA"),
        staging_areas=rows("staging_area_id theater_id", "AMERICA -", "MASURIA BALTIC"),
        sites=rows(
            "site_id host_actor_id staging_area_id capacity_persons accepts_air",
            "BASE POL MASURIA 6000 false",
        ),
        site_access=rows(
            "site_id actor_id limit_persons open_cost_usd_m_per_yr opening_cost_usd_m closing_cost_usd_m"
            " stationing_cost_usd_m_per_person_yr housing_cost_usd_m_per_person_yr"
            " housing_build_cost_usd_m_per_person housing_life_yr minimum_garrison_persons",
            "BASE USA 5000 10 20 5 0.02 0.001 0.1 10 500",
        ),
        site_group_limits=rows(
            "site_group_id actor_id year maximum_persons maximum_withdrawal_persons_per_yr",
            "BALTIC FOREIGN 2025 3000 400",
            "BALTIC FOREIGN 2027 1000 -",
        ),
        unit_types=rows("unit_type_id domain personnel_persons is_counted", "BRIGADE LAND 1000 true"),
        unit_type_modes=rows(
            "unit_type_id mode personnel_persons mode_cost_usd_m_per_unit_yr",
            "BRIGADE PERMANENT - -",
            "BRIGADE ROTATIONAL - 10",
            "BRIGADE PREPOSITIONED 100 -",
        ),
        actor_unit_types=rows(
            "actor_id unit_type_id own_cost_usd_m_per_unit_yr raise_cost_usd_m_per_unit"
            " disband_cost_usd_m_per_unit lead_time_yr life_yr maximum_raised_count_per_yr"
            " maximum_disbanded_count_per_yr maximum_owned_count reserved_count readiness_class_id"
            " set_purchase_cost_usd_m_per_set set_upkeep_cost_usd_m_per_set_yr set_life_yr",
            "USA BRIGADE 100 60 5 1 3 1 1 7 1 HIGH 40 2 4",
            "POL BRIGADE 50 - - - - - - - - HIGH - - -",
        ),
        capabilities=rows("capability_id", "GROUND"),
        unit_capabilities=rows("unit_type_id capability_id capability_points", "BRIGADE GROUND 1"),
        phases=rows("phase_id days kind", "D0 0 DETER", "D30 30 DETER", "W60 60 WIN"),
        readiness_classes=rows(
            "readiness_class_id mode notice_to_move_days",
            "HIGH PERMANENT 0",
            "HIGH ROTATIONAL 0",
            "HIGH PREPOSITIONED 5",
            "HIGH HOME 5",
        ),
        readiness=rows("readiness_class_id mode phase_id ready_fraction", *readiness),
        attrition=rows("unit_type_id phase_id attrition_fraction", "BRIGADE D30 0.1"),
        scenarios=rows("scenario_id", "WAR"),
        scenario_theaters=rows("scenario_id theater_id", "WAR BALTIC"),
        scenario_availability=rows("scenario_id actor_id access_fraction", "WAR POL 0.9"),
        transit_times=rows(
            "staging_area_id theater_id unit_type_id transit_days", "AMERICA BALTIC BRIGADE 20"
        ),
        lift=rows("lift_pool_id scenario_id phase_id capacity_points", "SEA WAR D30 2", "SEA WAR W60 3"),
        lift_actors=rows("lift_pool_id actor_id", "SEA USA"),
        lift_unit_types=rows("lift_pool_id unit_type_id lift_points", "SEA BRIGADE 1"),
        owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 6", "POL BRIGADE 2"),
        stationed_today=rows(
            "actor_id unit_type_id site_id mode stationed_count", "USA BRIGADE BASE PERMANENT 1"
        ),
        requirements=rows(
            "theater_id scenario_id phase_id capability_id year required_points red_score_points"
            " maximum_lead_fraction",
            "BALTIC WAR D0 GROUND 2025 0.5 - -",
            "BALTIC WAR D30 GROUND 2026 - 7.5 0.75",
            "BALTIC WAR W60 GROUND 2026 - 4 -",
        ),
        interests=rows("theater_id capability_id interest_usd_m_per_point_yr", "BALTIC GROUND 1000"),
        garrisons=rows(
            "garrison_id site_group_id required_persons capability_id required_points",
            "GUARD BASE 800 GROUND 0.5",
        ),
        garrison_actors=rows("garrison_id actor_id today_fraction", "GUARD USA 1"),
        policy_rules=[
            {
                **rows(
                    "policy_rule_id quantity actor_id sense value penalty_usd_m",
                    "SEVEN OWNED_COUNT USA AT_LEAST 7 3",
                )[0],
                "sentence": "Seven are wanted.",
            }
        ],
    )


def _one_base_plan() -> dict[str, pd.DataFrame]:
    deployed = [
        "USA BRIGADE MASURIA/POL/PERMANENT BALTIC WAR D0 2026-2028 0.9",
        "USA BRIGADE MASURIA/POL/PERMANENT BALTIC WAR D30 2026-2028 0.9",
        "USA BRIGADE MASURIA/POL/PERMANENT BALTIC WAR W60 2026-2028 0.9",
        "USA BRIGADE MASURIA/POL/ROTATIONAL BALTIC WAR D30 2027-2028 0.72",
        "USA BRIGADE MASURIA/POL/ROTATIONAL BALTIC WAR W60 2027-2028 0.72",
        "USA BRIGADE MASURIA/POL/SET BALTIC WAR D30 2026-2028 0.9",
        "USA BRIGADE MASURIA/POL/SET BALTIC WAR W60 2026-2028 0.9",
        "USA BRIGADE HOME BALTIC WAR D30 2026-2028 1.5",
        "USA BRIGADE HOME BALTIC WAR W60 2026-2027 3",
        "USA BRIGADE HOME BALTIC WAR W60 2028 2.4",
        "POL BRIGADE HOME BALTIC WAR D30 2026-2028 1",
        "POL BRIGADE HOME BALTIC WAR W60 2026-2028 2",
    ]
    return {
        "owned_forces": plan_frame(
            "owned_forces",
            "actor_id unit_type_id year owned_count home_count arrived_count raised_count disbanded_count"
            " sets_owned_count sets_bought_count",
            "USA BRIGADE 2025 6 5 0 0 0 0 0",
            "USA BRIGADE 2026 6 5 0 1 0 1 1",
            "USA BRIGADE 2027 7 5 1 0 0 1 0",
            "USA BRIGADE 2028 6 4 0 0 1 1 0",
            "POL BRIGADE 2025-2028 2 2 0 0 0 0 0",
        ),
        "stationed_forces": plan_frame(
            "stationed_forces",
            "actor_id unit_type_id site_id mode year stationed_count stationed_persons",
            "USA BRIGADE BASE PERMANENT 2025-2028 1 1000",
            "USA BRIGADE BASE ROTATIONAL 2027-2028 1 1000",
            "USA BRIGADE BASE PREPOSITIONED 2026-2028 1 100",
        ),
        "site_uses": plan_frame(
            "site_uses",
            "actor_id site_id year open_fraction stationed_persons housing_persons housing_built_persons",
            "USA BASE 2025 1 1000 1000 0",
            "USA BASE 2026 1 1100 1100 100",
            "USA BASE 2027 1 2100 2100 1000",
            "USA BASE 2028 1 2100 2100 0",
        ),
        "garrison_supplies": plan_frame(
            "garrison_supplies",
            "garrison_id actor_id unit_type_id site_id mode year garrisoned_persons",
            "GUARD USA BRIGADE BASE PERMANENT 2026-2028 800",
        ),
        "deployments": plan_frame(
            "deployments",
            "actor_id unit_type_id source_id theater_id scenario_id phase_id year deployed_count",
            *deployed,
        ),
        "requirement_results": plan_frame(
            "requirement_results",
            "theater_id scenario_id phase_id capability_id year required_points lead_points allied_points"
            " shortfall_points",
            "BALTIC WAR D0 GROUND 2026-2028 0.5 0.9 0 0",
            "BALTIC WAR D30 GROUND 2026 5 3.3 0.8 0.9",
            "BALTIC WAR D30 GROUND 2027-2028 5 3.75 0.8 0.45",
            "BALTIC WAR W60 GROUND 2026 4 4.47 1.52 0",
            "BALTIC WAR W60 GROUND 2027 4 5.118 1.52 0",
            "BALTIC WAR W60 GROUND 2028 4 4.518 1.52 0",
        ),
        "unmet_needs": plan_frame(
            "unmet_needs",
            "theater_id capability_id year unmet_points",
            "BALTIC GROUND 2026 0.9",
            "BALTIC GROUND 2027-2028 0.45",
        ),
        "spending_results": plan_frame(
            "spending_results",
            "actor_id year spending_usd_m other_spending_usd_m spending_fraction ceiling_fraction",
            "POL 2025-2028 400 300 0.04 0.05",
        ),
        "policy_rule_results": plan_frame(
            "policy_rule_results",
            "policy_rule_id year quantity value violation",
            "SEVEN 2026 6 7 1",
            "SEVEN 2027 7 7 0",
            "SEVEN 2028 6 7 1",
        ),
        "force_changes": plan_frame(
            "force_changes",
            "actor_id unit_type_id sent_abroad_persons disbanded_persons raised_persons",
            "USA BRIGADE 1000 1000 1000",
        ),
    }

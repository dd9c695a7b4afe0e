"""Whether allies spend no more than the lead actor's presence leaves them willing to."""

import numpy as np
import pandas as pd

from optimizer.audit.allied_spending import spending
from optimizer.audit.comparison import at_most, equal, said
from optimizer.audit.plan import Plan
from optimizer.audit.presence import greatest_presence, presence
from optimizer.audit.response_floors import floors, speeds

_ACTOR_YEAR = ["actor_id", "year"]
_ROW = "response_results: {actor_id} {year}: "


def allied_response(plan: Plan) -> list[str]:
    """Findings about targets; a row that is not there shows a target, a willingness and a floor of 0."""
    p = plan.problem
    figures = spending(plan)
    rows = _answers(plan, presence(plan)).merge(figures[[*_ACTOR_YEAR, "spending_usd_m"]], on=_ACTOR_YEAR)
    rows["most_target"] = _most_target(rows, plan.is_relaxed)
    shown = plan.shown("response_results")
    rows = rows.merge(shown, on=_ACTOR_YEAR, how="outer", indicator="where")
    unasked = rows[rows["where"] == "right_only"]
    rows = rows[rows["where"] != "right_only"].drop(columns="where")
    numbers = ["target_usd_m", "willingness_usd_m", "floor_usd_m"]
    rows[numbers] = rows[numbers].fillna(0.0)
    rows = rows.sort_values(_ACTOR_YEAR, ignore_index=True)
    published = figures[figures["year"] == p.today].set_index("actor_id")["spending_usd_m"]
    before = rows.groupby("actor_id")["willingness_usd_m"].shift()
    before = before.fillna(rows["actor_id"].map(published)).fillna(0.0)
    speed = speeds(plan, rows)
    rows["most_willing"] = (1 - speed) * before + speed * rows["target_usd_m"]
    floor = _ROW + "a floor of {floor_usd_m} shown but {least_usd_m} follows from the tables"
    target = _ROW + "a target of {target_usd_m} but {most_target} follows from presence"
    willing = _ROW + "willing to {willingness_usd_m} but at most {most_willing}"
    spent = _ROW + "{spending_usd_m} spent, above the {willingness_usd_m} it is willing to"
    return [
        *said(unasked, _ROW + "it answers nobody"),
        *equal(rows, "floor_usd_m", "least_usd_m", "usd_m", floor),
        *at_most(rows, "target_usd_m", "most_target", "usd_m", target),
        *at_most(rows, "willingness_usd_m", "most_willing", "usd_m", willing),
        *at_most(rows, "spending_usd_m", "willingness_usd_m", "usd_m", spent),
    ]


def _answers(plan: Plan, counted: pd.DataFrame) -> pd.DataFrame:
    """_ACTOR_YEAR, least_usd_m (the floor), answer_usd_m, and the bounds of the answer over all presence."""
    p = plan.problem
    today = counted[counted["year"] == p.today].set_index("theater_id")["presence_points"]
    rows = p["responses"].merge(counted[counted["year"] > p.today], on="theater_id")
    reference = rows["reference_presence_points"].fillna(rows["theater_id"].map(today))
    rate = rows["response_usd_m_per_point_yr"]
    most = rows["theater_id"].map(greatest_presence(plan))
    rows["less"] = rate * (rows["presence_points"] - reference)
    rows["most_less"] = (rate.clip(lower=0.0) * most).fillna(0.0) - rate * reference
    rows["least_less"] = (rate.clip(upper=0.0) * most).fillna(0.0) - rate * reference
    sums = rows.groupby(_ACTOR_YEAR)[["less", "most_less", "least_less"]].sum().reset_index()
    rows = sums.merge(floors(plan), on=_ACTOR_YEAR)
    spends = rows["reference_spending_usd_m_per_yr"]
    return rows.assign(
        answer_usd_m=spends - rows["less"],
        least_answer=spends - rows["most_less"],
        greatest_answer=spends - rows["least_less"],
    )


def _most_target(rows: pd.DataFrame, is_relaxed: bool) -> pd.Series:
    """The greatest target: the answer to presence, or the floor if that is more.

    In a relaxed plan the floor may hold in part, and the target be at most both
    answer + below · part and floor + above · (1 − part), with below and above how far the answer can be from the
    floor over all presence. Both meet at the part that lets the target be greatest.
    """
    answer, floor = rows["answer_usd_m"], rows["least_usd_m"]
    if not is_relaxed:
        return answer.clip(lower=floor)
    below = (floor - rows["least_answer"]).clip(lower=0.0)
    above = (rows["greatest_answer"] - floor).clip(lower=0.0)
    part = ((floor + above - answer) / (below + above)).clip(0.0, 1.0)
    both = np.minimum(answer + below * part, floor + above * (1 - part))
    return answer.where(below == 0, both)

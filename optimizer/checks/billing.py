"""Bills: who pays, and that troops are there to be paid for."""

from optimizer.checks.rows import row_findings
from optimizer.errors import Finding
from optimizer.tables.defaults import stationed_persons_today
from optimizer.tables.problem import Problem


def check(problem: Problem) -> list[Finding]:
    """Findings about bills; ``problem`` has its defaults."""
    bills = problem.rows("billing")
    lead = problem.settings["lead_actor_id"]
    hosts = {row["site_id"]: row["host_actor_id"] for row in problem.rows("sites")}
    sites = {row["site_id"] for row in problem.rows("site_access") if row["actor_id"] == lead}
    usable = {hosts[site] for site in sites}
    people = stationed_persons_today(problem.tables)
    occupied = {hosts[site] for site in sites if people.get((lead, site), 0.0) > 0}
    vacant = usable - occupied
    return [
        *row_findings(
            "BILL_UNCLEAR",
            "billing",
            [row for row in bills if row["actor_id"] == lead],
            "actor_id",
            f"{lead} cannot be billed for its own troops",
            "Name the ally that pays.",
        ),
        *row_findings(
            "BILL_UNCLEAR",
            "billing",
            [row for row in bills if row["host_actor_id"] not in usable],
            "host_actor_id",
            f"{lead} may use no site in {{host_actor_id}}, so there is nothing to bill",
            "Add site_access, or leave the row out.",
        ),
        *row_findings(
            "BILL_UNCLEAR",
            "billing",
            [row for row in bills if row["billed_today_usd_m_per_yr"] > 0 and row["host_actor_id"] in vacant],
            "billed_today_usd_m_per_yr",
            f"{{actor_id}} pays today for troops in {{host_actor_id}}, but {lead} has none of the modeled units there",
            "Add them to stationed_today, or empty billed_today_usd_m_per_yr.",
        ),
    ]

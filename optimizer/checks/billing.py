"""Bills: who pays, and that troops are there to be paid for."""

from optimizer.checks.rows import row_findings, without_row
from optimizer.errors import Finding
from optimizer.tables.defaults import stationed_persons_today
from optimizer.tables.problem import Problem

_HOST = "host_actor_id"


def check(problem: Problem) -> list[Finding]:
    """Findings about bills; ``problem`` has its defaults."""
    bills = problem["billing"]
    lead = problem.settings["lead_actor_id"]
    sites = problem["site_access"].merge(problem["sites"][["site_id", _HOST]], on="site_id")
    sites = sites[sites["actor_id"] == lead]
    siteless = without_row(bills, sites, [_HOST])
    people = stationed_persons_today(dict(problem.tables)).rename("persons").reset_index()
    here = people[(people["actor_id"] == lead) & (people["persons"] > 0)].merge(sites, on="site_id")
    paid = bills[(bills["billed_today_usd_m_per_yr"] > 0) & ~bills[_HOST].isin(siteless[_HOST])]
    return [
        *row_findings(
            "BILL_UNCLEAR",
            "billing",
            bills[bills["actor_id"] == lead],
            "actor_id",
            f"{lead} cannot be billed for its own troops",
            "Name the ally that pays.",
        ),
        *row_findings(
            "BILL_UNCLEAR",
            "billing",
            siteless,
            _HOST,
            f"{lead} may use no site in {{host_actor_id}}, so there is nothing to bill",
            "Add site_access, or leave the row out.",
        ),
        *row_findings(
            "BILL_UNCLEAR",
            "billing",
            without_row(paid, here, [_HOST]),
            "billed_today_usd_m_per_yr",
            f"{{actor_id}} pays today for troops in {{host_actor_id}}, but {lead} has none of the modeled units there",
            "Add them to stationed_today, or empty billed_today_usd_m_per_yr.",
        ),
    ]

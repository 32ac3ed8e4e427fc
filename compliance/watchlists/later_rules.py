"""What people recorded of later rules on dated switches, and the switches read with it."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from django.db import transaction
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.core.errors import Invalid
from compliance.core.permissions import Permission, check_permission
from compliance.watchlists.fingerprint import first_citation
from compliance.watchlists.models import LaterRule
from compliance.watchlists.switches import SWITCHES, Later, Reading, read

STATES = ("in_force", "stayed", "ended")


@transaction.atomic
def record(
    *, switch: str, state: str, begins: date, ends: date | None, citation: str, note: str, actor: User
) -> LaterRule:
    """Record a later rule by name, with its citation. Raises NotAllowed, Invalid."""
    check_permission(actor, Permission.LIST_LOAD)
    if switch not in SWITCHES:
        raise Invalid(f"There is no dated rule “{switch}”. Known: {', '.join(SWITCHES)}.")
    if state not in STATES:
        raise Invalid("Choose what the later rule does: in force, stayed or ended.")
    if not first_citation(citation):
        raise Invalid("Give the Federal Register citation of the later rule, like 90 FR 50857.")
    if ends and ends < begins:
        raise Invalid("The last day lies before the first. Correct one of the two.")
    rule = LaterRule.objects.create(
        switch=switch, state=state, begins=begins, ends=ends, citation=citation.strip()[:120], note=note.strip()[:1000],
        recorded_by=actor, recorded_at=timezone.now(),
    )  # fmt: skip
    data = {
        "switch": SWITCHES[switch].title, "state": rule.get_state_display().lower(), "begins": begins.isoformat(),
        "ends": ends.isoformat() if ends else "", "citation": rule.citation, "note": rule.note,
    }  # fmt: skip
    audit.record("lists.later_rule_recorded", subject=rule, actor=actor, data=data)
    return rule


def recorded() -> dict[str, list[Later]]:
    """What was recorded, by switch."""
    found: dict[str, list[Later]] = defaultdict(list)
    for rule in LaterRule.objects.select_related("recorded_by"):
        by = rule.recorded_by.audit_name
        found[rule.switch].append(Later(rule.begins, rule.ends, rule.state, rule.citation, rule.note, by))  # type: ignore[arg-type]
    return found


def readings(day: date) -> list[Reading]:
    """Every dated switch as it stands on a day."""
    later = recorded()
    return [read(switch, day, later.get(key, ())) for key, switch in SWITCHES.items()]

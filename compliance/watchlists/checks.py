"""A person asks for a source to be looked at now; a worker does it, and the source's page shows how far it is."""

from __future__ import annotations

from compliance.accounts.models import User
from compliance.core.errors import Invalid
from compliance.core.permissions import Permission, check_permission
from compliance.jobs.models import Job
from compliance.watchlists.schedule import KINDS, ask, is_fetched_here
from compliance.watchlists.sources import watched_source


def check_now(*, key: str, actor: User) -> Job:
    """Look at this source now; while such a job waits, that one is returned. Raises NotAllowed, Invalid."""
    check_permission(actor, Permission.LIST_LOAD)
    source = watched_source(key)
    if source is None:
        raise Invalid(f"There is no list source “{key}”.")
    if not is_fetched_here(source):
        raise Invalid(f"{source.title} has no address to fetch it from: load its file by hand.")
    return ask(source, requested_by=actor.audit_name)


def last_check(key: str) -> Job | None:
    """The last look at this source that was asked for, by a person or by the timetable."""
    return Job.objects.filter(kind__in=KINDS, key=key).order_by("-pk").first()

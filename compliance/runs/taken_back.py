"""Matches of a coming version that was held: its texts are no longer believed, so they are questions no more."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.jobs import services as jobs
from compliance.runs.models import Match, ScreeningRun, WithdrawnBecause
from compliance.runs.services import OPEN_CASES
from compliance.watchlists.models import ListVersion, VersionState

BATCH = 500


@jobs.sweeper
def withdraw_taken_back() -> int:
    """Withdraw the standing matches of held versions; released and activated again, they are found anew."""
    count = 0
    standing = Match.objects.standing().filter(revision__version__state=VersionState.HELD)
    for pk in standing.order_by().values_list("revision__version", flat=True).distinct()[:20]:
        count += withdraw_of(pk)
    return count


@transaction.atomic
def withdraw_of(version_id: int) -> int:
    """Withdraw the standing matches of one held version, in its last run's name, with one event."""
    version = ListVersion.objects.select_for_update().get(pk=version_id)
    run = ScreeningRun.objects.filter(version=version).order_by("-pk").first()
    if version.state != VersionState.HELD or run is None:
        return 0
    ids = list(Match.objects.standing().filter(revision__version=version).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        Match.objects.filter(pk__in=ids[start : start + BATCH]).update(
            withdrawn_at=timezone.now(), withdrawn_by=run, withdrawn_because=WithdrawnBecause.TAKEN_BACK
        )
    if ids:
        data = {"count": len(ids), "matches": ids}
        audit.record("run.matches_withdrawn", subject=run, actor=User.objects.system(), data=data, mentions=[version])
        jobs.enqueue(OPEN_CASES, key="matches")
    return len(ids)

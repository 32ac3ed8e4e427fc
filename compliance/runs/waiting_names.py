"""Supplementary names that wait for their screening, and the runs that screen them."""

from __future__ import annotations

from django.db import models

from compliance.runs.models import RunState, ScreeningRun, Trigger
from compliance.watchlists.models import EntryRevision, SupplementaryName


def names_due() -> models.QuerySet[SupplementaryName]:
    """Supplementary names that wait for their screening."""
    return SupplementaryName.objects.filter(withdrawn_at=None, screening=None)


def unfinished_names_run() -> ScreeningRun | None:
    """A run for names that a lost worker left, to be carried on before another one is made."""
    runs = ScreeningRun.objects.filter(trigger=Trigger.NAME_ADDED)
    return runs.exclude(state=RunState.FINISHED).order_by("pk").first()


def names_cursors() -> list[int]:
    """While names wait or are being screened, the last counterparty that was screened against them."""
    open_names = SupplementaryName.objects.filter(withdrawn_at=None).exclude(screening__run__state=RunState.FINISHED)
    return [cursor or 0 for cursor in open_names.values_list("screening__run__cursor", flat=True).distinct()]


def other_texts(run: ScreeningRun, name: SupplementaryName) -> bool:
    """Whether the entry has a watched text that this run did not screen against."""
    watched = EntryRevision.objects.watched().filter(entry=name.entry_id)
    return watched.exclude(pk__in=run.version_texts()).exists()

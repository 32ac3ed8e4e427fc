"""Impact preview: what a version that does not bind yet would touch, counted by screening, with nothing changed.

No match is stored, no case opened, no pending screening taken off, no event written: counting is reading. What is kept
is the count itself, with a cursor, so that a lost worker's count goes on where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from compliance.accounts.models import User
from compliance.core.errors import WrongState
from compliance.core.permissions import Permission, check_permission
from compliance.counterparties.models import Counterparty
from compliance.jobs import services as jobs
from compliance.jobs.models import JobState
from compliance.runs import engine, services
from compliance.runs.models import Preview
from compliance.watchlists import planning
from compliance.watchlists.models import DeltaOp, ListVersion, VersionState
from screening import Screening

PREVIEW = "runs.preview"
PREVIEWED = (VersionState.READY, VersionState.HELD, VersionState.PENDING)
PARTIES_KEPT = 5_000  # ids of touched counterparties; beyond that their cases and holds are a lower bound
SAMPLE = 20
AUTOMATIC_WITHIN = timedelta(days=7)


def can_preview(version: ListVersion) -> bool:
    """Whether the version does not bind yet but may: what binds was screened in earnest."""
    return version.state_now in PREVIEWED


def check_can_preview(version: ListVersion) -> None:
    """Raises WrongState for a version that is refused or binds."""
    if not can_preview(version):
        raise WrongState(
            f"{version} is {version.state_label.lower()}. What a change would touch is counted only while it is "
            "ready, held or coming."
        )


@transaction.atomic
def ask(version: ListVersion, actor: User) -> Preview:
    """Ask for the version's preview to be counted, from the start if there is one already.

    Raises NotAllowed, and WrongState for a version that is refused or binds.
    """
    check_permission(actor, Permission.LIST_LOAD)
    version = ListVersion.objects.select_for_update().get(pk=version.pk)
    check_can_preview(version)
    preview = Preview.objects.select_for_update().filter(version=version).first() or Preview(version=version)
    from_the_start(preview, planning.digest(version))
    preview.asked_by, preview.asked_at = actor.audit_name, timezone.now()
    preview.job = jobs.enqueue(
        PREVIEW, key=str(version.pk), payload={"version": version.pk}, requested_by=actor.audit_name
    )
    preview.save()
    return preview


def from_the_start(preview: Preview, digest: str) -> None:
    """Nothing is counted yet, and this is the delta to count."""
    preview.delta_digest, preview.finished_at = digest, None
    preview.entries = preview.counterparties = preview.cut_id = preview.cursor = preview.screened = 0
    preview.parties = preview.strong = preview.failed = 0
    preview.sample, preview.party_ids = [], []


# --- counting --------------------------------------------------------------------------------------------------------


class Displaced(Exception):
    """The preview was asked for anew, or its version binds or is gone: this count is wanted no more."""


def do(preview: Preview, context: jobs.JobContext) -> dict[str, Any]:
    """Count from the preview's cursor on, a batch a transaction. Done twice it counts nothing twice."""
    if preview.finished_at:
        return summary(preview)
    try:
        preview, entry_of = begin(preview, context)
        index = engine.index_of(entry_of).index if entry_of and preview.counterparties else None
        while index:
            rows = list(
                Counterparty.objects.filter(pk__gt=preview.cursor, pk__lte=preview.cut_id)
                .order_by("pk")
                .values_list(*services.FACTS)[: settings.SCREEN_BATCH]
            )
            if not rows:
                break
            preview = keep_batch(preview, count(rows, services.screen_rows(rows, index), entry_of), context)
            if connection.vendor == "sqlite":
                time.sleep(services.PAUSE_SECONDS)
        preview = finish(preview, context)
    except Displaced as gone:
        return {"note": str(gone)}
    return summary(preview)


def own(preview: Preview, context: jobs.JobContext) -> Preview:
    """The preview's row, locked, if it stands as this job left it. Raises LeaseLost, and Displaced."""
    context.progress()
    row = (
        Preview.objects.select_for_update(of=("self",))
        .select_related("version")
        .filter(pk=preview.pk, job=context.job, asked_at=preview.asked_at, cursor=preview.cursor)
        .first()
    )
    if row is None:
        raise Displaced(f"{preview} was asked for again")
    if not can_preview(row.version):
        raise Displaced(f"{row.version} is {row.version.state_label.lower()}, so nothing is left to preview")
    return row


@transaction.atomic
def begin(preview: Preview, context: jobs.JobContext) -> tuple[Preview, dict[int, int]]:
    """Fix what is counted, once: the cut of counterparties and the delta. Returns the entry of each new text too.

    A count that goes on after the version was planned again starts anew: one half of each would be no count.
    """
    version = ListVersion.objects.select_for_update().get(pk=preview.version_id)  # its plan holds still meanwhile
    row = own(preview, context)
    lines = version.deltas.filter(op__in=[DeltaOp.ADD, DeltaOp.MOD], revision__isnull=False)
    entry_of = dict(lines.values_list("revision_id", "entry_id"))
    digest = planning.digest(version)
    if digest != row.delta_digest:
        from_the_start(row, digest)
    if not row.cursor:
        row.entries = len(entry_of)
        row.cut_id = Counterparty.objects.aggregate(last=Max("pk"))["last"] or 0
        row.counterparties = Counterparty.objects.count()
    row.save()
    context.progress(done=row.screened, total=row.counterparties, note=f"{row}: counting")
    return row, entry_of


@dataclass(frozen=True)
class Touched:
    """One counterparty with its strongest possible match among the version's texts."""

    counterparty: int
    entry: int
    score: str  # three decimals
    band: str


@dataclass(frozen=True)
class Counted:
    """What one batch gave."""

    last_id: int
    taken: int
    touched: list[Touched]
    failed: int


def count(rows: Sequence[Sequence[Any]], results: Sequence[services.Result], entry_of: dict[int, int]) -> Counted:
    """A batch's results as counts; a counterparty counts once, however many texts it may match."""
    touched = []
    for row, result in zip(rows, results, strict=True):
        if isinstance(result, Screening) and result.matches:
            best = max(result.matches, key=lambda match: match.score)
            is_strong = any(match.band == "strong" for match in result.matches)
            entry = entry_of[int(best.entry_id)]
            touched.append(Touched(row[0], entry, f"{best.score:.3f}", "strong" if is_strong else best.band))
    failed = sum(1 for result in results if isinstance(result, str))
    return Counted(rows[-1][0], len(rows), touched, failed)


@transaction.atomic
def keep_batch(preview: Preview, counted: Counted, context: jobs.JobContext) -> Preview:
    """Add a batch to the count and move the cursor with it, under the job's lease."""
    row = own(preview, context)
    row.cursor = counted.last_id
    row.screened += counted.taken
    row.parties += len(counted.touched)
    row.strong += sum(1 for party in counted.touched if party.band == "strong")
    row.failed += counted.failed
    more = counted.touched[: max(SAMPLE - len(row.sample), 0)]
    row.sample += [[party.counterparty, party.entry, party.score, party.band] for party in more]
    row.party_ids += [party.counterparty for party in counted.touched][: PARTIES_KEPT - len(row.party_ids)]
    row.save()
    context.progress(done=row.screened, total=row.counterparties)
    return row


@transaction.atomic
def finish(preview: Preview, context: jobs.JobContext) -> Preview:
    row = own(preview, context)
    row.finished_at = timezone.now()
    row.save(update_fields=["finished_at"])
    context.progress(note=f"{row}: counted")
    return row


def summary(preview: Preview) -> dict[str, Any]:
    return {
        "version": preview.version_id, "counterparties": preview.counterparties, "entries": preview.entries,
        "touched": preview.parties, "failed": preview.failed,
    }  # fmt: skip


# --- how it stands ---------------------------------------------------------------------------------------------------


def state_of(preview: Preview) -> str:
    """waiting, running, interrupted (tried again by itself), failed (ask again) or done, by its job."""
    if preview.finished_at:
        return "done"
    if preview.job is None or preview.job.state in (JobState.FAILED, JobState.SUCCEEDED):
        return "failed"
    if preview.job.state == JobState.QUEUED:
        return "interrupted" if preview.job.attempts else "waiting"
    return "running"


def is_stale(preview: Preview, version: ListVersion) -> bool:
    """Whether the version was planned again since, so that this count is of another change."""
    return preview.delta_digest != planning.digest(version)


@jobs.sweeper
def ask_missing() -> None:
    """Versions that wait for a person are counted by themselves, so that the numbers are there when one looks."""
    if not settings.PREVIEW_AUTOMATIC:
        return
    waiting = ListVersion.objects.filter(
        state__in=[VersionState.READY, VersionState.HELD], preview=None,
        received_at__gt=timezone.now() - AUTOMATIC_WITHIN,
    )  # fmt: skip
    for version in waiting.order_by("-pk").defer("problems")[:20]:
        with suppress(WrongState):  # activated or refused between look and lock
            ask(version, User.objects.system())

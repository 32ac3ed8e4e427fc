"""Impact preview as shown: what was counted by screening, and what stands on it now in cases, holds and requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from compliance.accounts.models import User
from compliance.cases.models import Case, CaseMatch, Hold
from compliance.core.permissions import Permission
from compliance.counterparties.models import Counterparty
from compliance.licenses.models import LicenseParty, LicenseRequest, RequestState
from compliance.runs import previews
from compliance.runs.models import Preview
from compliance.watchlists.models import DeltaOp, Entry, ListVersion, VersionState
from compliance.watchlists.times import time_left

OPEN_REQUESTS = (RequestState.DRAFT, RequestState.SUBMITTED, RequestState.RETURNED)
BARS = {"waiting": "running", "failed": "failed", "interrupted": "interrupted", "done": "done"}


@dataclass(frozen=True)
class ImpactPreview:
    """What a version that does not bind yet would touch.

    parties, strong, failed: counterparties, as counted by screening up to now; `percent` of them are taken. The rest
    is read at this moment: open_cases, holds and license_requests of touched counterparties, or that rest on an entry
    which the version revises or removes. is_partial: more parties are touched than are kept by name, so that the
    latter numbers are a lower bound. is_stale: the version was planned again after the count.
    state: not_asked, waiting, running, interrupted, failed or done.
    """

    state: str
    parties: int
    strong: int
    open_cases: int
    holds: int
    license_requests: int
    entries_removed_with_holds: int
    failed: int
    is_stale: bool
    is_partial: bool
    percent: int
    screened: int
    counterparties: int
    entries: int
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it is being counted, or will be without anybody's doing."""
        return self.state in ("waiting", "running", "interrupted")

    @property
    def bar(self) -> str:
        """State word of components/progress.html."""
        return BARS.get(self.state, "running")


@dataclass(frozen=True)
class SampleRow:
    """A touched counterparty with the listed party that it may be, as the version would print it."""

    counterparty: Counterparty
    entry: Entry
    name: str
    score: str
    band: str


@dataclass(frozen=True)
class PreviewCard:
    """The part of a version's page that shows the preview."""

    version: ListVersion
    impact: ImpactPreview
    sample: list[SampleRow]
    counted_ago: str
    is_coming: bool
    can_ask: bool


def preview_card(version: ListVersion, user: User) -> PreviewCard | None:
    """The card for a version that is ready, held or coming; None for any other."""
    if not previews.can_preview(version):
        return None
    preview = preview_of(version)
    impact = impact_of(version, preview)
    return PreviewCard(
        version=version,
        impact=impact,
        sample=sample_rows(version, preview) if preview and preview.finished_at else [],
        counted_ago=ago(impact.finished_at),
        is_coming=version.state_now == VersionState.PENDING,
        can_ask=user.has_permission(Permission.LIST_LOAD),
    )


def impact_preview(version: ListVersion) -> ImpactPreview:
    """The numbers for a version, in a number of queries that grows with nothing."""
    return impact_of(version, preview_of(version))


def preview_of(version: ListVersion) -> Preview | None:
    return Preview.objects.filter(version=version).select_related("job").first()


def impact_of(version: ListVersion, preview: Preview | None) -> ImpactPreview:
    preview_row = preview or Preview(version=version)
    parties: list[int] = preview_row.party_ids
    changed = version.deltas.filter(op__in=[DeltaOp.MOD, DeltaOp.DEL]).values("entry")
    removed = version.deltas.filter(op=DeltaOp.DEL).values("entry")
    holds = Hold.objects.standing().aggregate(
        touched=Count("pk", filter=Q(counterparty__in=parties) | Q(case_match__entry__in=changed)),
        removed=Count("case_match__entry", filter=Q(case_match__entry__in=removed), distinct=True),
    )
    return ImpactPreview(
        state=previews.state_of(preview) if preview else "not_asked",
        parties=preview_row.parties,
        strong=preview_row.strong,
        open_cases=open_cases(parties, changed).count(),
        holds=holds["touched"],
        license_requests=open_requests(parties, changed).count(),
        entries_removed_with_holds=holds["removed"],
        failed=preview_row.failed,
        is_stale=bool(preview and preview.finished_at and previews.is_stale(preview, version)),
        is_partial=preview_row.parties > len(parties),
        percent=percent_of(preview_row),
        screened=preview_row.screened,
        counterparties=preview_row.counterparties,
        entries=preview_row.entries,
        finished_at=preview_row.finished_at,
    )


def open_cases(parties: list[int], changed: Any) -> Any:
    """Undecided cases of these counterparties, or with a match on one of these entries."""
    on_entries = CaseMatch.objects.filter(entry__in=changed).values("case")
    return Case.objects.unfinished().filter(Q(counterparty__in=parties) | Q(pk__in=on_entries))


def open_requests(parties: list[int], changed: Any) -> Any:
    """License requests not ended on our side that come from, or name, these counterparties or rest on these entries."""
    naming = LicenseParty.objects.filter(counterparty__in=parties).values("request")
    return LicenseRequest.objects.filter(
        Q(case__counterparty__in=parties) | Q(case_match__entry__in=changed) | Q(pk__in=naming),
        state__in=OPEN_REQUESTS,
    )


def percent_of(preview: Preview) -> int:
    """Whole percent of the counterparties taken; 100 only once the count is finished."""
    if preview.finished_at:
        return 100
    return min(99, 100 * preview.screened // preview.counterparties) if preview.counterparties else 0


def sample_rows(version: ListVersion, preview: Preview) -> list[SampleRow]:
    """The counterparties kept by name, strongest first. One that the plan no longer has is left out."""
    parties = Counterparty.objects.in_bulk([row[0] for row in preview.sample])
    lines = version.deltas.filter(entry__in=[row[1] for row in preview.sample]).select_related("entry", "revision")
    texts = {line.entry_id: line for line in lines if line.revision}
    rows = [
        SampleRow(parties[party], texts[entry].entry, str(texts[entry].revision), score, band)
        for party, entry, score, band in preview.sample
        if party in parties and entry in texts
    ]
    return sorted(rows, key=lambda row: row.score, reverse=True)


def ago(moment: datetime | None) -> str:
    """How long ago, short: "2 min ago"; "" for no moment."""
    if moment is None:
        return ""
    now = timezone.now()
    return f"{time_left(now, moment)} ago" if (now - moment).total_seconds() >= 60 else "just now"

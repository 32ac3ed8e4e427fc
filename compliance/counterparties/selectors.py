"""What the counterparties pages show of the records alone; what later apps know of them stands in desk."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from django.db.models import Q

from compliance.accounts.models import User
from compliance.audit.export import safe_cell
from compliance.core.paging import Slice, slice_of, whole_number
from compliance.counterparties.models import Counterparty, ImportFile, Relation
from compliance.counterparties.services import IMPORT, REFUSALS_KEPT
from compliance.jobs.models import Job, JobState

PER_SLICE = 50
RECENT_IMPORTS = 5


@dataclass(frozen=True)
class Filters:
    """What a list of counterparties was narrowed to."""

    text: str = ""
    relation: str = ""
    country: str = ""

    @property
    def any(self) -> bool:
        return bool(self.text or self.relation or self.country)


def counterparty_slice(user: User, filters: Filters, after: str = "") -> Slice[Counterparty]:
    """Counterparties by name, from the one with the key `after` on. One or two queries, however many there are."""
    rows = Counterparty.objects.visible_to(user).defer("search_text").order_by("name", "pk")
    if filters.text:
        rows = rows.found_by(filters.text)
    if filters.relation in Relation.values:
        rows = rows.filter(relation=filters.relation)
    if filters.country:
        rows = rows.filter(country=filters.country.upper())
    key = whole_number(after)
    last = Counterparty.objects.filter(pk=key).values_list("name", "pk").first() if key else None
    if last:
        rows = rows.filter(Q(name__gt=last[0]) | Q(name=last[0], pk__gt=last[1]))
    return slice_of(rows, size=PER_SLICE, is_first=last is None, key=lambda row: row.pk)


@dataclass(frozen=True)
class ImportPage:
    """One import, with how far it is."""

    file: ImportFile
    job: Job | None
    more_refused: int

    @property
    def is_open(self) -> bool:
        return self.file.finished_at is None and not self.has_failed

    @property
    def has_failed(self) -> bool:
        return self.job is not None and self.job.state == JobState.FAILED

    @property
    def percent(self) -> int:
        if self.file.finished_at:
            return 100
        return min(99, 100 * self.file.cursor // self.file.rows_total) if self.file.rows_total else 0


def import_page(file: ImportFile) -> ImportPage:
    job = Job.objects.filter(kind=IMPORT, key=str(file.pk)).order_by("-pk").first()
    return ImportPage(file, job, max(0, file.refused - REFUSALS_KEPT))


def recent_imports() -> list[ImportFile]:
    return list(ImportFile.objects.select_related("loaded_by").defer("content_gz", "refusals")[:RECENT_IMPORTS])


def refused_csv(file: ImportFile) -> str:
    """The refused rows with line and cause, so that they can be mended; cells that look like formulas are escaped."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["line", "external_id", "cause"])
    for row in file.refusals:
        writer.writerow([row["line"], safe_cell(row.get("external_id", "")), safe_cell(row["cause"])])
    return out.getvalue()

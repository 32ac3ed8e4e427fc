"""The import job."""

from __future__ import annotations

from compliance.counterparties import services
from compliance.counterparties.models import ImportFile
from compliance.jobs import services as jobs


@jobs.handler(services.IMPORT)
def import_file(context: jobs.JobContext) -> dict[str, int]:
    """Import the rows of one received file."""
    return services.import_rows(ImportFile.objects.get(pk=context.payload["file"]), context)

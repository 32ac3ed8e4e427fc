"""List changes that were screened before reviews existed ask for none: a first start must not flood the queue."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def mark_reviewed(apps: Any, schema_editor: Any) -> None:
    runs = apps.get_model("runs", "ScreeningRun").objects.filter(trigger="list_change", state="finished", reviewed=None)
    reviewed = apps.get_model("cases", "ReviewedRun")
    reviewed.objects.bulk_create(
        [reviewed(run_id=pk, reviews=0, at=at) for pk, at in runs.values_list("pk", "finished_at")], batch_size=500
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_list_reviews")]

    operations = [migrations.RunPython(mark_reviewed, migrations.RunPython.noop)]

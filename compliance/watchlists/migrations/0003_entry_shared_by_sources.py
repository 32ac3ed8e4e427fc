"""An entry is no longer one source's: two sources that print the same list share it. Its texts know their source."""

from __future__ import annotations

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import OuterRef, Subquery


def fill_source(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Back: an entry belongs to the source that printed it first."""
    entries = apps.get_model("watchlists", "Entry").objects
    versions = apps.get_model("watchlists", "ListVersion").objects
    entries.update(source=Subquery(versions.filter(pk=OuterRef("first_version")).values("source")[:1]))


class Migration(migrations.Migration):
    dependencies = [("watchlists", "0002_sources_and_time")]

    operations = [
        migrations.RemoveIndex(model_name="entry", name="entry_by_list"),
        migrations.AlterField(
            model_name="entry",
            name="source",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="watchlists.listsource",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, fill_source),
        migrations.RemoveField(model_name="entry", name="source"),
        migrations.AddIndex(model_name="entry", index=models.Index(fields=["list_code"], name="entry_by_list_code")),
    ]

"""Create, change and import counterparties: history, pending screening and audit event in one transaction."""

from __future__ import annotations

import gzip
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.core.errors import Invalid, WrongState
from compliance.core.permissions import Permission, check_permission
from compliance.counterparties import importer
from compliance.counterparties.models import (
    EDITABLE,
    Counterparty,
    DueState,
    ImportFile,
    Relation,
    ScreeningDue,
    facts_digest,
    keyed_digest,
)
from compliance.counterparties.querysets import fold_search
from compliance.jobs import services as jobs

BATCH = 200  # rows a transaction: the web never waits long for the write lock
REFUSALS_KEPT = 1000
FAILED_ATTEMPTS = 5
IMPORT = "counterparties.import"
SCREEN_CHANGED = "runs.screen_changed"  # done by the runs app; named here because pending work is a row


def search_text(values: dict[str, Any]) -> str:
    """All that a search box may find a record by."""
    parts = [values["name"]]
    parts += [name["text"] for name in values["other_names"]]
    parts += [address["text"] for address in values["addresses"]]
    parts += [identifier["value"] for identifier in values["identifiers"]]
    return fold_search(" | ".join(parts))


def ask_for_screening(records: Sequence[Counterparty], *, new: bool) -> None:
    """Leave the pending row of each record, and one job that takes them all."""
    if not records:
        return
    now = timezone.now()
    ids = [record.pk for record in records]
    before = {due.counterparty_id: due for due in ScreeningDue.objects.filter(counterparty__in=ids)}
    rows = []
    for record in records:
        due = before.get(record.pk)
        screened = (not new and due is None) or (due is not None and due.screened_before)
        rows.append(
            ScreeningDue(counterparty_id=record.pk, revision=record.revision, screened_before=screened, since=now)
        )
    ScreeningDue.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["counterparty"],
        update_fields=["state", "revision", "screened_before", "attempts", "error", "since"],
    )  # fmt: skip
    jobs.enqueue(SCREEN_CHANGED, key="changed")


@transaction.atomic
def save(
    *, external_id: str, values: dict[str, Any], actor: User, seen: int | None = None
) -> tuple[Counterparty, str]:  # fmt: skip
    """Create or update one record by its external id; returns it and "created", "updated" or "unchanged".

    `seen` is what the person's form was drawn from (`edit_token`). Raises NotAllowed, Invalid for values that no
    good row of a file could hold, and WrongState if the record changed since.
    """
    check_permission(actor, Permission.COUNTERPARTY_EDIT)
    check_values(external_id, values)
    if seen is not None:
        current = Counterparty.objects.select_for_update(no_key=True).filter(external_id=external_id).first()
        if current is not None and edit_token(current) != seen:
            raise WrongState(
                f"{current} was changed by somebody else since you opened it. Open the record again to see how it "
                "reads now; what you wrote is still here."
            )
    outcome = store_rows([(external_id, values)], actor)[0]
    record = Counterparty.objects.get(external_id=external_id)
    before = record.history.order_by("-history_date", "-history_id")[1:2] if outcome == "updated" else []
    if outcome == "created":
        audit.record("counterparty.created", subject=record, actor=actor, data={"changes": public_facts(values)})
    elif outcome == "updated":
        old = before[0]
        fields = [name for name in EDITABLE if getattr(old, name) != values[name]]
        changes = {name: [public(name, getattr(old, name)), public(name, values[name])] for name in fields}
        data = {"fields": ", ".join(fields).replace("_", " "), "changes": changes}
        audit.record("counterparty.updated", subject=record, actor=actor, data=data)
    return record, outcome


def edit_token(record: Counterparty) -> int:
    """Which state of a record a form was drawn from."""
    return int(record.updated_at.timestamp() * 1_000_000)


def public(name: str, value: Any) -> Any:
    """A field as the trail carries it: of a document number its kind and a keyed digest, never the number."""
    if name != "identifiers":
        return value
    return [{"kind": item["kind"], "digest": keyed_digest(item["value"])} for item in value]


def public_facts(values: dict[str, Any]) -> dict[str, Any]:
    return {name: public(name, values[name]) for name in EDITABLE}


def store_rows(rows: Sequence[tuple[str, dict[str, Any]]], actor: User) -> list[str]:
    """Write rows by external id with their history, in the caller's transaction. At most BATCH of them.

    Returns "created", "updated" or "unchanged" for each row, in order. A field that screening reads makes a new
    revision and a pending screening; the others (relation) only a new history row.
    """
    now = timezone.now()
    ids = [external_id for external_id, _values in rows]
    known = {
        record.external_id: record
        for record in Counterparty.objects.select_for_update(no_key=True).filter(external_id__in=ids)
    }
    created: list[Counterparty] = []
    updated: list[Counterparty] = []
    to_screen: list[Counterparty] = []
    outcomes: list[str] = []
    for external_id, values in rows:
        record = known.get(external_id)
        if record is None:
            record = Counterparty(external_id=external_id, created_at=now, updated_at=now, **values)
            created.append(record)
            outcomes.append("created")
        elif all(getattr(record, name) == values[name] for name in EDITABLE):
            outcomes.append("unchanged")
            continue
        else:
            screened_facts_changed = record.digest != facts_digest(values)
            for name in EDITABLE:
                setattr(record, name, values[name])
            if screened_facts_changed:
                record.revision += 1
                to_screen.append(record)
            record.updated_at = now
            updated.append(record)
            outcomes.append("updated")
        record.search_text = search_text(values)
    if created:
        Counterparty._base_manager.bulk_create(created)
        Counterparty.history.bulk_history_create(created, default_user=actor)
        ask_for_screening(created, new=True)
    if updated:
        Counterparty._base_manager.bulk_update(updated, [*EDITABLE, "revision", "search_text", "updated_at"])
        Counterparty.history.bulk_history_create(updated, update=True, default_user=actor)
        ask_for_screening(to_screen, new=False)
    return outcomes


def receive_import(*, data: bytes, filename: str, actor: User) -> ImportFile:
    """Keep a counterparty file and ask for its import.

    Reading and packing it take no lock. Raises NotAllowed, and Invalid (keeping nothing) when the file can't be read
    at all.
    """
    check_permission(actor, Permission.COUNTERPARTY_EDIT)
    text = importer.text_of(data, filename)
    importer.check_header(text, filename)
    total = sum(1 for _row in importer.rows(text))
    file = ImportFile(
        filename=filename[:200], sha256=hashlib.sha256(data).hexdigest(), content_gz=gzip.compress(data, mtime=0),
        loaded_by=actor, received_at=timezone.now(), rows_total=total,
    )  # fmt: skip
    with transaction.atomic():
        file.save()
        jobs.enqueue(IMPORT, key=str(file.pk), payload={"file": file.pk}, requested_by=actor.audit_name)
    return file


def import_rows(file: ImportFile, context: jobs.JobContext) -> dict[str, int]:
    """Do a file's rows from its cursor on, a batch a transaction; killed at any moment it goes on without doubles."""
    text = importer.text_of(gzip.decompress(bytes(file.content_gz)), file.filename)
    batch: list[importer.Row] = []
    for number, row in enumerate(importer.rows(text)):
        if number < file.cursor:
            continue
        batch.append(row)
        if len(batch) == BATCH:
            import_batch(file, batch, context)
            batch = []
    if batch:
        import_batch(file, batch, context)
    if not file.finished_at:
        finish_import(file, context)
    return file.counts


@transaction.atomic
def import_batch(file: ImportFile, batch: list[importer.Row], context: jobs.JobContext) -> None:
    """Write one batch, its event and the cursor together, under the job's lease."""
    context.progress(done=file.cursor + len(batch), total=file.rows_total, note=f"rows of {file.filename}")
    good = [(row.external_id, row.values) for row in batch if row.values is not None]
    outcomes = store_rows(good, file.loaded_by)
    bad = [
        {"line": row.line, "cause": row.cause, "external_id": row.external_id} for row in batch if row.values is None
    ]
    created, updated = outcomes.count("created"), outcomes.count("updated")
    file.cursor += len(batch)
    file.created += created
    file.updated += updated
    file.unchanged += outcomes.count("unchanged")
    file.refused += len(bad)
    file.refusals = (file.refusals + bad)[:REFUSALS_KEPT]
    file.save(update_fields=["cursor", "created", "updated", "unchanged", "refused", "refusals"])
    if created or updated:
        data = {
            "file": file.filename, "first_line": batch[0].line, "last_line": batch[-1].line, "created": created,
            "updated": updated, "digest": keyed_digest([good, outcomes]),
        }  # fmt: skip
        audit.record("counterparties.batch_imported", subject=file, actor=file.loaded_by, data=data)


@transaction.atomic
def finish_import(file: ImportFile, context: jobs.JobContext) -> None:
    """Close the import with its counts."""
    context.progress(done=file.rows_total, total=file.rows_total)
    file.finished_at = timezone.now()
    file.save(update_fields=["finished_at"])
    data = {"file": file.filename, "sha256": file.sha256, **file.counts}
    audit.record("counterparties.imported", subject=file, actor=file.loaded_by, data=data)


def screened(records: Sequence[tuple[int, int]], *, failures: dict[int, str], not_screenable: set[int]) -> None:
    """Close the pending rows of (id, revision) pairs that were screened, in the caller's transaction.

    A record that changed meanwhile has a newer revision and stays due. Failures and records with nothing to match on
    keep their row, under their own state.
    """
    done: dict[int, list[int]] = defaultdict(list)
    for pk, revision in records:
        if pk not in failures and pk not in not_screenable:
            done[revision].append(pk)
    for revision, ids in done.items():  # the revision stands in the delete itself: a newer one may come meanwhile
        ScreeningDue.objects.filter(counterparty__in=ids, revision=revision).delete()
    for pk, revision in records:
        if pk in failures:
            upsert_due(pk, revision, DueState.FAILED, failures[pk])
        elif pk in not_screenable:
            upsert_due(pk, revision, DueState.NOT_SCREENABLE, "")


def upsert_due(pk: int, revision: int, state: str, error: str) -> None:
    """Say why a record has no valid screening; a newer revision's row is left alone."""
    row, made = ScreeningDue.objects.select_for_update().get_or_create(
        counterparty_id=pk,
        defaults={"revision": revision, "state": state, "error": error[:500], "since": timezone.now(),
                  "screened_before": True},
    )  # fmt: skip
    if not made and row.revision == revision:
        row.state, row.error, row.attempts, row.since = state, error[:500], row.attempts + 1, timezone.now()
        row.save(update_fields=["state", "error", "attempts", "since"])


def try_failed_again() -> int:
    """Make records whose screening failed due again after a pause, a few times; then a person must look."""
    pause = timezone.now() - timedelta(minutes=10)
    failed = ScreeningDue.objects.filter(state=DueState.FAILED, attempts__lt=FAILED_ATTEMPTS, since__lt=pause)
    return failed.update(state=DueState.DUE)


def check_values(external_id: str, values: dict[str, Any]) -> None:
    """Raises Invalid unless the values could have come from a good row of a file."""
    if not external_id.strip() or len(external_id) > importer.LIMITS["external_id"]:
        raise Invalid("Give the id that your own system has for this record, at most 64 letters.")
    if not values["name"].strip():
        raise Invalid("Give the counterparty's name.")
    if len(values["name"]) > importer.LIMITS["name"]:
        raise Invalid("The name has more than 400 letters. Put further names on lines of their own.")
    if "\x00" in external_id + search_text(values):
        raise Invalid("A NUL character stands in the text. Type the line again instead of pasting it.")
    if values["relation"] not in Relation.values:
        raise Invalid(f"The relation is one of {', '.join(Relation.values)}.")
    if values["country"] and values["country"] not in importer.COUNTRIES:
        raise Invalid(f"“{values['country']}” is not an ISO 3166 two-letter country code, such as CN.")

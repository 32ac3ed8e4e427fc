"""Supplementary names: what a listed party is called that the official list does not print.

They are screened, always shown and exported apart from the official text, and carry source, date and author.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.core.errors import Invalid, WrongState
from compliance.core.permissions import Permission, check_permission
from compliance.watchlists.fingerprint import fold_key
from compliance.watchlists.models import DeltaOp, Entry, ListVersion, NameKind, SupplementaryName

SHIPPED = Path(__file__).parent / "data" / "supplementary_names.csv"
LONGEST = 300


@transaction.atomic
def add(*, entry: Entry, text: str, kind: str, source: str, source_date: date, actor: User) -> SupplementaryName:
    """Attach a name to an entry; every counterparty is then screened against it. Raises NotAllowed, Invalid."""
    check_permission(actor, Permission.LIST_NAME)
    text, source = " ".join(text.split()), source.strip()
    if not any(sign.isalnum() for sign in text) or len(text) > LONGEST:
        raise Invalid(f"Give a name with at least one letter, up to {LONGEST} signs.")
    if kind not in NameKind.values:
        raise Invalid(f"Choose what kind of name it is: {', '.join(str(label) for label in NameKind.labels)}.")
    if not source:
        raise Invalid("Say where the name is from (a register, a contract, a website); it is kept with the name.")
    if source_date > timezone.localdate():
        raise Invalid("The date of the source lies ahead. Give the day on which the source was read or printed.")
    Entry.objects.select_for_update().get(pk=entry.pk)
    if entry.supplementary_names.filter(text=text, withdrawn_at=None).exists():
        raise Invalid(f"“{text}” is attached to {entry} already.")
    return attach(entry, text, kind, source[:500], source_date, actor)


def attach(entry: Entry, text: str, kind: str, source: str, source_date: date, actor: User) -> SupplementaryName:
    name = SupplementaryName.objects.create(
        entry=entry, text=text, kind=kind, source=source, source_date=source_date, added_by=actor,
        added_at=timezone.now(),
    )  # fmt: skip
    data = {
        "text": text, "kind": str(NameKind(kind).label), "source": name.source,
        "source_date": source_date.isoformat(),
    }  # fmt: skip
    audit.record("lists.name_added", subject=entry, actor=actor, data=data)
    return name


@transaction.atomic
def withdraw(*, name: SupplementaryName, reason: str, actor: User) -> SupplementaryName:
    """Take a name off its entry. Matches that rest on it stay until a person decides them."""
    check_permission(actor, Permission.LIST_NAME)
    name = SupplementaryName.objects.select_for_update().select_related("entry").get(pk=name.pk)
    if name.withdrawn_at:
        raise WrongState(f"“{name.text}” was taken off already.")
    if not reason.strip():
        raise Invalid("Say why the name is taken off; it is kept in the trail.")
    name.withdrawn_at, name.withdrawn_by, name.withdrawn_because = timezone.now(), actor, reason.strip()[:500]
    name.save()
    data = {"text": name.text, "reason": name.withdrawn_because}
    audit.record("lists.name_withdrawn", subject=name.entry, actor=actor, data=data)
    return name


def of_entries(entry_ids: Iterable[int] | None) -> dict[int, list[SupplementaryName]]:
    """The names attached to each of these entries now (None: to any), the oldest first."""
    rows = SupplementaryName.objects.filter(withdrawn_at=None)
    if entry_ids is not None:
        rows = rows.filter(entry__in=list(entry_ids))
    found: dict[int, list[SupplementaryName]] = defaultdict(list)
    for name in rows.order_by("pk"):
        found[name.entry_id].append(name)
    return found


@cache
def shipped() -> dict[tuple[str, str, str], list[dict[str, str]]]:
    """The table that comes with the product, by list, folded name of the entry and country."""
    found: dict[tuple[str, str, str], list[dict[str, str]]] = defaultdict(list)
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["list"], fold_key(row["entry"]), row["country"]].append(row)
    return found


def attach_shipped(version: ListVersion) -> int:
    """Attach the shipped names to the entries that this version adds; returns how many. Once taken off, they stay off.

    In the transaction that puts the version in force, so that its own run screens against them.
    """
    table = shipped()
    wanted: dict[int, list[dict[str, str]]] = {}
    lists = {code for code, _name, _country in table}
    lines = version.deltas.filter(op=DeltaOp.ADD, entry__list_code__in=lists).select_related("revision", "entry")
    entries: dict[int, Entry] = {}
    for line in lines.iterator(chunk_size=2000):
        if line.revision is None:
            continue
        for country in line.revision.listed.countries or ("",):
            rows = table.get((line.entry.list_code, fold_key(line.revision.name), country))
            if rows:
                wanted[line.entry_id], entries[line.entry_id] = rows, line.entry
    if not wanted:
        return 0
    there = set(SupplementaryName.objects.filter(entry__in=wanted).values_list("entry_id", "text"))
    system, count = User.objects.system(), 0
    for entry_id, rows in wanted.items():
        for row in rows:
            if (entry_id, row["text"]) not in there:
                day = date.fromisoformat(row["source_date"])
                attach(entries[entry_id], row["text"], row["kind"], row["source"], day, system)
                count += 1
    return count

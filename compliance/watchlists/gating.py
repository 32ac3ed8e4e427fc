"""The gate asked about a stored, planned version: what is in force before it, and what rules said."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Exists, OuterRef

from compliance.watchlists import gate, planning
from compliance.watchlists.models import DeltaOp, EntryRevision, ListDelta, ListVersion
from compliance.watchlists.parsers.base import ParsedList
from compliance.watchlists.sources import source_for_key

LAW = "It may be older than the rule: the rule is the law, the file a convenience."


def verdict(version: ListVersion, parsed: ParsedList, moment: datetime) -> tuple[list[str], list[str]]:
    """Why a planned version must wait for people, and what is only noted: bad rows, odd counts, a forgotten rule."""
    in_force = planning.found_by(version, moment)
    source = source_for_key(version.source.key)
    # A fetched file has every list of its source; one that is missing counts as empty, also at the first fetch.
    carried = source.lists if source and version.is_fetched and version.form == "whole" else ()
    counts = gate.Counts(
        before=dict(in_force.order_by().values_list("entry__list_code").annotate(Count("pk"))),
        after={**dict.fromkeys(carried, 0), **version.list_counts},
        added=moved(version, DeltaOp.ADD),
        removed=moved(version, DeltaOp.DEL),
    )
    found = gate.check(parsed, counts, is_fetched=version.is_fetched)
    reasons = list(found.reasons)
    if version.form == "whole":
        reasons += forgets_rules(version)
    return reasons, list(found.warnings)


def moved(version: ListVersion, op: str) -> dict[str, int]:
    """How many entries of each list the planned version adds or removes."""
    lines = version.deltas.filter(op=op).order_by()
    return dict(lines.values_list("entry__list_code").annotate(Count("pk")))


def forgets_rules(version: ListVersion) -> list[str]:
    """Where a whole file undoes what a rule did after the file before it: an addition, a revision, a removal."""
    added = version.deltas.filter(op=DeltaOp.DEL, before__version__form="change").count()
    of_old = EntryRevision.objects.filter(
        entry=OuterRef("entry"), fingerprint=OuterRef("revision__fingerprint"), version__source=version.source_id,
        known_from__isnull=False,
    )  # fmt: skip
    revised = version.deltas.filter(
        Exists(of_old.filter(ended_by=OuterRef("before__version"))), op=DeltaOp.MOD, before__version__form="change"
    ).count()
    by_rule = ListDelta.objects.filter(
        op=DeltaOp.DEL, entry=OuterRef("entry"), version=OuterRef("ended_by"), version__form="change"
    )
    removed = version.deltas.filter(Exists(of_old.filter(Exists(by_rule))), op=DeltaOp.ADD).count()
    return [
        f"The file {what}. {LAW}"
        for count, what in (
            (added, f"lacks {entries(added)} that a rule added"),
            (revised, f"has {entries(revised)} as they read before a rule revised them"),
            (removed, f"has {entries(removed)} that a rule removed"),
        )
        if count
    ]


def entries(count: int) -> str:
    return f"{count:,} {'entry' if count == 1 else 'entries'}"

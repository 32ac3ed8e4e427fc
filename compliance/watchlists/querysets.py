"""Filters on list versions and entry revisions, in our words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

if TYPE_CHECKING:
    from compliance.watchlists.models import EntryRevision, ListSource, ListVersion  # noqa: F401


class ListVersionQuerySet(models.QuerySet["ListVersion"]):
    """Versions by what they are worth at a moment."""

    def in_force(self, moment: datetime | None = None) -> ListVersionQuerySet:
        """Versions whose content binds at this moment: active, or coming with the instant passed."""
        moment = moment or timezone.now()
        return self.filter(Q(state="active") | Q(state="pending", effective_at__lte=moment))

    def watched(self) -> ListVersionQuerySet:
        """Versions that must have been screened: what is in force, what is coming, and what those stand on."""
        return self.filter(state__in=["pending", "active", "superseded"])

    def latest_of(self, source: ListSource) -> ListVersion | None:
        """The last version that was not refused, for telling an unchanged file."""
        return self.filter(source=source).exclude(state="refused").order_by("-pk").first()


class EntryRevisionQuerySet(models.QuerySet["EntryRevision"]):
    """Revisions by effective time and by what was known."""

    def in_force(self, moment: datetime | None = None) -> EntryRevisionQuerySet:
        """What binds at this moment, by what is known now."""
        moment = moment or timezone.now()
        return self.filter(
            Q(effective_to=None) | Q(effective_to__gt=moment),
            known_from__isnull=False,
            known_to=None,
            effective_from__lte=moment,
        )

    def in_force_as_known(self, moment: datetime, known_at: datetime) -> EntryRevisionQuerySet:
        """What was thought at `known_at` to bind at `moment`: the query behind every 'as of' page."""
        return self.filter(
            Q(effective_to=None) | Q(effective_to__gt=moment) | Q(end_known_from__gt=known_at),
            Q(known_to=None) | Q(known_to__gt=known_at),
            known_from__lte=known_at,
            effective_from__lte=moment,
        ).filter(
            # An end that was believed in then, and has been dropped since.
            ~Exists(
                apps.get_model("watchlists", "DroppedEnd").objects.filter(
                    revision=OuterRef("pk"), effective_to__lte=moment, known_from__lte=known_at, known_to__gt=known_at
                )
            )
        )

    def binds_from(self, entry_ids: Sequence[int]) -> dict[int, datetime]:
        """Since when (or from when) each entry still listed binds: the start of its unbroken chain of texts.

        A later text doesn't move that instant; an entry that left the list and came back binds since it came back.
        """
        since: dict[int, datetime] = {}
        ends: dict[int, datetime | None] = {}  # the furthest end of any source's text so far
        texts = self.filter(
            entry__in=entry_ids, known_from__isnull=False, known_to=None, effective_from__isnull=False
        ).order_by("effective_from", "pk")
        for entry_id, begins, until in texts.values_list("entry_id", "effective_from", "effective_to"):
            if begins and entry_id not in since:
                since[entry_id], ends[entry_id] = begins, until
                continue
            last = ends[entry_id]
            if begins and last is not None and begins > last:
                since[entry_id] = begins
            ends[entry_id] = None if last is None or until is None else max(last, until)
        now, never = timezone.now(), datetime.max.replace(tzinfo=UTC)
        return {entry_id: at for entry_id, at in since.items() if (ends[entry_id] or never) > now}

    def watched(self, moment: datetime | None = None) -> EntryRevisionQuerySet:
        """What must be screened against: in force at this moment, or known to come into force later."""
        moment = moment or timezone.now()
        return self.filter(Q(effective_to=None) | Q(effective_to__gt=moment), known_from__isnull=False, known_to=None)

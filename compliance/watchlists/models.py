"""Government lists in versions. An entry's text is stored once, as a revision; a version is a query over intervals.

Times: `effective_*` is when the law binds, `known_*` is when the product learned it. What is in force is computed
from the clock at every read, never from a flag that a job must flip in time.
"""

from __future__ import annotations

import gzip
from datetime import datetime

from django.db import models
from django.urls import reverse
from django.utils import timezone

from compliance.accounts.models import User
from compliance.watchlists.parsers.base import ListedEntry
from compliance.watchlists.querysets import EntryRevisionQuerySet, ListVersionQuerySet


class ListSource(models.Model):
    """Where files come from: one feed, which may hold several lists (the CSL holds 13)."""

    key = models.SlugField(unique=True)
    title = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.title


class RawFile(models.Model):
    """One file as it came, whole and unchanged (kept compressed)."""

    source = models.ForeignKey(ListSource, on_delete=models.PROTECT, related_name="raw_files")
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    content_gz = models.BinaryField()
    fetched_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.filename} ({self.sha256[:12]})"

    @property
    def content(self) -> bytes:
        """The bytes as received, before any compression of ours."""
        return gzip.decompress(bytes(self.content_gz))


class VersionState(models.TextChoices):
    """received → refused | held | ready → pending → active → superseded (watchlists/workflow.py)."""

    RECEIVED = "received", "Received"
    REFUSED = "refused", "Refused"
    HELD = "held", "Held"
    READY = "ready", "Ready"
    PENDING = "pending", "Coming"
    ACTIVE = "active", "Active"
    SUPERSEDED = "superseded", "Superseded"


class ListVersion(models.Model):
    """One load that is not equal to the one before: a whole file, or a change (a rule) on top of what is in force."""

    source = models.ForeignKey(ListSource, on_delete=models.PROTECT, related_name="versions")
    raw_file = models.OneToOneField(RawFile, on_delete=models.PROTECT, related_name="version")
    parser = models.CharField(max_length=20)
    form = models.CharField(max_length=10, choices=[("whole", "Whole list"), ("change", "Change")])
    state = models.CharField(max_length=12, choices=VersionState.choices, default=VersionState.RECEIVED)
    title = models.CharField(max_length=300)
    citation = models.CharField(max_length=120, blank=True)
    document_number = models.CharField(max_length=40, blank=True)
    announced_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    effective_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)
    planned_at = models.DateTimeField(null=True)  # when its intervals were last given; a run must be younger
    entries = models.PositiveIntegerField(default=0)
    list_counts = models.JSONField(default=dict)
    added = models.PositiveIntegerField(default=0)
    modified = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    problem_counts = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    loaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)

    objects = ListVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["source", "state", "effective_at"], name="list_version_by_state")]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=VersionState.values), name="list_version_state_known"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["pending", "active", "superseded"])
                | models.Q(effective_at__isnull=False, activated_at__isnull=False),
                name="list_version_active_has_times",
            ),
        ]

    def __str__(self) -> str:
        return f"list version {self.pk}: {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("lists:version", args=[self.pk])

    @property
    def problem_total(self) -> int:
        return sum(self.problem_counts.values())

    def state_at(self, moment: datetime | None = None) -> str:
        """The state by the clock: a coming version is active from the instant it binds, job or no job."""
        moment = moment or timezone.now()
        if self.state == VersionState.PENDING and self.effective_at and self.effective_at <= moment:
            return VersionState.ACTIVE
        return self.state

    @property
    def state_now(self) -> str:
        return self.state_at()

    @property
    def state_label(self) -> str:
        return str(VersionState(self.state_at()).label)


class Entry(models.Model):
    """The identity of one listed party on one list, across versions."""

    source = models.ForeignKey(ListSource, on_delete=models.PROTECT, related_name="entries")
    list_code = models.CharField(max_length=8)
    first_version = models.ForeignKey(ListVersion, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["source", "list_code"], name="entry_by_list")]

    def __str__(self) -> str:
        return f"{self.list_code}-{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("lists:entry", args=[self.pk])


class EntryRevision(models.Model):
    """An entry as it reads, over an interval of effective time; written once but for the end of its intervals.

    `known_from` empty: only proposed, by a version that waits. `known_to` set: no longer believed (a plan was
    redone). `effective_to` with `ended_by` and `end_known_from`: which version ended it and when we learned that.
    """

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="revisions")
    version = models.ForeignKey(ListVersion, on_delete=models.PROTECT, related_name="revisions")
    key = models.CharField(max_length=600)
    fingerprint = models.CharField(max_length=64)
    name = models.CharField(max_length=1000)
    text = models.JSONField()
    effective_from = models.DateTimeField(null=True)
    effective_to = models.DateTimeField(null=True)
    known_from = models.DateTimeField(null=True)
    known_to = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(ListVersion, on_delete=models.PROTECT, null=True, related_name="ended_revisions")
    end_known_from = models.DateTimeField(null=True)

    objects = EntryRevisionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["known_from", "effective_from", "effective_to"], name="revision_in_force"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["version", "entry", "fingerprint"], name="revision_text_once_per_version"),
            models.CheckConstraint(
                condition=models.Q(effective_to=None) | models.Q(effective_to__gte=models.F("effective_from")),
                name="revision_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(effective_to__isnull=True, ended_by__isnull=True, end_known_from__isnull=True)
                | models.Q(effective_to__isnull=False, ended_by__isnull=False, end_known_from__isnull=False),
                name="revision_end_complete",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def listed(self) -> ListedEntry:
        """The entry's text as the parser gave it."""
        return ListedEntry.from_dict(self.text)

    def binds_at(self, moment: datetime) -> bool:
        """Whether the law binds at this moment, by what is known now."""
        return (
            self.known_from is not None
            and self.known_to is None
            and self.effective_from is not None
            and self.effective_from <= moment
            and (self.effective_to is None or self.effective_to > moment)
        )


class DeltaOp(models.TextChoices):
    """What a version does to an entry."""

    ADD = "ADD", "Added"
    MOD = "MOD", "Modified"
    DEL = "DEL", "Removed"


class ListDelta(models.Model):
    """One line of what a version changes: the entry, its new text (ADD, MOD) and its old one (MOD, DEL)."""

    version = models.ForeignKey(ListVersion, on_delete=models.CASCADE, related_name="deltas")
    op = models.CharField(max_length=3, choices=DeltaOp.choices)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="deltas")
    revision = models.ForeignKey(EntryRevision, on_delete=models.PROTECT, null=True, related_name="+")
    before = models.ForeignKey(EntryRevision, on_delete=models.PROTECT, null=True, related_name="+")
    changes = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["version", "entry"], name="delta_entry_once")]

    def __str__(self) -> str:
        return f"{self.op} {self.entry_id}"

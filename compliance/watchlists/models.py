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
    """Where files come from: one feed, which may hold several lists (the CSL holds 13). See sources.py.

    `checked_at`: when we last knew that what we hold is what the source gives: fetched, not modified, or loaded.
    `validators`: what a conditional GET sends back, by file name: [etag, last-modified].
    """

    key = models.SlugField(unique=True)
    title = models.CharField(max_length=120)
    checked_at = models.DateTimeField(null=True)
    validators = models.JSONField(default=dict)

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


class FetchOutcome(models.TextChoices):
    """What one look at a source gave. Running is neither: a fetch that was killed stays running until taken up."""

    RUNNING = "running", "Running"
    NEW = "new", "New version"
    UNCHANGED = "unchanged", "Not changed"
    REFUSED = "refused", "Refused"
    FAILED = "failed", "Failed"


class FetchAttempt(models.Model):
    """One look at a source's official addresses, with what came of it."""

    source = models.ForeignKey(ListSource, on_delete=models.PROTECT, related_name="attempts")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=FetchOutcome.choices, default=FetchOutcome.RUNNING)
    code = models.CharField(max_length=40, blank=True)
    sentence = models.CharField(max_length=500, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    version = models.ForeignKey("ListVersion", on_delete=models.PROTECT, null=True, related_name="fetches")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["source", "-started_at"], name="fetch_by_source")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome="running", finished_at=None)
                | (~models.Q(outcome="running") & models.Q(finished_at__isnull=False)),
                name="fetch_finished_has_time",
            )
        ]

    def __str__(self) -> str:
        return f"fetch {self.pk} of {self.source_id}"


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
    is_fetched = models.BooleanField(default=False)  # came from the official address, not from a person's hand
    edition = models.CharField(max_length=40, blank=True)  # the day that the file gives itself
    form = models.CharField(max_length=10, choices=[("whole", "Whole list"), ("change", "Change")])
    state = models.CharField(max_length=12, choices=VersionState.choices, default=VersionState.RECEIVED)
    title = models.CharField(max_length=300)
    citation = models.CharField(max_length=120, blank=True)
    document_number = models.CharField(max_length=40, blank=True)
    announced_at = models.DateTimeField(null=True)
    inspection_at = models.DateTimeField(null=True)  # on public inspection
    published_at = models.DateTimeField(null=True)
    effective_at = models.DateTimeField(null=True)
    savings_cutoff_at = models.DateTimeField(null=True)  # goods en route by then under an actual order may go on
    savings_end_at = models.DateTimeField(null=True)  # by when such a trip must be over; null: the rule gives no end
    received_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)
    planned_at = models.DateTimeField(null=True)  # when its intervals were last given; a run must be younger
    entries = models.PositiveIntegerField(default=0)
    list_counts = models.JSONField(default=dict)
    added = models.PositiveIntegerField(default=0)
    modified = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    cosmetic = models.PositiveIntegerField(default=0)
    notes = models.JSONField(default=list)  # texts of the list that are no entry: [label, text]
    warnings = models.JSONField(default=list)  # what the gate noticed and did not hold for
    compared_at = models.DateTimeField(null=True)  # when its entries were last compared with other sources
    problem_counts = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    loaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    release_asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    release_asked_at = models.DateTimeField(null=True)
    release_reason = models.CharField(max_length=2000, blank=True)
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
            models.CheckConstraint(
                condition=models.Q(released_by=None) | ~models.Q(released_by=models.F("release_asked_by")),
                name="list_version_released_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"list version {self.pk}: {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("lists:version", args=[self.pk])

    @property
    def changes_nothing(self) -> bool:
        """Whether no entry was added, modified or removed: nothing has to be screened. Cosmetic changes don't count."""
        return not (self.added or self.modified or self.removed)

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
    """The identity of one listed party on one list, across versions and across the sources that print that list."""

    list_code = models.CharField(max_length=8)
    first_version = models.ForeignKey(ListVersion, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["list_code"], name="entry_by_list_code")]

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
    COS = "COS", "Cosmetic"


class Relation(models.TextChoices):
    """How an added or removed entry hangs together with another one of the same version."""

    SPLIT_FROM = "split_from", "Split from"
    MERGED_INTO = "merged_into", "Merged into"


class ListDelta(models.Model):
    """One line of what a version changes: the entry, its new text (ADD, MOD) and its old one (MOD, DEL).

    COS: the text differs in spacing, punctuation, case or damaged letters alone. `before` stays the revision that
    binds and is screened; `text` is how it reads now.
    """

    version = models.ForeignKey(ListVersion, on_delete=models.CASCADE, related_name="deltas")
    op = models.CharField(max_length=3, choices=DeltaOp.choices)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="deltas")
    revision = models.ForeignKey(EntryRevision, on_delete=models.PROTECT, null=True, related_name="+")
    before = models.ForeignKey(EntryRevision, on_delete=models.PROTECT, null=True, related_name="+")
    changes = models.JSONField(default=dict)
    text = models.JSONField(null=True)
    relation = models.CharField(max_length=12, choices=Relation.choices, blank=True)
    related = models.ForeignKey(Entry, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "entry"], name="delta_entry_once"),
            models.CheckConstraint(
                condition=models.Q(op="COS", text__isnull=False, before__isnull=False)
                | (~models.Q(op="COS") & models.Q(text__isnull=True)),
                name="delta_cosmetic_has_text",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.op} {self.entry_id}"


class DroppedEnd(models.Model):
    """An end of a revision that was planned and then dropped, so that "as known then" can still be told."""

    revision = models.ForeignKey(EntryRevision, on_delete=models.PROTECT, related_name="dropped_ends")
    version = models.ForeignKey(ListVersion, on_delete=models.PROTECT, related_name="+")
    effective_to = models.DateTimeField()
    known_from = models.DateTimeField()
    known_to = models.DateTimeField()

    def __str__(self) -> str:
        return f"end of revision {self.revision_id}, dropped"


class KeyChange(models.Model):
    """The history of identities: an entry's key in a source changed with a version, its identity did not."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="key_changes")
    version = models.ForeignKey(ListVersion, on_delete=models.CASCADE, related_name="key_changes")
    before = models.CharField(max_length=600)
    after = models.CharField(max_length=600)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["after"], name="key_change_after")]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class SourceConflict(models.Model):
    """Two sources print the same entry, and what they say differs. `leading` is the text of the source that leads."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="conflicts")
    field = models.CharField(max_length=30)
    leading = models.ForeignKey(EntryRevision, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(EntryRevision, on_delete=models.CASCADE, related_name="+")
    leading_says = models.TextField(blank=True)
    other_says = models.TextField(blank=True)
    found_at = models.DateTimeField()

    class Meta:
        ordering = ["field", "pk"]
        constraints = [models.UniqueConstraint(fields=["leading", "other", "field"], name="conflict_once")]

    def __str__(self) -> str:
        return f"conflict on {self.field} of {self.entry_id}"


class NameKind(models.TextChoices):
    """What a supplementary name is."""

    NATIVE_SCRIPT = "other_script", "Name in its own script"
    TRADE_NAME = "trading", "Trade name"
    FORMER = "former", "Former name"


class SupplementaryName(models.Model):
    """A name that the official list does not print, attached by a named person with its source. Never official text."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="supplementary_names")
    text = models.CharField(max_length=300)
    kind = models.CharField(max_length=12, choices=NameKind.choices)
    source = models.CharField(max_length=500)
    source_date = models.DateField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "text"], condition=models.Q(withdrawn_at=None), name="supplementary_name_once"
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None, withdrawn_by=None)
                | models.Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="supplementary_name_withdrawn_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"supplementary name {self.text}"


class Notice(models.Model):
    """Early warning: a document or an announcement about a list whose version is not active yet.

    Open until a version that carries its citation (or document number) is active, or a person closes it.
    """

    origin = models.CharField(max_length=20, choices=[("register", "Federal Register"), ("by_hand", "Entered by hand")])
    title = models.CharField(max_length=500)
    citation = models.CharField(max_length=120, blank=True)
    document_number = models.CharField(max_length=40, blank=True)
    lists = models.JSONField(default=list)
    abstract = models.TextField(blank=True)
    url = models.CharField(max_length=500, blank=True)
    source = models.CharField(max_length=500, blank=True)
    announced_at = models.DateTimeField(null=True)
    inspection_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    effective_at = models.DateTimeField(null=True)
    added = models.PositiveIntegerField(null=True)  # as its abstract says; null: it doesn't say
    revised = models.PositiveIntegerField(null=True)
    removed = models.PositiveIntegerField(null=True)
    found_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    closed_by_version = models.ForeignKey(ListVersion, on_delete=models.PROTECT, null=True, related_name="notices")
    closed_because = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-found_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["document_number"], condition=~models.Q(document_number=""), name="notice_document_once"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at=None, closed_by=None)
                | models.Q(closed_at__isnull=False, closed_by__isnull=False),
                name="notice_closed_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}: {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("lists:notice", args=[self.pk])


class LaterRule(models.Model):
    """What a named person recorded of a later rule on a dated switch (switches.py). Written once."""

    switch = models.CharField(max_length=40)
    state = models.CharField(
        max_length=12, choices=[("in_force", "In force"), ("stayed", "Stayed"), ("ended", "Ended")]
    )
    begins = models.DateField()
    ends = models.DateField(null=True)  # the last day, where the rule gives one
    citation = models.CharField(max_length=120)
    note = models.CharField(max_length=1000, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["begins", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends=None) | models.Q(ends__gte=models.F("begins")), name="later_rule_ends_after"
            )
        ]

    def __str__(self) -> str:
        return f"later rule {self.citation} on {self.switch}"

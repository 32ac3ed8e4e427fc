"""Screening runs and what they found: every result keeps the versions and settings it came from."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse

from compliance.counterparties.models import Counterparty
from compliance.jobs.models import Job
from compliance.runs.querysets import MatchQuerySet
from compliance.watchlists.models import DeltaOp, Entry, EntryRevision, ListDelta, ListVersion, SupplementaryName


class Trigger(models.TextChoices):
    """Why a run was made."""

    LIST_CHANGE = "list_change", "List changed"
    LIST_COMING = "list_coming", "List change coming"
    NAME_ADDED = "name_added", "Supplementary name attached"
    RECORD_CHANGE = "record_change", "Counterparties changed"
    FULL = "full", "Full rescreen"


class RunState(models.TextChoices):
    """waiting → running → finished | failed. Finished means every counterparty of the cut was taken."""

    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    FINISHED = "finished", "Finished"
    FAILED = "failed", "Failed"


class ScreeningRun(models.Model):
    """One screening of many counterparties against a set of entries, with a saved cursor."""

    trigger = models.CharField(max_length=16, choices=Trigger.choices)
    version = models.ForeignKey(ListVersion, on_delete=models.PROTECT, null=True, related_name="runs")
    job = models.ForeignKey(Job, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.WAITING)
    reason = models.CharField(max_length=300, blank=True)
    engine_version = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=64)
    settings = models.JSONField(default=dict)
    entries = models.PositiveIntegerField(default=0)
    covers_all_entries = models.BooleanField(default=False)
    counterparties = models.PositiveIntegerField(default=0)
    cut_id = models.BigIntegerField(default=0)  # the last counterparty that existed when the run began
    cursor = models.BigIntegerField(default=0)  # the last counterparty whose result is stored
    screened = models.PositiveIntegerField(default=0)
    matches_found = models.PositiveIntegerField(default=0)
    withdrawn = models.PositiveIntegerField(default=0)
    not_screenable = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    requested_by = models.CharField(max_length=160, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["version", "state"], name="run_by_version")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=RunState.FINISHED) | models.Q(finished_at__isnull=False),
                name="run_finished_has_time",
            )
        ]

    def __str__(self) -> str:
        return f"run R-{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("runs:detail", args=[self.pk])

    def version_texts(self) -> models.QuerySet[EntryRevision]:
        """The texts that this run's version added or changed and that are still believed."""
        lines = ListDelta.objects.filter(version=self.version, op__in=[DeltaOp.ADD, DeltaOp.MOD])
        return EntryRevision.objects.filter(pk__in=lines.values("revision"), known_to=None)

    @property
    def is_open(self) -> bool:
        return self.state in (RunState.WAITING, RunState.RUNNING)

    @property
    def percent(self) -> int:
        """Whole percent; never 100 while it is open or one party failed."""
        if self.state == RunState.FINISHED and not self.failed:
            return 100
        if not self.counterparties:
            return 0
        return min(99, 100 * self.screened // self.counterparties)

    @property
    def seconds(self) -> float | None:
        if self.started_at and self.finished_at:
            return (self.finished_at - self.started_at).total_seconds()
        return None


class RunBatch(models.Model):
    """What one batch of a run screened, so that "no match" is a stored result without a row per party."""

    run = models.ForeignKey(ScreeningRun, on_delete=models.CASCADE, related_name="batches")
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    count = models.PositiveIntegerField()
    matches = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)  # SHA-256 over id, revision and result of each party, in order
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["run", "first_id"], name="run_batch_range")]

    def __str__(self) -> str:
        return f"batch {self.first_id}-{self.last_id} of run {self.run_id}"


class WithdrawnBecause(models.TextChoices):
    """Why a match no longer stands."""

    REMOVED = "removed", "The entry left the list"
    CHANGED = "changed", "The entry was changed and no longer matches"
    TAKEN_BACK = "taken_back", "The coming list change was held"


class Match(models.Model):
    """The engine's finding: a counterparty and an entry that may be the same party. Written once; a question."""

    run = models.ForeignKey(ScreeningRun, on_delete=models.PROTECT, related_name="matches")
    counterparty = models.ForeignKey(Counterparty, on_delete=models.PROTECT, related_name="matches")
    counterparty_revision = models.PositiveIntegerField()
    counterparty_digest = models.CharField(max_length=64)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="matches")
    revision = models.ForeignKey(EntryRevision, on_delete=models.PROTECT, related_name="matches")
    score = models.DecimalField(max_digits=4, decimal_places=3)
    band = models.CharField(max_length=8, choices=[("review", "Review"), ("strong", "Strong")])
    evidence = models.JSONField(default=list)
    engine_version = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=64)
    names_digest = models.CharField(max_length=16, blank=True)  # of the supplementary names it was screened against
    found_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(ScreeningRun, on_delete=models.PROTECT, null=True, related_name="withdrew")
    withdrawn_because = models.CharField(max_length=12, blank=True, choices=WithdrawnBecause.choices)

    objects = MatchQuerySet.as_manager()

    class Meta:
        ordering = ["-score", "pk"]
        constraints = [
            # The same two records under the same engine and settings give one match, however often they are screened.
            # One that was withdrawn counts no more: its text may come back, planned again, and is then a new match.
            models.UniqueConstraint(
                fields=[
                    "counterparty",
                    "revision",
                    "counterparty_revision",
                    "engine_version",
                    "fingerprint",
                    "names_digest",
                ],
                condition=models.Q(withdrawn_at=None),
                name="match_once",
            ),
            models.CheckConstraint(
                condition=models.Q(score__gte=0, score__lte=1), name="match_score_between_zero_and_one"
            ),
        ]

    def __str__(self) -> str:
        return f"match {self.pk}"

    @property
    def evidence_digest_facts(self) -> list[Any]:
        """What the score rests on, for telling whether a clearance still covers the pair."""
        return [str(self.score), self.band, self.evidence]


class NameScreening(models.Model):
    """That every counterparty has been, or is being, screened against a supplementary name. Without one it is due."""

    name = models.OneToOneField(SupplementaryName, on_delete=models.CASCADE, related_name="screening")
    run = models.ForeignKey(ScreeningRun, on_delete=models.PROTECT, related_name="names")

    def __str__(self) -> str:
        return f"screening of {self.name_id} by {self.run_id}"


class Preview(models.Model):
    """What a version that is not active yet would touch: counted by screening, without a match or a case.

    `delta_digest`: the delta it was counted for, so that a version planned again shows an old preview as such.
    """

    version = models.OneToOneField(ListVersion, on_delete=models.CASCADE, related_name="preview")
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    delta_digest = models.CharField(max_length=64, blank=True)
    entries = models.PositiveIntegerField(default=0)
    counterparties = models.PositiveIntegerField(default=0)
    cut_id = models.BigIntegerField(default=0)
    cursor = models.BigIntegerField(default=0)
    screened = models.PositiveIntegerField(default=0)
    parties = models.PositiveIntegerField(default=0)  # counterparties with a possible match
    strong = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    sample = models.JSONField(default=list)  # [counterparty id, entry id, score, band], the first found
    party_ids = models.JSONField(default=list)
    asked_by = models.CharField(max_length=160, blank=True)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"preview of {self.version_id}"

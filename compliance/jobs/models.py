"""Work that waits or runs: a row with state, lease, heartbeat and progress. The broker only wakes workers up."""

from __future__ import annotations

from django.db import models


class JobState(models.TextChoices):
    """queued → running → succeeded | failed; a running job whose lease ran out is queued again."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Done"
    FAILED = "failed", "Failed"


class Job(models.Model):
    """One piece of work, written in the transaction that asks for it."""

    kind = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    key = models.CharField(max_length=120)
    state = models.CharField(max_length=12, choices=JobState.choices, default=JobState.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    progress_done = models.PositiveBigIntegerField(default=0)
    progress_total = models.PositiveBigIntegerField(default=0)
    progress_note = models.CharField(max_length=300, blank=True)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    lease = models.CharField(max_length=64, blank=True)
    requested_by = models.CharField(max_length=160, blank=True)
    created_at = models.DateTimeField()
    run_after = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # A second request for work that still waits is the same work; once it runs, a new request is new work.
            models.UniqueConstraint(
                fields=["kind", "key"], condition=models.Q(state=JobState.QUEUED), name="job_waits_once"
            ),
            models.CheckConstraint(condition=models.Q(state__in=JobState.values), name="job_state_known"),
        ]
        indexes = [
            models.Index(
                fields=["state", "run_after"],
                condition=models.Q(state__in=[JobState.QUEUED, JobState.RUNNING]),
                name="job_unfinished",
            )
        ]

    def __str__(self) -> str:
        return f"job {self.pk} ({self.kind})"

    @property
    def percent(self) -> int:
        """Whole percent done; 100 only when it succeeded."""
        if self.state == JobState.SUCCEEDED:
            return 100
        if not self.progress_total:
            return 0
        return min(99, 100 * self.progress_done // self.progress_total)

    @property
    def is_unfinished(self) -> bool:
        return self.state in (JobState.QUEUED, JobState.RUNNING)

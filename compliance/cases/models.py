"""Cases: a person's work on a counterparty's matches; decisions, holds and notes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone

from compliance.accounts.models import User
from compliance.cases.querysets import CaseQuerySet, HoldQuerySet, ListReviewQuerySet
from compliance.counterparties.models import Counterparty
from compliance.runs.models import Match, ScreeningRun, WithdrawnBecause
from compliance.watchlists.effects import LIST_POLICIES, Effect, ListPolicy, effects_of
from compliance.watchlists.models import Entry, ListVersion


class CaseState(models.TextChoices):
    """The states of domain section 14; the moves between them are in cases/workflow.py."""

    OPEN = "open", "Open"
    IN_REVIEW = "in_review", "In review"
    INFORMATION_REQUESTED = "information_requested", "Information requested"
    ESCALATED = "escalated", "Escalated"
    AWAITING_SECOND_REVIEW = "awaiting_second_review", "Awaiting second review"
    DECIDED = "decided", "Decided"
    CLOSED = "closed", "Closed"


class Disposition(models.TextChoices):
    """What was decided on one match. Withdrawn is no decision: its entry left the list."""

    PENDING = "pending", "To decide"
    TRUE_MATCH = "true_match", "True match"
    FALSE_POSITIVE = "false_positive", "False match"
    INCONCLUSIVE = "inconclusive", "Inconclusive"
    WITHDRAWN = "withdrawn", "Withdrawn"


OUTCOMES = (Disposition.TRUE_MATCH, Disposition.FALSE_POSITIVE, Disposition.INCONCLUSIVE)


class ReasonCode(models.TextChoices):
    """Why a match was decided as it was; the note says it in words."""

    NAME_AND_ADDRESS = "name_and_address", "Name, street and city agree"
    NAME_AND_IDENTIFIER = "name_and_identifier", "Name and registration number agree"
    KNOWN_NAME = "known_name", "Known name of the listed party"
    OTHER_BUSINESS = "other_business", "Different business or owner"
    OTHER_ADDRESS = "other_address", "Different address or country"
    OTHER_NAME = "other_name", "Different name, only common words agree"
    NOT_ENOUGH = "not_enough", "Not enough information"
    OTHER = "other", "Other, see note"


class Case(models.Model):
    """All open questions about one counterparty. At most one case per counterparty is not closed."""

    counterparty = models.ForeignKey(Counterparty, on_delete=models.PROTECT, related_name="cases")
    state = models.CharField(max_length=24, choices=CaseState.choices, default=CaseState.OPEN)
    band = models.CharField(max_length=8, default="review")
    top_score = models.DecimalField(max_digits=4, decimal_places=3, default=0)
    assigned_to = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="cases")
    opened_by_run = models.ForeignKey(ScreeningRun, on_delete=models.PROTECT, related_name="opened_cases")
    opened_at = models.DateTimeField()
    reopened_at = models.DateTimeField(null=True)
    reopened_because = models.CharField(max_length=300, blank=True)
    question = models.CharField(max_length=1000, blank=True)
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-top_score", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["counterparty"], condition=~models.Q(state=CaseState.CLOSED), name="case_one_open"
            ),
            models.CheckConstraint(condition=models.Q(state__in=CaseState.values), name="case_state_known"),
            models.CheckConstraint(
                condition=models.Q(state=CaseState.CLOSED, closed_at__isnull=False)
                | (~models.Q(state=CaseState.CLOSED) & models.Q(closed_at__isnull=True)),
                name="case_closed_has_time",
            ),
        ]
        indexes = [models.Index(fields=["state", "-top_score"], name="case_queue")]

    def __str__(self) -> str:
        return f"case {self.number}"

    @property
    def number(self) -> str:
        return f"C-{1000 + self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("cases:detail", args=[self.pk])

    @property
    def due_at(self) -> datetime:
        """When an officer should have decided: a day for the strong band, three for the rest, from (re)opening."""
        since = self.reopened_at or self.opened_at
        return since + timedelta(days=1 if self.band == "strong" else 3)


class CaseMatch(models.Model):
    """One pair of counterparty and entry in a case, with the match that speaks for it now and what was decided."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="matches")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="case_matches")
    match = models.ForeignKey(Match, on_delete=models.PROTECT, related_name="+")
    disposition = models.CharField(max_length=16, choices=Disposition.choices, default=Disposition.PENDING)
    awaiting = models.ForeignKey("Decision", on_delete=models.PROTECT, null=True, related_name="+")
    entry_left_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-match__score", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "entry"], name="case_match_once"),
            models.CheckConstraint(
                condition=models.Q(awaiting=None) | models.Q(disposition=Disposition.PENDING),
                name="case_match_awaits_while_pending",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} in {self.case}"

    @property
    def is_open(self) -> bool:
        """Still a question, so it stops the counterparty."""
        return self.disposition in (Disposition.PENDING, Disposition.INCONCLUSIVE)

    @property
    def policy(self) -> ListPolicy:
        return LIST_POLICIES[self.entry.list_code]

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What a true match means: the list's effect or the entry's own, and what the entry adds."""
        return effects_of(self.entry.list_code, self.match.revision.listed)

    @property
    def holding(self) -> Effect | None:
        """The first effect that stops business until a second person decides; None if none of them does."""
        return next((effect for effect in self.effects if effect.places_hold), None)

    @property
    def departure(self) -> str:
        """Why its match no longer stands ("The entry left the list"), or ""."""
        if self.match.withdrawn_at is None:
            return ""
        return str(WithdrawnBecause(self.match.withdrawn_because or WithdrawnBecause.REMOVED).label)


class MatchInCase(models.Model):
    """Which case match took up a match of the engine. A standing match without this row is pending work."""

    match = models.OneToOneField(Match, on_delete=models.PROTECT, primary_key=True, related_name="in_case")
    case_match = models.ForeignKey(CaseMatch, on_delete=models.PROTECT, related_name="history")

    def __str__(self) -> str:
        return f"{self.match} in {self.case_match}"


class Decision(models.Model):
    """One person's decision on one match, written once, with everything that was seen."""

    case_match = models.ForeignKey(CaseMatch, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=16, choices=[(o.value, o.label) for o in OUTCOMES])
    reason = models.CharField(max_length=24, choices=ReasonCode.choices)
    note = models.TextField(blank=True)
    needs_second = models.BooleanField()
    reviews = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="review")
    seen = models.JSONField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="decisions")
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} by {self.decided_by}"

    @property
    def agrees(self) -> bool | None:
        """Whether a second review came to the same outcome; None for a first decision."""
        return self.reviews.outcome == self.outcome if self.reviews else None


class Note(models.Model):
    """A note on a case, written once."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text[:60]


class Hold(models.Model):
    """A confirmed match stops the counterparty, with the list's effect, from the instant the law binds.

    Binding is read from the clock. Only a named decision by a second person ends it, never a time-out or a job.
    """

    counterparty = models.ForeignKey(Counterparty, on_delete=models.PROTECT, related_name="holds")
    case_match = models.ForeignKey(CaseMatch, on_delete=models.PROTECT, related_name="holds")
    list_code = models.CharField(max_length=8)
    effect = models.CharField(max_length=40)
    citation = models.CharField(max_length=200, blank=True)
    binds_from = models.DateTimeField()
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    release_asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    release_asked_at = models.DateTimeField(null=True)
    release_asked_because = models.TextField(blank=True)
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)
    released_because = models.TextField(blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case_match"], condition=models.Q(released_at=None), name="hold_one_standing_per_match"
            ),
            models.CheckConstraint(
                condition=models.Q(released_at__isnull=True, released_by__isnull=True)
                | models.Q(released_at__isnull=False, released_by__isnull=False, release_asked_by__isnull=False)
                & ~models.Q(released_by=models.F("release_asked_by")),
                name="hold_released_by_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"hold H-{self.pk}"

    @property
    def policy(self) -> ListPolicy:
        return LIST_POLICIES[self.list_code]

    def binds_at(self, moment: datetime) -> bool:
        return self.binds_from <= moment and (self.released_at is None or self.released_at > moment)

    @property
    def binds_now(self) -> bool:
        return self.binds_at(timezone.now())

    def as_facts(self) -> dict[str, Any]:
        return {
            "counterparty": str(self.counterparty), "entry": str(self.case_match.entry), "list": self.list_code,
            "effect": self.effect, "binds_from": self.binds_from.isoformat(),
        }  # fmt: skip


class ReviewKind(models.TextChoices):
    """What rests on the entry that changed."""

    HOLD = "hold", "Hold"
    CLEARANCE = "clearance", "Clearance"


class ReviewOutcome(models.TextChoices):
    """What a person found who looked at a decision again."""

    STANDS = "stands", "It stands"
    RELEASE_ASKED = "release_asked", "Release asked for"
    ENDED = "ended", "No longer needed"


class ListReview(models.Model):
    """A hold or clearance rested on an entry that left the list or was narrowed: a person looks at it again.

    Pending work is this row: open until somebody closes it by name. The hold or clearance itself stays as it is.
    """

    case_match = models.ForeignKey(CaseMatch, on_delete=models.PROTECT, related_name="list_reviews")
    kind = models.CharField(max_length=10, choices=ReviewKind.choices)
    because = models.CharField(max_length=500)
    version = models.ForeignKey(ListVersion, on_delete=models.PROTECT, related_name="list_reviews")
    asked_at = models.DateTimeField()
    outcome = models.CharField(max_length=14, choices=ReviewOutcome.choices, blank=True)
    note = models.TextField(blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    objects = ListReviewQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["closed_at", "asked_at"], name="list_review_open")]
        constraints = [
            models.UniqueConstraint(fields=["case_match", "kind", "version"], name="list_review_once"),
            models.CheckConstraint(
                condition=models.Q(closed_at=None, closed_by=None, outcome="")
                | (models.Q(closed_at__isnull=False, closed_by__isnull=False) & ~models.Q(outcome="")),
                name="list_review_closed_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"review of {self.case_match_id} after {self.version_id}"


class ReviewedRun(models.Model):
    """That the holds and clearances touched by a list change were queued. A finished run without it is due."""

    run = models.OneToOneField(ScreeningRun, on_delete=models.CASCADE, related_name="reviewed")
    reviews = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"reviews after {self.run}"

"""Filters on cases and holds, in the officer's words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from compliance.accounts.models import User
from compliance.core.permissions import Permission

if TYPE_CHECKING:
    from compliance.cases.models import Case, Hold, ListReview  # noqa: F401

WORKABLE = ("open", "in_review")
UNFINISHED = ("open", "in_review", "information_requested", "escalated", "awaiting_second_review")
REVIEWABLE = ("awaiting_second_review", "in_review", "information_requested")


class CaseQuerySet(models.QuerySet["Case"]):
    """Always start from `visible_to(user)`, even for one case."""

    def visible_to(self, user: User) -> CaseQuerySet:
        return self if user.has_permission(Permission.DESK_READ) else self.none()

    def unfinished(self) -> CaseQuerySet:
        # The states by name, not "all but": so the index serves, however many cases are closed.
        return self.filter(state__in=UNFINISHED)

    def not_closed(self) -> CaseQuerySet:
        return self.exclude(state="closed")

    def queue_order(self) -> CaseQuerySet:
        """Strongest first, then oldest."""
        return self.order_by("-top_score", "opened_at", "pk")

    def assigned_to(self, user: User) -> CaseQuerySet:
        return self.unfinished().filter(assigned_to=user)

    def unassigned(self) -> CaseQuerySet:
        return self.unfinished().filter(assigned_to=None)

    def escalated(self) -> CaseQuerySet:
        return self.filter(state="escalated")

    def awaiting_review_by(self, user: User) -> CaseQuerySet:
        """A decision of somebody else waits for a second person, and this one may be it."""
        if not user.has_permission(Permission.CASE_REVIEW):
            return self.none()
        return self.filter(self._reviewable_by(user))

    def in_hands_of(self, user: User) -> CaseQuerySet:
        """What this person can move on now: their own and unassigned work, second reviews, and for managers
        what was escalated."""
        hands = Q(state__in=WORKABLE) & (Q(assigned_to=user) | Q(assigned_to=None))
        if user.has_permission(Permission.CASE_REVIEW):
            hands |= self._reviewable_by(user)
        if user.has_permission(Permission.CASE_ASSIGN):
            hands |= Q(state="escalated")
        return self.unfinished().filter(hands) if user.has_permission(Permission.CASE_DECIDE) else self.none()

    def waiting_on_others(self, user: User) -> CaseQuerySet:
        """This person's cases that somebody else must move on."""
        in_hands = CaseQuerySet(self.model, using=self.db).in_hands_of(user)
        return self.assigned_to(user).exclude(pk__in=in_hands.values("pk"))

    def with_release_to_decide(self) -> CaseQuerySet:
        """A standing hold whose release was asked for, or whose entry left the list."""
        asked = Q(release_asked_at__isnull=False) | Q(case_match__entry_left_at__isnull=False)
        holds = self._rows("matches", "holds").filter(asked, released_at=None)
        return self.filter(pk__in=holds.values("case_match__case"))

    def with_review_asked(self) -> CaseQuerySet:
        """Something in it is to be looked at again after a list change; `review_asked_at` since when, oldest first."""
        reviews = self._rows("matches", "list_reviews").filter(closed_at=None)
        oldest = reviews.filter(case_match__case=OuterRef("pk")).order_by("asked_at").values("asked_at")[:1]
        found = self.filter(pk__in=reviews.values("case_match__case")).annotate(review_asked_at=Subquery(oldest))
        return found.order_by("review_asked_at", "pk")

    def _reviewable_by(self, user: User) -> Q:
        waiting = self._rows("matches").filter(case=OuterRef("pk"), awaiting__isnull=False)
        return Q(state__in=REVIEWABLE) & Q(Exists(waiting.exclude(awaiting__decided_by=user)))

    def _rows(self, *path: str) -> Any:
        """All rows of a related model, by the names that lead there; naming the model would close a circle."""
        model: Any = self.model
        for name in path:
            model = model._meta.get_field(name).related_model
        return model._base_manager.all()


class HoldQuerySet(models.QuerySet["Hold"]):
    """Holds by what they do now, by the clock."""

    def standing(self) -> HoldQuerySet:
        """Placed and not released, whether the law binds already or from a later instant."""
        return self.filter(released_at=None)

    def binding(self, moment: datetime | None = None) -> HoldQuerySet:
        moment = moment or timezone.now()
        return self.filter(Q(released_at=None) | Q(released_at__gt=moment), binds_from__lte=moment)


class ListReviewQuerySet(models.QuerySet["ListReview"]):
    """Holds and clearances to look at again after a list change."""

    def visible_to(self, user: User) -> ListReviewQuerySet:
        return self if user.has_permission(Permission.DESK_READ) else self.none()

    def open(self) -> ListReviewQuerySet:
        """Asked, and not closed by anybody."""
        return self.filter(closed_at=None)

    def oldest_first(self) -> ListReviewQuerySet:
        return self.order_by("asked_at", "pk")

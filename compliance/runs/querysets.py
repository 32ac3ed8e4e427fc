"""Filters on matches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from compliance.runs.models import Match  # noqa: F401


class MatchQuerySet(models.QuerySet["Match"]):
    """Matches by what is still true of them."""

    def standing(self) -> MatchQuerySet:
        """Not withdrawn: the entry is still listed, or coming."""
        return self.filter(withdrawn_at=None)

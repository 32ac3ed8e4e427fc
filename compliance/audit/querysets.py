"""Filters on the trail: one set of named filters for the page, the API and the export."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

from compliance.audit.events import CATALOGUE
from compliance.core.errors import Invalid

if TYPE_CHECKING:
    from compliance.audit.models import AuditEvent  # noqa: F401

FILTERS = ("action", "actor", "subject_type", "subject_id", "text", "from", "to")
GROUPS = tuple(dict.fromkeys(action.split(".")[0] for action in CATALOGUE))


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    """Events by what they are about. Order by `seq`: it is the order in which they were recorded."""

    def about(self, thing: models.Model) -> AuditEventQuerySet:
        """Every event in whose trail this thing stands."""
        return self.about_id(thing._meta.model_name or "", str(thing.pk))

    def about_id(self, kind: str, pk: str) -> AuditEventQuerySet:
        return self.filter(mentioned__subject_type=kind, mentioned__subject_id=pk)

    def matching(self, filters: Mapping[str, str]) -> AuditEventQuerySet:
        """Events that pass all of FILTERS that are given. Raises Invalid for an unknown filter or an unreadable time.

        `action` is one action, or a group such as "case.*". `from` and `to` are moments or days of our time zone;
        a day in `to` is included whole.
        """
        rows: AuditEventQuerySet = self
        for name, value in filters.items():
            if name not in FILTERS:
                raise Invalid(f"The trail has no filter “{name}”. Known: {', '.join(FILTERS)}.")
            if name == "subject_id" and not filters.get("subject_type"):
                raise Invalid("A subject's number needs its kind: give subject_type too.")
            if value:
                rows = rows.matching_one(name, value, filters)
        return rows

    def matching_one(self, name: str, value: str, filters: Mapping[str, str]) -> AuditEventQuerySet:
        """One filter of `matching`."""
        if name == "action":
            group = value.removesuffix(".*")
            return self.filter(action=value) if group == value else self.filter(action__startswith=f"{group}.")
        if name == "actor":
            return self.filter(actor_id=value)
        if name == "subject_type":
            if filters.get("subject_id"):
                return self.about_id(value, filters["subject_id"])
            return self.filter(subject_type=value)
        if name == "text":
            return self.filter(subject_label__icontains=value)
        if name == "from":
            return self.filter(recorded_at__gte=begin_of(value))
        if name == "to":
            return self.filter(recorded_at__lt=end_of(value))
        return self


def begin_of(text: str) -> datetime:
    """A moment as given, or the first instant of a day. Raises Invalid."""
    day, moment = read(text)
    return moment or midnight(day)


def end_of(text: str) -> datetime:
    """The instant that is no longer included: the moment given, or the end of a day. Raises Invalid."""
    day, moment = read(text)
    return moment or midnight(day + timedelta(days=1))


def read(text: str) -> tuple[date, datetime | None]:
    """A day alone, or a day with its moment. A time without a zone is that of our time zone."""
    try:
        if len(text) == 10:
            return date.fromisoformat(text), None
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(f"“{text}” is not a day or time in ISO 8601. Write it like 2019-10-09.") from None
    moment = moment if moment.tzinfo else timezone.make_aware(moment, timezone.get_default_timezone())
    return moment.date(), moment


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()), timezone.get_default_timezone())

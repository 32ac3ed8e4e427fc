"""The audit trail: events that can be added and never changed, and the head of their chain."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse

from compliance.audit import chain, events
from compliance.audit.querysets import AuditEventQuerySet


class AuditEvent(models.Model):
    """One fact, written once. Database triggers refuse update and delete; the chain shows what got past them.

    Columns hold the facts themselves, no foreign keys. Times: `occurred_at` when it happened in the world,
    `effective_at` when a rule binds, `recorded_at` when the product wrote it down.
    """

    seq = models.BigIntegerField(primary_key=True)
    format = models.PositiveSmallIntegerField(default=chain.FORMAT)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)
    action = models.CharField(max_length=60)
    actor_id = models.CharField(max_length=40)
    actor_name = models.CharField(max_length=160)
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=40)
    subject_label = models.CharField(max_length=400)
    mentions = models.JSONField(default=list)
    data = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    effective_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["seq"]
        indexes = [
            models.Index(fields=["action", "seq"], name="audit_event_action"),
            models.Index(fields=["actor_id", "seq"], name="audit_event_actor"),
            models.Index(fields=["recorded_at"], name="audit_event_recorded"),
        ]

    def __str__(self) -> str:
        return f"audit event {self.seq}"

    @property
    def sentence(self) -> str:
        """The event in words."""
        return events.sentence(self.action, self.subject_label, self.data)

    @property
    def icon(self) -> str:
        known = events.CATALOGUE.get(self.action)
        return known.icon if known else "dot"

    def get_absolute_url(self) -> str:
        return reverse("audit:event", args=[self.seq])

    def as_dict(self) -> dict[str, Any]:
        """Every hashed field and the hash, in the form that is hashed and exported."""
        return with_times_as_text({name: getattr(self, name) for name in (*chain.FIELDS, "hash")})


def with_times_as_text(row: dict[str, Any]) -> dict[str, Any]:
    """A row's columns in the form that is hashed: times as the chain writes them."""
    for name in ("occurred_at", "effective_at", "recorded_at"):
        row[name] = chain.utc_text(row[name])
    return row


class AuditMention(models.Model):
    """Which things an event is about, for the trail of each of them. Derived from the event's hashed `mentions`."""

    event = models.ForeignKey(AuditEvent, on_delete=models.PROTECT, related_name="mentioned")
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_type", "subject_id", "event"], name="audit_mention_once"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id} in event {self.event_id}"


class ChainHead(models.Model):
    """One row: the last event's sequence and hash. Locked by every writer, so there is one chain."""

    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=chain.GENESIS)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="audit_one_chain_head")]

    def __str__(self) -> str:
        return f"chain head {self.seq}"

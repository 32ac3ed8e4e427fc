"""The company's counterparties, each one record with its whole history, and the open screening of changed ones.

Names, addresses and identifiers stand in the record itself, not in tables of their own: what an officer saw is one
row, every change keeps the whole record, and a run reads a million of them as columns.
"""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.crypto import salted_hmac
from simple_history.models import HistoricalRecords

from compliance.accounts.models import User
from compliance.counterparties.querysets import CounterpartyQuerySet


class Relation(models.TextChoices):
    """What the counterparty is to the company. Its role in a transaction (15 CFR 748.5) belongs to the order."""

    CUSTOMER = "customer", "Customer"
    DISTRIBUTOR = "distributor", "Distributor"
    SUPPLIER = "supplier", "Supplier"
    FORWARDER = "forwarder", "Forwarder"
    BANK = "bank", "Bank"
    AGENT = "agent", "Agent"
    OTHER = "other", "Other"


class NameKind(models.TextChoices):
    """What kind of name it is; the first legal one is the counterparty's `name`."""

    TRADING = "trading", "Trading name"
    FORMER = "former", "Former name"
    OTHER_SCRIPT = "other_script", "Name in another script"


class Counterparty(models.Model):
    """One party the company deals with, as its own systems name it."""

    external_id = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=400)
    other_names = models.JSONField(default=list, blank=True)  # [{"text", "kind"}]
    addresses = models.JSONField(default=list, blank=True)  # [{"text", "country"}]
    identifiers = models.JSONField(default=list, blank=True)  # [{"kind", "value"}]
    country = models.CharField(max_length=2, blank=True)
    relation = models.CharField(max_length=16, choices=Relation.choices, default=Relation.CUSTOMER)
    revision = models.PositiveIntegerField(default=1)
    search_text = models.TextField(blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    history = HistoricalRecords(excluded_fields=["search_text"])
    objects = CounterpartyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "counterparties"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="counterparty_has_name"),
            models.CheckConstraint(
                condition=models.Q(relation__in=Relation.values), name="counterparty_relation_known"
            ),
        ]
        indexes = [
            models.Index(fields=["name"], name="counterparty_by_name"),
            models.Index(fields=["country", "name"], name="counterparty_by_country"),
            models.Index(fields=["relation", "name"], name="counterparty_by_relation"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("counterparties:detail", args=[self.pk])

    @property
    def facts(self) -> dict[str, Any]:
        """What is screened, and what a decision keeps as seen."""
        return {name: getattr(self, name) for name in FACTS}

    @property
    def digest(self) -> str:
        """Keyed digest over the facts that screening reads."""
        return facts_digest(self.facts)


FACTS = ("name", "other_names", "addresses", "identifiers", "country")
EDITABLE = (*FACTS, "relation")


def facts_digest(facts: dict[str, Any]) -> str:
    """A keyed SHA-256, in hex, over a record's screened facts; independent of key order.

    Keyed, because it stands in the trail: a document number must not be found from it by trying all of them.
    """
    return keyed_digest({name: facts[name] for name in FACTS})


def keyed_digest(facts: Any) -> str:
    """HMAC with SHA-256, in hex, over plain values as JSON, under settings.AUDIT_DIGEST_KEY."""
    body = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return salted_hmac("counterparty facts", body, secret=settings.AUDIT_DIGEST_KEY, algorithm="sha256").hexdigest()


class DueState(models.TextChoices):
    """Why a record has no valid screening of its own: three different things, never mixed."""

    DUE = "due", "To be screened"
    FAILED = "failed", "Screening failed"
    NOT_SCREENABLE = "not_screenable", "Nothing to match on"


class ScreeningDue(models.Model):
    """Pending work: this record is new or changed and must be screened against everything in force.

    The row goes away only when that revision was screened. No row: the record's last change was screened.
    """

    counterparty = models.OneToOneField(Counterparty, on_delete=models.CASCADE, primary_key=True, related_name="due")
    state = models.CharField(max_length=16, choices=DueState.choices, default=DueState.DUE)
    revision = models.PositiveIntegerField()
    screened_before = models.BooleanField(default=False)
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    since = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["state", "counterparty"], name="screening_due_by_state")]

    def __str__(self) -> str:
        return f"{self.counterparty_id} {self.state}"


class ImportFile(models.Model):
    """One file of counterparties as it came, and how far its import got. Rows are counted and never lost silently."""

    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    content_gz = models.BinaryField()
    loaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    rows_total = models.PositiveIntegerField(default=0)
    cursor = models.PositiveIntegerField(default=0)  # rows done
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    refusals = models.JSONField(default=list)  # [{"line", "cause"}], the first thousand
    refusal = models.TextField(blank=True)  # why the whole file was refused

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"import {self.pk}: {self.filename}"

    def get_absolute_url(self) -> str:
        return reverse("counterparties:import", args=[self.pk])

    @property
    def counts(self) -> dict[str, int]:
        return {
            "read": self.cursor, "created": self.created, "updated": self.updated, "unchanged": self.unchanged,
            "refused": self.refused,
        }  # fmt: skip

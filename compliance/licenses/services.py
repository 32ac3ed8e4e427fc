"""Prepare, submit and decide license requests. A manager approves to file; only BIS grants a license."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.cases import services as cases
from compliance.cases.models import Case
from compliance.core.errors import Invalid
from compliance.core.permissions import Permission, check_permission
from compliance.counterparties.importer import COUNTRIES
from compliance.counterparties.models import Counterparty
from compliance.licenses.models import (
    ApplicationType,
    Approval,
    LicenseItem,
    LicenseParty,
    LicenseRequest,
    PartyRole,
)
from compliance.licenses.workflow import WORKFLOW
from compliance.watchlists.policy import policy_for

ECCN = re.compile(r"(?:EAR99|[0-9][A-E][0-9]{3}(?:\.[a-z0-9]+)*)", re.IGNORECASE)
LIMITS = {"title": 200, "eccn": 20, "description": 400, "unit": 20, "name": 400, "address": 1000}
MOST_LINES = 200
LARGEST = Decimal("999999999999.99")
LISTED_ROLES = (PartyRole.PURCHASER, PartyRole.INTERMEDIATE_CONSIGNEE, PartyRole.ULTIMATE_CONSIGNEE, PartyRole.END_USER)


@dataclass(frozen=True)
class Item:
    """One line of items as given by a person."""

    eccn: str
    description: str
    quantity: int
    value: Decimal
    unit: str = "pieces"
    currency: str = "USD"


@dataclass(frozen=True)
class Party:
    """One party in its role, as given by a person."""

    role: str
    name: str
    address: str = ""
    country: str = ""
    counterparty_id: int | None = None


@dataclass(frozen=True)
class Content:
    """What a person writes in a request."""

    title: str
    end_use: str
    items: Sequence[Item]
    parties: Sequence[Party]
    application_type: str = ApplicationType.EXPORT


def check(content: Content) -> None:
    """Raises Invalid with the first thing that is missing or wrong, and how to mend it."""
    if not content.title.strip():
        raise Invalid("Give the request a title.")
    if not content.end_use.strip():
        raise Invalid("Describe the specific end use (block 21 of the application).")
    if content.application_type not in ApplicationType.values:
        raise Invalid("Choose export, reexport or transfer (in-country).")
    if not content.items:
        raise Invalid("Give at least one item with its ECCN, quantity and value.")
    if len(content.items) > MOST_LINES or len(content.parties) > MOST_LINES:
        raise Invalid(f"One request takes at most {MOST_LINES} items and {MOST_LINES} parties. Split it.")
    check_length("the title", content.title, LIMITS["title"])
    for number, item in enumerate(content.items, start=1):
        check_item(number, item)
    for party in content.parties:
        check_party(party)
    if not any(party.role in LISTED_ROLES for party in content.parties):
        raise Invalid("Name at least one purchaser, consignee or end-user (15 CFR 748.5(c)-(f)).")
    known = {party.counterparty_id for party in content.parties if party.counterparty_id is not None}
    if len(known) != Counterparty.objects.filter(pk__in=known).count():
        raise Invalid("A party names a counterparty that does not exist.")


def check_item(number: int, item: Item) -> None:
    """One line of items. Raises Invalid."""
    if not ECCN.fullmatch(item.eccn.strip()):
        raise Invalid(f"Item {number}: “{item.eccn}” is not an ECCN such as 5A992.c, nor EAR99.")
    in_range = 1 <= item.quantity <= 2_147_483_647 and item.value.is_finite() and 0 <= item.value <= LARGEST
    if not item.description.strip() or not in_range:
        raise Invalid(f"Item {number}: give a description, a quantity of at least 1 and a value.")
    if item.value != round(item.value, 2):
        raise Invalid(f"Item {number}: give the value in dollars and cents.")
    if item.currency != "USD":
        raise Invalid(f"Item {number}: give the value in USD, as the application asks for it.")
    if not item.unit.strip():
        raise Invalid(f"Item {number}: give the unit, such as pieces.")
    for name in ("eccn", "description", "unit"):
        check_length(f"item {number}, {name}", getattr(item, name), LIMITS[name])


def check_party(party: Party) -> None:
    """One party. Raises Invalid."""
    if party.role not in PartyRole.values or not party.name.strip():
        raise Invalid("Give each party a name and a role of 15 CFR 748.5.")
    if party.country and party.country not in COUNTRIES:
        raise Invalid(f"{party.name}: “{party.country}” is not an ISO 3166 two-letter country code, such as CN.")
    for name in ("name", "address"):
        check_length(f"a party's {name}", getattr(party, name), LIMITS[name])


def check_length(what: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise Invalid(f"Shorten {what}: it has {len(text)} letters, at most {limit} fit.")


def fill(request: LicenseRequest, content: Content) -> None:
    """Write a request's lines anew."""
    request.items.all().delete()
    request.parties.all().delete()
    LicenseItem.objects.bulk_create(
        LicenseItem(
            request=request, eccn=as_printed(item.eccn), description=item.description.strip(),
            quantity=item.quantity, unit=item.unit.strip(), value=item.value,
            currency=item.currency, policy=policy_of(item.eccn, request.license_policy),
        )
        for item in content.items
    )  # fmt: skip
    LicenseParty.objects.bulk_create(
        LicenseParty(
            request=request, role=party.role, name=party.name.strip(), address=party.address.strip(),
            country=party.country, counterparty_id=party.counterparty_id,
        )
        for party in content.parties
    )  # fmt: skip


def as_printed(eccn: str) -> str:
    """An ECCN as the Commerce Control List prints it: 5A992.c, EAR99."""
    base, dot, paragraph = eccn.strip().partition(".")
    return base.upper() + dot + paragraph.lower()


def policy_of(eccn: str, license_policy: str) -> str:
    """The review policy that the entry states for this item, or "" where it must be read."""
    clause = policy_for(eccn.strip(), license_policy)
    return (clause.policy or "") if clause else ""


@transaction.atomic
def draft(*, case: Case, content: Content, actor: User) -> LicenseRequest:
    """Start a request from a case with a confirmed match; the entry's words are copied as they read now."""
    check_permission(actor, Permission.LICENSE_REQUEST)
    case = cases.locked(case)
    confirmed = cases.check_confirmed(case)
    check(content)
    text = confirmed.match.revision.text
    now = timezone.now()
    request = LicenseRequest.objects.create(
        case=case, case_match=confirmed, title=content.title.strip(), application_type=content.application_type,
        end_use=content.end_use.strip(), entry_name=confirmed.match.revision.name,
        license_requirement=text["license_requirement"], license_policy=text["license_policy"],
        citation=text["citation"], entry_revision=confirmed.match.revision_id, requested_by=actor, created_at=now,
        changed_at=now,
    )  # fmt: skip
    fill(request, content)
    data = {"case": case.number, "title": request.title}
    audit.record("license_request.drafted", subject=request, actor=actor, data=data, mentions=[case, case.counterparty])
    return request


def locked(request: LicenseRequest) -> LicenseRequest:
    return LicenseRequest.objects.select_for_update().get(pk=request.pk)


@transaction.atomic
def change(*, request: LicenseRequest, content: Content, actor: User) -> LicenseRequest:
    """Rewrite a draft or returned request."""
    request = locked(request)
    step = WORKFLOW.check("change", request, actor)
    check(content)
    before = body(request)
    request.title, request.end_use = content.title.strip(), content.end_use.strip()
    request.application_type, request.changed_at = content.application_type, timezone.now()
    request.save()
    fill(request, content)
    after = body(request)
    fields = [name.replace("_", " ") for name in after if after[name] != before[name]]
    data = {"fields": ", ".join(fields) or "nothing"}
    audit.record(step.event, subject=request, actor=actor, data=data, mentions=[request.case])
    return request


def body(request: LicenseRequest) -> dict[str, Any]:
    """The request as the trail keeps it: every line, with money and numbers as text."""
    return {
        "title": request.title, "type": request.application_type, "end_use": request.end_use,
        "entry": request.entry_name, "license_requirement": request.license_requirement,
        "license_policy": request.license_policy, "citation": request.citation,
        "items": [
            {"eccn": i.eccn, "description": i.description, "quantity": i.quantity, "unit": i.unit,
             "value": f"{i.value:.2f}", "currency": i.currency, "policy": i.policy}
            for i in request.items.all()
        ],
        "parties": [
            {"role": p.role, "name": p.name, "address": p.address, "country": p.country}
            for p in request.parties.all()
        ],
    }  # fmt: skip


@transaction.atomic
def submit(*, request: LicenseRequest, actor: User) -> LicenseRequest:
    """Put the request before a manager."""
    request = locked(request)
    step = WORKFLOW.check("submit", request, actor)
    request.state, request.submitted_at, request.changed_at = step.to, timezone.now(), timezone.now()
    request.save()
    audit.record(
        step.event, subject=request, actor=actor, data={"body": body(request)},
        mentions=[request.case, request.case.counterparty],
    )  # fmt: skip
    return request


@transaction.atomic
def decide(*, request: LicenseRequest, move: str, reason: str, conditions: str = "", actor: User) -> LicenseRequest:
    """A manager's decision: "approve" (to file), "return" or "reject", with a reason and, for approval, conditions."""
    if move not in ("approve", "return", "reject"):
        raise Invalid("Choose to approve to file, return or reject.")
    request = locked(request)
    step = WORKFLOW.check(move, request, actor)
    reason = cases.required(reason, "the reason")
    conditions = conditions.strip() if move == "approve" else ""
    now = timezone.now()
    Approval.objects.create(
        request=request, outcome=step.to, reason=reason, conditions=conditions, decided_by=actor, decided_at=now
    )
    request.state, request.changed_at = step.to, now
    request.save()
    data = {"reason": reason}
    if move == "approve":
        data["conditions"] = conditions
    audit.record(
        step.event, subject=request, actor=actor, data=data, mentions=[request.case, request.case.counterparty]
    )
    return request


@transaction.atomic
def withdraw(*, request: LicenseRequest, reason: str, actor: User) -> LicenseRequest:
    """The requester takes the request back."""
    request = locked(request)
    step = WORKFLOW.check("withdraw", request, actor)
    request.state, request.changed_at = step.to, timezone.now()
    request.save()
    audit.record(
        step.event, subject=request, actor=actor, data={"reason": cases.required(reason, "the reason")},
        mentions=[request.case],
    )  # fmt: skip
    return request

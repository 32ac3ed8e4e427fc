"""Internal license requests: prepared by an officer, approved to file by a manager. Only BIS grants a license."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse

from compliance.accounts.models import User
from compliance.cases.models import Case, CaseMatch
from compliance.core.permissions import Permission
from compliance.counterparties.models import Counterparty


class RequestState(models.TextChoices):
    """The company's side of domain section 14; what the agency does later is a state of its own."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    RETURNED = "returned", "Returned to the requester"
    APPROVED_TO_FILE = "approved_to_file", "Approved to file"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"


class PartyRole(models.TextChoices):
    """The roles of 15 CFR 748.5."""

    APPLICANT = "applicant", "Applicant"
    OTHER_PARTY = "other_party", "Other party authorized to receive the license"
    PURCHASER = "purchaser", "Purchaser"
    INTERMEDIATE_CONSIGNEE = "intermediate_consignee", "Intermediate consignee"
    ULTIMATE_CONSIGNEE = "ultimate_consignee", "Ultimate consignee"
    END_USER = "end_user", "End-user"


class ApplicationType(models.TextChoices):
    """Block 5 of the application (supp. 1 to part 748)."""

    EXPORT = "export", "Export"
    REEXPORT = "reexport", "Reexport"
    TRANSFER = "transfer", "Transfer (in-country)"


class LicenseRequestQuerySet(models.QuerySet["LicenseRequest"]):
    """Requests that a person may see."""

    def visible_to(self, user: User) -> LicenseRequestQuerySet:
        return self if user.has_permission(Permission.DESK_READ) else self.none()

    def waiting(self) -> LicenseRequestQuerySet:
        return self.filter(state=RequestState.SUBMITTED)


class LicenseRequest(models.Model):
    """One request to file for a license, from one confirmed match, with the rule's words as they read then."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="license_requests")
    case_match = models.ForeignKey(CaseMatch, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=RequestState.choices, default=RequestState.DRAFT)
    title = models.CharField(max_length=200)
    application_type = models.CharField(max_length=10, choices=ApplicationType.choices, default=ApplicationType.EXPORT)
    end_use = models.TextField()
    entry_name = models.CharField(max_length=1000)
    license_requirement = models.TextField()
    license_policy = models.TextField()
    citation = models.TextField()  # a long series of notices in some entries
    entry_revision = models.BigIntegerField()
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    objects = LicenseRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=RequestState.values), name="license_request_state_known"
            )
        ]

    def __str__(self) -> str:
        return f"license request {self.number}"

    @property
    def number(self) -> str:
        return f"L-{100 + self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("licenses:detail", args=[self.pk])


class LicenseParty(models.Model):
    """A party to the transaction in its role."""

    request = models.ForeignKey(LicenseRequest, on_delete=models.CASCADE, related_name="parties")
    role = models.CharField(max_length=24, choices=PartyRole.choices)
    name = models.CharField(max_length=400)
    address = models.CharField(max_length=1000, blank=True)
    country = models.CharField(max_length=2, blank=True)
    counterparty = models.ForeignKey(Counterparty, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.name}"


class LicenseItem(models.Model):
    """One line of items: what, how many, how much. `policy` is how BIS says it will judge this item."""

    request = models.ForeignKey(LicenseRequest, on_delete=models.CASCADE, related_name="items")
    eccn = models.CharField(max_length=20)
    description = models.CharField(max_length=400)
    quantity = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    unit = models.CharField(max_length=20, default="pieces")
    value = models.DecimalField(max_digits=14, decimal_places=2, validators=[MinValueValidator(0)])
    currency = models.CharField(max_length=3, default="USD")
    policy = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity__gt=0, value__gte=0), name="license_item_amounts")
        ]

    def __str__(self) -> str:
        return f"{self.eccn}: {self.description}"


class Approval(models.Model):
    """A manager's decision on a submitted request, written once."""

    request = models.ForeignKey(LicenseRequest, on_delete=models.PROTECT, related_name="approvals")
    outcome = models.CharField(max_length=20, choices=RequestState.choices)
    reason = models.TextField()
    conditions = models.TextField(blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} by {self.decided_by}"

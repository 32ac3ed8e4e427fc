"""The states of a license request on the company's side, written once."""

from __future__ import annotations

from compliance.accounts.models import User
from compliance.core.errors import NotAllowed
from compliance.core.permissions import Permission, check_permission
from compliance.core.workflow import Move, Workflow
from compliance.licenses.models import LicenseRequest
from compliance.licenses.models import RequestState as S


def check_is_requester(actor: User, request: LicenseRequest) -> None:
    check_permission(actor, Permission.LICENSE_REQUEST)
    if request.requested_by_id != actor.pk:
        raise NotAllowed(f"{request.requested_by} prepared this request, so only they change or submit it.")


def check_can_approve(actor: User, request: LicenseRequest) -> None:
    """Requester and approver are never the same person, nor does one who decided the case approve (section 15)."""
    check_permission(actor, Permission.LICENSE_APPROVE)
    if request.requested_by_id == actor.pk:
        raise NotAllowed("You prepared this request, so another manager decides it.")
    if request.case.matches.filter(decisions__decided_by=actor).exists():
        raise NotAllowed("You decided a match of this case, so another manager decides the request.")


EDITABLE = frozenset({S.DRAFT, S.RETURNED})

WORKFLOW = Workflow(
    "License request",
    Move("change", frozenset({S.DRAFT}), S.DRAFT, "license_request.changed", check_is_requester, "Change"),
    Move("change", frozenset({S.RETURNED}), S.RETURNED, "license_request.changed", check_is_requester, "Change"),
    Move("submit", EDITABLE, S.SUBMITTED, "license_request.submitted", check_is_requester, "Submit"),
    Move("approve", frozenset({S.SUBMITTED}), S.APPROVED_TO_FILE, "license_request.approved_to_file",
         check_can_approve, "Approve to file"),
    Move("return", frozenset({S.SUBMITTED}), S.RETURNED, "license_request.returned", check_can_approve, "Return"),
    Move("reject", frozenset({S.SUBMITTED}), S.REJECTED, "license_request.rejected", check_can_approve, "Reject"),
    Move("withdraw", EDITABLE | {S.SUBMITTED}, S.WITHDRAWN, "license_request.withdrawn", check_is_requester,
         "Withdraw"),
)  # fmt: skip

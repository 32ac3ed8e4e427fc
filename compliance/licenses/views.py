"""Pages of license requests: list, prepare, one request, decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.accounts.models import User
from compliance.accounts.views import person_of
from compliance.cases.models import Case
from compliance.core.errors import ComplianceError
from compliance.core.http import needs
from compliance.core.permissions import Permission
from compliance.licenses import selectors, services
from compliance.licenses.forms import DecisionForm, ReasonForm, RequestForms, stored
from compliance.licenses.models import LicenseRequest, RequestState
from compliance.licenses.workflow import WORKFLOW


def found(user: User, pk: int) -> LicenseRequest:
    rows = LicenseRequest.objects.visible_to(user).select_related(
        "case__counterparty", "case_match__entry", "requested_by"
    )
    return get_object_or_404(rows, pk=pk)


@require_safe
@needs(Permission.DESK_READ)
def request_list(request: HttpRequest) -> HttpResponse:
    """Requests, newest first, by state."""
    state = request.GET.get("state", "")
    before = request.GET.get("before", "")
    page = selectors.request_list(
        user=person_of(request),
        state=state if state in RequestState.values else "",
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
    )
    return render(request, "licenses/list.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.LICENSE_REQUEST)
def request_new(request: HttpRequest, case_pk: int) -> HttpResponse:
    """Prepare a request from a case with a confirmed match."""
    rows = Case.objects.visible_to(person_of(request)).select_related("counterparty")
    case = get_object_or_404(rows, pk=case_pk)
    start = selectors.start_of(case)
    if request.method != "POST":
        forms = RequestForms.drawn(None, title=f"{case.counterparty.name}"[:200], parties=start.parties)
        return edit_page(request, forms, start=start)

    def save(forms: RequestForms) -> LicenseRequest:
        return services.draft(case=case, content=forms.content, actor=person_of(request))

    return edited(request, save, start=start)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.LICENSE_REQUEST)
def request_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft, or a request that came back."""
    subject = found(person_of(request), pk)
    if request.method != "POST":
        WORKFLOW.check("change", subject, person_of(request))
        return edit_page(request, RequestForms.drawn(stored(subject)), subject=subject)

    def save(forms: RequestForms) -> LicenseRequest:
        return services.change(request=subject, content=forms.content, actor=person_of(request))

    return edited(request, save, subject=subject)


def edited(request: HttpRequest, save: Callable[[RequestForms], LicenseRequest], **context: Any) -> HttpResponse:
    """Add a line, or check and store what was written."""
    if more := request.POST.get("add"):
        return edit_page(request, RequestForms.with_line(request.POST, more), added=more, **context)
    forms = RequestForms.sent(request.POST)
    if not forms.is_valid():
        return edit_page(request, forms, status=422, **context)
    try:
        subject = save(forms)
    except ComplianceError as error:
        forms.request.add_error(None, error.sentence)
        return edit_page(request, forms, status=error.status, **context)
    messages.success(request, f"{subject.number} is kept as {subject.get_state_display().lower()}.")
    return redirect(subject)


def edit_page(request: HttpRequest, forms: RequestForms, *, status: int = 200, **context: Any) -> HttpResponse:
    return render(request, "licenses/edit.html", {"forms": forms, **context}, status=status)


@require_safe
@needs(Permission.DESK_READ)
def request_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One request."""
    return detail_page(request, pk)


def detail_page(
    request: HttpRequest,
    pk: int,
    *,
    form: DecisionForm | None = None,
    withdraw_form: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    subject = found(person_of(request), pk)
    context = {
        "page": selectors.request_page(subject, person_of(request)), "license_request": subject,
        "form": form or DecisionForm(), "withdraw_form": withdraw_form or ReasonForm(),
    }  # fmt: skip
    return render(request, "licenses/detail.html", context, status=status)


@require_POST
@needs(Permission.LICENSE_REQUEST)
def request_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it before a manager."""
    subject = services.submit(request=found(person_of(request), pk), actor=person_of(request))
    messages.success(request, f"{subject.number} was submitted. A manager who did not work on it decides.")
    return redirect(subject)


@require_POST
@needs(Permission.LICENSE_APPROVE)
def request_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve to file, return or reject."""
    subject = found(person_of(request), pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return detail_page(request, pk, form=form, status=422)
    try:
        subject = services.decide(request=subject, actor=person_of(request), **form.cleaned_data)
    except ComplianceError as error:
        form.add_error(None, error.sentence)
        return detail_page(request, pk, form=form, status=error.status)
    messages.success(request, f"{subject.number}: {subject.get_state_display().lower()}.")
    return redirect(subject)


@require_POST
@needs(Permission.LICENSE_REQUEST)
def request_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """The requester takes it back."""
    subject = found(person_of(request), pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return detail_page(request, pk, withdraw_form=form, status=422)
    try:
        services.withdraw(request=subject, actor=person_of(request), **form.cleaned_data)
    except ComplianceError as error:
        form.add_error(None, error.sentence)
        return detail_page(request, pk, withdraw_form=form, status=error.status)
    messages.success(request, f"{subject.number} was withdrawn.")
    return redirect("licenses:detail", pk=subject.pk)

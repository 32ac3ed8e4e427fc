"""Pages of screening runs: what ran, how far it is, what failed; start and retry."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from compliance.accounts.views import person_of
from compliance.core.errors import ComplianceError
from compliance.core.http import needs
from compliance.core.permissions import Permission
from compliance.jobs import services as jobs
from compliance.jobs.models import Job
from compliance.runs import selectors, services
from compliance.runs.forms import FullRunForm
from compliance.runs.models import ScreeningRun


@require_safe
@needs(Permission.DESK_READ)
def run_list(request: HttpRequest) -> HttpResponse:
    """Every run, newest first."""
    return list_page(request, FullRunForm())


def list_page(request: HttpRequest, form: FullRunForm, status: int = 200) -> HttpResponse:
    person = person_of(request)
    part, rows = selectors.run_slice(person, request.GET.get("before", ""))
    context = {
        "slice": part, "rows": rows, "form": form, "failed_jobs": selectors.failed_jobs(),
        "may_start": person.has_permission(Permission.RUN_START),
    }  # fmt: skip
    return render(request, "runs/list.html", context, status=status)


def run_of(pk: int) -> ScreeningRun:
    return get_object_or_404(ScreeningRun.objects.select_related("version", "job"), pk=pk)


@require_safe
@needs(Permission.DESK_READ)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: versions and settings it used, counts, failures by name."""
    page = selectors.run_page(run_of(pk), person_of(request))
    return render(request, "runs/detail.html", {"page": page, "run": page.run})


@require_safe
@needs(Permission.DESK_READ)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part that shows how far a run is. It asks for itself again while the run is open, then for its page."""
    row = selectors.run_row(run_of(pk))
    response = render(request, "runs/_progress.html", {"row": row, "run": row.run})
    if not row.is_open and request.headers.get("HX-Request"):
        response["HX-Refresh"] = "true"
    return response


@require_POST
@needs(Permission.RUN_START)
def start(request: HttpRequest) -> HttpResponse:
    """Ask for a full rescreen, with a reason."""
    form = FullRunForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            run = services.start_full(actor=person_of(request), **form.cleaned_data)
        except ComplianceError as error:
            form.add_error(None, error.sentence)
            status = error.status
        else:
            messages.info(request, "The rescreen is asked for and begins as soon as a worker is free.")
            return redirect(run)
    return list_page(request, form, status=status)


@require_POST
@needs(Permission.RUN_START)
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a failed job go on from where it saved its progress."""
    jobs.retry(get_object_or_404(Job, pk=pk), actor=person_of(request))
    messages.info(request, "It is asked for again and goes on from where it stopped.")
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(target if is_ours else "runs:list")

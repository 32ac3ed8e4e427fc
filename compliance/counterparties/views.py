"""Pages that load and change counterparties. The list and the page of one stand in desk, with their status."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from compliance.accounts.views import person_of
from compliance.core.errors import ComplianceError
from compliance.core.http import needs, page_or_part
from compliance.core.permissions import Permission
from compliance.counterparties import selectors, services
from compliance.counterparties.forms import CounterpartyForm, ImportForm
from compliance.counterparties.models import Counterparty, ImportFile

OUTCOMES = {
    "created": "The record was created and waits for its first screening.",
    "updated": "The record was changed. If a screened fact changed, it is screened again.",
    "unchanged": "Nothing was different, so nothing was recorded.",
}


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.COUNTERPARTY_EDIT)
def import_new(request: HttpRequest) -> HttpResponse:
    """Take in a file of counterparties; its rows are done by a worker."""
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            upload = form.cleaned_data["file"]
            try:
                file = services.receive_import(data=upload.read(), filename=upload.name, actor=person_of(request))
            except ComplianceError as error:
                form.add_error("file", error.sentence)
                status = error.status
            else:
                messages.info(
                    request, "The file is here and its rows are being taken in. This page shows how far it is."
                )
                return redirect(file)
    context = {"form": form, "recent": selectors.recent_imports()}
    return render(request, "counterparties/import_new.html", context, status=status)


@require_safe
@needs(Permission.DESK_READ)
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """How far an import is, and what became of every row."""
    rows = ImportFile.objects.select_related("loaded_by").defer("content_gz")
    page = selectors.import_page(get_object_or_404(rows, pk=pk))
    context = {"page": page, "file": page.file}
    return page_or_part(request, "counterparties/import.html", "counterparties/_import.html", context)


@require_safe
@needs(Permission.DESK_READ)
def import_refused(request: HttpRequest, pk: int) -> HttpResponse:
    """The refused rows as a CSV file."""
    file = get_object_or_404(ImportFile.objects.defer("content_gz"), pk=pk)
    response = HttpResponse(selectors.refused_csv(file), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"refused-rows-{file.pk}.csv") or "attachment"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.COUNTERPARTY_EDIT)
def new(request: HttpRequest) -> HttpResponse:
    """Add one record by hand."""
    return edit_form(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.COUNTERPARTY_EDIT)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one record."""
    person = person_of(request)
    return edit_form(request, get_object_or_404(Counterparty.objects.visible_to(person), pk=pk))


def edit_form(request: HttpRequest, record: Counterparty | None) -> HttpResponse:
    form = CounterpartyForm(request.POST if request.method == "POST" else None, record=record)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                saved, outcome = services.save(
                    external_id=form.cleaned_data["external_id"], values=form.values(),
                    seen=form.cleaned_data["seen"] if record else None, actor=person_of(request),
                )  # fmt: skip
            except ComplianceError as error:
                form.add_error(None, error.sentence)
                status = error.status
            else:
                messages.success(request, OUTCOMES[outcome])
                return redirect(saved)
    return render(request, "counterparties/edit.html", {"form": form, "record": record}, status=status)

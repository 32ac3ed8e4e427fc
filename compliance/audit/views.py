"""Pages of the trail: list, one event, verification, export."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from compliance.audit import selectors, services
from compliance.audit.forms import TrailFilterForm
from compliance.audit.models import AuditEvent
from compliance.core.http import needs, page_or_part
from compliance.core.permissions import Permission


def number(text: str | None) -> int | None:
    """A sequence from the address, or None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


@require_safe
@needs(Permission.AUDIT_READ)
def trail(request: HttpRequest) -> HttpResponse:
    """The trail, newest first, filtered."""
    form = TrailFilterForm(request.GET or None)
    filters = form.filters() if form.is_valid() else {}
    page = selectors.trail_page(
        filters, before=number(request.GET.get("before")), after=number(request.GET.get("after"))
    )
    context = {
        "form": form, "page": page, "filters": filters, "chain": selectors.chain_state(),
        "may_export": request.user.has_permission(Permission.AUDIT_EXPORT),  # type: ignore[union-attr]
    }  # fmt: skip
    status = 422 if form.is_bound and form.errors else 200
    return page_or_part(request, "audit/list.html", "audit/_trail.html", context, status=status)


@require_safe
@needs(Permission.AUDIT_READ)
def event(request: HttpRequest, seq: int) -> HttpResponse:
    """One event with its facts, clocks and neighbors."""
    found = get_object_or_404(AuditEvent, seq=seq)
    return render(request, "audit/event.html", {"page": selectors.event_page(found), "event": found})


@require_POST
@needs(Permission.AUDIT_READ)
def verify(request: HttpRequest) -> HttpResponse:
    """Recompute the whole chain now, and record what came of it."""
    verdict = services.verify_and_record(actor=request.user)
    if verdict.broken:
        messages.error(request, f"The chain is broken at event {verdict.broken.seq}: {verdict.broken.sentence}.")
    else:
        messages.success(request, f"Chain verified to sequence {verdict.head_seq:,}. The check itself is recorded.")
    return redirect("audit:list")


@require_POST
@needs(Permission.AUDIT_EXPORT)
def export(request: HttpRequest) -> HttpResponse | FileResponse:
    """The filtered trail as a zip. Nothing is sent before the export is recorded."""
    form = TrailFilterForm(request.POST)
    if not form.is_valid():
        context = {
            "form": form, "page": selectors.trail_page({}), "filters": {}, "chain": selectors.chain_state(),
            "may_export": True,
        }  # fmt: skip
        return render(request, "audit/list.html", context, status=422)
    made = services.export_trail(filters=form.filters(), actor=request.user)
    name = f"entity-desk-audit-{made.manifest['head_seq']}.zip"
    return FileResponse(made.as_zip(), as_attachment=True, filename=name, content_type="application/zip")

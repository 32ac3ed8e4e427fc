"""Pages of the list sources: one source with its looks and versions, and where sources disagree."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from compliance.accounts.views import person_of
from compliance.core.http import needs
from compliance.core.permissions import Permission
from compliance.watchlists.checks import check_now
from compliance.watchlists.conflict_selectors import conflicts_page
from compliance.watchlists.parsers.form import template
from compliance.watchlists.source_selectors import source_page
from compliance.watchlists.source_table import source_row
from compliance.watchlists.sources import watched_source


@require_safe
@needs(Permission.DESK_READ)
def source(request: HttpRequest, key: str) -> HttpResponse:
    """One source: how it stands, its versions, and the looks at it."""
    page = source_page(key, person_of(request), request.GET.get("page"))
    row = source_row(key, person_of(request))
    if page is None or row is None:
        raise Http404
    if request.headers.get("HX-Request") and not (page.job and page.job.is_unfinished):
        return HttpResponse(headers={"HX-Refresh": "true"})  # the waiting part asked, and the look is over
    return render(request, "lists/source.html", {"page": page, "row": row, "source": page.facts})


@require_POST
@needs(Permission.LIST_LOAD)
def check(request: HttpRequest, key: str) -> HttpResponse:
    """Look at this source now."""
    if watched_source(key) is None:
        raise Http404
    check_now(key=key, actor=person_of(request))
    messages.info(request, "Asked for. A worker looks at the source; this page shows what came of it.")
    return redirect("lists:source", key)


@require_safe
@needs(Permission.DESK_READ)
def conflicts(request: HttpRequest) -> HttpResponse:
    """Where two sources print the same entry and say different things."""
    page = conflicts_page(person_of(request), request.GET.get("field", ""), request.GET.get("page"))
    return render(request, "lists/conflicts.html", {"page": page})


@require_safe
@needs(Permission.LIST_LOAD)
def form_template(request: HttpRequest) -> HttpResponse:
    """The CSV form to fill in, with one made-up row for each list."""
    answer = HttpResponse(template(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="list-template.csv"'
    return answer

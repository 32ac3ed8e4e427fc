"""The pages of one list version and of one entry."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from compliance.accounts.views import person_of
from compliance.core.http import needs
from compliance.core.paging import whole_number
from compliance.core.permissions import Permission
from compliance.desk.list_selectors import entry_page, version_page
from compliance.runs.models import Match, RunState
from compliance.watchlists.forms import ReleaseForm
from compliance.watchlists.models import Entry, ListVersion


@require_safe
@needs(Permission.DESK_READ)
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: its state, what may be done, and what it changes."""
    rows = ListVersion.objects.select_related("source", "raw_file", "loaded_by", "released_by")
    found = get_object_or_404(rows.defer("raw_file__content_gz"), pk=pk)
    page = version_page(
        found, person_of(request), tab=request.GET.get("tab", ""), number=request.GET.get("page"),
        opened=whole_number(request.GET.get("open", "")),
    )  # fmt: skip
    finished = page.run is not None and page.run.state == RunState.FINISHED
    settling = finished and Match.objects.standing().filter(in_case=None, revision__version=found).exists()
    if finished and not settling and request.headers.get("HX-Request"):  # the waiting part asked: all of it is new
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = {"page": page, "version": found, "release_form": ReleaseForm(), "settling": settling}
    return render(request, "lists/version.html", context)


@require_safe
@needs(Permission.DESK_READ)
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One listed party, as it reads now and as it read before."""
    found = get_object_or_404(Entry, pk=pk)
    page = entry_page(found, person_of(request))
    if page is None:
        raise Http404
    return render(request, "lists/entry.html", {"page": page, "entry": found})

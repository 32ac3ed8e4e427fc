"""The list of counterparties with their status, and the page of one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from compliance.accounts.views import person_of
from compliance.core.http import needs
from compliance.core.permissions import Permission
from compliance.counterparties.models import Counterparty, Relation
from compliance.counterparties.selectors import Filters
from compliance.desk.counterparty_selectors import counterparty_page, listing


@require_safe
@needs(Permission.DESK_READ)
def counterparty_list(request: HttpRequest) -> HttpResponse:
    """Counterparties by name, narrowed by text, relation or country."""
    person = person_of(request)
    filters = Filters(
        text=request.GET.get("q", "").strip()[:200],
        relation=request.GET.get("relation", ""),
        country=request.GET.get("country", "").strip()[:2],
    )
    page = listing(person, filters, request.GET.get("after", ""))
    context = {
        "page": page, "filters": filters, "relations": Relation.choices,
        "may_edit": person.has_permission(Permission.COUNTERPARTY_EDIT),
    }  # fmt: skip
    return render(request, "counterparties/list.html", context)


@require_safe
@needs(Permission.DESK_READ)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One counterparty: its status and why, its facts, and everything that happened."""
    person = person_of(request)
    record = get_object_or_404(Counterparty.objects.visible_to(person), pk=pk)
    page = counterparty_page(record, person, show=request.GET.get("show", ""))
    return render(request, "counterparties/detail.html", {"page": page, "record": record})

"""Pages that draw on several apps: today, search, screen a name; the error pages and the health check."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from compliance.accounts.views import person_of
from compliance.core.http import needs
from compliance.core.permissions import Permission, check_permission
from compliance.desk import search, selectors
from compliance.desk.forms import ScreenNameForm


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """The morning page. Administrators, who read no cases, begin at the people."""
    person = person_of(request)
    if not person.has_permission(Permission.DESK_READ) and person.has_permission(Permission.USER_ADMIN):
        return redirect("people")
    check_permission(person, Permission.DESK_READ)
    return render(request, "desk/today.html", {"page": selectors.today(person)})


@require_safe
@needs(Permission.DESK_READ)
def find(request: HttpRequest) -> HttpResponse:
    """One search over counterparties, cases and entries."""
    found = search.search(person_of(request), request.GET.get("q", ""))
    return render(request, "desk/search.html", {"found": found, "search_text": found.text})


@require_safe
@needs(Permission.DESK_READ)
def screen(request: HttpRequest) -> HttpResponse:
    """Screen one name; nothing is recorded, so this is a GET."""
    form = ScreenNameForm(request.GET if "name" in request.GET else None)
    answer = search.screen(user=person_of(request), **form.cleaned_data) if form.is_bound and form.is_valid() else None
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "desk/screen.html", {"form": form, "answer": answer}, status=status)


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Whether this process answers and reaches its database. Workers leave no sign that is fit for the public."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError:
        return JsonResponse({"status": "no database", "workers": "unknown"}, status=503)
    return JsonResponse({"status": "ok", "workers": "unknown"})


@login_not_required
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


@login_not_required
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


@login_not_required
def failed(request: HttpRequest) -> HttpResponse:
    """The 500 page reads nothing: whatever failed may fail again."""
    return HttpResponse(render_to_string("500.html"), status=500)

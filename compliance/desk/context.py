"""What every page's frame shows: navigation with open work, the state of the lists, demo strip.

Everything that costs a query is lazy: parts, sign-in and error pages that don't print it don't pay for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from compliance.accounts.models import User
from compliance.cases.models import Case
from compliance.core.permissions import Permission
from compliance.counterparties.models import DueState, ScreeningDue
from compliance.licenses.models import LicenseRequest
from compliance.runs.services import unscreened_versions
from compliance.watchlists.health import StaleSource, stale_of
from compliance.watchlists.models import ListSource, ListVersion, VersionState
from compliance.watchlists.sources import REGISTER

COUNTED_TO = 1000  # nobody tells 1,000 open cases from more, and a count must stay cheap

# Label, name of its address, first part of its path, permission.
PLACES = (
    ("Today", "today", "", Permission.DESK_READ),
    ("Cases", "cases:list", "cases", Permission.DESK_READ),
    ("Counterparties", "counterparties:list", "counterparties", Permission.DESK_READ),
    ("Lists", "lists:home", "lists", Permission.DESK_READ),
    ("Licenses", "licenses:list", "licenses", Permission.DESK_READ),
    ("Audit", "audit:list", "audit", Permission.AUDIT_READ),
    ("People", "people", "people", Permission.USER_ADMIN),
)


def chrome(request: HttpRequest) -> dict[str, Any]:
    """The frame's values; nothing but the link to sign in for anonymous requests."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    reads = user.has_permission(Permission.DESK_READ)
    sources: Any = SimpleLazyObject(source_rows)
    return {
        "nav": SimpleLazyObject(lambda: navigation(user, request.path)),
        "search_url": reverse("search") if reads else "",
        "list_state": SimpleLazyObject(lambda: list_state(sources)) if reads else None,
        "stale_lists": SimpleLazyObject(lambda: stale_of(sources, timezone.now())) if reads else None,
        "demo_mode": settings.DEMO_ALLOWED and user.is_demo,
        "account_url": reverse("account"),
    }


def navigation(user: User, path: str) -> list[dict[str, Any]]:
    """The places this person may go to, with the work that waits there."""
    here = path.split("/")[1]
    links = []
    for label, name, part, permission in PLACES:
        if not user.has_permission(permission):
            continue
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        links.append({"label": label, "url": url, "current": here == part, "count": open_work(label, user)})
    return links


def open_work(label: str, user: User) -> int:
    if label == "Cases":
        return Case.objects.visible_to(user).unfinished().order_by()[:COUNTED_TO].count()
    if label == "Licenses" and user.has_permission(Permission.LICENSE_APPROVE):
        return LicenseRequest.objects.visible_to(user).waiting().order_by()[:COUNTED_TO].count()
    return 0


def source_rows() -> list[dict[str, Any]]:
    """Every stored source with what the frame says of it, in one query."""
    now = timezone.now()
    versions = ListVersion.objects.filter(source=OuterRef("pk"))
    rows = ListSource.objects.annotate(
        current=Exists(versions.in_force(now)),
        lagging=Exists(unscreened_versions().order_by().filter(source=OuterRef("pk"))),
        coming=Count("versions", filter=Q(versions__state=VersionState.PENDING, versions__effective_at__gt=now)),
        unscreened=Exists(ScreeningDue.objects.exclude(state=DueState.NOT_SCREENABLE)),
    ).values("key", "checked_at", "current", "lagging", "coming", "unscreened")
    return [dict(row) for row in rows]


def list_state(rows: Sequence[dict[str, Any]] | None = None) -> dict[str, str]:
    """One sentence on whether every counterparty was screened against what is in force, and how old that is."""
    rows = source_rows() if rows is None else rows
    stale: list[StaleSource] = stale_of(rows, timezone.now())
    sources = [row for row in rows if row["key"] != REGISTER.key]  # the watch carries no list
    url = reverse("lists:home")
    if not any(source["current"] for source in sources):
        return {"text": "No list in force", "tone": "warn", "url": url}
    if any(source["lagging"] or source["unscreened"] for source in sources):
        return {"text": "Not all counterparties screened", "tone": "warn", "url": reverse("runs:list")}
    if stale:
        return {"text": f"{len(stale)} source{'s' if len(stale) > 1 else ''} stale", "tone": "warn", "url": url}
    coming = sum(source["coming"] for source in sources)
    if coming:
        return {"text": f"{coming} change{'s' if coming > 1 else ''} coming", "tone": "warn", "url": url}
    current = sum(source["current"] for source in sources)
    return {"text": f"{current} source{'s' if current > 1 else ''} current", "tone": "ok", "url": url}

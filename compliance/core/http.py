"""HTTP helpers shared by all pages: parts for htmx, errors as pages, permissions on views."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from compliance.core.errors import ComplianceError
from compliance.core.permissions import Permission, check_permission


def page_or_part(
    request: HttpRequest, page: str, part: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The part alone when htmx asks for it, else the whole page around it."""
    is_htmx = bool(getattr(request, "htmx", False)) and not getattr(request.htmx, "boosted", False)  # type: ignore[attr-defined]
    return render(request, part if is_htmx else page, context, status=status)


def needs(permission: Permission) -> Callable[..., Any]:
    """A view only for people with this permission; services check again."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            check_permission(request.user, permission)  # type: ignore[arg-type]
            return view(request, *args, **kwargs)

        return guarded

    return decorate


class PlainRequestMiddleware:
    """Answers 400 to an address with a NUL in it, which no database takes as text."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or any("\x00" in value for values in request.GET.lists() for value in values[1]):
            return HttpResponse(
                "This address holds a NUL character. Take it out.", status=400, content_type="text/plain"
            )
        return self.get_response(request)


class ComplianceErrorMiddleware:
    """Turns a ComplianceError into its page: 403, 409 or 422 with the sentence and what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, ComplianceError):
            return None
        return render(request, "error.html", {"error": exception}, status=exception.status)

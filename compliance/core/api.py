"""Shared parts of the REST API: pages by cursor, ComplianceError as JSON, permissions."""

from __future__ import annotations

from typing import Any

from rest_framework import pagination, permissions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, set_rollback
from rest_framework.views import exception_handler as drf_exception_handler

from compliance.core.errors import ComplianceError
from compliance.core.permissions import Permission


class CursorPages(pagination.CursorPagination):
    """Pages that cost the same at row one and at row one million."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class Needs(permissions.BasePermission):
    """Asks for the view's `permission` (or `permissions_by_method[method]`); services check again."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        by_method: dict[str, Permission] = getattr(view, "permissions_by_method", {})
        wanted = by_method.get(request.method or "", getattr(view, "permission", Permission.DESK_READ))
        user = request.user
        return bool(user and user.is_authenticated and user.has_permission(wanted))


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """A ComplianceError becomes {"code", "detail"} with its status; the rest is DRF's own."""
    if isinstance(error, ComplianceError):
        set_rollback()
        return Response({"code": error.code, "detail": error.sentence}, status=error.status)
    return drf_exception_handler(error, context)

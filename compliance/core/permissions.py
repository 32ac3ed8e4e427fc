"""What a person may be allowed to do. Code asks for a permission, never for a role."""

from __future__ import annotations

from typing import Protocol

from django.db.models import TextChoices

from compliance.core.errors import NotAllowed


class Permission(TextChoices):
    """Permissions by their act; compliance.accounts.roles bundles them into roles."""

    DESK_READ = "desk.read", "read cases, counterparties and lists"
    CASE_WORK = "case.work", "work on cases"
    CASE_DECIDE = "case.decide", "decide matches"
    CASE_REVIEW = "case.review", "second-review decisions"
    CASE_ASSIGN = "case.assign", "assign cases to others"
    HOLD_RELEASE = "hold.release", "release holds"
    COUNTERPARTY_EDIT = "counterparty.edit", "import and change counterparties"
    LIST_LOAD = "list.load", "load and activate list versions"
    LIST_NAME = "list.name", "attach supplementary names to listed entries"
    NOTICE_WORK = "notice.work", "enter and close early warnings"
    RUN_START = "run.start", "start a rescreen"
    LICENSE_REQUEST = "license.request", "open license requests"
    LICENSE_APPROVE = "license.approve", "approve license requests to file"
    AUDIT_READ = "audit.read", "read the audit trail"
    AUDIT_EXPORT = "audit.export", "export the audit trail"
    USER_ADMIN = "user.admin", "manage people and their roles"


class HasPermissions(Protocol):
    """Anyone who acts: a person or the system's named actor."""

    def has_permission(self, permission: Permission) -> bool: ...


def check_permission(user: HasPermissions, permission: Permission) -> None:
    """Raises NotAllowed, naming what is missing, if this user lacks the permission."""
    if not user.has_permission(permission):
        raise NotAllowed(f"Your role may not {permission.label}. Ask an administrator if it should.")

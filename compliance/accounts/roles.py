"""Roles as bundles of permissions (docs: who does what). Code asks for a permission, never for a role."""

from __future__ import annotations

from django.db.models import TextChoices

from compliance.core.permissions import Permission


class Role(TextChoices):
    """The five kinds of actor. An administrator decides nothing; an auditor changes nothing."""

    OFFICER = "officer", "Compliance officer"
    MANAGER = "manager", "Manager"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"
    SYSTEM = "system", "System"


PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.OFFICER: frozenset(
        {
            Permission.DESK_READ,
            Permission.CASE_WORK,
            Permission.CASE_DECIDE,
            Permission.CASE_REVIEW,
            Permission.COUNTERPARTY_EDIT,
            Permission.LIST_NAME,
            Permission.NOTICE_WORK,
            Permission.RUN_START,
            Permission.LICENSE_REQUEST,
            Permission.HOLD_RELEASE,
        }
    ),
    Role.MANAGER: frozenset(
        {
            Permission.DESK_READ,
            Permission.CASE_WORK,
            Permission.CASE_DECIDE,
            Permission.CASE_REVIEW,
            Permission.CASE_ASSIGN,
            Permission.HOLD_RELEASE,
            Permission.COUNTERPARTY_EDIT,
            Permission.LIST_LOAD,
            Permission.LIST_NAME,
            Permission.NOTICE_WORK,
            Permission.RUN_START,
            Permission.LICENSE_REQUEST,
            Permission.LICENSE_APPROVE,
            Permission.AUDIT_READ,
        }
    ),
    Role.AUDITOR: frozenset({Permission.DESK_READ, Permission.AUDIT_READ, Permission.AUDIT_EXPORT}),
    Role.ADMINISTRATOR: frozenset({Permission.USER_ADMIN}),
    Role.SYSTEM: frozenset(
        {
            Permission.LIST_LOAD,
            Permission.LIST_NAME,
            Permission.NOTICE_WORK,
            Permission.COUNTERPARTY_EDIT,
            Permission.RUN_START,
        }
    ),
}

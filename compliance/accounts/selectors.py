"""What the account and people pages need."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.paginator import Page, Paginator
from rest_framework.authtoken.models import Token

from compliance.accounts.models import User
from compliance.accounts.roles import PERMISSIONS, Role
from compliance.core.permissions import Permission

PAGE = 50


@dataclass(frozen=True)
class DemoAccount:
    """A sign-in that the demo shows to everybody."""

    username: str
    role: str
    password: str


def demo_accounts() -> list[DemoAccount]:
    """The demo's people, where the demo is allowed; nothing in production."""
    if not settings.DEMO_ALLOWED:
        return []
    order = [Role.OFFICER, Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR]
    people = User.objects.filter(is_demo=True, is_active=True).order_by("pk")
    found = [DemoAccount(p.username, p.get_role_display(), settings.DEMO_PASSWORD) for p in people if p.role in order]
    return sorted(found, key=lambda account: [str(role.label) for role in order].index(account.role))


@dataclass(frozen=True)
class AccountPage:
    """One's own account: role, what it allows, and whether a token exists."""

    role: str
    may: list[str]
    may_not: list[str]
    has_token: bool


def account_page(person: User) -> AccountPage:
    mine = PERMISSIONS[person.role]
    return AccountPage(
        role=person.get_role_display(),
        may=[str(p.label) for p in Permission if p in mine],
        may_not=[str(p.label) for p in Permission if p not in mine],
        has_token=Token.objects.filter(user=person).exists(),
    )


def people_page(number: str | None) -> Page[User]:
    """All people but the system's own actor, active ones first."""
    rows = User.objects.exclude(role=Role.SYSTEM).order_by("-is_active", "first_name", "last_name", "pk")
    return Paginator(rows, PAGE).get_page(number)

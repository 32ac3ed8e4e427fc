"""Changes to people: each one transaction with its audit event."""

from __future__ import annotations

from django.contrib.auth import login, logout
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest
from rest_framework.authtoken.models import Token

from compliance.accounts.models import User
from compliance.accounts.roles import Role
from compliance.audit import services as audit
from compliance.core.errors import Invalid, NotAllowed
from compliance.core.permissions import Permission, check_permission

ASSIGNABLE = (Role.OFFICER, Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR)


@transaction.atomic
def sign_in(*, request: HttpRequest, user: User) -> None:
    """Open a session for a person whose password was checked."""
    login(request, user)
    audit.record("person.signed_in", subject=user, actor=user, data={"method": "password"})


@transaction.atomic
def sign_out(*, request: HttpRequest, user: User) -> None:
    """End the session."""
    audit.record("person.signed_out", subject=user, actor=user)
    logout(request)


@transaction.atomic
def sign_in_failed(*, username: str) -> None:
    """Keep a failed attempt. The name typed is kept, the password never."""
    actor = User.objects.system()
    known = User.objects.filter(username=username).first()
    data = {"username": username[:150].replace("\x00", ""), "reason": "name and password don't match an active account"}
    audit.record("person.sign_in_failed", subject=known or actor, actor=actor, data=data)


@transaction.atomic
def create_person(
    *, username: str, full_name: str, role: str, password: str | None, actor: User, is_demo: bool = False
) -> User:
    """Add a person. Only an administrator (or the system, at set-up) may. Raises Invalid if the name is taken."""
    if actor.role != Role.SYSTEM:
        check_permission(actor, Permission.USER_ADMIN)
    if role not in ASSIGNABLE:
        raise Invalid(f"“{role}” is not a role. Choose one of {', '.join(ASSIGNABLE)}.")
    if User.objects.filter(username=username).exists():
        raise Invalid(f"The user name “{username}” is taken. Choose another.")
    first, _space, last = full_name.partition(" ")
    person = User.objects.create(
        username=username,
        first_name=first,
        last_name=last,
        role=role,
        is_demo=is_demo,
        password=make_password(password),
    )
    audit.record("person.created", subject=person, actor=actor, data={"role": role})
    return person


@transaction.atomic
def change_role(*, person: User, role: str, actor: User) -> None:
    """Give a person another role. Nobody changes their own."""
    check_permission(actor, Permission.USER_ADMIN)
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.pk == actor.pk:
        raise NotAllowed("Nobody changes their own role; another administrator does.")
    if role not in ASSIGNABLE or person.role == Role.SYSTEM:
        raise Invalid(f"“{role}” can't be given to {person}.")
    before, person.role = person.role, role
    person.save(update_fields=["role"])
    audit.record("person.role_changed", subject=person, actor=actor, data={"before": before, "after": role})


@transaction.atomic
def set_active(*, person: User, active: bool, reason: str, actor: User) -> None:
    """Deactivate a person or let them in again, with a reason. Sessions and tokens stop at once."""
    check_permission(actor, Permission.USER_ADMIN)
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.pk == actor.pk or person.role == Role.SYSTEM:
        raise NotAllowed("Another administrator deactivates this account.")
    if not reason.strip():
        raise Invalid("Give a reason; it is kept in the trail.")
    person.is_active = active
    person.save(update_fields=["is_active"])
    action = "person.reactivated" if active else "person.deactivated"
    audit.record(action, subject=person, actor=actor, data={"reason": reason})


@transaction.atomic
def make_token(*, person: User) -> str:
    """A new API token for oneself; the one before is void. Shown once."""
    Token.objects.filter(user=person).delete()
    token = Token.objects.create(user=person)
    audit.record("person.token_made", subject=person, actor=person)
    return token.key

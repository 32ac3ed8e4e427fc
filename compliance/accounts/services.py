"""Changes to people: each one transaction with its audit event."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authtoken.models import Token

from compliance.accounts.models import User
from compliance.accounts.roles import Role
from compliance.audit import services as audit
from compliance.audit.models import AuditEvent
from compliance.core.errors import Invalid, NotAllowed, WrongState
from compliance.core.permissions import Permission, check_permission

FAILED_LIMIT, FAILED_WINDOW = 10, timedelta(minutes=15)
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


def as_typed(username: str) -> str:
    """The name as the trail can keep it."""
    return username[:150].replace("\x00", "").encode(errors="replace").decode()


def is_locked(username: str) -> bool:
    """Whether this name failed so often lately that nothing signs it in until the window has passed."""
    since = timezone.now() - FAILED_WINDOW
    recent = AuditEvent.objects.filter(action="person.sign_in_failed", recorded_at__gt=since).order_by("-seq")
    typed = as_typed(username)
    return [data["username"] for data in recent.values_list("data", flat=True)[:1000]].count(typed) >= FAILED_LIMIT


@transaction.atomic
def sign_in_failed(*, username: str) -> None:
    """Keep a failed attempt: the name typed, never the password. A locked name is not written down again."""
    if is_locked(username):
        return
    actor = User.objects.system()
    typed = as_typed(username)
    known = User.objects.filter(username=typed).first()
    data = {"username": typed, "reason": "name and password don't match an active account"}
    audit.record("person.sign_in_failed", subject=known or actor, actor=actor, data=data)


@transaction.atomic
def change_password(*, person: User, password: str, request: HttpRequest | None = None) -> None:
    """Set one's own password. Other sessions end, the API token is void."""
    person.set_password(password)
    person.save(update_fields=["password"])
    Token.objects.filter(user=person).delete()
    if request is not None:
        update_session_auth_hash(request, person)
    audit.record("person.password_changed", subject=person, actor=person)


@transaction.atomic
def token_for(*, user: User) -> str:
    """A program signs in for a person whose password was checked: a new token, recorded as a sign-in by API."""
    audit.record("person.signed_in", subject=user, actor=user, data={"method": "api"})
    return make_token(person=user)


def checked(*, request: HttpRequest | None, username: str, password: str) -> User:
    """The person with this name and password, if they may sign in. Raises NotAllowed; the attempt is kept."""
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        sign_in_failed(username=username)
        raise NotAllowed("User name and password don't match an active account.", code="sign_in_failed")
    return user


@transaction.atomic
def create_person(
    *, username: str, full_name: str, role: str, password: str | None, actor: User, is_demo: bool = False
) -> User:
    """Add a person. Only an administrator (or the system, at set-up) may. Raises Invalid if the name is taken."""
    if actor.role != Role.SYSTEM:
        check_permission(actor, Permission.USER_ADMIN)
    if role not in ASSIGNABLE:
        raise Invalid(f"“{role}” is not a role. Choose one of {', '.join(ASSIGNABLE)}.")
    username, full_name = username.strip(), " ".join(full_name.split())
    if not full_name or len(full_name) > 120:
        raise Invalid("Give the person's full name, at most 120 letters.")
    check_username(username)
    if User.objects.filter(username__iexact=username).exists():
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


def check_username(username: str) -> None:
    """Raises Invalid unless this can be a user name."""
    try:
        User._meta.get_field("username").run_validators(username)
    except ValidationError as error:
        raise Invalid(f"“{username}” can't be a user name: use letters, digits and @ . + - _ only.") from error
    if not username:
        raise Invalid("Give a user name.")


def check_password_strength(password: str, *, username: str, full_name: str) -> None:
    """Raises Invalid for a password that is too easy."""
    try:
        validate_password(password, User(username=username, first_name=full_name))
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error


@transaction.atomic
def change_role(*, person: User, role: str, actor: User) -> None:
    """Give a person another role. Nobody changes their own."""
    check_permission(actor, Permission.USER_ADMIN)
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if person.pk == actor.pk:
        raise NotAllowed("Nobody changes their own role; another administrator does.")
    if role not in ASSIGNABLE or person.role == Role.SYSTEM:
        raise Invalid(f"“{role}” can't be given to {person}.")
    if person.role == role:
        raise WrongState(f"{person} already has this role.")
    before, person.role = person.role, role
    person.save(update_fields=["role"])
    audit.record("person.role_changed", subject=person, actor=actor, data={"before": before, "after": role})


@transaction.atomic
def set_active(*, person: User, active: bool, reason: str, actor: User) -> None:
    """Deactivate a person or let them in again, with a reason. Sessions and tokens stop at once."""
    check_permission(actor, Permission.USER_ADMIN)
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if person.pk == actor.pk or person.role == Role.SYSTEM:
        raise NotAllowed("Another administrator deactivates this account.")
    if not reason.strip():
        raise Invalid("Give a reason; it is kept in the trail.")
    if person.is_active == active:
        raise WrongState(f"{person} is already {'active' if active else 'deactivated'}.")
    person.is_active = active
    person.save(update_fields=["is_active"])
    Token.objects.filter(user=person).delete()
    action = "person.reactivated" if active else "person.deactivated"
    audit.record(action, subject=person, actor=actor, data={"reason": reason.strip()})


@transaction.atomic
def make_token(*, person: User) -> str:
    """A new API token for oneself; the one before is void. Shown once."""
    Token.objects.filter(user=person).delete()
    token = Token.objects.create(user=person)
    audit.record("person.token_made", subject=person, actor=person)
    return token.key

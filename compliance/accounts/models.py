"""People who work at the desk, and the system's own named actor. Nobody is ever deleted, only deactivated."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models

from compliance.accounts.roles import PERMISSIONS, Role
from compliance.core.permissions import Permission


class PeopleManager(UserManager["User"]):
    """`system()` gives the actor of automatic acts, making its row the first time."""

    def system(self) -> User:
        user, _made = self.get_or_create(
            username="system", defaults={"first_name": "System", "role": Role.SYSTEM, "password": "!"}
        )
        return user


class User(AbstractUser):
    """One person with one role. `is_demo` accounts can't sign in where the product runs for real."""

    role = models.CharField(max_length=20, choices=Role.choices, default=Role.AUDITOR)
    is_demo = models.BooleanField(default=False)

    objects: ClassVar[PeopleManager] = PeopleManager()

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_known"),
            models.UniqueConstraint(
                fields=["role"], condition=models.Q(role=Role.SYSTEM), name="user_one_system_actor"
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def audit_name(self) -> str:
        return f"{self} ({self.username}), {self.get_role_display().lower()}"

    @property
    def initials(self) -> str:
        words = str(self).split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()

    def has_permission(self, permission: Permission) -> bool:
        """Whether this person's role carries the permission, and the person is active."""
        return self.is_active and permission in PERMISSIONS[self.role]

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("People are deactivated, never deleted: the trail names them.")

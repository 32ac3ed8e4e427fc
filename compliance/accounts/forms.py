"""Forms of the people pages."""

from __future__ import annotations

from typing import Any

from django import forms

from compliance.accounts import services
from compliance.accounts.roles import Role
from compliance.core.errors import Invalid

ROLES = [(role.value, role.label) for role in services.ASSIGNABLE]


class PersonForm(forms.Form):
    """A new person with a first password."""

    username = forms.CharField(
        label="User name",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    full_name = forms.CharField(
        label="Full name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label="Role", choices=[("", "Choose a role"), *ROLES])
    password = forms.CharField(
        label="First password", strip=False, help_text="At least 12 letters. Tell it to the person yourself.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("password"):
            try:
                services.check_password_strength(
                    values["password"], username=values.get("username", ""), full_name=values.get("full_name", "")
                )
            except Invalid as error:
                self.add_error("password", error.sentence)
        return values


class RoleForm(forms.Form):
    """Another role for a person."""

    role = forms.ChoiceField(label="Role", choices=ROLES)


class ActiveForm(forms.Form):
    """Why a person is deactivated or let in again."""

    reason = forms.CharField(label="Reason", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


def role_words(role: str) -> str:
    return str(Role(role).label)

"""Filters of the trail, as a form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model

from compliance.audit.selectors import KINDS, action_choices


def people() -> list[tuple[str, str]]:
    """Everyone who may have acted, by number."""
    rows = get_user_model()._default_manager.order_by("first_name", "last_name", "username")
    return [("", "Anyone"), *((str(person.pk), f"{person} ({person.get_username()})") for person in rows)]


class TrailFilterForm(forms.Form):
    """What to show or export. Every field may be left empty."""

    from_ = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    to = forms.DateField(
        label="To, included", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    action = forms.ChoiceField(label="Event", required=False)
    actor = forms.ChoiceField(label="Person", required=False)
    subject_type = forms.ChoiceField(label="About", required=False)
    subject_id = forms.CharField(label="Number", required=False, max_length=40)
    text = forms.CharField(label="Words in the subject", required=False, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action"].choices = [("", "Any"), *action_choices()]  # type: ignore[attr-defined]
        self.fields["actor"].choices = people()  # type: ignore[attr-defined]
        self.fields["subject_type"].choices = [("", "Anything"), *KINDS.items()]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["class"] = "ctl--s"

    def add_prefix(self, field_name: str) -> str:
        """`from` is a word of the language, so the field is `from_`; the address says `from`."""
        return super().add_prefix(field_name.removesuffix("_"))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("subject_id") and not values.get("subject_type"):
            self.add_error("subject_type", "Say what the number is of.")
        first, last = values.get("from_"), values.get("to")
        if first and last and first > last:
            self.add_error("to", "The period ends before it begins.")
        return values

    def filters(self) -> dict[str, str]:
        """The filters that are set, in the words of AuditEventQuerySet.matching."""
        named = {name.removesuffix("_"): value for name, value in self.cleaned_data.items() if value}
        return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in named.items()}

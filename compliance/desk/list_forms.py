"""Forms of the pages on entries: instants, one item on one day, supplementary names."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from compliance.core.errors import Invalid
from compliance.watchlists.as_of import YEARS, Clocks, instant
from compliance.watchlists.eccn import item_code
from compliance.watchlists.effects import LIST_POLICIES
from compliance.watchlists.models import NameKind
from compliance.watchlists.names import LONGEST

WHEN_HELP = "Like 2019-10-15 (00:00) or 2019-10-15T12:00, Washington time."


class InstantField(forms.CharField):
    """An ISO 8601 date or time between 1950 and 2200, as a moment; None when empty."""

    def __init__(self, *, what: str, **options: Any) -> None:
        super().__init__(required=False, max_length=40, **options)
        self.what = what

    def clean(self, value: Any) -> Any:
        try:
            return instant(super().clean(value), self.what)
        except Invalid as error:
            raise forms.ValidationError(error.sentence) from error


class ClocksForm(forms.Form):
    """What was in force at one instant, as it was known at another."""

    at = InstantField(label="In force at", what="time in force", help_text=f"{WHEN_HELP} Empty: now.")
    known = InstantField(
        label="As it was known on", what="time known", help_text="What this program had taken in by then. Empty: now."
    )

    @property
    def clocks(self) -> Clocks:
        """Both instants; what was left empty is now."""
        now = timezone.now()
        return Clocks(self.cleaned_data.get("at") or now, self.cleaned_data.get("known") or now)


class AsOfForm(ClocksForm):
    """The filters of the page "as of"."""

    list = forms.ChoiceField(
        label="List", required=False,
        choices=[("", "Every list"), *((policy.code, policy.title) for policy in LIST_POLICIES.values())],
    )  # fmt: skip
    q = forms.CharField(label="Words in a name", required=False, max_length=200, strip=True)


class ItemForm(forms.Form):
    """One item on one day."""

    item = forms.CharField(label="Item", max_length=20, help_text="An ECCN such as 5A992.c, or EAR99.")
    day = forms.DateField(
        label="Day of the order", required=False, input_formats=["%Y-%m-%d"],
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text="Like 2019-10-15. Empty: today, by Washington's calendar.",
        error_messages={"invalid": "Write the day like 2019-10-15."},
    )  # fmt: skip

    def clean_item(self) -> str:
        code = item_code(self.cleaned_data["item"])
        if not code:
            raise forms.ValidationError("This is neither an ECCN, such as 5A992.c, nor EAR99. Classify the item first.")
        return code

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"] or timezone.localdate()
        if day.year not in YEARS:
            raise forms.ValidationError("Ask about a day between 1950 and 2200.")
        return day


class NameForm(forms.Form):
    """A name that the official list does not print."""

    text = forms.CharField(label="Name", max_length=LONGEST, strip=True)
    kind = forms.ChoiceField(label="Kind", choices=NameKind.choices)
    source = forms.CharField(
        label="Source", max_length=500, strip=True, help_text="Where it is from: a register, a contract, a website."
    )
    source_date = forms.DateField(
        label="Date of the source", input_formats=["%Y-%m-%d"],
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text="The day on which it was printed or read, like 2019-10-15.",
        error_messages={"invalid": "Write the day like 2019-10-15."},
    )  # fmt: skip


class WithdrawNameForm(forms.Form):
    """Why a name is taken off an entry."""

    reason = forms.CharField(
        label="Reason", max_length=500, strip=True, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It is kept in the trail.",
    )  # fmt: skip

"""Forms of the desk's own pages."""

from __future__ import annotations

from django import forms

from compliance.counterparties.forms import checked_country


class ScreenNameForm(forms.Form):
    """One name to screen without keeping a record of it."""

    name = forms.CharField(label="Name", max_length=400)
    country = forms.CharField(label="Country", max_length=2, required=False, help_text="Two letters, such as CN.")
    address = forms.CharField(label="Address", max_length=1000, required=False)

    def clean_country(self) -> str:
        return checked_country(self.cleaned_data["country"])

"""Forms of the runs pages."""

from __future__ import annotations

from django import forms


class FullRunForm(forms.Form):
    """Why everything should be screened again."""

    reason = forms.CharField(label="Reason", max_length=300, help_text="It is kept with the run and in the trail.")

"""Forms of the lists pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from compliance.core.errors import Invalid
from compliance.watchlists.services import Times
from compliance.watchlists.times import moment

MAX_UPLOAD_BYTES = 200 * 1024 * 1024
WHEN_HELP = "Like 2019-10-09 or 2019-10-09T16:15. Without a zone it is Washington time; a date alone is 00:00 there."


class MomentField(forms.CharField):
    """An ISO 8601 date or time, as a moment."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=40, **options)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        try:
            return moment(text, str(self.label).lower())
        except Invalid as error:
            raise forms.ValidationError(error.sentence) from error

    def validate(self, value: datetime | None) -> None:
        pass

    def run_validators(self, value: datetime | None) -> None:
        pass


class UploadForm(forms.Form):
    """One list file with its clocks."""

    file = forms.FileField(
        label="File",
        help_text="As published, plain or .gz, at most 200 MB. The whole file is kept.",
        allow_empty_file=True,
    )
    parser = forms.ChoiceField(
        label="Format",
        choices=[("csl", "Consolidated Screening List (CSV, whole)"), ("rule", "A rule in JSON (change)")],
        widget=forms.RadioSelect,
        initial="csl",
    )
    announced = MomentField(label="Announced")
    published = MomentField(label="Published")
    effective = MomentField(label="Effective", help_text=f"{WHEN_HELP} Empty: as the rule says, else when activated.")
    activate_now = forms.BooleanField(label="Activate it if nothing holds it", required=False)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_UPLOAD_BYTES:
            raise forms.ValidationError("The file is larger than 200 MB. No list is: check what was chosen.")
        return file

    @property
    def times(self) -> Times:
        values = self.cleaned_data
        return Times(announced=values["announced"], published=values["published"], effective=values["effective"])


class ReleaseForm(forms.Form):
    """Why a held version may be used."""

    reason = forms.CharField(
        label="Reason", max_length=2000, strip=True, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What you checked, and why the version is right. It is kept in the trail.",
    )  # fmt: skip

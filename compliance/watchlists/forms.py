"""Forms of the lists pages."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from django import forms

from compliance.core.errors import Invalid
from compliance.watchlists.parsers.bundle import pack
from compliance.watchlists.services import Times
from compliance.watchlists.sources import RULE, SOURCES
from compliance.watchlists.times import moment

OPEN_SANCTIONS = "os"
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


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file, or all files of a list that comes in several."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(file, initial) for file in files] or super().clean(None, initial)


class UploadForm(forms.Form):
    """One list file with its clocks."""

    file = FilesField(
        label="File",
        help_text="As published, plain, .gz or .zip, at most 200 MB. OFAC's lists come in several files: choose them "
        "all at once. What was sent is kept whole.",
        allow_empty_file=True,
        widget=FilesInput(attrs={"multiple": True}),
    )
    source = forms.ChoiceField(label="Source")
    dataset = forms.RegexField(
        r"^[a-z0-9_]{1,46}$", label="OpenSanctions data set", required=False,
        help_text="Only for OpenSanctions: its name, such as us_bis_denied.",
        error_messages={"invalid": "A data set's name has small letters, digits and low lines only."},
    )  # fmt: skip
    announced = MomentField(label="Announced")
    inspection = MomentField(label="On public inspection")
    published = MomentField(label="Published")
    effective = MomentField(label="Effective", help_text=f"{WHEN_HELP} Empty: as the rule says, else when activated.")
    savings_cutoff = MomentField(
        label="Savings clause: en route by", help_text="Goods en route by then under actual orders may go on."
    )
    savings_end = MomentField(label="Savings clause: trip over by", help_text="Empty: the rule gives no end.")
    activate_now = forms.BooleanField(label="Activate it if nothing holds it", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        source = self.fields["source"]
        assert isinstance(source, forms.ChoiceField)  # noqa: S101 - declared above
        source.choices = [
            (RULE, "A rule in JSON (a change)"),
            *((each.key, each.title) for each in SOURCES.values()),
            (OPEN_SANCTIONS, "OpenSanctions data set"),
        ]
        source.initial = "csl"

    def clean_file(self) -> Any:
        files = self.cleaned_data["file"]
        if sum(file.size for file in files) > MAX_UPLOAD_BYTES:
            raise forms.ValidationError("The file is larger than 200 MB. No list is: check what was chosen.")
        if len({file.name for file in files}) < len(files):
            raise forms.ValidationError("Two files have the same name. Choose each file once.")
        return files

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("source") == OPEN_SANCTIONS:
            if not values.get("dataset"):
                self.add_error("dataset", "Name the data set, such as us_bis_denied.")
            values["source"] = f"os-{values.get('dataset', '')}"
        return values

    @property
    def filename(self) -> str:
        files = self.cleaned_data["file"]
        return files[0].name if len(files) == 1 else f"{self.cleaned_data['source']}.zip"

    @property
    def data_sent(self) -> bytes:
        """The file's bytes; several files are packed as one."""
        files = self.cleaned_data["file"]
        return files[0].read() if len(files) == 1 else pack({file.name: file.read() for file in files})

    @property
    def times(self) -> Times:
        values = self.cleaned_data
        return Times(**{each.name: values[each.name] for each in fields(Times)})


class ReleaseForm(forms.Form):
    """Why a held version may be used."""

    reason = forms.CharField(
        label="Reason", max_length=2000, strip=True, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What you checked, and why the version is right. It is kept in the trail.",
    )  # fmt: skip

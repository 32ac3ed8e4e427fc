"""Forms of the lists pages."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from django import forms

from compliance.core.errors import Invalid
from compliance.watchlists.effects import LIST_POLICIES
from compliance.watchlists.later_rules import STATES
from compliance.watchlists.models import LaterRule, Notice
from compliance.watchlists.notices import NoticeFacts
from compliance.watchlists.parsers.base import LIST_CODES
from compliance.watchlists.parsers.bundle import pack
from compliance.watchlists.services import Times
from compliance.watchlists.sources import RULE, SOURCES
from compliance.watchlists.switches import SWITCHES
from compliance.watchlists.times import moment

OPEN_SANCTIONS = "os"
MAX_UPLOAD_BYTES = 200 * 1024 * 1024
WHEN_HELP = "Like 2019-10-09 or 2019-10-09T16:15. Without a zone it is Washington time; a date alone is 00:00 there."


class MomentField(forms.CharField):
    """An ISO 8601 date or time, as a moment."""

    def __init__(self, *, required: bool = False, **options: Any) -> None:
        super().__init__(required=required, max_length=40, **options)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        try:
            return moment(text, str(self.label).lower())
        except Invalid as error:
            raise forms.ValidationError(error.sentence) from error

    def validate(self, value: datetime | None) -> None:
        if self.required and value is None:
            raise forms.ValidationError(self.error_messages["required"], code="required")

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
    """Why a held version may be used. `move`: what the person saw the form do, to ask or to agree."""

    reason = forms.CharField(
        label="Reason", max_length=2000, strip=True, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What you checked, and why the version is right. It is kept in the trail.",
    )  # fmt: skip
    move = forms.ChoiceField(choices=[("ask", "Ask"), ("agree", "Agree")], required=False, widget=forms.HiddenInput)


class HoldForm(forms.Form):
    """Why a version must wait."""

    reason = forms.CharField(
        label="Why it must wait", max_length=2000, strip=True, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What is in force stays as it is. A coming version is taken back until two people release it.",
    )  # fmt: skip


class NoticeForm(forms.Form):
    """An announcement made elsewhere, entered by hand."""

    title = forms.CharField(
        label="Title", max_length=500, strip=True, help_text="Who announced what.",
        error_messages={"required": "Give the notice a title: who announced what."},
    )  # fmt: skip
    lists = forms.MultipleChoiceField(
        label="Lists that it is about", widget=forms.CheckboxSelectMultiple,
        choices=[(code, LIST_POLICIES[code].title) for code in LIST_CODES],
        error_messages={"required": "Choose the list that it is about."},
    )  # fmt: skip
    source = forms.CharField(
        label="Where it was announced", max_length=500, strip=True,
        help_text="A press release, a letter, a page: so that others can read it.",
        error_messages={"required": "Say where it was announced, so that others can read it."},
    )  # fmt: skip
    url = forms.URLField(
        label="Address on the web", max_length=500, required=False, assume_scheme="https",
        error_messages={"invalid": "Give an address that begins with https://, or leave it empty."},
    )  # fmt: skip
    announced = MomentField(
        label="Announced", required=True, help_text=WHEN_HELP,
        error_messages={"required": "Give the date on which it was announced."},
    )  # fmt: skip
    effective = MomentField(label="Effective", help_text="When it binds. Empty: it gives no date.")
    citation = forms.CharField(
        label="Citation", max_length=120, required=False, strip=True,
        help_text="Like 84 FR 54002. A version with this citation closes the notice by itself.",
    )  # fmt: skip
    document_number = forms.CharField(
        label="Document number", max_length=40, required=False, strip=True,
        help_text="Of the Federal Register, like 2019-22210.",
    )  # fmt: skip
    abstract = forms.CharField(
        label="What it says", max_length=5000, required=False, strip=True, widget=forms.Textarea(attrs={"rows": 4})
    )
    added = forms.IntegerField(label="Entries added", min_value=0, max_value=100_000, required=False)
    revised = forms.IntegerField(label="Entries revised", min_value=0, max_value=100_000, required=False)
    removed = forms.IntegerField(label="Entries removed", min_value=0, max_value=100_000, required=False)

    def clean_document_number(self) -> str:
        number = str(self.cleaned_data["document_number"])
        if number and (known := Notice.objects.filter(document_number=number).first()):
            raise forms.ValidationError(f"Document {number} is on the desk already, as {known}.")
        return number

    @property
    def facts(self) -> NoticeFacts:
        """What was entered, for the service."""
        values = dict(self.cleaned_data)
        return NoticeFacts(
            announced_at=values.pop("announced"), effective_at=values.pop("effective"),
            lists=tuple(values.pop("lists")), **values,
        )  # fmt: skip


class CloseNoticeForm(forms.Form):
    """Why a notice needs no version."""

    reason = forms.CharField(
        label="Reason", max_length=500, strip=True, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For example that it changes no list we use. It is kept in the trail.",
        error_messages={"required": "Say why the notice is closed, for example that it changes no list we use."},
    )  # fmt: skip


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class RuleDayForm(forms.Form):
    """The day on which the dated rules are read."""

    day = forms.DateField(
        label="As of", widget=DayInput, input_formats=["%Y-%m-%d"],
        error_messages={"invalid": "Give a day like 2026-11-10.", "required": "Give a day like 2026-11-10."},
    )  # fmt: skip


class LaterRuleForm(forms.Form):
    """A later rule on a dated switch, by its citation."""

    switch = forms.ChoiceField(label="Rule", choices=[(key, each.title) for key, each in SWITCHES.items()])
    state = forms.ChoiceField(
        label="What the later rule does",
        choices=[(code, label) for code, label in LaterRule._meta.get_field("state").choices or () if code in STATES],
    )
    begins = forms.DateField(
        label="From", widget=DayInput, input_formats=["%Y-%m-%d"],
        error_messages={"required": "Give the first day, like 2026-11-10.", "invalid": "Give a day like 2026-11-10."},
    )  # fmt: skip
    ends = forms.DateField(
        label="Through", widget=DayInput, input_formats=["%Y-%m-%d"], required=False,
        help_text="The last day. Empty: it gives none.", error_messages={"invalid": "Give a day like 2026-11-10."},
    )  # fmt: skip
    citation = forms.CharField(
        label="Citation", max_length=120, strip=True, help_text="Of the Federal Register, like 90 FR 50857.",
        error_messages={"required": "Give the Federal Register citation of the later rule, like 90 FR 50857."},
    )  # fmt: skip
    note = forms.CharField(
        label="What it says", max_length=1000, required=False, strip=True, widget=forms.Textarea(attrs={"rows": 3})
    )

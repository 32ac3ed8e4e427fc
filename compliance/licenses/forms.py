"""Forms of a license request: the request itself, its lines of items and parties, and a manager's decision."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict

from compliance.licenses.models import ApplicationType, LicenseRequest, PartyRole
from compliance.licenses.services import LIMITS, MOST_LINES, Content, Item, Party

ITEMS, PARTIES = "items", "parties"


class Money(forms.DecimalField):
    """An amount as people type it: 128,400 or $128,400.00."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=14, decimal_places=2, min_value=0, **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", "").replace("$", "").strip() if isinstance(value, str) else value)


class Count(forms.IntegerField):
    """A number of pieces as people type it: 4,000."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", "") if isinstance(value, str) else value)


class RequestForm(forms.Form):
    """What the whole request is about."""

    title = forms.CharField(label="Title", max_length=LIMITS["title"])
    application_type = forms.ChoiceField(label="Type", choices=ApplicationType.choices, initial=ApplicationType.EXPORT)
    end_use = forms.CharField(
        label="Specific end use", max_length=4000,
        help_text="Block 21 of the application: who does what with the items, where.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class ItemForm(forms.Form):
    """One line of items; a line left empty is no line."""

    eccn = forms.CharField(label="ECCN", max_length=LIMITS["eccn"])
    description = forms.CharField(label="Item", max_length=LIMITS["description"])
    quantity = Count(label="Quantity", min_value=1, max_value=2_147_483_647)
    unit = forms.CharField(label="Unit", max_length=LIMITS["unit"], initial="pieces")
    value = Money(label="Value, USD")

    @property
    def line(self) -> Item:
        return Item(**self.cleaned_data)


class PartyForm(forms.Form):
    """One party in its role; a line left empty is no line."""

    role = forms.ChoiceField(label="Role, 748.5", choices=[("", "Choose"), *PartyRole.choices])
    name = forms.CharField(label="Name", max_length=LIMITS["name"])
    address = forms.CharField(label="Address", max_length=LIMITS["address"], required=False)
    country = forms.CharField(label="Country code", max_length=2, required=False)
    counterparty_id = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()

    @property
    def line(self) -> Party:
        return Party(**self.cleaned_data)


class Lines(forms.BaseFormSet):
    """Rows of which any may be left empty; at least one must be filled."""

    def initial_form_count(self) -> int:
        return 0 if self.is_bound else super().initial_form_count()

    @property
    def filled(self) -> list[Any]:
        return [form for form in self.forms if form.has_changed()]


ItemLines = forms.formset_factory(ItemForm, formset=Lines, extra=0, max_num=MOST_LINES, absolute_max=MOST_LINES)
PartyLines = forms.formset_factory(PartyForm, formset=Lines, extra=0, max_num=MOST_LINES, absolute_max=MOST_LINES)


class RequestForms:
    """The three forms of one page, read and checked together. `with_line` redraws it with one more empty line."""

    def __init__(self, request: RequestForm, items: Any, parties: Any) -> None:
        self.request, self.items, self.parties = request, items, parties

    @classmethod
    def drawn(cls, content: Content | None, *, title: str = "", parties: Iterable[Party] = ()) -> RequestForms:
        """Filled from what is stored, or for a new request from the parties known already; one line at least."""
        if content is None:
            return cls.of({"title": title}, [{}], [vars(party) for party in parties])
        values = {"title": content.title, "application_type": content.application_type, "end_use": content.end_use}
        return cls.of(values, [vars(item) for item in content.items], [vars(party) for party in content.parties])

    @classmethod
    def of(cls, values: dict[str, Any], items: list[dict[str, Any]], parties: list[dict[str, Any]]) -> RequestForms:
        return cls(
            RequestForm(initial=values),
            ItemLines(initial=items, prefix=ITEMS),
            PartyLines(initial=parties, prefix=PARTIES),
        )

    @classmethod
    def sent(cls, data: QueryDict) -> RequestForms:
        return cls(RequestForm(data), ItemLines(data, prefix=ITEMS), PartyLines(data, prefix=PARTIES))

    @classmethod
    def with_line(cls, data: QueryDict, more: str) -> RequestForms:
        """What was typed, unchecked, with one more empty line of `items` or `parties`."""
        rows = {ITEMS: typed(data, ITEMS, ItemForm), PARTIES: typed(data, PARTIES, PartyForm)}
        if more in rows and len(rows[more]) < MOST_LINES:
            rows[more].append({})
        return cls.of({name: data.get(name, "") for name in RequestForm.base_fields}, rows[ITEMS], rows[PARTIES])

    def is_valid(self) -> bool:
        valid = all([self.request.is_valid(), self.items.is_valid(), self.parties.is_valid()])
        if valid and not self.items.filled:
            self.request.add_error(None, "Give at least one item with its ECCN, quantity and value.")
            return False
        return valid

    @property
    def content(self) -> Content:
        """What the person wrote, for the services."""
        return Content(
            **self.request.cleaned_data,
            items=[form.line for form in self.items.filled],
            parties=[form.line for form in self.parties.filled],
        )


def typed(data: QueryDict, prefix: str, form: type[forms.Form]) -> list[dict[str, Any]]:
    """The rows of a formset as they were typed."""
    count = data.get(f"{prefix}-TOTAL_FORMS", "0")
    total = min(int(count), MOST_LINES) if count.isascii() and count.isdigit() and len(count) < 6 else 0
    return [
        {name: data.get(f"{prefix}-{number}-{name}", "") for name in form.base_fields}
        for number in range(max(total, 1))
    ]


def stored(request: LicenseRequest) -> Content:
    """A stored request as it would be written."""
    return Content(
        title=request.title, end_use=request.end_use, application_type=request.application_type,
        items=[Item(i.eccn, i.description, i.quantity, i.value, i.unit, i.currency) for i in request.items.all()],
        parties=[Party(p.role, p.name, p.address, p.country, p.counterparty_id) for p in request.parties.all()],
    )  # fmt: skip


class DecisionForm(forms.Form):
    """A manager's decision on a submitted request."""

    move = forms.ChoiceField(
        label="Your decision", widget=forms.RadioSelect,
        choices=[("approve", "Approve to file"), ("return", "Return with questions"), ("reject", "Reject")],
        error_messages={"required": "Choose to approve to file, return or reject."},
    )  # fmt: skip
    reason = forms.CharField(label="Reason", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    conditions = forms.CharField(
        label="Internal conditions", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One a line; kept with an approval only.",
    )  # fmt: skip


class ReasonForm(forms.Form):
    """Why a request is withdrawn."""

    reason = forms.CharField(label="Reason", max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))

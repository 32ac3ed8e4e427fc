"""Forms of the counterparties pages."""

from __future__ import annotations

from typing import Any

from django import forms

from compliance.counterparties.importer import COUNTRIES, LIMITS, MAX_BYTES
from compliance.counterparties.models import Counterparty, NameKind, Relation
from compliance.counterparties.services import edit_token

NAME_FIELDS = {
    "trading_names": NameKind.TRADING,
    "former_names": NameKind.FORMER,
    "other_script_names": NameKind.OTHER_SCRIPT,
}


def lines_of(text: str) -> list[str]:
    """The lines that hold something, each once."""
    return list(dict.fromkeys(line for raw in text.splitlines() if (line := " ".join(raw.split()))))


def lines_field(label: str, help_text: str = "", *, limit: int = LIMITS["other_names"]) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=limit, help_text=help_text, widget=forms.Textarea(attrs={"rows": 3})
    )


class ImportForm(forms.Form):
    """A file of counterparties."""

    file = forms.FileField(
        label="File", allow_empty_file=True,
        help_text="CSV in UTF-8 with the columns external_id, name, other_names, country, address, relation and "
        "identifiers; at most 200 MB.",
    )  # fmt: skip

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError("The file is larger than 200 MB. Split it and import the parts one by one.")
        return file


class CounterpartyForm(forms.Form):
    """One record. Several values stand on lines of their own."""

    external_id = forms.CharField(
        label="Id in your own system", max_length=LIMITS["external_id"],
        help_text="An import with this id updates the record and never makes a second one.",
    )  # fmt: skip
    name = forms.CharField(label="Legal name", max_length=LIMITS["name"])
    relation = forms.ChoiceField(label="Relation", choices=Relation.choices)
    country = forms.CharField(
        label="Country", max_length=2, required=False, help_text="Two letters of ISO 3166, such as CN."
    )
    trading_names = lines_field("Trading names", "One a line.")
    former_names = lines_field("Former names", "One a line.")
    other_script_names = lines_field("Names in other scripts", "One a line, as written there.")
    addresses = lines_field(
        "Addresses", "One a line. Where its country is another: the address, a bar, two letters, as in “1 Road | HK”.",
        limit=LIMITS["address"],
    )  # fmt: skip
    identifiers = lines_field(
        "Numbers", "One a line as kind:value, such as lei:5493001KJTIIGC8Y1R12.", limit=LIMITS["identifiers"]
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, record: Counterparty | None = None, **options: Any) -> None:
        if record is not None:
            options["initial"] = initial_of(record)
        super().__init__(*args, **options)
        self.record = record
        if record is not None:
            self.fields["external_id"].disabled = True
            self.fields["external_id"].help_text = "Given by your own system; it stays."

    def clean_external_id(self) -> str:
        text = str(self.cleaned_data["external_id"])
        if self.record is None:
            taken = Counterparty.objects.filter(external_id=text).first()
            if taken:
                raise forms.ValidationError(f"{taken} has this id already. Open that record and edit it.")
        return text

    def clean_country(self) -> str:
        return checked_country(self.cleaned_data["country"])

    def clean_addresses(self) -> list[tuple[str, str]]:
        found = []
        for line in lines_of(self.cleaned_data["addresses"]):
            text, _bar, country = line.rpartition("|") if "|" in line else (line, "", "")
            found.append((text.strip(), checked_country(country)))
        return found

    def clean_identifiers(self) -> list[dict[str, str]]:
        found = []
        for line in lines_of(self.cleaned_data["identifiers"]):
            kind, _colon, value = line.partition(":")
            if not (kind.strip() and value.strip()):
                raise forms.ValidationError(f"“{line}” is not written as kind:value.")
            found.append({"kind": kind.strip().lower(), "value": value.strip()})
        return found

    def values(self) -> dict[str, Any]:
        """What the service takes. Names that were there keep their order, so that looking changes nothing."""
        data = self.cleaned_data
        names = [
            {"text": text, "kind": str(kind)} for field, kind in NAME_FIELDS.items() for text in lines_of(data[field])
        ]
        before = self.record.other_names if self.record else []
        names.sort(key=lambda item: before.index(item) if item in before else len(before))
        return {
            "name": " ".join(data["name"].split()),
            "other_names": names,
            "addresses": [{"text": text, "country": country or data["country"]} for text, country in data["addresses"]],
            "identifiers": data["identifiers"],
            "country": data["country"],
            "relation": data["relation"],
        }


def checked_country(text: str) -> str:
    country = text.strip().upper()
    if country and country not in COUNTRIES:
        raise forms.ValidationError(f"“{text.strip()}” is not a two-letter country code of ISO 3166, such as CN.")
    return country


def initial_of(record: Counterparty) -> dict[str, Any]:
    """A record as the form shows it."""
    addresses = [
        a["text"] if (a.get("country") or "") == record.country else f"{a['text']} | {a['country']}"
        for a in record.addresses
    ]
    return {
        "external_id": record.external_id,
        "name": record.name,
        "relation": record.relation,
        "country": record.country,
        "addresses": "\n".join(addresses),
        "identifiers": "\n".join(f"{item['kind']}:{item['value']}" for item in record.identifiers),
        "seen": edit_token(record),
        **{
            field: "\n".join(item["text"] for item in record.other_names if item["kind"] == kind)
            for field, kind in NAME_FIELDS.items()
        },
    }

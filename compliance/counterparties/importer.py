"""Counterparty files, pure: bytes → rows, with a cause for each row that can't be taken.

Form: CSV, UTF-8 (a byte order mark is fine), header COLUMNS in any order; several values separated by `|`,
identifiers as `kind:value`. A file that isn't this is refused whole; a bad row is refused by line.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from compliance.core.errors import Invalid
from compliance.counterparties.models import NameKind, Relation

COLUMNS = ("external_id", "name", "other_names", "country", "address", "relation", "identifiers")
MAX_BYTES = 200 * 1024 * 1024
LIMITS = {"external_id": 64, "name": 400, "other_names": 4000, "address": 4000, "identifiers": 2000}
# ISO 3166-1 alpha-2, as assigned; XK (Kosovo) is in common use though not assigned.
COUNTRIES = frozenset(
    [
        "AD",
        "AE",
        "AF",
        "AG",
        "AI",
        "AL",
        "AM",
        "AO",
        "AQ",
        "AR",
        "AS",
        "AT",
        "AU",
        "AW",
        "AX",
        "AZ",
        "BA",
        "BB",
        "BD",
        "BE",
        "BF",
        "BG",
        "BH",
        "BI",
        "BJ",
        "BL",
        "BM",
        "BN",
        "BO",
        "BQ",
        "BR",
        "BS",
        "BT",
        "BV",
        "BW",
        "BY",
        "BZ",
        "CA",
        "CC",
        "CD",
        "CF",
        "CG",
        "CH",
        "CI",
        "CK",
        "CL",
        "CM",
        "CN",
        "CO",
        "CR",
        "CU",
        "CV",
        "CW",
        "CX",
        "CY",
        "CZ",
        "DE",
        "DJ",
        "DK",
        "DM",
        "DO",
        "DZ",
        "EC",
        "EE",
        "EG",
        "EH",
        "ER",
        "ES",
        "ET",
        "FI",
        "FJ",
        "FK",
        "FM",
        "FO",
        "FR",
        "GA",
        "GB",
        "GD",
        "GE",
        "GF",
        "GG",
        "GH",
        "GI",
        "GL",
        "GM",
        "GN",
        "GP",
        "GQ",
        "GR",
        "GS",
        "GT",
        "GU",
        "GW",
        "GY",
        "HK",
        "HM",
        "HN",
        "HR",
        "HT",
        "HU",
        "ID",
        "IE",
        "IL",
        "IM",
        "IN",
        "IO",
        "IQ",
        "IR",
        "IS",
        "IT",
        "JE",
        "JM",
        "JO",
        "JP",
        "KE",
        "KG",
        "KH",
        "KI",
        "KM",
        "KN",
        "KP",
        "KR",
        "KW",
        "KY",
        "KZ",
        "LA",
        "LB",
        "LC",
        "LI",
        "LK",
        "LR",
        "LS",
        "LT",
        "LU",
        "LV",
        "LY",
        "MA",
        "MC",
        "MD",
        "ME",
        "MF",
        "MG",
        "MH",
        "MK",
        "ML",
        "MM",
        "MN",
        "MO",
        "MP",
        "MQ",
        "MR",
        "MS",
        "MT",
        "MU",
        "MV",
        "MW",
        "MX",
        "MY",
        "MZ",
        "NA",
        "NC",
        "NE",
        "NF",
        "NG",
        "NI",
        "NL",
        "NO",
        "NP",
        "NR",
        "NU",
        "NZ",
        "OM",
        "PA",
        "PE",
        "PF",
        "PG",
        "PH",
        "PK",
        "PL",
        "PM",
        "PN",
        "PR",
        "PS",
        "PT",
        "PW",
        "PY",
        "QA",
        "RE",
        "RO",
        "RS",
        "RU",
        "RW",
        "SA",
        "SB",
        "SC",
        "SD",
        "SE",
        "SG",
        "SH",
        "SI",
        "SJ",
        "SK",
        "SL",
        "SM",
        "SN",
        "SO",
        "SR",
        "SS",
        "ST",
        "SV",
        "SX",
        "SY",
        "SZ",
        "TC",
        "TD",
        "TF",
        "TG",
        "TH",
        "TJ",
        "TK",
        "TL",
        "TM",
        "TN",
        "TO",
        "TR",
        "TT",
        "TV",
        "TW",
        "TZ",
        "UA",
        "UG",
        "UM",
        "US",
        "UY",
        "UZ",
        "VA",
        "VC",
        "VE",
        "VG",
        "VI",
        "VN",
        "VU",
        "WF",
        "WS",
        "XK",
        "YE",
        "YT",
        "ZA",
        "ZM",
        "ZW",
    ]
)


@dataclass(frozen=True)
class Row:
    """One row of the file: its line, and either the record's values or the cause of its refusal."""

    line: int
    external_id: str = ""
    values: dict[str, Any] | None = None
    cause: str = ""


def text_of(data: bytes, filename: str) -> str:
    """The file's text. Raises Invalid naming file, place and cure."""
    if len(data) > MAX_BYTES:
        raise Invalid(f"{filename} is larger than 200 MB. Split it and import the parts one after another.")
    if not data.strip():
        raise Invalid(f"{filename} is empty. Export it again from the system it comes from.")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Invalid(f"{filename} is UTF-16 text. Save it as CSV UTF-8 and import it again.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Invalid(
            f"{filename}, line {line}: byte {data[error.start]:#04x} is not UTF-8. Save the file as CSV UTF-8."
        ) from None
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise Invalid(
            f"{filename}, line {line}: a NUL byte stands in the text, so the file is damaged. Export it again."
        )
    return text


def check_header(text: str, filename: str) -> None:
    """Raises Invalid unless the first line names exactly our columns."""
    try:
        header = [name.strip() for name in next(csv.reader(io.StringIO(text, newline=""), strict=True), [])]
    except csv.Error as error:
        raise Invalid(
            f"{filename}, line 1: the header can't be read ({error}). It reads {','.join(COLUMNS)}."
        ) from None
    missing = [name for name in COLUMNS if name not in header]
    extra = [name for name in header if name not in COLUMNS]
    if missing or extra or len(set(header)) != len(header):
        parts = []
        if missing:
            parts.append(f"missing: {', '.join(missing)}")
        if extra:
            parts.append(f"not known: {', '.join(extra)[:200]}")
        if len(set(header)) != len(header):
            parts.append("a column stands twice")
        raise Invalid(f"{filename}, line 1: the header is not ours ({'; '.join(parts)}). It reads {','.join(COLUMNS)}.")


def rows(text: str) -> Iterator[Row]:
    """Every data row in order, good or refused. Physical line numbers; blank lines are skipped."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = [name.strip() for name in next(reader)]
    seen: dict[str, int] = {}
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(line, cause=f"the quotes don't match ({error}); rows after it can't be told apart")
            return
        if not any(cell.strip() for cell in cells):
            continue
        row = read_row(line, header, cells)
        if row.values is not None:
            if row.external_id in seen:
                row = Row(line, row.external_id, cause=f"the same external_id stands in line {seen[row.external_id]}")
            else:
                seen[row.external_id] = line
        yield row


def read_row(line: int, header: list[str], cells: list[str]) -> Row:
    """One row's values, or why it is refused."""
    if len(cells) != len(header):
        return Row(
            line, cause=f"it has {len(cells)} fields, the header {len(header)}; quote a field that holds a comma"
        )
    raw = {name: " ".join(cell.split()) for name, cell in zip(header, cells, strict=True)}
    external_id = raw["external_id"]
    for name, limit in LIMITS.items():
        if len(raw[name]) > limit:
            return Row(line, external_id, cause=f"{name} has {len(raw[name])} letters, at most {limit} fit")
    if not external_id:
        return Row(line, cause="external_id is empty; every record needs the id that your system gives it")
    if not raw["name"]:
        return Row(line, external_id, cause="name is empty")
    country = raw["country"].upper()
    if country and country not in COUNTRIES:
        return Row(
            line, external_id, cause=f"country “{raw['country']}” is not an ISO 3166 two-letter code, such as CN"
        )
    relation = raw["relation"].lower() or Relation.OTHER
    if relation not in Relation.values:
        return Row(line, external_id, cause=f"relation “{raw['relation']}” is not one of {', '.join(Relation.values)}")
    identifiers = []
    for part in split(raw["identifiers"]):
        kind, colon, value = part.partition(":")
        if not (colon and kind.strip() and value.strip()):
            return Row(line, external_id, cause=f"identifier “{part}” is not written as kind:value")
        identifiers.append({"kind": kind.strip().lower(), "value": value.strip()})
    values = {
        "name": raw["name"],
        "other_names": [{"text": text, "kind": name_kind(text)} for text in split(raw["other_names"])],
        "addresses": [{"text": text, "country": country} for text in split(raw["address"])],
        "identifiers": identifiers,
        "country": country,
        "relation": str(relation),
    }
    return Row(line, external_id, values)


def split(cell: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in cell.split("|") if part.strip()))


def name_kind(text: str) -> str:
    """Another script, if a letter of it is not Latin; else a trading name."""
    for letter in text:
        if letter.isalpha() and not unicodedata.name(letter, "LATIN").startswith(("LATIN", "FULLWIDTH LATIN")):
            return str(NameKind.OTHER_SCRIPT)
    return str(NameKind.TRADING)

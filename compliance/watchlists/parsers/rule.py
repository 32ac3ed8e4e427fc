"""A rule in JSON of our own: entries a Federal Register notice adds, revises and removes.

    {"form": "entity-desk-rule", "form_version": 1, "source": "csl", "list": "EL",
     "title": "...", "citation": "84 FR 54002", "document_number": "2019-22210",
     "announced": "2019-10-07", "inspection": "2019-10-08T08:45", "published": "2019-10-09",
     "effective": "2019-10-09", "savings_cutoff": "2019-10-09", "savings_end": "",
     "license_requirement": "...", "license_policy": "...",
     "add": [{"name": "...", "kind": "organization", "aliases": ["..."],
              "addresses": [{"text": "...", "country": "CN"}]}],
     "revise": [{"name": "...", "country": "CN", "set": {"aliases": ["..."]}}],
     "remove": [{"name": "...", "country": "CN"}]}

People write these files, so reading is strict: a key that is not known, or a value of the wrong
type, refuses the whole file and names the place as a path, such as `add[3].aliases`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from .base import KINDS, LIST_CODES, ListedAddress, ListedEntry, ParsedList, RefusedFile, Removal, Revision, RuleFacts
from .countries import COUNTRY_CODES
from .text import collapse, decode

FORM = "entity-desk-rule"
FORM_VERSION = 1
WANTED = "a rule as JSON (form “entity-desk-rule”)"

WASHINGTON = ZoneInfo("America/New_York")

_TOP_REQUIRED = ("form", "form_version", "source", "list", "title", "citation")
_TOP_OPTIONAL = (
    "document_number",
    "announced",
    "inspection",
    "published",
    "effective",
    "savings_cutoff",
    "savings_end",
    "license_requirement",
    "license_policy",
    "add",
    "revise",
    "remove",
)
_DATE_OR_TIME = re.compile(r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$")
_SOURCE_KEY = re.compile(r"^[a-z][a-z0-9_]*$")
EARLIEST_YEAR = 1900


def parse(data: bytes, filename: str) -> ParsedList:
    """Read the plain bytes of a rule. Raises RefusedFile, naming the line or the path at fault."""
    rule = _object(_load(decode(data, WANTED)), "the rule")
    _check_form(rule)
    _check_keys(rule, "the rule", _TOP_REQUIRED, _TOP_OPTIONAL)
    facts = _facts(rule)
    defaults = {
        "license_requirement": _text(rule.get("license_requirement", ""), "license_requirement"),
        "license_policy": _text(rule.get("license_policy", ""), "license_policy"),
        "citation": facts.citation,
        "start_date": _washington_day(facts.effective),
    }
    added = [
        _added(item, f"add[{number}]", facts.list_code, defaults)
        for number, item in enumerate(_list(rule.get("add", []), "add"))
    ]
    revised = [
        _revised(item, f"revise[{number}]", facts.list_code)
        for number, item in enumerate(_list(rule.get("revise", []), "revise"))
    ]
    removed = [
        _removed(item, f"remove[{number}]", facts.list_code)
        for number, item in enumerate(_list(rule.get("remove", []), "remove"))
    ]
    if not (added or revised or removed):
        raise _refused("the rule", "adds, revises and removes nothing", "Fill “add”, “revise” or “remove”")
    _check_repeats("add", added)
    _check_repeats("revise", [(item.name, item.country) for item in revised])
    _check_repeats("remove", [(item.name, item.country) for item in removed])
    return ParsedList(
        form="change",
        entries=tuple(added),
        lines=_lines(data, added),
        revised=tuple(revised),
        removed=tuple(removed),
        rule=facts,
    )


class _RepeatedKeyError(ValueError):
    pass


def _load(text: str) -> Any:
    def no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [key for key, _ in pairs]
            twice = next(key for key in names if names.count(key) > 1)
            raise _RepeatedKeyError(twice)
        return found

    def no_constant(name: str) -> Any:
        raise ValueError(name)

    try:
        return json.loads(text, object_pairs_hook=no_repeats, parse_constant=no_constant)
    except json.JSONDecodeError as error:
        cut_off = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        what = "is cut off" if cut_off else f"is not valid JSON ({error.msg})"
        raise RefusedFile(
            "cut_off" if cut_off else "not_json",
            f"The file {what} at line {error.lineno}, column {error.colno}; {WANTED} was expected. "
            "Correct that place, or save the file again.",
            line=error.lineno,
        ) from error
    except _RepeatedKeyError as error:
        raise RefusedFile(
            "repeated_key",
            f"The rule gives the key “{_printable(str(error))}” twice in one object. Keep the one that is meant.",
        ) from error
    except (ValueError, RecursionError) as error:
        raise RefusedFile(
            "not_json", f"The file is not {WANTED}: it holds a number or a nesting that no rule has. Correct it."
        ) from error


def _check_form(rule: dict[str, Any]) -> None:
    if rule.get("form") != FORM:
        raise RefusedFile(
            "wrong_form",
            f"The file is JSON but not {WANTED}: its “form” is not “{FORM}”. Set it, or choose another file.",
        )
    version = rule.get("form_version")
    if version != FORM_VERSION or isinstance(version, bool):
        raise RefusedFile(
            "wrong_form", f"form_version: only version {FORM_VERSION} of the rule form is known. Write the rule in it."
        )


def _facts(rule: dict[str, Any]) -> RuleFacts:
    list_code = _text(rule["list"], "list", required=True)
    if list_code not in LIST_CODES:
        raise _refused("list", f"names the unknown list “{list_code}”", f"Use one of {', '.join(LIST_CODES)}")
    source = _text(rule["source"], "source", required=True)
    if not _SOURCE_KEY.match(source):
        raise _refused("source", "is not a source key", "Use the key of a list source, such as “csl”")
    return RuleFacts(
        source=source,
        list_code=list_code,
        title=_text(rule["title"], "title", required=True),
        citation=_text(rule["citation"], "citation", required=True),
        document_number=_text(rule.get("document_number", ""), "document_number"),
        announced=_moment(rule.get("announced", ""), "announced"),
        published=_moment(rule.get("published", ""), "published"),
        inspection=_moment(rule.get("inspection", ""), "inspection"),
        savings_cutoff=_moment(rule.get("savings_cutoff", ""), "savings_cutoff"),
        savings_end=_moment(rule.get("savings_end", ""), "savings_end"),
        effective=_moment(rule.get("effective", ""), "effective"),
    )


def _added(item: Any, path: str, list_code: str, defaults: dict[str, str]) -> ListedEntry:
    fields = _object(item, path)
    _check_keys(fields, path, ("name",), tuple(key for key in FIELD_READERS if key != "name"))
    values: dict[str, Any] = {key: read(fields[key], f"{path}.{key}") for key, read in _given(fields)}
    for key, value in defaults.items():
        values[key] = values.get(key) or value
    _add_raw_dates(values)
    return ListedEntry(list_code=list_code, **values)


def _revised(item: Any, path: str, list_code: str) -> Revision:
    fields = _object(item, path)
    _check_keys(fields, path, ("name", "set"), ("country",))
    new = _object(fields["set"], f"{path}.set")
    _check_keys(new, f"{path}.set", (), tuple(FIELD_READERS))
    if not new:
        raise _refused(f"{path}.set", "changes nothing", "Name at least one field and its new value")
    changes: dict[str, Any] = {key: read(new[key], f"{path}.set.{key}") for key, read in _given(new)}
    _add_raw_dates(changes)
    return Revision(
        name=_name(fields["name"], f"{path}.name"),
        country=_country(fields.get("country", ""), f"{path}.country"),
        list_code=list_code,
        changes=changes,
    )


def _removed(item: Any, path: str, list_code: str) -> Removal:
    fields = _object(item, path)
    _check_keys(fields, path, ("name",), ("country",))
    return Removal(
        name=_name(fields["name"], f"{path}.name"),
        country=_country(fields.get("country", ""), f"{path}.country"),
        list_code=list_code,
    )


def _given(fields: dict[str, Any]) -> list[tuple[str, Callable[[Any, str], Any]]]:
    return [(key, FIELD_READERS[key]) for key in fields]


def _add_raw_dates(values: dict[str, Any]) -> None:
    for key in ("start_date", "end_date"):
        if key in values:
            values[f"{key}_raw"] = values[key]


def _check_repeats(path: str, items: list[Any]) -> None:
    first: dict[Any, int] = {}
    for number, item in enumerate(items):
        before = first.setdefault(item, number)
        if before != number:
            raise _refused(f"{path}[{number}]", f"repeats {path}[{before}]", "Take one of them out")


def _lines(data: bytes, added: list[ListedEntry]) -> tuple[int, ...]:
    """The line on which each added name stands, as far as it can be found; else 1."""
    text = data.decode("utf-8-sig")
    lines, offset, line = [], 0, 1
    for entry in added:
        found = text.find(f'"{entry.name}"', offset)
        if found >= 0:
            line += text.count("\n", offset, found)
            offset = found
        lines.append(line)
    return tuple(lines)


# Readers of single values: each takes the value and its path, and gives back what ListedEntry holds.


def _refused(path: str, what: str, cure: str) -> RefusedFile:
    return RefusedFile("bad_rule", f"{path} {what}. {cure}.")


def _printable(key: str) -> str:
    return key[:40].encode("utf-8", "replace").decode()


def _object(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _refused(path, f"is {_type_name(value)}, not an object", "Write it in braces with its keys")
    return value


def _list(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise _refused(path, f"is {_type_name(value)}, not a list", "Write it in square brackets")
    return value


def _check_keys(value: dict[str, Any], path: str, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
    prefix = "" if path == "the rule" else f"{path}."
    for key in value:
        if key not in required and key not in optional:
            known = ", ".join((*required, *optional))
            raise _refused(f"{prefix}{_printable(key)}", "is not a known key", f"Known here are: {known}")
    for key in required:
        if key not in value:
            raise _refused(f"{prefix}{key}", "is missing", "Add it")


def _text(value: Any, path: str, *, required: bool = False) -> str:
    if not isinstance(value, str):
        raise _refused(path, f"is {_type_name(value)}, not a text", "Write it in quotes")
    if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise _refused(path, "holds a NUL or half a character", "Write the text again")
    if required and not value.strip():
        raise _refused(path, "is empty", "Fill it in")
    return value.strip()


def _name(value: Any, path: str) -> str:
    return collapse(_text(value, path, required=True))


def _texts(value: Any, path: str) -> tuple[str, ...]:
    items = [_name(item, f"{path}[{number}]") for number, item in enumerate(_list(value, path))]
    return tuple(dict.fromkeys(items))


def _addresses(value: Any, path: str) -> tuple[ListedAddress, ...]:
    found = []
    for number, item in enumerate(_list(value, path)):
        at = f"{path}[{number}]"
        fields = _object(item, at)
        _check_keys(fields, at, ("text",), ("country",))
        found.append(
            ListedAddress(
                text=_name(fields["text"], f"{at}.text"), country=_country(fields.get("country", ""), f"{at}.country")
            )
        )
    return tuple(dict.fromkeys(found))


def _country(value: Any, path: str) -> str:
    code = _text(value, path)
    if code and code not in COUNTRY_CODES:
        raise _refused(path, f"is “{code[:40]}”, not a country code", "Use the two letters of ISO 3166, such as CN")
    return code


def _kind(value: Any, path: str) -> str:
    kind = _text(value, path)
    if kind not in KINDS:
        raise _refused(path, f"is “{kind[:40]}”", f"Use one of {', '.join(KINDS)}")
    return kind


def _day(value: Any, path: str) -> str:
    text = _text(value, path)
    if text and (len(text) != 10 or not _is_moment(text)):
        raise _refused(path, f"is “{text[:40]}”, not a date", "Write it as year-month-day, such as 2019-10-09")
    return text


def _moment(value: Any, path: str) -> str:
    text = _text(value, path)
    if text and not _is_moment(text):
        raise _refused(
            path, f"is “{text[:40]}”, not a date or time", "Write it as 2019-10-09 or 2019-10-09T00:00:00-04:00"
        )
    return text


def _is_moment(text: str) -> bool:
    if not _DATE_OR_TIME.match(text):
        return False
    try:
        return datetime.fromisoformat(text).year >= EARLIEST_YEAR
    except ValueError:
        return False


def _washington_day(moment: str) -> str:
    """The day on which an effective time falls in Washington, where rules take effect."""
    if len(moment) <= 10:
        return moment
    time = datetime.fromisoformat(moment)
    day: date = (time.astimezone(WASHINGTON) if time.tzinfo else time).date()
    return day.isoformat()


def _type_name(value: Any) -> str:
    names: dict[type, str] = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        type(None): "null",
    }
    return names.get(type(value), "a number")


# The fields of an entry a rule may give, and how each is read.
FIELD_READERS: dict[str, Callable[[Any, str], Any]] = {
    "name": _name,
    "kind": _kind,
    "aliases": _texts,
    "addresses": _addresses,
    "license_requirement": _text,
    "license_policy": _text,
    "citation": _text,
    "start_date": _day,
    "end_date": _day,
    "entity_number": _text,
    "programs": _texts,
    "title": _text,
    "standard_order": _text,
    "remarks": _text,
    "citizenships": _texts,
    "nationalities": _texts,
    "dates_of_birth": _texts,
    "places_of_birth": _texts,
    "identifiers": _texts,
    "destination": _country,
    "weak_aliases": _texts,
    "footnotes": _texts,
}

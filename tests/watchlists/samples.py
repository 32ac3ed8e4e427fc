"""Small authored lists for tests: a Consolidated Screening List, and the three tables of part 744."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any

from compliance.accounts.models import User
from compliance.config.demo.entity_list import CSL_HEADER, SOURCE
from compliance.watchlists import services as lists
from compliance.watchlists.models import EntryRevision, ListVersion
from compliance.watchlists.parsers.base import ListedAddress, ListedEntry
from compliance.watchlists.services import Times
from compliance.watchlists.times import WASHINGTON, moment
from tests.factories import rule_bytes

CHINA = "CHINA, PEOPLE'S REPUBLIC OF"
REQUIREMENT = "For all items subject to the EAR (See § 744.11 of the EAR)"
POLICY = "Presumption of denial"
NOON = datetime(2019, 10, 7, 12, tzinfo=WASHINGTON)


def listed(name: str, *addresses: str, country: str = "CN", **fields: Any) -> ListedEntry:
    """One entry of the Entity List as a parser gives it."""
    return ListedEntry(
        name=name, addresses=tuple(ListedAddress(text, country) for text in addresses), **{"list_code": "EL", **fields}
    )


def row(name: str, addresses: str = "12 Lake Road, Harbin, CN", **cells: str) -> dict[str, str]:
    """One Entity List row of the Consolidated Screening List."""
    return {
        "source": SOURCE, "name": name, "addresses": addresses, "federal_register_notice": "84 FR 54002",
        "start_date": "2019-10-09", "license_requirement": REQUIREMENT, "license_policy": POLICY, **cells,
    }  # fmt: skip


def csl(*rows: dict[str, str] | str) -> bytes:
    """A Consolidated Screening List of these rows; a text is the name of a row."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, CSL_HEADER, restval="", lineterminator="\n")
    writer.writeheader()
    for number, cells in enumerate(rows):
        writer.writerow({"_id": f"{number:040x}", **(row(cells) if isinstance(cells, str) else cells)})
    return out.getvalue().encode()


def part744(
    *entities: str, citation: str = "84 FR 54004, 10/9/19.", requirement: str = REQUIREMENT, policy: str = POLICY
) -> bytes:
    """Part 744 with these cells in its Entity List, all under China, and one entry each in its two other lists."""
    cells = [
        (CHINA if not number else "", entity, requirement, policy, citation) for number, entity in enumerate(entities)
    ]
    heads = {
        4: ("Country", "Entity", "License requirement", "License review policy", "Federal Register citation"),
        6: ("Country", "Listed person and address", "Federal Register citation"),
        7: ("Country", "Entity", "Federal Register citation"),
    }
    tables = (
        _table(4, heads[4], cells),
        _table(6, heads[6], [("GERMANY", "Muster Handel GmbH, Weg 1, Bonn, Germany", "90 FR 17340, April 25, 2025.")]),
        _table(7, heads[7], [(CHINA, "Probe Motor Co., 1 Lu, Xian, China", "85 FR 83799, 12/23/2020.")]),
    )
    return f'<?xml version="1.0"?>\n<DIV5 N="744" TYPE="PART">\n{"".join(tables)}</DIV5>\n'.encode()


def _table(number: int, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    cells = "".join(f"<TH>{name}</TH>" for name in head)
    body = "\n".join("<TR>\n" + "\n".join(f"<TD>{escape(cell)}</TD>" for cell in cells) + "\n</TR>" for cells in rows)
    return (
        f'<DIV9 N="Supplement No. {number} to Part 744" TYPE="APPENDIX">\n<HEAD>Supplement</HEAD>\n<TABLE>\n'
        f"<THEAD><TR>{cells}</TR></THEAD>\n<TBODY>\n{body}\n</TBODY></TABLE>\n</DIV9>\n"
    )


def load(
    key: str, data: bytes, *, effective: str = "", activate: bool = True, actor: User | None = None
) -> ListVersion:
    """The version that came of loading this file as the system; it must not be refused."""
    loaded = lists.load(
        key=key, data=data, filename=f"list.{'xml' if key == 'ecfr744' else 'csv'}",
        actor=actor or User.objects.system(), times=Times(effective=moment(effective)), activate_now=activate,
    )  # fmt: skip
    assert loaded.version is not None
    assert loaded.state not in ("refused", "held"), loaded.sentence
    return loaded.version


def rule(*, activate: bool = True, names: Sequence[str | dict[str, Any]] = (), **more: Any) -> ListVersion:
    """The version that came of a rule in our form; `more`: its fields."""
    return load("rule", rule_bytes(names, **more), activate=activate)


def entity(name: str, address: str = "12 Lake Road, Harbin", country: str = "CN", **fields: Any) -> dict[str, Any]:
    """One entry that a rule adds."""
    return {"name": name, "addresses": [{"text": address, "country": country}], **fields}


def in_force(at: datetime | None = None) -> list[str]:
    """The main names that bind at a moment, by what is known now."""
    return sorted(EntryRevision.objects.in_force(at).values_list("name", flat=True))


def as_known(at: str, known_at: datetime) -> list[str]:
    """The main names that were thought at `known_at` to bind at `at`."""
    rows = EntryRevision.objects.in_force_as_known(moment(at), known_at)  # type: ignore[arg-type]
    return sorted(rows.values_list("name", flat=True))

"""The table of list sources: which lists each carries, who publishes it, where it is fetched and how long it is good.

Facts without Django. An official address can be replaced by the setting LIST_ADDRESSES; some addresses change with
every edition and hold a placeholder, which is filled from an index page that the publisher keeps.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from types import MappingProxyType
from urllib.parse import urljoin, urlsplit

from .parsers.base import CSL_LISTS, RefusedFile
from .parsers.text import decode

# The parser of changes in our own JSON form; it is no source, for a rule names the source that it changes.
RULE = "rule"
# Most sources are one file. Its name, where a bundle has names of its own.
FILE = "file"

OPEN_SANCTIONS = "os-"
FEDERAL_REGISTER = "https://www.federalregister.gov/api/v1"
# Documents go on public inspection at 8:45, special filings at any time until 17:15, Washington time.
FEDERAL_REGISTER_EVERY = timedelta(hours=1)

_DAY = timedelta(days=1)
_YEAR = timedelta(days=365)
_OFAC = "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/"
# Rank of what a source says about an entry, where several print it: the lowest leads.
_REGULATION, _AGENCY, _CONSOLIDATED, _OTHER = 0, 1, 2, 3


@dataclass(frozen=True)
class Source:
    """A publication that carries one or more lists.

    `addresses`: official address by file name; empty: not fetched, loaded by hand. A placeholder in braces is
    filled from the answer of `index`. `period`: longer ago than this since the last successful check and the source
    is stale; None: never. `daily_at`: (hour, minute) of its check, Washington time; `every`: or its rhythm; both
    None when it is not fetched. `leads`: rank among sources that print the same entry, the lowest is believed.
    """

    key: str
    title: str
    parser: str
    lists: tuple[str, ...]
    publisher: str
    addresses: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    index: str = ""
    period: timedelta | None = None
    daily_at: tuple[int, int] | None = None
    every: timedelta | None = None
    leads: int = _AGENCY
    note: str = ""

    @property
    def is_fetched(self) -> bool:
        """Whether the program fetches it by itself."""
        return bool(self.addresses)


def _one(address: str) -> Mapping[str, str]:
    return MappingProxyType({FILE: address})


def _ofac(*names: str) -> Mapping[str, str]:
    return MappingProxyType({name: f"{_OFAC}{name}" for name in names})


_TABLE = (
    Source(
        key="csl",
        title="Consolidated Screening List",
        parser="csl",
        lists=CSL_LISTS,
        publisher="U.S. International Trade Administration",
        addresses=_one("https://data.trade.gov/downloadable_consolidated_screening_list/v1/consolidated.csv"),
        period=2 * _DAY,
        daily_at=(5, 45),  # the file is built at 5:00
        leads=_CONSOLIDATED,
        note="A copy of thirteen lists, built once a day. Where the regulation or an agency says otherwise, it leads.",
    ),
    Source(
        key="ecfr744",
        title="15 CFR part 744, Supplements No. 4, 6 and 7",
        parser="ecfr744",
        lists=("EL", "UVL", "MEU"),
        publisher="National Archives and Government Publishing Office (eCFR)",
        addresses=_one("https://www.ecfr.gov/api/versioner/v1/full/{date}/title-15.xml?part=744"),
        index="https://www.ecfr.gov/api/versioner/v1/titles.json",
        period=2 * _DAY,
        daily_at=(6, 30),
        leads=_REGULATION,
        note="The text of the regulation. It follows the Federal Register by one or two business days.",
    ),
    Source(
        key="dpl",
        title="Denied Persons List",
        parser="dpl",
        lists=("DPL",),
        publisher="Bureau of Industry and Security",
        addresses=_one("{file}"),
        index="https://www.bis.gov/licensing/end-user-guidance/denied-persons-list-dpl",
        period=2 * _DAY,
        daily_at=(6, 45),
        note="The name of the file holds its date, so its address is read from the page that links it.",
    ),
    Source(
        key="ofac_sdn",
        title="OFAC Specially Designated Nationals List",
        parser="ofac",
        lists=("SDN",),
        publisher="Office of Foreign Assets Control",
        addresses=_ofac("SDN.CSV", "ALT.CSV", "ADD.CSV", "SDN_COMMENTS.CSV"),
        period=_DAY,
        every=timedelta(hours=4),  # OFAC publishes at any hour of a business day
        note="Four files that make one list.",
    ),
    Source(
        key="ofac_cons",
        title="OFAC Consolidated (non-SDN) List",
        parser="ofac",
        lists=("SSI", "FSE", "PLC", "CAP", "CMIC", "MBS"),
        publisher="Office of Foreign Assets Control",
        addresses=_ofac("CONS_PRIM.CSV", "CONS_ALT.CSV", "CONS_ADD.CSV", "CONS_COMMENTS.CSV"),
        period=_DAY,
        every=timedelta(hours=4),
        note="Four files that make one list.",
    ),
    Source(
        key="un",
        title="United Nations Security Council Consolidated List",
        parser="un",
        lists=("UN",),
        publisher="United Nations Security Council",
        addresses=_one("https://scsanctions.un.org/resources/xml/en/consolidated.xml"),
        period=2 * _DAY,
        daily_at=(7, 0),
    ),
    Source(
        key="uk",
        title="UK Sanctions List",
        parser="uk",
        lists=("UK",),
        publisher="UK Foreign, Commonwealth and Development Office",
        addresses=_one("https://sanctionslist.fcdo.gov.uk/docs/UK-Sanctions-List.csv"),
        period=2 * _DAY,
        daily_at=(7, 15),
        note="Took the place of the consolidated list of HM Treasury (ConList.csv), which ended on 2026-01-28.",
    ),
    Source(
        key="uflpa",
        title="UFLPA Entity List",
        parser="form",
        lists=("UFLPA",),
        publisher="U.S. Department of Homeland Security",
        period=_YEAR,
        note="Published as a web page and in the Federal Register; entered in the CSV form.",
    ),
    Source(
        key="dod1260h",
        title="Section 1260H List of Chinese Military Companies",
        parser="form",
        lists=("1260H",),
        publisher="U.S. Department of War (Defense)",
        period=_YEAR,
        note="Published once a year or oftener as a PDF document and in the Federal Register; entered in the CSV form.",
    ),
    Source(
        key="sec889",
        title="Section 889 names",
        parser="form",
        lists=("889",),
        publisher="National Defense Authorization Act for 2019, section 889",
        period=_YEAR,
        note="Five companies named in the law, with their subsidiaries and affiliates; entered in the CSV form.",
    ),
    Source(
        key="informed",
        title="“Is informed” letters",
        parser="form",
        lists=("INF",),
        publisher="Bureau of Industry and Security, by letter to the company",
        note="Private: what BIS told this company alone (15 CFR 744.21(b) and others). It does not grow old.",
    ),
    Source(
        key="watchlist",
        title="Own watch list",
        parser="form",
        lists=("OWN",),
        publisher="The company itself",
        note="Private. It does not grow old.",
    ),
)

SOURCES: Mapping[str, Source] = MappingProxyType({source.key: source for source in _TABLE})

_OPEN_SANCTIONS_SOURCE = Source(
    key=OPEN_SANCTIONS,
    title="OpenSanctions",
    parser="ftm",
    lists=("OS",),
    publisher="OpenSanctions",
    period=2 * _DAY,
    daily_at=(7, 30),
    leads=_OTHER,
    note="A collection of other people's lists. Its data is free for non-commercial use; a company needs a license of "
    "OpenSanctions (CC BY-NC 4.0).",
)
_DATASET = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")


# No list: the watch for documents about the lists. Its address is the base of the API.
REGISTER = Source(
    key="federal_register",
    title="Federal Register, BIS documents",
    parser="",
    lists=(),
    publisher="Office of the Federal Register",
    addresses=_one(FEDERAL_REGISTER),
    period=2 * _DAY,
    every=FEDERAL_REGISTER_EVERY,
    note="Documents on public inspection and published, of the Bureau of Industry and Security: early warning.",
)


def watched_source(key: str) -> Source | None:
    """The source of lists with this key, or the watch of the Federal Register; None for an unknown key."""
    return REGISTER if key == REGISTER.key else source_for_key(key)


def source_for_key(key: str) -> Source | None:
    """The source with this key, one of an OpenSanctions data set ("os-us_trade_csl") too; None for an unknown key."""
    dataset = key.removeprefix(OPEN_SANCTIONS)
    if dataset != key and len(key) <= 60 and _DATASET.fullmatch(dataset):
        return replace(
            _OPEN_SANCTIONS_SOURCE,
            key=key,
            title=f"OpenSanctions, {dataset}",
            addresses=_one(f"https://data.opensanctions.org/datasets/latest/{dataset}/entities.ftm.json"),
        )
    return SOURCES.get(key)


def rank_of(key: str) -> int:
    """The rank of a source among those that print the same entry: the lowest leads, an unknown one comes last."""
    source = source_for_key(key)
    return source.leads if source else _OTHER + 1


def addresses_of(source: Source, overrides: Mapping[str, object]) -> dict[str, str]:
    """File name to address of a source, those of `overrides` in place of the official ones.

    `overrides` maps the key of a source to one address, to addresses by file name, or to "" or {} for a source that
    is not to be fetched. Of a bundle, the files that are not named keep their official address. Raises ValueError,
    with a sentence, for anything else.
    """
    given = overrides.get(source.key)
    if given is None:
        return dict(source.addresses)
    if not given:
        return {}
    if isinstance(given, str):
        if len(source.addresses) > 1:
            raise ValueError(
                f"LIST_ADDRESSES gives one address for “{source.key}”, which has {len(source.addresses)} files. "
                f"Give an address for each: {', '.join(source.addresses)}."
            )
        return dict.fromkeys(source.addresses or (FILE,), given)
    if not isinstance(given, Mapping) or not all(isinstance(part, str) for pair in given.items() for part in pair):
        raise ValueError(f"LIST_ADDRESSES for “{source.key}” must be an address, or addresses by file name.")
    known = source.addresses or {FILE: ""}
    if foreign := sorted(set(given) - set(known)):
        raise ValueError(
            f"LIST_ADDRESSES names the file {', '.join(foreign)} for “{source.key}”. Known: {', '.join(known)}."
        )
    return {name: address for name, address in {**known, **given}.items() if address}


def index_of(source: Source, overrides: Mapping[str, object]) -> str:
    """The address of the page that fills the placeholders, "" without placeholders.

    `overrides` may hold its own under the key with "-index" after it.
    """
    if not any(_PLACEHOLDER.search(address) for address in addresses_of(source, overrides).values()):
        return ""
    given = overrides.get(f"{source.key}-index")
    return given if isinstance(given, str) else source.index


def filled(source: Source, addresses: Mapping[str, str], index: bytes, index_address: str = "") -> dict[str, str]:
    """The addresses with their placeholders filled from the answer of the index.

    Raises RefusedFile when the answer doesn't hold what is looked for.
    """
    placeholder, read = _INDEXES[source.key]
    value = read(index, index_address or source.index)
    return {name: address.replace(placeholder, value) for name, address in addresses.items()}


_PLACEHOLDER = re.compile(r"\{(?:date|file)\}")


def newest_ecfr_date(titles: bytes, title: int = 15) -> date:
    """The newest date for which the eCFR has issued a title, from the answer of its titles.json.

    A later date is answered with 404, so that "today" can't be asked for. Raises RefusedFile.
    """
    text = decode(titles, "the list of titles of the eCFR as JSON")
    try:
        rows = json.loads(text)["titles"]
        (row,) = [row for row in rows if row["number"] == title]
        return date.fromisoformat(row["latest_issue_date"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RefusedFile(
            "no_issue_date",
            f"The list of titles of the eCFR gives no latest_issue_date for title {title}. Look at the answer; if its "
            "layout has changed, set the address with a date in LIST_ADDRESSES until the program is changed.",
        ) from error


_DPL_LINK = re.compile(r"""href\s*=\s*["']([^"'<>\s]{0,500}/dpl[^"'/<>\s]{0,80}\.(?:csv|txt))["']""", re.IGNORECASE)


def denied_persons_file(page: bytes, page_address: str) -> str:
    """The address of the Denied Persons List file that the page of BIS links, for example ".../dpl_04142026.csv".

    Raises RefusedFile unless the page links exactly one, on https and a host of BIS or of the page.
    """
    text = page.decode("utf-8", "replace")
    links = sorted({urljoin(page_address, found.replace("&amp;", "&")) for found in _DPL_LINK.findall(text)})
    if len(links) == 1 and _may_serve(links[0], page_address):
        return links[0]
    what = "links no file of it" if not links else f"links {len(links)} files of it, or one on another site"
    raise RefusedFile(
        "no_dpl_link",
        f"The page of the Denied Persons List {what}. Look the file up on the page and set its address in "
        "LIST_ADDRESSES, or load it by hand.",
    )


def _may_serve(link: str, page_address: str) -> bool:
    parts, page = urlsplit(link), urlsplit(page_address)
    if (parts.scheme, parts.netloc) == (page.scheme, page.netloc):
        return True
    host = parts.hostname or ""
    return parts.scheme == "https" and (host == "bis.gov" or host.endswith((".bis.gov", ".bis.doc.gov")))


def _ecfr_date(index: bytes, _index_address: str) -> str:
    return newest_ecfr_date(index).isoformat()


_INDEXES: Mapping[str, tuple[str, Callable[[bytes, str], str]]] = MappingProxyType(
    {"ecfr744": ("{date}", _ecfr_date), "dpl": ("{file}", denied_persons_file)}
)

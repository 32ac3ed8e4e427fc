"""About 600 invented counterparties of an invented U.S. chip maker, the same on every machine.

Most are filler, put together from the lists in `words.py` by a hash of the seed and a counter, so neither the Python
version nor the order of calls changes a byte. `PLANTED` names the others: what the screening must find among them, what
it must leave alone, and what an officer must look at.

No company here is meant to be real. The listed names in `of` are; the misspelt customer beside them is made up.
"""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from .words import (
    COUNTRIES,
    ENGLISH_FIRST,
    ENGLISH_SECOND,
    RELATIONS,
    WEST_HEADS,
    WEST_TAILS,
    Country,
)

COMPANY = "Larkspur Microdevices, Inc."
SEED = "larkspur-2019-10-08"
TOTAL = 600
COLUMNS = ("external_id", "name", "other_names", "country", "address", "relation", "identifiers")

Expect = Literal["match", "clear", "review", "earlier", "later"]


@dataclass(frozen=True)
class Counterparty:
    """One row of the import file."""

    external_id: str
    name: str
    other_names: tuple[str, ...]
    country: str
    address: str
    relation: str
    identifiers: tuple[str, ...]


@dataclass(frozen=True)
class Planted:
    """A counterparty put there on purpose.

    `expect` says against which list, and what must come of it:
    "match" one of the 28 of 84 FR 54002, "earlier" an entry of 8 October 2019, "later" one of 85 FR 34505 (`of` names
    the entry); "review" shows one of the 28 and is a false positive; "clear" must show nothing, though it looks near.
    """

    external_id: str
    name: str
    expect: Expect
    of: str
    why: str
    country: str
    address: str
    relation: str = "customer"
    other_names: tuple[str, ...] = ()


_HIKVISION = "Hikvision"
_DAHUA = "Dahua Technology"
_IFLYTEK = "IFLYTEK"
_MEGVII = "Megvii Technology"
_SENSETIME = "Sense Time"
_MEIYA = "Xiamen Meiya Pico Information Co. Ltd."
_YITU = "Yitu Technologies"
_YIXIN = "Yixin Science and Technology Co. Ltd."

# fmt: off
# A table: a row reads better in three lines than in nine.
PLANTED: tuple[Planted, ...] = (
    # The 28 of 84 FR 54002, as a sales team types them
    Planted(
        "C-00007", "Hik Vision Digital Tech Co Ltd", "match", _HIKVISION,
        "brand split in two, city left out, word cut short, Chinese name and address beside it", "CN",
        "555 Qianmo Rd, Binjiang, Hangzhou", other_names=("海康威视", "杭州海康威视数字技术股份有限公司"),
    ),
    Planted(
        "C-00018", "HANGZHOU HIKVISION DIGITAL TECHNOLO", "match", _HIKVISION,
        "capitals, cut at 35 characters by an older system", "CN", "Hangzhou, Zhejiang",
    ),
    Planted(
        "C-00029", "Zhejiang Da Hua Techology Co., Ltd.", "match", _DAHUA,
        "brand split, typing error, province added, Chinese name beside it", "CN",
        "1187 Bin'an Rd, Binjiang Dist., Hangzhou", other_names=("浙江大华技术股份有限公司", "大华"),
    ),
    Planted(
        "C-00040", "DAHUA TECHNOLOGY CO LTD - URUMQI BRANCH", "match", _DAHUA,
        "capitals, legal form and branch added", "CN", "Dacheng Erya Block A, Huizhan Ave, Urumqi", "distributor",
    ),
    Planted(
        "C-00051", "i-Fly Tek Co., Ltd.", "match", _IFLYTEK, "one word written as three, legal form added", "CN",
        "666 Wangjiang West Road, Hefei, Anhui",
    ),
    Planted(
        "C-00062", "IFLYTEC", "match", _IFLYTEK, "last letter wrong", "CN", "Hefei, Anhui", "supplier",
    ),
    Planted(
        "C-00073", "MEGVI TECHNOLOGY LIMITED", "match", _MEGVII, "doubled letter dropped, legal form added", "CN",
        "Rongke Information Center, Haidian, Beijing",
    ),
    Planted(
        "C-00084", "Technology Megvii (Shenzhen Branch)", "match", _MEGVII, "words in the other order, branch added",
        "CN", "Nanshan District, Shenzhen",
    ),
    Planted(
        "C-00095", "SenseTime Tech. Dev. (Beijing)", "match", _SENSETIME,
        "joined, two words cut short, city at the end", "CN",
        "Science and Technology Bldg, Tsinghua Science Park, Beijing",
    ),
    Planted(
        "C-00106", "Beijing Shang Tang Technology Developement Co Ltd", "match", _SENSETIME,
        "alias with its brand split and a typing error", "CN", "Haidian District, Beijing",
    ),
    Planted(
        "C-00117", "Meiya Pico Info Co., Ltd. Xiamen", "match", _MEIYA, "city moved to the end, word cut short", "CN",
        "12 Guanri Road, Software Park Phase 2, Xiamen", "supplier",
    ),
    Planted(
        "C-00128", "Xiamen Meiyapico Information", "match", _MEIYA, "two words joined, legal form left out", "CN",
        "Xiamen, Fujian",
    ),
    Planted(
        "C-00139", "Yi Tu Technologies Pte. Ltd.", "match", _YITU,
        "brand split, legal form of another country, matching address", "CN",
        "523 Loushanguan Rd, Changning, Shanghai",
    ),
    Planted(
        "C-00150", "Yixin Sci & Tech Co Ltd", "match", _YIXIN, "words cut short, and written as a sign", "CN",
        "216 Qiantangjiang Road, Urumqi",
    ),
    Planted(
        "C-00161", "Yuxin Science and Technolgy", "match", _YIXIN, "alias with a typing error", "CN",
        "Chaoyang District, Beijing", "distributor",
    ),
    Planted(
        "C-00172", "Urumchi Municipal Public Security Bureau", "match", "Urumqi Municipal Public Security Bureau",
        "another spelling of the city", "CN", "339 Hebei East Road, Urumqi",
    ),
    Planted(
        "C-00183", "Xinjiang Police Collage", "match", "Xinjiang Police College", "typing error", "CN",
        "1108 Changsha Road, Xinshi District, Urumqi",
    ),
    Planted(
        "C-00194", "HOTAN PREFECTURE PUBLIC SECURITY BU", "match", "Hetian Prefecture Public Security Bureau",
        "alias in capitals, cut at 35 characters", "CN", "Hotan, XUAR",
    ),
    Planted(
        "C-00205", "Public Security Bureau of Turpan Municipality", "match",
        "Turfan Municipality Public Security Bureau", "alias in another word order", "CN",
        "Gaochang North Road, Turpan",
    ),
    Planted(
        "C-00216", "XPCC Public Security Bureau", "match",
        "Xinjiang Production and Construction Corps (XPCC) Public Security Bureau", "the short form alone", "CN",
        "106 Guangming Road, Tianshan, Urumqi",
    ),
    Planted(
        "C-00227", "Kashgar Prefecture Pub. Security Bur.", "match", "Kashgar Prefecture Public Security Bureau",
        "two words cut short", "CN", "Kashgar, XUAR",
    ),
    Planted(
        "C-00238", "Karamay Municipality Public Securty Bureau (Finance Office)", "match",
        "Kelamayi Municipality Public Security Bureau", "alias with a typing error, an office added", "CN",
        "52 Yingbin Road, Karamay",
    ),
    # Near to one of the 28 and rightly shown; an officer reads on and decides: somebody else
    Planted(
        "C-00249", "Sense Time Watches, Inc.", "review", _SENSETIME,
        "a watchmaker in Vermont whose brand is the listed alias", "US", "14 Church Street, Burlington, VT",
    ),
    Planted(
        "C-00260", "Meiya Pico Toys Co., Ltd.", "review", _MEIYA, "a toy maker with both words of the listed brand",
        "TH", "41 Elephant Lane, Chiang Mai", "supplier",
    ),
    Planted(
        "C-00271", "Dahua Paper Technology Co., Ltd.", "review", _DAHUA,
        "a paper mill on another island with the same brand in another trade", "TW", "9 Weaving Road, Hualien",
    ),
    # Near enough to tempt a weak engine; none of these may open a case
    Planted(
        "C-00282", "Dahlia Technology, Inc.", "clear", _DAHUA, "one letter and a vowel away, another word", "US",
        "88 Garden Road, San Mateo, CA",
    ),
    Planted(
        "C-00293", "Pico Information Systems LLC", "clear", _MEIYA, "shares two common words, not the brand", "US",
        "2 Dogwood Court, Baltimore, MD", "supplier",
    ),
    Planted(
        "C-00304", "Sinopia Pigments S.r.l.", "clear", "", "begins like a word for China", "IT",
        "via Sestri 11, Genova", "supplier",
    ),
    Planted(
        "C-00315", "Azteca Circuitos S.A. de C.V.", "clear", "", "holds the letters ZTE", "MX",
        "Calle Sauce 7, Monterrey",
    ),
    Planted(
        "C-00326", "Fly Technologies GmbH", "clear", _IFLYTEK, "half of the brand and a common word", "DE",
        "Hangarweg 3, Augsburg",
    ),
    Planted(
        "C-00337", "Aspen Public Safety Bureau", "clear", "Aksu District Public Security Bureau",
        "a U.S. town: shares the common words of the bureaus", "US", "506 East Main Street, Aspen, CO",
    ),
    Planted(
        "C-00348", "Haikou Vision Optical Co., Ltd.", "clear", _HIKVISION,
        "an optician: shares a word that is half of the brand", "CN", "Binhai Avenue 20, Haikou, Hainan",
    ),
    Planted(
        "C-00359", "Time Sense Horology Museum", "clear", _SENSETIME,
        "both words of the alias, turned round, in a museum", "CH", "Uhrenplatz 1, Biel",
    ),
    Planted(
        "C-00370", "Hangzhou Digital Printing Equipment Co., Ltd.", "clear", _HIKVISION,
        "city and common words without the brand", "CN", "Wenyi Road 60, Hangzhou",
    ),
    Planted(
        "C-00381", "Xiamen Pacific Seafood Export Co., Ltd.", "clear", _MEIYA, "the city alone", "CN",
        "Harbor Road 5, Xiamen, Fujian", "forwarder",
    ),
    Planted(
        "C-00392", "Urumqi Carpet Weavers Cooperative", "clear", "Urumqi Municipal Public Security Bureau",
        "the city alone", "CN", "Bazaar Lane 3, Urumqi", "supplier",
    ),
    Planted(
        "C-00403", "Altay Tekstil Sanayi A.Ş.", "clear", "Altay Municipality Public Security Bureau",
        "a Turkish firm: a name that is also a place", "TR", "Sanayi Sokak 12, Denizli", "supplier",
    ),
    Planted(
        "C-00414", "Municipal Public Utilities Bureau of Ashford", "clear", "Urumqi Municipal Public Security Bureau",
        "common words of the bureaus, another task, another country", "GB", "Town Hall, Ashford",
    ),
    Planted(
        "C-00425", "Prefecture Security Printing K.K.", "clear", "Kashgar Prefecture Public Security Bureau",
        "common words of the bureaus", "JP", "Sakaecho 2, Niigata",
    ),
    Planted(
        "C-00436", "Megavia Telecomunicações Ltda.", "clear", _MEGVII, "begins alike, another word", "BR",
        "Rua do Sol 50, Recife",
    ),
    Planted(
        "C-00447", "Science and Technology Supply Co. Ltd.", "clear", _YIXIN, "only the common words", "TH",
        "Rama Road 101, Bangkok", "distributor",
    ),
    Planted(
        "C-00458", "Yukon Science and Technology Centre", "clear", _YIXIN, "common words and the first letter", "CA",
        "2 Range Road, Whitehorse, YT",
    ),
    Planted(
        "C-00469", "Guelph Police College Alumni Band", "clear", "Xinjiang Police College", "common words", "CA",
        "9 Parade Square, Guelph, ON",
    ),
    Planted(
        "C-00480", "Taipan Construction Corps Ltd", "clear",
        "Xinjiang Production and Construction Corps (XPCC) Public Security Bureau", "common words", "AU",
        "Dock Road 8, Darwin", "supplier",
    ),
    Planted(
        "C-00491", "Hikari Vision Care K.K.", "clear", _HIKVISION, "three first letters and a common word", "JP",
        "Honmachi 4, Fukui",
    ),
    # The list of 8 October 2019
    Planted(
        "C-00502", "Huawie Technologies Deutschland GmbH", "earlier", "Huawei Technologies Deutschland GmbH",
        "two letters swapped", "DE", "Hansaallee 200, Düsseldorf",
    ),
    Planted(
        "C-00513", "Sugon Info Industry Co Ltd", "earlier", "Sugon", "alias cut short, legal form added", "CN",
        "Haidian District, Beijing",
    ),
    Planted(
        "C-00524", "Shanghai Hi-Silicon Technologies", "earlier", "Shanghai HiSilicon Technologies Co., Ltd.",
        "brand split, legal form left out", "CN", "318 Shuixiu Road, Qingpu, Shanghai", "supplier",
    ),
    Planted(
        "C-00535", "EMIRATES ALLOY GENERAL TRADING", "earlier", "Emirates Alloys",
        "alias in capitals, plural dropped", "AE", "Marwan Ahmed Ali Bldg, Port Saeed Road, Dubai", "distributor",
    ),
    Planted(
        "C-00546", "Jiangnan Inst. of Computing Technology (Wuxi)", "earlier",
        "Wuxi Jiangnan Institute of Computing Technology", "word cut short, city at the end", "CN",
        "188 Shanshui East Road, Wuxi",
    ),
    # The rule that waits: 85 FR 34505
    Planted(
        "C-00557", "Cloud Walk Technology Co., Ltd.", "later", "CloudWalk Technology",
        "brand split, legal form added", "CN", "26 Jinlong Road, Nansha, Guangzhou",
    ),
    Planted(
        "C-00568", "Fiber Home Telecom Technologies", "later", "FiberHome Technologies Group",
        "brand split, word cut short", "CN", "Gaoxin 4th Road, East Lake, Wuhan",
    ),
    Planted(
        "C-00579", "NETPOSSA TECHNOLOGIES LTD", "later", "NetPosa", "doubled letter", "CN", "Wangjing SOHO, Beijing",
    ),
    Planted(
        "C-00590", "Intelifusion (Shenzhen) Limited", "later", "Intellifusion", "letter dropped, city added", "CN",
        "Dayun Software Town, Longgang, Shenzhen",
    ),
    Planted(
        "C-00599", "Isvision Technologes Shanghai", "later", "IS'Vision", "typing error, city moved", "CN",
        "498 Guoshoujing Road, Pudong, Shanghai",
    ),
)
# fmt: on


@cache
def counterparties() -> tuple[Counterparty, ...]:
    """All of them in order of external id, C-00001 to C-00600."""
    planted = {row.external_id: row for row in PLANTED}
    ids = [f"C-{number:05d}" for number in range(1, TOTAL + 1)]
    filler = iter(_filler(tuple(one for one in ids if one not in planted)))
    return tuple(_from_planted(planted[one]) if one in planted else next(filler) for one in ids)


def counterparties_csv() -> bytes:
    """The import file: UTF-8 with a header, the same bytes each time."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in counterparties():
        writer.writerow(
            (
                row.external_id,
                row.name,
                "|".join(row.other_names),
                row.country,
                row.address,
                row.relation,
                "|".join(row.identifiers),
            )
        )
    return out.getvalue().encode("utf-8")


def planted(expect: Expect) -> tuple[Planted, ...]:
    """The rows of the table with one expectation."""
    return tuple(row for row in PLANTED if row.expect == expect)


def _from_planted(row: Planted) -> Counterparty:
    country = next(place for place in COUNTRIES if place.code == row.country)
    return Counterparty(
        row.external_id,
        row.name,
        row.other_names,
        row.country,
        row.address,
        row.relation,
        _identifiers(country, row.external_id),
    )


def _filler(ids: Sequence[str]) -> list[Counterparty]:
    taken: set[str] = set()
    cards = [(country, card) for country in COUNTRIES for card in range(country.share)]
    cards.sort(key=lambda one: _draw(f"{one[0].code} {one[1]}", "deck", 2**62))  # a shuffle that stays the same
    deck = [country for country, _ in cards]
    rows = []
    for number, external_id in enumerate(ids):
        country = deck[number % len(deck)]
        relation = _relation(external_id)
        name, native = _new_name(country, relation, external_id, taken)
        others = [native] if native and _draw(external_id, "native", 10) < 7 else []
        if not native and _draw(external_id, "former", 12) == 0:
            others.append(_new_name(country, relation, f"{external_id}/former", taken)[0])
        if _draw(external_id, "capitals", 12) == 0:
            name = name.upper()
        rows.append(
            Counterparty(
                external_id,
                name,
                tuple(others),
                country.code,
                _address(country, external_id),
                relation,
                _identifiers(country, external_id),
            )
        )
    return rows


def _draw(key: str, what: str, sides: int) -> int:
    """A die with `sides` sides that falls the same way each time for this key."""
    digest = hashlib.sha256(f"{SEED}/{key}/{what}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % sides


def _pick(options: Sequence[str], key: str, what: str) -> str:
    return options[_draw(key, what, len(options))]


def _two_scripts(word: str) -> tuple[str, str]:
    latin, _, native = word.partition("=")
    return latin.replace("-", " ") if native else latin, native.replace("_", " ")


def _relation(external_id: str) -> str:
    """Of a hundred: 58 customers, 17 suppliers, 11 distributors, 9 forwarders, 5 banks."""
    limits = (58, 75, 86, 95, 100)
    roll = _draw(external_id, "relation", 100)
    return next(relation for relation, limit in zip(RELATIONS, limits, strict=True) if roll < limit)


def _new_name(country: Country, relation: str, key: str, taken: set[str]) -> tuple[str, str]:
    """A name nobody in the file has yet, and the same in the country's own script ("" where it has none).

    `taken` holds the names so far without legal forms: "Guanchi Audio Inc." and "Guanchi Audio Ltd." are too near.
    """
    for attempt in range(500):
        name, native, bare = _name(country, relation, f"{key}#{attempt}")
        if bare not in taken:
            taken.add(bare)
            return name, native
    raise AssertionError(f"{country.code} has too few words for {relation}")


def _name(country: Country, relation: str, key: str) -> tuple[str, str, str]:
    if country.stems:
        stem, native_stem = _two_scripts(_pick(country.stems.split(), key, "stem"))
    elif country.code in {"US", "GB", "CA", "AU", "IE"} and _draw(key, "kind", 3):
        stem, native_stem = (
            f"{_pick(ENGLISH_FIRST.split(), key, 'first')} {_pick(ENGLISH_SECOND.split(), key, 'second')}",
            "",
        )
    else:
        stem, native_stem = _pick(WEST_HEADS.split(), key, "head") + _pick(WEST_TAILS.split(), key, "tail"), ""
    trade, native_trade = _two_scripts(_pick(country.trades[relation].split("/"), key, "trade"))
    city, native_city = _two_scripts(_city(country, key))
    form = _pick(country.forms.split("/"), key, "form")
    name = country.latin.format(stem=stem, trade=trade, form=form, city=city)
    native = country.native.format(stem=native_stem, trade=native_trade, city=native_city)
    return name, native, f"{stem} {trade}"


def _city(country: Country, key: str) -> str:
    """The same for the name and the address of one counterparty."""
    return _pick(country.cities.split("/"), key.partition("#")[0].partition("/")[0], "city")


def _address(country: Country, key: str) -> str:
    street = _pick(country.streets.split("/"), key, "street")
    city, _ = _two_scripts(_city(country, key))
    house = _draw(key, "house", 240) + 1
    line = f"{house} {street}" if country.code in {"US", "GB", "CA", "AU", "IE", "FR"} else f"{street} {house}"
    return f"{line}, {city} {_fill(country.postcode, key, 'postcode')}".strip()


def _identifiers(country: Country, key: str) -> tuple[str, ...]:
    own = _fill(country.number, key, "number")
    if _draw(key, "duns", 3) == 0:
        return own, _fill("duns:00#######", key, "duns number")
    return (own,)


def _fill(pattern: str, key: str, what: str) -> str:
    """The pattern with a digit for each "#"."""
    return "".join(
        str(_draw(key, f"{what} {place}", 10)) if sign == "#" else sign for place, sign in enumerate(pattern)
    )

"""Facts the engine's tests share: names, aliases and addresses as the rule of 2019-10-09 (84 FR 54002) lists them."""

from __future__ import annotations

import pytest

from screening import Address, Entry, Index, Match, Name, Party, ScoringConfig, screen_batch

CONFIG = ScoringConfig()
BUREAU = "Public Security Bureau"
LISTED: dict[str, tuple[str, ...]] = {
    "aksu": (f"Aksu District {BUREAU}", f"Aqsu District {BUREAU}"),
    "altay": (f"Altay Municipality {BUREAU}",),
    "bayingolin": (f"Bayingolin Mongolian Autonomous Prefecture {BUREAU}",),
    "sensetime": (
        "Beijing Sensetime Technology Development Co., Ltd.",
        "Beijing Shangtang Technology Development Co., Ltd.",
        "Sense Time",
    ),
    "bortala": (
        f"Boertala Mongolian Autonomous Prefecture {BUREAU}",
        f"Bortala Mongolian Autonomous Prefecture {BUREAU}",
    ),
    "changji": (f"Changji Hui Autonomous Prefecture {BUREAU}",),
    "dahua": ("Dahua Technology",),
    "hami": (f"Hami Municipality {BUREAU}", f"Kumul Municipality {BUREAU}", f"Qumul Municipality {BUREAU}"),
    "hikvision": ("Hangzhou Hikvision Digital Technology Co., Ltd.", "Hikvision"),
    "hotan": (f"Hetian Prefecture {BUREAU}", f"Hotan Prefecture {BUREAU}"),
    "iflytek": ("IFLYTEK",),
    "kashgar": (f"Kashgar Prefecture {BUREAU}", f"Kashi Prefecture {BUREAU}"),
    "karamay": (f"Kelamayi Municipality {BUREAU}", f"Karamay Municipality {BUREAU}", f"Qaramay Municipality {BUREAU}"),
    "kizilsu": (f"Kezilesu Kyrgyz Autonomous Prefecture {BUREAU}", f"Kizilsu Autonomous Prefecture {BUREAU}"),
    "megvii": ("Megvii Technology",),
    "shihezi": (f"Shihezi Municipality {BUREAU}",),
    "tacheng": (f"Tacheng Prefecture {BUREAU}",),
    "tumushuke": (f"Tumushuke Municipal {BUREAU}", f"Tumxuk Municipal {BUREAU}"),
    "turpan": (f"Turfan Municipality {BUREAU}", f"Turpan Municipality {BUREAU}"),
    "urumqi": (f"Urumqi Municipal {BUREAU}",),
    "wujiaqu": (f"Wujiaqu Municipality {BUREAU}",),
    "meiya": ("Xiamen Meiya Pico Information Co. Ltd.",),
    "police": ("Xinjiang Police College",),
    "xpcc": (f"Xinjiang Production and Construction Corps (XPCC) {BUREAU}",),
    "xuar": (f"Xinjiang Uyghur Autonomous Region (XUAR) People's Government {BUREAU}",),
    "ili": (f"Yili Kazakh Autonomous Prefecture {BUREAU}", f"Ili Kazakh Autonomous Prefecture {BUREAU}"),
    "yitu": ("Yitu Technologies",),
    "yixin": (
        "Yixin Science and Technology Co. Ltd.",
        "Yixin Technology",
        "Yuxin Technology",
        "Yuxin Science and Technology",
        "Ecguard",
    ),
}
ADDRESSES = {
    "dahua": "No. 1187, Bin'an Road, Binjiang District, Hangzhou City, Zhejiang Province, China",
    "hikvision": "No. 555 Qianmo Road, Binjiang District, Hangzhou 310052, China",
    "iflytek": "No. 666, Wangjiang Road West, Hefei City, Anhui Province, China",
    "megvii": "3rd Floor, Block A, Rongke Information Center, No. 2 South Road, Haidian District, Beijing, China",
    "yixin": "216 Qiantangjiang Rd., Urumqi, Xinjiang, China",
}


def entry(id_: str, *names: str, address: str = "", country: str = "", kind: str = "unknown") -> Entry:
    """The smallest entry with these names."""
    listed = tuple(Name(text, "alias" if i else "legal") for i, text in enumerate(names))
    addresses = (Address(address, country),) if address else ()
    return Entry(id_, listed, addresses, (country,) if country else (), kind=kind)


def party(*names: str, address: str = "", country: str = "", kind: str = "unknown", id_: str = "p1") -> Party:
    """The smallest record with these names."""
    addresses = (Address(address, country),) if address else ()
    return Party(id_, tuple(Name(text) for text in names), addresses, country, kind=kind)


def seed_entries() -> list[Entry]:
    """The 28 of the rule, and the company of "SIS DOO" / "SIS d.o.o."."""
    seed = [entry(id_, *names, address=ADDRESSES.get(id_, ""), country="CN") for id_, names in LISTED.items()]
    return [*seed, entry("sis", "SIS d.o.o.", country="SI")]


def best(index: Index, name: str, floor: float = 0.01) -> Match | None:
    """The best match of a name, however low."""
    matches = screen_batch([party(name)], index, floor=floor)[0].matches
    return matches[0] if matches else None


@pytest.fixture(scope="session")
def index() -> Index:
    return Index.build(seed_entries())

"""Names that must be found, and near-misses that must not wake anybody."""

from __future__ import annotations

import pytest

from screening import Index
from tests.screening.conftest import LISTED, best, entry

REVIEW, STRONG = 0.60, 0.85

FOUND = [
    ("SIS DOO", "sis"),
    ("SIS d.o.o.", "sis"),
    ("S.I.S. d.o.o.", "sis"),
    ("S I S D O O", "sis"),
    ("HIK VISION DIGITAL TECH CO", "hikvision"),
    ("HangZhou HaiKang WeiShi", "hikvision"),
    ("海康威视", "hikvision"),
    ("杭州海康威视数字技术股份有限公司", "hikvision"),
    ("Hikvision", "hikvision"),
    ("Hikvison Europe BV", "hikvision"),
    ("Нikvision", "hikvision"),  # the first letter is Cyrillic
    ("Hikvision (Shenzhen Branch)", "hikvision"),
    ("Messrs Hangzhou Hikvision", "hikvision"),
    ("Dahua Technology", "dahua"),
    ("Zhejiang Dahua Technology Co., Ltd", "dahua"),
    ("DAHUA TECH", "dahua"),
    ("浙江大华技术股份有限公司", "dahua"),
    ("Sense Time", "sensetime"),
    ("SenseTime Group Ltd", "sensetime"),
    ("商汤科技", "sensetime"),
    ("IFLYTEK CO", "iflytek"),
    ("I-Flytek Co Ltd", "iflytek"),
    ("科大讯飞股份有限公司", "iflytek"),
    ("Meiya Pico", "meiya"),
    ("Xiamen Meiya Pico Info. Co.", "meiya"),
    ("Megvii", "megvii"),
    ("Face++ Megvii Tech", "megvii"),
    ("旷视科技", "megvii"),
    ("YITU Technology", "yitu"),
    ("Yixin Sci & Tech", "yixin"),
    ("Xinjiang Uighur Autonomous Region (XUAR) People's Government Public Security Bureau", "xuar"),
    ("Xinjiang Uygur Autonomous Region Peoples Govt Public Security Bureau", "xuar"),
    ("XUAR Public Security Bureau", "xuar"),
    ("Xinjiang Uyghur AR People?s Government Public Security Bur.", "xuar"),
    ("Aqsu Dist. Public Security Bureau", "aksu"),
    ("Akesu District Public Security Bureau", "aksu"),
    ("阿克苏地区公安局", "aksu"),
]

CLEAR = [
    "Dahlia Technology",
    "Hangzhou Digital Technology Co Ltd",
    "Yitong Technologies",
    "Aspen Public Safety Bureau",
    "Public Security Bureau",
    "Beijing Technology Development Co., Ltd.",
    "Sense Medical Time Recorders",
    "Haikou Vision Optical",
    "Xiamen Pico Brewery",
    "Fly Technologies",
    "Pico Information Systems",
    "Xinjiang Trading Co",
    "易鑫集团",  # another Yixin, a car finance firm
    "Digital Vision Technology Co., Ltd.",
    "Xinjiang Medical College",
]

# Real contractors that a search for "ZTE", "SINO" or "CHINA" inside the name took for Chinese (public spending data).
SUBSTRINGS = [
    "HDS HEIZTECHNISCHE DIENSTLEIST",
    "R & W ROHR- UND HEIZTECHNIK GM",
    "BRAEHLER ICS KONFERENZTECHNIK",
    "BRAEHLER ICS KONFERENZTECHNI",
    "SOLAR- & HEIZTECHNIK - WOLFENSTELLER",
    "TTV-BILD-+ KONFERENZTECHNIK GMBH",
    "BIZTECH FUSION LLC",
    "MOZTECH CONSTRUCOES LDA",
    "UHG KASINO",
    "TRADING AND DEVELOPMENT COMPANY FOR MACHINARY AND EQUI",
    "WOOJU MACHINARY & ELECTRIC INDUSTRY",
    "HOMER LAUGHLIN CHINA COMPANY",
]


@pytest.mark.parametrize(("name", "expected"), FOUND)
def test_listed_party_is_found_under(index: Index, name: str, expected: str) -> None:
    match = best(index, name)

    assert match is not None
    assert match.entry_id == expected
    assert match.score >= REVIEW


@pytest.mark.parametrize("name", CLEAR)
def test_near_miss_stays_clear(index: Index, name: str) -> None:
    match = best(index, name)

    assert match is None or match.score < REVIEW


def test_megvi_foods_is_at_most_a_question_for_a_person(index: Index) -> None:
    match = best(index, "Megvi Foods")

    assert match is None or match.score < STRONG


@pytest.mark.parametrize("name", SUBSTRINGS)
def test_letters_inside_a_word_are_no_match(name: str) -> None:
    index = Index.build(
        [
            entry("zte", "ZTE Corporation", "Zhongxing Telecommunications Equipment Corp", "ZTE"),
            entry("sino", "Sino Machinery Co., Ltd.", "SINO"),
            entry("china", "China National Machinery & Equipment Import Corporation", "China Trading Company"),
        ]
    )

    match = best(index, name)

    assert match is None or match.score < REVIEW


@pytest.mark.parametrize("id_", sorted(LISTED))
def test_every_listed_name_finds_its_own_entry_with_the_highest_score(index: Index, id_: str) -> None:
    for name in LISTED[id_]:
        match = best(index, name.upper())

        assert match is not None
        assert (match.entry_id, match.score) == (id_, 1.0)


BUREAUS = [id_ for id_, names in LISTED.items() if "Security Bureau" in names[0]]


@pytest.mark.parametrize("id_", BUREAUS)
def test_one_bureau_is_not_another_although_both_are_bureaus(id_: str) -> None:
    others = Index.build([entry(other, *LISTED[other]) for other in BUREAUS if other != id_])

    found = {name: best(others, name) for name in LISTED[id_]}

    assert all(match is None or match.score < REVIEW for match in found.values()), found


@pytest.mark.parametrize(
    ("ours", "listed", "same"),
    [
        ("CSSC 717th Research Institute", "CSSC 718th Research Institute", False),
        ("CSSC 717th Research Institute", "CSSC No. 717 Research Institute", True),
        ("No. 7 Institute of Kirov", "Seventh Institute of Kirov", True),
        ("Kirov Fund VII", "Kirov Fund VIII", False),
        ("第七研究所 Kirov", "Kirov No. 7 Institute", True),
    ],
)
def test_numbers_in_names_must_agree(ours: str, listed: str, same: bool) -> None:
    match = best(Index.build([entry("e", listed)]), ours)

    assert (match is not None and match.score >= REVIEW) is same

"""Three real rules that change the Entity List, in our JSON form for a rule.

`rule_2019_10_09.json`: 84 FR 54002, the seed story. Names as the Consolidated Screening List had them in October 2019
("Hikvision", "Sense Time"; the long company names are their aliases). Aliases and addresses as in the regulation. For
three entries (Hikvision, Sense Time, Kezilesu) a rule of 2020 revised the entry, so what exactly they read in 2019
isn't known from it. The review policy is that of 2019: the clause on infectious disease came on 2020-07-22.

`rule_2020_06_05.json`: 85 FR 34505, the nine bodies added on 2020-06-05 (the rule begins at page 34503; the official
file and the regulation cite 34505, and so do we, because the citation is part of an entry's identity).
- NetPosa, SenseNets and Nanjing FiberHome Starrysky stand in the official file of 2022 with start date 2019-10-09 and
  84 FR 54004. That is an error of the file: the regulation gives 85 FR 34505, 6/5/20.
- The Institute of Forensic Science is known from the official file of 2022 alone; it left the list before 2026.
- Nanjing FiberHome Starrysky was amended on 2021-03-04; its text of 2020 may have differed.
- The rule also revised three entries of the year before; how they read until then isn't known, so `revise` is empty.
- The twenty-four bodies of the same day under 85 FR 34497 (Qihoo 360 and others) are another rule.
- Its document number was not found in a source we could keep and is left empty.

`rule_2020_07_22.json`: 85 FR 44159, of its 37 revisions of existing entries the 28 of October 2019: case-by-case review
for items needed to detect, identify and treat infectious disease. Its eleven additions are not in it. Announced on
2020-07-20; its document number is left empty.
"""

from pathlib import Path

_FOLDER = Path(__file__).parent

OCTOBER_2019 = "rule_2019_10_09.json"
JUNE_2020 = "rule_2020_06_05.json"
JULY_2020 = "rule_2020_07_22.json"

# Of the rule of October 2019: the eight companies. Its other twenty entries are public bodies.
COMPANIES = (
    "Dahua Technology",
    "Hikvision",
    "IFLYTEK",
    "Megvii Technology",
    "Sense Time",
    "Xiamen Meiya Pico Information Co. Ltd.",
    "Yitu Technologies",
    "Yixin Science and Technology Co. Ltd.",
)


def rule_json(name: str) -> bytes:
    """The bytes of one rule as it is loaded: `OCTOBER_2019`, `JUNE_2020` or `JULY_2020`."""
    if name not in (OCTOBER_2019, JUNE_2020, JULY_2020):
        raise KeyError(name)
    return (_FOLDER / name).read_bytes()

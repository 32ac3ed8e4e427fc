"""The official files of several sources through the whole road, where they stand beside the project."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command

from compliance.config.demo import rules
from compliance.jobs.models import Job
from compliance.runs.services import unscreened_versions
from compliance.watchlists.conflicts import compare
from compliance.watchlists.models import DeltaOp, EntryRevision, ListDelta, ListVersion, SourceConflict
from compliance.watchlists.parsers.bundle import pack
from compliance.watchlists.parsers.ecfr744_xml import read_part_744
from compliance.watchlists.parsers.text import unpack
from compliance.watchlists.policy import determine
from compliance.watchlists.services import RESCREEN
from compliance.watchlists.times import moment

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
MARCH = DATA / "ecfr" / "title-15_part-744_2026-03-25.xml.gz"
JULY = DATA / "ecfr" / "title-15_part-744_2026-07-18.xml.gz"
CSL_2022 = DATA / "csl" / "csl_2022-04-21_full.csv.gz"
OTHER = DATA / "other_lists"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not beside the project"),
]


def said(*args: object) -> dict[str, object]:
    out = io.StringIO()
    call_command(*map(str, args), "--activate", "--json", stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def counts(loaded: dict[str, object]) -> tuple[object, ...]:
    return tuple(loaded[name] for name in ("state", "added", "modified", "removed", "cosmetic"))


def test_the_regulation_of_march_and_july_2026_differ_in_no_material_word():
    first = said("load_list", "ecfr744", MARCH, "--effective", "2026-03-25")
    second = said("load_list", "ecfr744", JULY, "--effective", "2026-07-18")

    assert counts(first) == ("active", 3671, 0, 0, 0)
    assert counts(second) == ("active", 0, 0, 0, 83)
    version = ListVersion.objects.get(pk=second["version"])
    assert version.list_counts == {"EL": 3415, "UVL": 186, "MEU": 70}
    assert [label for label, _text in version.notes if label.startswith("footnote")][:5] == [
        f"footnote {number}" for number in range(1, 6)
    ]
    assert not version.runs.exists()


def test_the_rows_that_differ_between_march_and_july_are_173_as_text_and_none_by_their_letters():
    march, july = (read_part_744(unpack(path.read_bytes())).supplements[4].rows for path in (MARCH, JULY))

    def differing(shape):
        return sum(shape(one) != shape(two) for one, two in zip(march, july, strict=True))

    assert (len(march), len(july)) == (3421, 3421)
    assert differing(lambda row: [" ".join(str(cell).split()) for cell in row.cells]) == 173
    assert differing(lambda row: re.sub(r"[\W_]+", "", " ".join(map(str, row.cells)).casefold())) == 0


def test_csl_and_regulation_are_one_line_for_the_28_and_disagree_on_three_listing_dates():
    call_command("load_list", "csl", str(CSL_2022), "--activate", stdout=io.StringIO())
    listed = EntryRevision.objects.in_force().filter(entry__list_code="EL", text__citation__startswith="84 FR 5400")
    dated = listed.filter(text__start_date="2019-10-09").exclude(name__in=WRONG_DATE)
    the_28 = set(dated.values_list("entry", flat=True))

    loaded = said("load_list", "ecfr744", JULY)
    compare(ListVersion.objects.get(pk=loaded["version"]))

    both = {
        entry
        for entry in the_28
        if EntryRevision.objects.in_force().filter(entry=entry).values("version__source").distinct().count() == 2
    }
    assert len(the_28) == 28
    assert both == the_28
    dates = SourceConflict.objects.filter(field="start_date", other_says="2019-10-09").select_related("leading")
    assert {(c.leading.name.rstrip("."), c.leading_says) for c in dates} == {
        (name.rstrip("."), "2020-06-05") for name in WRONG_DATE
    }


WRONG_DATE = (
    "Nanjing FiberHome Starrysky Communication Development Co.",
    "NetPosa",
    "SenseNets",
)


def test_a_change_without_a_material_word_screens_nobody_and_costs_no_text():
    said("load_list", "ecfr744", MARCH, "--effective", "2026-03-25")
    call_command("rescreen", "--wait", stdout=io.StringIO())
    texts = EntryRevision.objects.count()

    again = said("load_list", "ecfr744", JULY, "--effective", "2026-07-18")
    same = said("load_list", "ecfr744", JULY, "--effective", "2026-07-18")

    assert EntryRevision.objects.count() == texts
    assert ListDelta.objects.filter(version=again["version"]).exclude(op=DeltaOp.COS).count() == 0
    assert (same["state"], again["run"]) == ("unchanged", None)
    assert not Job.objects.filter(kind=RESCREEN, key=str(again["version"])).exists()
    assert not unscreened_versions().exists()


def test_the_denied_persons_of_three_years_and_what_changed_between_them():
    found = [
        said("load_list", "dpl", OTHER / f"bis_dpl_{month}.txt.gz", "--effective", f"{month}-28")
        for month in ("2019-06", "2022-09", "2023-11")
    ]

    assert [counts(loaded) for loaded in found] == [
        ("active", 417, 0, 0, 0),
        ("active", 147, 27, 103, 2),
        ("active", 151, 47, 63, 0),
    ]


def ofac(day: str) -> bytes:
    names = ("sdn", "alt", "add", "sdn_comments")
    return pack({f"{name}.csv": unpack((OTHER / f"ofac_{name}_{day}.csv.gz").read_bytes()) for name in names})


def test_the_sanctioned_of_two_years_with_a_comments_file_of_another_day_held_till_two_people_agree(tmp_path):
    for day in ("2019-01-15", "2021-07-07"):
        (tmp_path / f"{day}.zip").write_bytes(ofac(day))

    mixed = said("load_list", "ofac_sdn", tmp_path / "2019-01-15.zip", "--effective", "2019-01-15")
    good = said("load_list", "ofac_sdn", tmp_path / "2021-07-07.zip", "--effective", "2021-07-07")

    assert (mixed["state"], mixed["entries"]) == ("held", 7379)
    assert "10 rows cannot be read" in str(mixed["held"])
    assert (good["state"], good["entries"], good["added"]) == ("active", 8976, 8976)


@pytest.mark.parametrize(
    ("key", "file", "words"),
    [
        ("un", OTHER / "un_consolidated_2024-10-16.xml.gz", "39,788|39788"),
        ("csl", DATA / "csl" / "csl_2023-11_truncated.csv.gz", "4,229|4229|cut off"),
        ("csl", DATA / "csl" / "csl_malformed_sample.csv", "line"),
    ],
)
def test_a_broken_file_is_refused_whole_with_its_line(key, file, words):
    refused = said("load_list", key, file)

    assert refused["state"] == "refused"
    assert re.search(words, " ".join(ListVersion.objects.get(pk=refused["version"]).reasons))
    assert EntryRevision.objects.count() == 0


@pytest.mark.parametrize(
    ("day", "item", "policy", "conditional"),
    [
        ("2019-10-15", "2A983", "case-by-case", 0),
        ("2019-10-15", "5A992.c", "presumption of denial", 0),
        ("2020-08-15", "5A992.c", "presumption of denial", 1),
    ],
)
def test_what_hikvision_means_for_an_item_is_read_from_the_text_of_that_day(tmp_path, day, item, policy, conditional):
    for name in (rules.OCTOBER_2019, rules.JULY_2020):
        (tmp_path / name).write_bytes(rules.rule_json(name))
        said("load_list", "rule", tmp_path / name)
    then = moment(day)

    entry = EntryRevision.objects.in_force(then).get(name="Hikvision").listed
    answer = determine(entry, item, date.fromisoformat(day))

    assert (answer.requirement, answer.policy) == ("license required", policy)
    assert len(answer.conditional) == conditional
    assert "85 FR 44159" in entry.citation if conditional else "85 FR 44159" not in entry.citation

"""The real files of October 2019 and April 2022 through the whole road, where they stand beside the project."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from compliance.cases.models import Case
from compliance.config.demo.counterparties import planted
from compliance.watchlists.models import EntryRevision, ListVersion

CSL = Path(__file__).resolve().parents[3] / "shared" / "data" / "csl"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not CSL.is_dir(), reason="../shared/data is not beside the project"),
]


def said(*args: str) -> dict[str, object]:
    out = io.StringIO()
    call_command(*args, "--json", stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def test_the_change_of_9_october_2019_is_28_added_and_opens_the_planted_cases_alone():
    call_command("seed_demo", "--counterparties-only", stdout=io.StringIO())
    said("load_list", "csl", str(CSL / "derived_entity_list_2019-10-08.csv.gz"), "--activate")
    said("rescreen", "--wait")

    loaded = said("load_list", "csl", str(CSL / "derived_entity_list_2019-10-09.csv.gz"), "--activate")
    run = said("rescreen", "--wait")

    assert (loaded["entries"], loaded["added"], loaded["modified"], loaded["removed"]) == (1237, 28, 0, 0)
    opened = set(Case.objects.filter(opened_by_run=loaded["run"]).values_list("counterparty__external_id", flat=True))
    must = {row.external_id for row in planted("match")}
    assert must <= opened <= must | {row.external_id for row in planted("review")}
    assert run["cases_opened"] == len(opened)
    assert not Case.objects.filter(counterparty__external_id__in=[row.external_id for row in planted("clear")]).exists()


def test_the_full_list_of_april_2022_loads_with_every_defect_counted():
    loaded = said("load_list", "csl", str(CSL / "csl_2022-04-21_full.csv.gz"), "--activate")

    version = ListVersion.objects.get(pk=loaded["version"])
    assert (loaded["state"], loaded["entries"], loaded["added"]) == ("active", 14160, 14160)
    assert EntryRevision.objects.in_force().count() == 14160
    assert version.list_counts["SDN"] == 10026
    assert version.problem_counts["lost_letters"] == 173
    assert version.problem_counts["stray_and"] == 248
    assert version.problem_counts["missing_date"] == 174
    assert version.problem_counts["impossible_date"] == 3
    assert loaded["problems"] == sum(version.problem_counts.values())


def test_a_list_that_lost_its_sanctions_is_held_and_the_last_good_version_stays():
    said("load_list", "csl", str(CSL / "csl_2022-04-21_full.csv.gz"), "--activate")

    held = said("load_list", "csl", str(CSL / "derived_entity_list_2019-10-09.csv.gz"), "--activate")

    assert held["state"] == "held"
    assert ListVersion.objects.in_force().get().entries == 14160

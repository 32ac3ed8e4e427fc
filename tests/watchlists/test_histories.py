"""Whatever is loaded in whatever order, intervals never overlap, and what was known at an instant stays told."""

from __future__ import annotations

import contextlib
import itertools
import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from compliance.accounts.models import User
from compliance.core.errors import Invalid
from compliance.watchlists import services as lists
from compliance.watchlists.models import EntryRevision, ListVersion, VersionState
from compliance.watchlists.services import Times
from tests.factories import rule_bytes
from tests.watchlists.samples import NOON, csl, entity, part744, row

NAMES = (
    "Alder Optics",
    "Birch Avionics",
    "Cedar Labs",
    "M?ller Works",
    "Müller Works",
    "ALDER OPTICS",
    "Dogwood Marine",
)
PLACES = ("12 Lake Road, Harbin", "77 Other Street, Wuhan")
POLICIES = ("Policy of denial", "Policy of denial.", "Case by case")
POINTS = [NOON + timedelta(hours=hours) for hours in range(0, 400, 17)]

Snapshot = dict[datetime, Counter[Any]]


def drawn_file(draw: random.Random, effective: datetime, step: int) -> tuple[str, bytes]:
    """A list source and a file for it: a whole list of either source, or a rule on what will be in force."""
    kind = draw.choice(["csl", "csl", "ecfr744", "rule"])
    if kind == "csl":
        cells = [
            row(
                name, f"{draw.choice(PLACES)}, CN", license_policy=draw.choice(POLICIES),
                federal_register_notice=draw.choice(["84 FR 54002", "85 FR 2"]),
            )
            for name in draw.sample(NAMES, draw.randint(3, 6))
        ]  # fmt: skip
        return kind, csl(*cells)
    if kind == "ecfr744":
        return kind, part744(*[f"{name}, {draw.choice(PLACES)}, China." for name in draw.sample(NAMES, 3)])
    texts = EntryRevision.objects.in_force(effective).filter(version__source__key="csl")
    listed = [*texts.order_by("pk").values_list("name", flat=True)]
    new = draw.choice([{"license_policy": f"Other {step}"}, {"name": f"Zelkova {step}"}])
    acts: list[dict[str, Any]] = [{"names": [entity(draw.choice(NAMES))]}]
    if listed:
        acts += [
            {"revise": [{"name": draw.choice(listed), "set": new}]},
            {"remove": [{"name": draw.choice(listed)}]},
        ]
    return kind, rule_bytes(effective=effective.isoformat(), title=f"Rule {step}", **draw.choice(acts))


def take_in(draw: random.Random, effective: datetime, step: int) -> None:
    """Load a drawn file and put it in force where that can be done; one that is held is released."""
    key, data = drawn_file(draw, effective, step)
    system = User.objects.system()
    loaded = lists.load(key=key, data=data, filename="f.csv", actor=system, times=Times(effective=effective))
    held = list(ListVersion.objects.filter(state=VersionState.HELD).order_by("pk"))
    for version in [loaded.version, *draw.sample(held, min(len(held), 1))]:
        assert version is not None
        version.refresh_from_db()
        if version.state == VersionState.HELD:
            ListVersion.objects.filter(pk=version.pk).update(state=VersionState.READY, released_by=system)
            version.refresh_from_db()
        if version.state == VersionState.READY:
            with contextlib.suppress(Invalid):
                lists.activate(version=version, actor=system)


def texts(rows: Any) -> Counter[Any]:
    return Counter(rows.values_list("name", "version__source__key", "text__license_policy"))


def spans() -> list[list[tuple[datetime, datetime | None]]]:
    """The intervals of each entry in each source, by what is believed now."""
    rows = EntryRevision.objects.filter(known_to=None, known_from__isnull=False).order_by("effective_from", "pk")
    found: dict[tuple[int, int], list[tuple[datetime, datetime | None]]] = {}
    for entry, source, begins, ends in rows.values_list("entry", "version__source", "effective_from", "effective_to"):
        if begins != ends:
            found.setdefault((entry, source), []).append((begins, ends))
    return list(found.values())


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3, 9))
def test_a_history_of_lists_and_rules_keeps_its_intervals_apart_and_what_was_known_unchanged(seed):
    draw = random.Random(seed)
    known: list[tuple[datetime, Snapshot]] = []
    now = NOON
    with time_machine.travel(now, tick=False) as clock:
        for step in range(9):
            now += timedelta(hours=draw.choice([1, 5, 30]), seconds=1)
            clock.move_to(now)
            lists.record_begun()

            take_in(draw, now + timedelta(hours=draw.choice([0, 0, 20, 50, 100])), step)

            for one in spans():
                assert all(end is not None and end <= begin for (_, end), (begin, _) in itertools.pairwise(one))
            known.append((now, {point: texts(EntryRevision.objects.in_force(point)) for point in POINTS}))
        for then, told in known:
            for point, expected in told.items():
                assert texts(EntryRevision.objects.in_force_as_known(point, then)) == expected

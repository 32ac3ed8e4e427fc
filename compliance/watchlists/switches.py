"""Rules that are on for a time: dated switches as data, read by day and never as a constant.

The table holds what is in the Federal Register. What came later is recorded by a named person with its citation
(LaterRule); until then a rule whose next state nobody confirmed is treated as in force, a permission as ended, and
either is shown as not confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

State = Literal["not_yet", "in_force", "stayed", "ended"]
STATE_LABELS: dict[str, str] = {
    "not_yet": "Not yet in force", "in_force": "In force", "stayed": "Stayed", "ended": "Ended",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Phase:
    """From this day the switch is in this state. `confirmed` is False where no rule was seen that says so."""

    begins: date
    state: State
    citation: str
    sentence: str
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Switch:
    """One rule with its phases, the earliest first. `scope`: what it changes, in a sentence."""

    key: str
    title: str
    kind: Literal["rule", "temporary general license", "savings clause"]
    scope: str
    phases: tuple[Phase, ...]


def _phase(begins: str, state: State, citation: str, sentence: str, *, confirmed: bool = True) -> Phase:
    return Phase(date.fromisoformat(begins), state, citation, sentence, confirmed)


_SWITCHES = (
    Switch(
        "affiliates_rule",
        "BIS Affiliates Rule (50 percent)",
        "rule",
        "A foreign company owned 50 percent or more, alone or together, by parties on the Entity List, the Military "
        "End User List or SDN programs of 744.8 falls under their restriction. It does not reach through an "
        "address-only entry (15 CFR 744.11(a)(1)).",
        (
            _phase("2025-09-29", "in_force", "90 FR 47201", "Interim final rule, in force from this day."),
            _phase("2025-11-10", "stayed", "90 FR 50857", "Stayed for all countries through 2026-11-09."),
            _phase(
                "2026-11-10",
                "in_force",
                "90 FR 50857",
                "By its own terms the stay ends on 2026-11-09. No later rule has been recorded, so the Affiliates "
                "Rule is treated as in force until a named person records one with its citation.",
                confirmed=False,
            ),
        ),
    ),
    Switch(
        "tgl_huawei_2019",
        "Temporary general license, Huawei and affiliates",
        "temporary general license",
        "Certain dealings with Huawei and its listed affiliates that support existing networks and handsets, within "
        "the terms printed in supp. 7 to part 744 as it then read.",
        (
            _phase("2019-05-20", "in_force", "84 FR 23468", "In force from this day, extended several times."),
            _phase("2020-08-14", "ended", "85 FR 51596", "Expired on 2020-08-13; not renewed."),
        ),
    ),
    Switch(
        "savings_2019_10_09",
        "Savings clause of 84 FR 54002",
        "savings clause",
        "Goods that lost eligibility by the additions of 2019-10-09 and were en route aboard a carrier to a port of "
        "export or reexport on that day, under actual orders, may go on as before. The clause asks about the carrier "
        "and the order.",
        (_phase("2019-10-09", "in_force", "84 FR 54002", "The rule gives no end date for such a trip."),),
    ),
    Switch(
        "savings_2023_10_17",
        "Savings clause of the additions of 2023-10-17",
        "savings clause",
        "Goods en route aboard a carrier on 2023-10-17 under actual orders may go on as before, if the trip is over "
        "in time.",
        (
            _phase("2023-10-17", "in_force", "rule of 2023-10-17", "The trip had to be finished before 2023-11-16."),
            _phase("2023-11-16", "ended", "rule of 2023-10-17", "The time for such trips is over."),
        ),
    ),
)

SWITCHES: dict[str, Switch] = {switch.key: switch for switch in _SWITCHES}


@dataclass(frozen=True, slots=True)
class Later:
    """A later rule that a person recorded: from `begins` the switch is in `state`, through `ends` if that is given."""

    begins: date
    ends: date | None
    state: State
    citation: str
    note: str
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A switch on one day. `confirmed` is False where nobody has recorded what followed a stay."""

    switch: Switch
    day: date
    state: State
    confirmed: bool
    citation: str
    sentence: str

    @property
    def binds(self) -> bool:
        """Whether it must be followed on that day; what is not confirmed binds too."""
        return self.state == "in_force"


def phases_of(switch: Switch, later: Iterable[Later] = ()) -> tuple[Phase, ...]:
    """All phases in order of time; a recorded rule replaces what the table only supposes of its day and after.

    Of two rules recorded for the same day, the one recorded last counts. What is supposed to follow the end of a
    recorded rule gives way to any rule, recorded or in the table, that begins from then on or began meanwhile.
    """
    rules = sorted(later, key=lambda rule: rule.begins)
    first = rules[0].begins if rules else date.max
    known = {phase.begins: phase for phase in switch.phases if phase.confirmed or phase.begins < first}
    for rule in rules:
        known[rule.begins] = Phase(
            rule.begins, rule.state, rule.citation, rule.note or f"Recorded by {rule.recorded_by}."
        )
    supposed: dict[date, Phase] = {}
    for number, rule in enumerate(rules):
        if rule.ends is None:
            continue
        after = rule.ends + timedelta(days=1)
        overtaken = any(other.begins <= after for other in rules[number + 1 :])
        if not overtaken and not any(rule.begins < day <= after for day, phase in known.items() if phase.confirmed):
            supposed[after] = after_end(switch, rule, after)
    phases = {**supposed, **known}
    return tuple(phases[day] for day in sorted(phases))


def after_end(switch: Switch, rule: Later, day: date) -> Phase:
    """What is supposed once a recorded rule is over: the stricter, so that a rule binds and a permission is gone."""
    state: State = "in_force" if switch.kind == "rule" else "ended"
    sentence = (
        f"What was recorded ends on {rule.ends}. No later rule has been recorded, so it is treated as "
        f"{STATE_LABELS[state].lower()}."
    )
    return Phase(day, state, rule.citation, sentence, confirmed=False)


def read(switch: Switch, day: date, later: Iterable[Later] = ()) -> Reading:
    """The switch as it stands on a day. `later`: what was recorded of this switch."""
    phases = phases_of(switch, later)
    now = [phase for phase in phases if phase.begins <= day]
    if not now:
        first = phases[0]
        return Reading(switch, day, "not_yet", True, first.citation, f"It begins on {first.begins.isoformat()}.")
    phase = now[-1]
    return Reading(switch, day, phase.state, phase.confirmed, phase.citation, phase.sentence)

"""What the page of the dated rules shows: each as it stands on a day, and all its phases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from compliance.watchlists import later_rules
from compliance.watchlists.models import LaterRule
from compliance.watchlists.selectors import StatePill
from compliance.watchlists.switches import STATE_LABELS, SWITCHES, Phase, Reading, phases_of, read

TONES = {
    "not_yet": ("neu", "clock"),
    "in_force": ("ok", "check"),
    "stayed": ("inf", "pause"),
    "ended": ("neu", "minus"),
}


@dataclass(frozen=True)
class PhaseRow:
    """One phase as a line of the time line (components/timeline.html). `label`: the day it begins, ISO."""

    label: str
    icon: str
    tone: str
    lead: str
    text: str
    detail: str


@dataclass(frozen=True)
class RuleRow:
    """One dated rule as it stands on the chosen day."""

    reading: Reading
    pill: StatePill
    phases: list[PhaseRow]
    recorded: list[LaterRule]


def rule_rows(day: date) -> list[RuleRow]:
    """Every dated rule on this day, those that nobody confirmed first, then those in force. Two queries."""
    later = later_rules.recorded()
    written: dict[str, list[LaterRule]] = {}
    for rule in LaterRule.objects.select_related("recorded_by"):
        written.setdefault(rule.switch, []).append(rule)
    rows = []
    for key, switch in SWITCHES.items():
        reading = read(switch, day, later.get(key, ()))
        phases = phases_of(switch, later.get(key, ()))
        rows.append(RuleRow(reading, reading_pill(reading), phase_rows(phases, day), written.get(key, [])))
    return sorted(rows, key=lambda row: (row.reading.confirmed, not row.reading.binds))


def reading_pill(reading: Reading) -> StatePill:
    """The state in words; what nobody confirmed is told apart and is amber."""
    if not reading.confirmed:
        return StatePill(f"{STATE_LABELS[reading.state]}, not confirmed", "warn", "alert")
    tone, icon = TONES[reading.state]
    return StatePill(STATE_LABELS[reading.state], tone, icon)


def phase_rows(phases: tuple[Phase, ...], day: date) -> list[PhaseRow]:
    """The phases in order; the one of the chosen day is named."""
    current = max((phase.begins for phase in phases if phase.begins <= day), default=None)
    rows = []
    for phase in phases:
        tone, icon = TONES[phase.state] if phase.confirmed else ("warn", "alert")
        label = STATE_LABELS[phase.state] + ("" if phase.confirmed else ", not confirmed")
        text = "This holds on the chosen day." if phase.begins == current else phase.sentence
        rows.append(PhaseRow(phase.begins.isoformat(), icon, tone, f"{label}.", text, phase.citation))
    return rows

"""An entry's life as a drawing: one lane a source, its texts over effective time, small changes as marks. Pure.

Places along the time axis are percentages, so that the drawing is as wide as the page and its words keep their size.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from compliance.watchlists.models import EntryRevision
from compliance.watchlists.sources import rank_of
from compliance.watchlists.times import WASHINGTON

TOP, LANE, BAR = 20, 52, 12  # pixels: the "now" line's words, a lane, a bar in it
SHORTEST = timedelta(days=60)
TICKS = 6  # at most
STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 600)  # months between two of them


@dataclass(frozen=True)
class Bar:
    """A stretch in which one text binds. `tone`: past, now, or coming (hatched: what lies ahead of now)."""

    x: str
    width: str
    tone: Literal["past", "now", "coming"]
    words: str


@dataclass(frozen=True)
class Mark:
    """A change that ends no text: cosmetic (a tick), or the source's key alone (a ring)."""

    x: str
    kind: Literal["cosmetic", "key"]
    words: str


@dataclass(frozen=True)
class Lane:
    """One source."""

    title: str
    y: int
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]

    @property
    def bar_y(self) -> int:
        return self.y + 18

    @property
    def tick_y(self) -> tuple[int, int]:
        return self.y + 18 + BAR, self.y + 18 + BAR + 8

    @property
    def ring_y(self) -> int:
        return self.y + 18 + BAR + 12


@dataclass(frozen=True)
class Tick:
    """A date under the axis."""

    x: str
    text: str


@dataclass(frozen=True)
class Life:
    """The drawing, and what it finds in a sentence."""

    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    now_x: str
    now_anchor: str
    axis_y: int
    height: int
    finding: str
    has_coming: bool
    has_marks: bool


@dataclass(frozen=True)
class Small:
    """A cosmetic change or a change of key, in a source, at a time."""

    at: datetime
    source: str
    kind: Literal["cosmetic", "key"]


def life_of(revisions: Iterable[EntryRevision], small: Iterable[Small], now: datetime, subject: str) -> Life | None:
    """The life of one entry; None where no text of it was ever in force. `subject`: the list, for the finding."""
    found = [row for row in revisions if row.known_from and row.known_to is None and row.effective_from]
    if not found:
        return None
    lived = sorted(found, key=lambda row: (row.effective_from or now, row.pk))
    marks = sorted(small, key=lambda change: change.at)
    begins = min(row.effective_from for row in lived if row.effective_from)
    edges = [edge for row in lived for edge in (row.effective_from, row.effective_to) if edge]
    last = max([now, *edges])
    span = max(last - begins, SHORTEST)
    axis = Axis(begins - span * 0.01, max(last, begins + span * 0.94) + span * 0.06)
    known = {row.version.source.key: row.version.source.title for row in lived}
    titles = {key: known[key] for key in sorted(known, key=lambda key: (rank_of(key), key))}
    lanes = []
    for number, (key, title) in enumerate(titles.items()):
        own = [row for row in lived if row.version.source.key == key]
        lanes.append(
            Lane(
                title=title,
                y=TOP + LANE * number,
                bars=tuple(bar for row in own for bar in bars_of(row, axis, now)),
                marks=tuple(Mark(axis.at(one.at), one.kind, words_of(one)) for one in marks if one.source == key),
            )
        )
    axis_y = TOP + LANE * len(lanes)
    return Life(
        lanes=tuple(lanes),
        ticks=tuple(axis.ticks()),
        now_x=axis.at(now),
        now_anchor="end" if axis.share(now) > 0.9 else "middle",
        axis_y=axis_y,
        height=axis_y + 20,
        finding=finding(lived, marks, now, subject, len(lanes)),
        has_coming=any(row.effective_from and row.effective_from > now for row in lived),
        has_marks=bool(marks),
    )


@dataclass(frozen=True)
class Axis:
    """Time as a share of the drawing's width."""

    begins: datetime
    ends: datetime

    def share(self, moment: datetime) -> float:
        return min(max((moment - self.begins) / (self.ends - self.begins), 0.0), 1.0)

    def at(self, moment: datetime) -> str:
        return f"{self.share(moment) * 100:.2f}%"

    def width(self, start: datetime, end: datetime) -> str:
        return f"{max((self.share(end) - self.share(start)) * 100, 0.3):.2f}%"

    def ticks(self) -> list[Tick]:
        """The first of some years or months, or some days: whatever gives a handful of dates."""
        whole = self.ends - self.begins
        if whole < timedelta(days=31 * 4):
            first = self.begins.astimezone(WASHINGTON).replace(hour=0, minute=0, second=0, microsecond=0)
            step = max(1, -(-whole.days // TICKS))
            moments = [first + timedelta(days=step * number) for number in range(1, TICKS + 1)]
            return [Tick(self.at(one), f"{one.day} {one:%b}") for one in moments if self.fits(one)]
        months = next((few for few in STEPS if whole < timedelta(days=31 * few * TICKS)), STEPS[-1])
        begins = self.begins.astimezone(WASHINGTON)
        number = -(-(begins.year * 12 + begins.month) // months) * months
        found = []
        while self.fits(one := datetime(number // 12, number % 12 + 1, 1, tzinfo=WASHINGTON)):
            found.append(Tick(self.at(one), f"{one:%Y}" if months % 12 == 0 else f"{one:%b %Y}"))
            number += months
        return found

    def fits(self, moment: datetime) -> bool:
        """Whether words under this moment stay inside the drawing."""
        return moment < self.ends and self.share(moment) < 0.97


def bars_of(row: EntryRevision, axis: Axis, now: datetime) -> Iterable[Bar]:
    """The part of a text's time that has passed, and the part that lies ahead."""
    begins, ends = row.effective_from, row.effective_to or axis.ends
    if begins is None:
        return
    until = f"until {in_words(row.effective_to)}" if row.effective_to else "with no end set"
    words = f"{row.name}: binds from {in_words(begins)} {until}"
    if begins < now:
        tone: Literal["past", "now"] = "now" if ends > now else "past"
        yield Bar(axis.at(begins), axis.width(begins, min(ends, now)), tone, words)
    if ends > now:
        ahead = max(begins, now)
        yield Bar(axis.at(ahead), axis.width(ahead, ends), "coming", words)


def words_of(change: Small) -> str:
    what = "Cosmetic change" if change.kind == "cosmetic" else "New key in the source, same entry"
    return f"{what}, {in_words(change.at)}"


def finding(lived: list[EntryRevision], marks: list[Small], now: datetime, subject: str, sources: int) -> str:
    """What the drawing shows, as a sentence for who can't see it."""
    begun = [row.effective_from for row in lived if row.effective_from and row.effective_from <= now]
    coming = sorted(row.effective_from for row in lived if row.effective_from and row.effective_from > now)
    ends = sorted(row.effective_to for row in lived if row.effective_to and row.effective_to > now)
    binding = any(row.binds_at(now) for row in lived)
    if binding:
        start = f"On the {subject} since {in_words(min(begun))}"
    elif begun:
        gone = max(row.effective_to for row in lived if row.effective_to and row.effective_to <= now)
        start = f"On the {subject} from {in_words(min(begun))} to {in_words(gone)}"
    else:
        start = f"Not on the {subject} yet"
    parts = [f"{start}, as stored from {counted(sources, 'source')}: {counted(len(lived), 'text')}"]
    for kind, word in (("cosmetic", "cosmetic change"), ("key", "change of key")):
        if number := sum(change.kind == kind for change in marks):
            parts.append(counted(number, word))
    line = ", ".join(parts)
    if coming:
        return f"{line}. A new text binds from {in_words(coming[0])}."
    if ends:
        return f"{line}. It ends on {in_words(ends[0])}."
    return f"{line}. Nothing is coming."


def counted(number: int, word: str) -> str:
    plural = word.replace("change", "changes", 1) if "change" in word else f"{word}s"
    return f"{number} {word if number == 1 else plural}"


def in_words(moment: datetime | None) -> str:
    """ "9 Oct 2019", with the hour where it is not midnight; Washington time."""
    if moment is None:
        return ""
    local = moment.astimezone(WASHINGTON)
    clock = "" if (local.hour, local.minute) == (0, 0) else f" {local:%H:%M}"
    return f"{local.day} {local:%b %Y}{clock}"

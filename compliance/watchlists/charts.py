"""The geometry of bar charts drawn on the server: per cent across, pixels down, so that they fit any width. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDEST = 7.0  # per cent: a few bars stay narrow instead of filling the chart
LABEL_ROOM = 12.0  # pixels that a printed value needs


@dataclass(frozen=True)
class Bar:
    """One bar. `x` and `width` are per cent, `y` and `height` pixels. `kind`: up, down, or now (the last one)."""

    x: str
    width: str
    y: str
    height: str
    kind: str


@dataclass(frozen=True)
class GridLine:
    """A line across the chart with its printed value, "" where there is no room for it; `y` in pixels."""

    y: str
    text: str


@dataclass(frozen=True)
class BarChart:
    """A chart of counts, `height` pixels high."""

    height: int
    bars: tuple[Bar, ...]
    grid: tuple[GridLine, ...]


def single(values: Sequence[int | None], *, height: int) -> BarChart:
    """Counts as bars from zero; None leaves a gap. The last bar is marked as the one of now."""
    top = scale_top(max((value for value in values if value is not None), default=0))
    last = len(values) - 1
    bars = tuple(
        _bar(number, len(values), y=height - tall, tall=tall, kind="now" if number == last else "up")
        for number, value in enumerate(values)
        if value is not None
        for tall in [_tall(value, height / top)]
    )
    grid = tuple(GridLine(_px(height - height * mark / top), f"{mark:,}") for mark in marks(top))
    return BarChart(height, bars, grid)


def paired(ups: Sequence[int], downs: Sequence[int], *, height: int) -> BarChart:
    """Two series on one scale: one stands on the zero line, the other hangs from it."""
    most_up, most_down = max(ups, default=0), max(downs, default=0)
    unit = height / max(most_up + most_down, 1)
    zero = height - most_down * unit
    bars = []
    for number, (up, down) in enumerate(zip(ups, downs, strict=True)):
        if up:
            tall = _tall(up, unit)
            bars.append(_bar(number, len(ups), y=zero - tall, tall=tall, kind="up"))
        if down:
            bars.append(_bar(number, len(ups), y=zero, tall=_tall(down, unit), kind="down"))
    room = min((each * unit for each in (most_up, most_down) if each), default=LABEL_ROOM)
    grid = [GridLine(_px(zero), "0" if room >= LABEL_ROOM else "")]
    if most_up:
        grid.append(GridLine(_px(zero - most_up * unit), f"+{most_up:,}"))
    if most_down:
        grid.append(GridLine(_px(zero + most_down * unit), f"−{most_down:,}"))
    return BarChart(height, tuple(bars), tuple(grid))


def _tall(value: int, unit: float) -> float:
    """A bar's height; what is not zero is seen."""
    return max(value * unit, 1.5) if value else 0.0


def _bar(number: int, count: int, *, y: float, tall: float, kind: str) -> Bar:
    middle, width = middle_of(number, count), min(72 / count, WIDEST)
    return Bar(_pct(middle - width / 2), _pct(width), _px(y), _px(tall), kind)


def middle_of(number: int, count: int) -> float:
    """Where the middle of a bar stands, in per cent."""
    return 100 * (number + 0.5) / count


def day_label(number: int, count: int, text: str) -> tuple[str, str, str]:
    """A word under one bar: where it stands, how it is anchored so that it stays within the chart, and its text."""
    middle = middle_of(number, count)
    if middle < 10:
        return "0", "start", text
    return ("100%", "end", text) if middle > 90 else (_pct(middle), "middle", text)


def scale_top(most: int) -> int:
    """The upper end of a scale: the next 1, 2, 4 or 5 times a power of ten, and at least 1."""
    power = 1
    while True:
        for step in (1, 2, 4, 5):
            if step * power >= most:
                return step * power
        power *= 10


def marks(top: int) -> tuple[int, ...]:
    """Where the grid is drawn: zero, the half and the top of the scale, whole numbers only."""
    half = (top // 2,) if top % 2 == 0 else ()
    return (0, *half, top)


def _pct(value: float) -> str:
    return f"{value:.2f}%"


def _px(value: float) -> str:
    return f"{value:.1f}"

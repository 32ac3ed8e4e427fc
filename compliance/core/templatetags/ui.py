"""Tags and filters that pages share: icons, scores, times, marked words, scripts of names.

Everything returned is plain text (escaped by the template) or HTML in which each value was escaped here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.http import QueryDict
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from compliance.core.icons import ICONS

register = template.Library()

ZONE = ZoneInfo("America/New_York")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


# What each stored value is called on screens, its tone and its icon (design: components).
STATUSES = {
    "not_screened": ("Not screened", "neu", "minus"),
    "no_match": ("No match", "neu", "check"),
    "under_review": ("Under review", "warn", "eye"),
    "cleared": ("Cleared", "ok", "check"),
    "restricted": ("Restricted", "bad", "lock"),
    "stale": ("Stale", "warn", "clock"),
    "failed": ("Failed", "bad", "alert"),
    "not_screenable": ("Not screenable", "neu", "ban"),
}

STRONG, REVIEW = "strong", "review"
MEDIUM_FROM = Decimal("70.0")


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """One drawn icon, hidden from screen readers: the words beside it carry the meaning.

    Raises KeyError for a name that is not drawn.
    """
    drawing = mark_safe(ICONS[name])  # noqa: S308 -- our own constant
    return format_html(
        '<svg class="i{}" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>',
        f" {css}" if css else "",
        drawing,
    )


# Scores and numbers


def _points(score: object) -> Decimal | None:
    try:
        value = Decimal(str(score))
    except InvalidOperation:
        return None
    if not value.is_finite():
        return None
    return (value * 100).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


@register.filter
def score100(score: object) -> str:
    """0.932 → "93.2": the engine's score as screens show it."""
    points = _points(score)
    return "" if points is None else str(points)


@register.filter
def points(value: object) -> str:
    """58.2 → "58.2", -2 → "2.0": points of a score part, one decimal, the sign is printed apart."""
    try:
        number_value = Decimal(str(value))
    except InvalidOperation:
        return ""
    return str(abs(number_value).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))


@register.filter
def plain(value: object) -> str:
    """60.0 → "60", 0.970 → "0.97": a weight or a likeness without empty decimals, at most two."""
    try:
        number_value = Decimal(str(value)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    except InvalidOperation:
        return ""
    text = f"{number_value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.filter
def band_label(score: object, band: object = "") -> str:
    """The word on screens for a band: strong is High, review is Medium from 70.0 and Low below.

    The band comes from the run's policy; only where it is not known does the default limit of 85.0 stand in.
    """
    value = _points(score)
    if value is None:
        return ""
    name = str(band or (STRONG if value >= 85 else REVIEW))
    if name == STRONG:
        return "High"
    if name == REVIEW:
        return "Medium" if value >= MEDIUM_FROM else "Low"
    return "Below review"


@register.filter
def band_tone(score: object, band: object = "") -> str:
    """Tone class of a band: bad, warn or neu."""
    return {"High": "bad", "Medium": "warn"}.get(band_label(score, band), "neu")


@register.filter
def number(value: object) -> str:
    """184312 → "184,312"; a decimal keeps its places: 1284300.50 → "1,284,300.50"."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | Decimal):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{int(value):,}" if value.is_integer() else f"{value:,}"
    try:
        return f"{Decimal(str(value)):,}"
    except InvalidOperation:
        return str(value)


@register.filter
def short_hash(value: object) -> str:
    """First and last group of four: "9f3c…a71e". Short values stay whole."""
    text = str(value or "")
    return text if len(text) <= 10 else f"{text[:4]}…{text[-4:]}"


# Times


def _local(value: datetime) -> datetime:
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(ZONE)


def _day_text(value: date, style: str) -> str:
    if style == "bare":
        return f"{value.day} {MONTHS[value.month - 1]}"
    if style == "short":
        return f"{value.day} {MONTHS[value.month - 1]} {value.year}"
    return f"{DAYS[value.weekday()]} {value.day} {MONTHS[value.month - 1]} {value.year}"


@register.filter
def when(value: datetime | None, style: str = "full") -> SafeString | str:
    """A moment in New York time inside a <time>. Styles:

    full     Thu 10 Oct 2019, 09:15 EDT
    short    10 Oct 2019 09:15          (the zone is printed once elsewhere in the view)
    bare     10 Oct 09:15               (same year's lists)
    seconds  10 Oct 09:15:30            (audit rows)
    clock    09:15
    """
    if not value:
        return ""
    local = _local(value)
    clock = f"{local:%H:%M}"
    texts = {
        "full": f"{_day_text(local, 'full')}, {clock} {local.tzname()}",
        "short": f"{_day_text(local, 'short')} {clock}",
        "bare": f"{_day_text(local, 'bare')} {clock}",
        "seconds": f"{_day_text(local, 'bare')} {local:%H:%M:%S}",
        "clock": clock,
    }
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), texts[style])


@register.filter
def when_in(value: datetime | None, year: object) -> SafeString | str:
    """A row of a long time line: "10 Oct 09:15" within that year, "2 Aug 2018" in any other."""
    if not value:
        return ""
    return when(value, "bare") if str(_local(value).year) == str(year) else day(value, "short")


@register.filter
def day(value: date | datetime | None, style: str = "full") -> SafeString | str:
    """A date inside a <time>: "Thu 10 Oct 2019"; short "10 Oct 2019"; bare "10 Oct"."""
    if not value:
        return ""
    local = _local(value).date() if isinstance(value, datetime) else value
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), _day_text(local, style))


# Words: marks and scripts


MARK_WORDS = {"near": "spelled differently:", "miss": "differs or is missing:"}
NO_SPACE_BEFORE = tuple(",.;:)]}!?»”’")
NO_SPACE_AFTER = tuple("([{«“‘")


def _read(thing: object, name: str) -> Any:
    """A value of an object or of a mapping; None where there is none."""
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


@register.filter
def marked(words: Iterable[object] | None) -> SafeString:
    """Words with their marks. Each has `text` and `mark`: "", "near" (spelled differently) or "miss".

    Neighbours with the same mark become one. A space goes between words unless they bring their own.
    """
    groups: list[tuple[str, str]] = []
    for word in words or ():
        text, mark = str(_read(word, "text") or ""), str(_read(word, "mark") or "")
        if mark and mark not in MARK_WORDS:
            raise ValueError(f"Unknown mark {mark!r}")
        if not text:
            continue
        if not groups:
            groups.append((text, mark))
            continue
        before_text, before_mark = groups[-1]
        touching = before_text[-1].isspace() or text[0].isspace()
        gap = "" if touching or text.startswith(NO_SPACE_BEFORE) or before_text.endswith(NO_SPACE_AFTER) else " "
        if before_mark == mark:
            groups[-1] = (before_text + gap + text, mark)
        else:
            groups.append((gap + text, mark))
    parts = []
    for text, mark in groups:
        if not mark:
            parts.append(escape(text))
            continue
        bare = text.strip()
        lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        said = MARK_WORDS[mark]
        html = format_html('<mark class="{}"><span class="sr">{} </span>{}</mark>', mark, said, bare)
        parts.append(escape(lead) + html + escape(tail))
    return mark_safe("".join(parts))  # noqa: S308 -- every part was escaped above


SCRIPTS = {
    "CJK": "zh",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "CYRILLIC": "ru",
    "ARABIC": "ar",
    "HEBREW": "he",
}
PERSIAN_LETTERS = frozenset("پچژگکی")
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he"})


def language_of(name: str) -> str:
    """Language code for the script most letters of a name are written in; "" for Latin and unknown.

    A guess from the letters alone, for reading aloud and for the choice of type; never shown as a fact.
    """
    counts: dict[str, int] = {}
    for letter in name:
        if letter.isalpha():
            script = unicodedata.name(letter, "LATIN").split(" ", 1)[0].split("-", 1)[0]
            counts[SCRIPTS.get(script, "")] = counts.get(SCRIPTS.get(script, ""), 0) + 1
    if not counts:
        return ""
    if counts.get("ja") and counts.get("zh"):
        counts["ja"] += counts.pop("zh")
    language = max(counts, key=lambda code: counts[code])
    if language == "ar" and not PERSIAN_LETTERS.isdisjoint(name):
        return "fa"
    return language


@register.filter
def lang_attrs(name: object) -> SafeString:
    """Attributes for a name in another script: `<span{{ name|lang_attrs }}>`; nothing for Latin letters."""
    language = language_of(str(name or ""))
    if not language:
        return mark_safe("")
    if language in RIGHT_TO_LEFT:
        return format_html(' lang="{}" dir="rtl"', language)
    return format_html(' lang="{}"', language)


@register.filter
def in_script(name: object) -> SafeString | str:
    """The name itself, wrapped with its lang and dir when it is not in Latin letters."""
    attributes = lang_attrs(name)
    return format_html("<span{}>{}</span>", attributes, name) if attributes else str(name or "")


# People


@register.filter
def initials(user: object) -> str:
    """RK for Rosa Klein: the user's own initials if stored, else first letters, else of the user name."""
    stored = getattr(user, "initials", "")
    if isinstance(stored, str) and stored:
        return stored
    names = [str(getattr(user, part, "") or "") for part in ("first_name", "last_name")]
    letters = "".join(name[0] for name in names if name)
    if not letters:
        words = str(getattr(user, "username", user) or "").replace("_", ".").split(".")
        letters = "".join(word[0] for word in words if word)[:2]
    return letters.upper()


@register.filter
def role_words(user: object) -> str:
    """The person's role in words, from `role_label` or the choices of `role`; "" if there is none."""
    for name in ("role_label", "get_role_display"):
        value = getattr(user, name, "")
        text = value() if callable(value) else value
        if text:
            return str(text)
    return ""


# Pills


@register.filter
def status_text(status: object) -> str:
    """Words for one of the eight screening values. Raises KeyError for any other."""
    return STATUSES[str(status)][0]


@register.filter
def status_tone(status: object) -> str:
    return STATUSES[str(status)][1]


@register.filter
def status_icon(status: object) -> str:
    return STATUSES[str(status)][2]


@register.inclusion_tag("components/pill.html")
def pill(text: object, tone: str = "neu", icon: str = "", css: str = "") -> dict[str, object]:
    """`{% pill "3 orders held" "bad" "pause" %}`: the same as including components/pill.html."""
    return {"text": text, "tone": tone, "icon": icon, "css": css}


@register.inclusion_tag("components/status_pill.html")
def status_pill(status: object, css: str = "") -> dict[str, object]:
    return {"status": status, "css": css}


@register.inclusion_tag("components/score.html")
def score(score: object, band: object = "") -> dict[str, object]:
    return {"score": score, "band": band}


# Bars: SVG with percentages, because the content policy allows no style attributes


@dataclass(frozen=True)
class Segment:
    """One stretch of a bar. `x` and `width` are per cent of its length."""

    part: Any
    x: str
    width: str
    middle: str
    penalty: bool


def _percent(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.01')).normalize():f}"


@register.filter
def stacked(parts: Iterable[object] | None) -> list[Segment]:
    """Parts of a score laid end to end on a bar of 100 points; penalties hatch the end of what was won."""
    rows = [(part, Decimal(str(_read(part, "points") or 0))) for part in parts or ()]
    segments, at = [], Decimal(0)
    for part, value in rows:
        if value > 0:
            width = min(value, 100 - at)
            segments.append(Segment(part, _percent(at), _percent(width), _percent(at + width / 2), False))
            at += width
    for part, value in rows:
        if value < 0:
            width = min(-value, at)
            at -= width
            segments.append(Segment(part, _percent(at), _percent(width), _percent(at + width / 2), True))
    return segments


@register.filter
def shares(parts: Iterable[object] | None) -> list[Segment]:
    """Parts with a `value`, each as wide as its share of their sum; parts of zero are left out."""
    rows = [(part, Decimal(str(_read(part, "value") or 0))) for part in parts or ()]
    rows = [(part, value) for part, value in rows if value > 0]
    total = sum((value for _, value in rows), Decimal(0))
    segments, at = [], Decimal(0)
    for part, value in rows:
        width = value * 100 / total
        segments.append(Segment(part, _percent(at), _percent(width), _percent(at + width / 2), False))
        at += width
    return segments


@register.filter
def clamp100(value: object) -> str:
    """A per cent value held between 0 and 100, one decimal, for the length of a bar."""
    try:
        amount = Decimal(str(value or 0))
    except InvalidOperation:
        amount = Decimal(0)
    return str(min(max(amount, Decimal(0)), Decimal(100)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))


# Addresses of pages


@register.simple_tag(takes_context=True)
def query_with(context: template.Context, **changes: object) -> str:
    """The query string of this page with some keys set; None or "" takes a key away.

    `<a href="{% query_with page=3 %}">` keeps every filter that is on.
    """
    request = context.get("request")
    query = request.GET.copy() if request is not None else QueryDict(mutable=True)
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}"


@register.filter
def described_by(bound: Any) -> str:
    """Ids of a field's help and errors, for aria-describedby; "" when it has neither."""
    ids = []
    if bound.help_text:
        ids.append(f"{bound.id_for_label or bound.auto_id}_help")
    if bound.errors:
        ids.append(f"{bound.id_for_label or bound.auto_id}_error")
    return " ".join(ids)


@register.filter
def control(bound: Any, css: str = "") -> SafeString:
    """The widget of a form field with our class, and tied to its help and errors."""
    attrs: dict[str, str | bool] = {}
    kind = getattr(bound.field.widget, "input_type", "")
    if kind not in {"checkbox", "radio", "hidden"}:
        own = bound.field.widget.attrs.get("class", "")
        attrs["class"] = " ".join(part for part in ("ctl", own, css) if part)
    if str(bound.field.widget.attrs.get("rows")) == "10":  # Django's own default is too tall for a side column
        attrs["rows"] = "4"
    if described := described_by(bound):
        attrs["aria-describedby"] = described
    if bound.errors:
        attrs["aria-invalid"] = "true"
    return SafeString(bound.as_widget(attrs=attrs))


@register.filter
def widget_kind(bound: Any) -> str:
    """check, group, hidden or line: how components/field.html lays a field out."""
    widget = bound.field.widget
    if widget.is_hidden:
        return "hidden"
    kind = getattr(widget, "input_type", "")
    if kind == "checkbox" and not getattr(widget, "allow_multiple_selected", False):
        return "check"
    return "group" if kind in {"radio", "checkbox"} else "line"

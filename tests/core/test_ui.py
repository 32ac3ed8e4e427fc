"""The shared tags and the look's promises: escaping, words, contrast, and no inline style or script."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Engine
from django.test import RequestFactory

from compliance.core.templatetags import ui

ROOT = Path(__file__).resolve().parents[2]
ENGINE = Engine(dirs=[str(ROOT / "templates")], builtins=["compliance.core.templatetags.ui"])


def draw(source: str, **context: object) -> str:
    return ENGINE.from_string(source).render(Context(context)).strip()


def part(name: str, **context: object) -> str:
    return ENGINE.get_template(f"components/{name}.html").render(Context(context)).strip()


def word(text: str, mark: str = "") -> SimpleNamespace:
    return SimpleNamespace(text=text, mark=mark)


# Numbers and scores


@pytest.mark.parametrize(
    ("score", "shown"),
    [(0.932, "93.2"), (Decimal("0.85"), "85.0"), ("0.6283", "62.8"), (1, "100.0"), (0, "0.0"), (None, ""), ("x", "")],
)
def test_scores_are_shown_of_100_with_one_decimal(score, shown):
    assert ui.score100(score) == shown


@pytest.mark.parametrize(
    ("score", "band", "label", "tone"),
    [
        (0.932, "strong", "High", "bad"),
        (0.841, "review", "Medium", "warn"),
        (0.70, "review", "Medium", "warn"),
        (0.6996, "review", "Medium", "warn"),  # printed as 70.0, so its word is that of 70.0
        (0.6994, "review", "Low", "neu"),
        (0.88, "", "High", "bad"),
        (0.5, "clear", "Below review", "neu"),
        (None, "review", "", "neu"),
    ],
)
def test_band_words_follow_the_band_and_the_printed_score(score, band, label, tone):
    assert (ui.band_label(score, band), ui.band_tone(score, band)) == (label, tone)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(184312, "184,312"), (Decimal("1284300.50"), "1,284,300.50"), (1200.0, "1,200"), (None, ""), ("n/a", "n/a")],
)
def test_numbers_are_grouped(value, shown):
    assert ui.number(value) == shown


def test_a_hash_shows_its_first_and_last_group():
    assert ui.short_hash("9f3c51d80b6e4f2fa71e") == "9f3c…a71e"
    assert ui.short_hash("9f3c") == "9f3c"
    assert ui.short_hash(None) == ""


# Times


def test_a_moment_is_printed_in_new_york_time_with_its_zone():
    shown = ui.when(datetime(2019, 10, 10, 13, 15, 30, tzinfo=UTC))

    assert shown == '<time datetime="2019-10-10T09:15:30-04:00">Thu 10 Oct 2019, 09:15 EDT</time>'


@pytest.mark.parametrize(
    ("style", "words"),
    [
        ("short", "10 Jan 2019 22:05"),
        ("bare", "10 Jan 22:05"),
        ("seconds", "10 Jan 22:05:09"),
        ("clock", "22:05"),
        ("full", "Thu 10 Jan 2019, 22:05 EST"),
    ],
)
def test_moments_have_styles(style, words):
    assert f">{words}<" in ui.when(datetime(2019, 1, 11, 3, 5, 9, tzinfo=UTC), style)


def test_days_and_missing_times():
    assert ui.day(date(2019, 10, 9)) == '<time datetime="2019-10-09">Wed 9 Oct 2019</time>'
    assert ">9 Oct 2019<" in ui.day(datetime(2019, 10, 10, 2, 0, tzinfo=UTC), "short")  # still the 9th in New York
    assert ui.day(None) == ui.when(None) == ""


# Marks


def test_marks_say_in_words_what_they_mean():
    shown = ui.marked([word("Hangzhou"), word("Hik", "near"), word("Vision", "near"), word("310051", "miss")])

    assert shown == (
        'Hangzhou <mark class="near"><span class="sr">spelled differently: </span>Hik Vision</mark> '
        '<mark class="miss"><span class="sr">differs or is missing: </span>310051</mark>'
    )


def test_marks_keep_punctuation_and_own_spaces():
    assert ui.marked([word("Dahua "), word("Co"), word(","), word("(Ltd"), word(")")]) == "Dahua Co, (Ltd)"


def test_marked_words_are_escaped():
    shown = ui.marked([word("<script>", "near"), word('"&'), {"text": "<b>", "mark": "miss"}])

    assert "<script>" not in shown
    assert "<b>" not in shown
    assert "&lt;script&gt;" in shown


def test_an_unknown_mark_is_an_error():
    with pytest.raises(ValueError, match="Unknown mark"):
        ui.marked([word("x", "wrong")])


def test_no_words_give_nothing():
    assert ui.marked(None) == ui.marked([]) == ui.marked([word("")]) == ""


# Scripts


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("Tianshan Optics Trading Co., Ltd.", ""),
        ("", ""),
        ("12345", ""),
        ("杭州海康威视数字技术有限公司", ' lang="zh"'),
        ("株式会社カタカナ", ' lang="ja"'),
        ("주식회사 한빛", ' lang="ko"'),
        ("ООО «Тяньшань Оптика»", ' lang="ru"'),
        ("شركة النور", ' lang="ar" dir="rtl"'),
        ("شرکت گلستان", ' lang="fa" dir="rtl"'),
        ("Hangzhou Optics 公司", ""),
    ],
)
def test_names_in_other_scripts_say_so(name, attributes):
    assert ui.lang_attrs(name) == attributes


def test_a_name_in_another_script_is_wrapped_and_escaped():
    assert draw("{{ name|in_script }}", name="<b>公司公司") == '<span lang="zh">&lt;b&gt;公司公司</span>'
    assert draw("{{ name|in_script }}", name="<b>Ltd") == "&lt;b&gt;Ltd"


# Parts


def test_every_icon_is_drawn_hidden_and_without_style():
    for name in ui.ICONS:
        drawn = ui.icon(name)
        assert 'aria-hidden="true"' in drawn
        assert "style" not in drawn
        assert drawn.count("<svg") == drawn.count("</svg>") == 1
    assert len(ui.ICONS) >= 35


def test_an_icon_that_is_not_drawn_is_an_error():
    with pytest.raises(KeyError):
        ui.icon("unicorn")


def test_a_pill_escapes_its_words():
    shown = draw('{% pill text "bad" "pause" %}', text="<3 orders>")

    assert 'class="pill bad"' in shown
    assert "&lt;3 orders&gt;" in shown


@pytest.mark.parametrize(
    ("status", "words", "tone"),
    [
        ("not_screened", "Not screened", "neu"),
        ("no_match", "No match", "neu"),
        ("under_review", "Under review", "warn"),
        ("cleared", "Cleared", "ok"),
        ("restricted", "Restricted", "bad"),
        ("stale", "Stale", "warn"),
        ("failed", "Failed", "bad"),
        ("not_screenable", "Not screenable", "neu"),
    ],
)
def test_each_screening_status_has_its_words_tone_and_icon(status, words, tone):
    shown = draw("{% status_pill status %}", status=status)

    assert words in shown
    assert "<svg" in shown
    assert ui.status_tone(status) == tone


def test_the_eight_statuses_look_different():
    looks = {draw("{% status_pill status %}", status=status) for status in ui.STATUSES}

    assert len(looks) == len(ui.STATUSES) == 8


def test_a_score_tile_reads_as_a_sentence():
    shown = re.sub(r"<[^>]+>", "", draw('{% score 0.932 "strong" %}'))

    assert shown == "Score 93.2 of 100,High"


def test_parts_of_a_score_lie_end_to_end_and_penalties_take_from_the_end():
    parts = [{"points": 58.2}, {"points": 22}, {"points": 15}, {"points": -2.0}]

    segments = ui.stacked(parts)

    assert [(s.x, s.width, s.penalty) for s in segments] == [
        ("0", "58.2", False),
        ("58.2", "22", False),
        ("80.2", "15", False),
        ("93.2", "2", True),
    ]


def test_a_bar_of_parts_never_leaves_its_track():
    segments = ui.stacked([{"points": 80}, {"points": 60}])

    assert [(s.x, s.width) for s in segments] == [("0", "80"), ("80", "20")]


def test_the_score_sum_prints_every_part_and_the_total():
    parts = [
        {"label": "Name", "points": 58.2, "likeness": 0.97, "weight": 60},
        {"label": "Other postcode", "points": -2.0},
    ]

    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", part("score_sum", parts=parts, total=56.2, band_text="Low")))

    assert "58.2 Name, 0.97 × 60" in shown
    assert "− 2.0 Other postcode" in shown
    assert "= 56.2 Total" in shown


def test_shares_leave_out_what_is_zero():
    segments = ui.shares([{"value": 1}, {"value": 0}, {"value": 3}])

    assert [(s.x, s.width) for s in segments] == [("0", "25"), ("25", "75")]
    assert ui.shares([{"value": 0}]) == []


def test_progress_carries_its_values_and_polls_only_when_told():
    shown = part("progress", percent=71.29, done=131400, total=184312, note="7 min left", label="Full rescreen")
    polling = part("progress", percent=0, done=0, total=1, poll_url="/jobs/1/", part_id="job-1")

    assert 'role="progressbar"' in shown
    assert 'aria-valuenow="71.3"' in shown
    assert "131,400 of 184,312" in shown
    assert "hx-get" not in shown
    assert 'hx-get="/jobs/1/" hx-trigger="every 2s"' in polling


def test_the_pager_keeps_the_query_string():
    request = RequestFactory().get("/cases/", {"q": "a&b", "page": "2"})

    shown = part("pager", page=Paginator(range(120), 50).page(2), request=request)

    assert 'href="?q=a%26b&amp;page=3"' in shown
    assert 'href="?q=a%26b&amp;page=1"' in shown
    assert "51 to 100 of 120" in shown


def test_a_key_can_be_taken_from_the_query_string():
    request = RequestFactory().get("/cases/", {"q": "x", "page": "2"})

    assert draw("{% query_with page=None %}", request=request) == "?q=x"
    assert draw("{% query_with page=4 %}") == "?page=4"


class NoteForm(forms.Form):
    note = forms.CharField(widget=forms.Textarea, help_text="Others read this later.")
    kind = forms.ChoiceField(choices=[("a", "CSV")], widget=forms.RadioSelect, required=False)
    agree = forms.BooleanField(required=False, label="I agree")
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def test_a_field_is_tied_to_its_help_and_its_errors():
    shown = part("field", field=NoteForm({})["note"])

    assert 'aria-describedby="id_note_help id_note_error"' in shown
    assert 'aria-invalid="true"' in shown
    assert 'id="id_note_error"' in shown
    assert 'id="id_note_help"' in shown
    assert ">required<" in shown
    assert shown.count("aria-describedby") == 1


def test_fields_are_laid_out_by_their_kind():
    form = NoteForm()

    assert "<fieldset" in part("field", field=form["kind"])
    assert ">optional<" in part("field", field=form["kind"])
    assert 'class="chk"' in part("field", field=form["agree"])
    assert part("field", field=form["secret"]).startswith('<input type="hidden"')


def test_initials_come_from_the_user_or_the_name():
    assert ui.initials(SimpleNamespace(initials="RK")) == "RK"
    assert ui.initials(SimpleNamespace(first_name="Tom", last_name="Weber")) == "TW"
    assert ui.initials(SimpleNamespace(username="dana.price")) == "DP"


# The look's promises


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})\b", block))


CSS = (ROOT / "static/css/tokens.css").read_text()
LIGHT, DARK, CHOSEN_DARK = (
    tokens(block) for block in re.findall(r":root(?:\S*)? \{(.*?)\n\s*\}", CSS, flags=re.DOTALL)
)


def contrast(first: str, second: str) -> float:
    def light(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(first), light(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_both_ways_to_dark_hold_the_same_values():
    assert DARK == CHOSEN_DARK
    assert set(LIGHT) == set(DARK)


TEXT_PAIRS = [
    *[(ink, ground) for ink in ("ink", "ink-2", "link") for ground in ("bg", "card", "sunken", "hover", "brand-t")],
    *[(tone, f"{tone}-t") for tone in ("ok", "warn", "bad", "inf", "neu")],
    *[("ink", f"{tone}-t") for tone in ("ok", "warn", "bad", "inf", "neu")],
    *[("link", f"{tone}-t") for tone in ("warn", "bad", "inf", "ok")],
    ("bad", "card"),
    ("bad", "brand-t"),
    ("near-ink", "near-bg"),
    ("miss-ink", "miss-bg"),
    ("add-ink", "add-bg"),
    ("brand-ink", "brand"),
    ("brand-ink", "brand-h"),
    ("nav-ink", "nav"),
    ("ink", "c3"),
    ("ink", "c5"),
]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_can_be_read(theme, ink, ground):
    assert contrast(theme[ink], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("line", "ground"),
    [("line-2", "card"), ("focus", "card"), ("focus", "bg"), ("c1", "card"), ("c2", "card"), ("bad-l", "card")],
)
def test_controls_focus_and_chart_marks_can_be_seen(theme, line, ground):
    assert contrast(theme[line], theme[ground]) >= 3


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_keep_to_the_content_policy(path):
    text = path.read_text()

    assert not re.search(r"\sstyle\s*=", text), "no style attributes: use a class or an SVG width"
    assert not re.search(r"\son[a-z]+\s*=|hx-on|javascript:", text), "no inline handlers"
    assert not re.search(r"<script(?![^>]*\ssrc=)", text), "no inline scripts"
    assert "<style" not in text


def test_the_page_loads_nothing_from_elsewhere():
    sources = [*TEMPLATES, *(ROOT / "static").rglob("*.css"), *(ROOT / "static/js").glob("*.js")]

    for path in sources:
        assert not re.search(r"(src=|url\(|import )[\"'(]*https?:", path.read_text()), path


def test_every_class_file_the_page_links_is_there():
    base = (ROOT / "templates/base.html").read_text()

    for name in re.findall(r"{% static '([^']+)' %}", base):
        assert (ROOT / "static" / name).is_file(), name

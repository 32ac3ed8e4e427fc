"""Words that no screen, letter or API answer may use: no screen frees a shipment, and only BIS grants a license."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(clear(ed|ance)?|safe|ok(ay)?|free|approved?) (to|for) (ship(ment|ping)?|export|release)\b",
        r"\b(shipment|order|transaction|export|party|counterparty) (is|was|has been) (safe|cleared)\b",
        r"\bsafe (party|counterparty|customer|company)",
        r"\blicen[sc]es? (is |was |has been |have been )?granted\b(?! by BIS)",
        r"(?<!\bBIS )(?<!\bBIS may )(?<!\bBIS to )\bgrant(s|ed|ing)? (an?|the|this|your|our) (\w+ )?licen[sc]e",
        r"\b(manager|officer|auditor|administrator|desk|system|you)s? (can |may |must |will )?grant(s|ed)?\b",
        r"\bblocked (party|parties|counterpart|compan|customer|supplier|person|entit)",
        r"\b(party|counterparty|customer|company|supplier|order) (is|was|has been) blocked\b",
        r"\b(white|black)-? ?list",
        r"\bguilty\b",
        r"\bbad (actor|guy)s?\b",
    )
]
# Docstrings speak to programmers, except in these modules: there drf-spectacular prints them in the API's description.
DOCSTRINGS_ARE_PUBLIC = {"api.py", "api_urls.py", "serializers.py"}


def forbidden_in(text: str) -> str | None:
    """The first forbidden phrase of a text, or None. Markup and line breaks between words don't hide one."""
    for form in (text, re.sub(r"<[^>]*>|\{%.*?%\}", " ", text)):
        plain = " ".join(form.split())
        for pattern in FORBIDDEN:
            if found := pattern.search(plain):
                return found.group(0)
    return None


def spoken(source: str, *, with_docstrings: bool) -> Iterator[tuple[int, str]]:
    """(line, text) of each string literal in a module; the parts of an f-string are joined with a gap."""
    tree = ast.parse(source)
    silent: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            silent.update(id(part) for part in node.values)
            yield node.lineno, "".join(str(p.value) if isinstance(p, ast.Constant) else " … " for p in node.values)
        is_block = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if is_block and not with_docstrings and node.body and isinstance(node.body[0], ast.Expr):
            silent.add(id(node.body[0].value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.lineno, node.value


def test_templates_use_no_forbidden_words():
    found = {
        str(path.relative_to(ROOT)): phrase
        for path in sorted((ROOT / "templates").rglob("*.*"))
        if path.suffix in (".html", ".txt") and (phrase := forbidden_in(path.read_text("utf-8")))
    }

    assert found == {}


def test_texts_in_the_code_use_no_forbidden_words():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {phrase}"
        for path in sorted((ROOT / "compliance").rglob("*.py"))
        for line, text in spoken(path.read_text("utf-8"), with_docstrings=path.name in DOCSTRINGS_ARE_PUBLIC)
        if (phrase := forbidden_in(text))
    ]

    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "Cleared to ship",
        "The order was cleared for shipment.",
        "clear to\n    ship",
        "<b>Cleared</b> to ship",
        "It is safe to ship to this party.",
        "The shipment is cleared",
        "OK to export",
        "License granted",
        "The license has been granted.",
        "The manager grants the request.",
        "Grant this license",
        "A manager may grant a license.",
        "granted the export license",
        "Blocked party",
        "This counterparty is blocked.",
        "Add to whitelist",
        "black-listed",
    ],
)
def test_a_forbidden_phrase_is_found(text):
    assert forbidden_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "Approve to file",
        "The match is cleared as a false positive.",
        "Only BIS grants a license.",
        "License granted by BIS on 3 March, entered by the officer.",
        "BIS may grant a license with conditions.",
        "A hold stops new orders.",
        "A license is required for all items subject to the EAR.",
        "No listed party was found under this name. Item, destination and end use are not in this answer.",
        "{{ text|safe }}",
        "The permission to export the trail",
    ],
)
def test_a_right_phrase_passes(text):
    assert forbidden_in(text) is None


def test_docstrings_count_only_where_the_api_prints_them():
    source = 'def view():\n    """Never says cleared to ship."""\n    return "fine"\n'

    assert [text for _line, text in spoken(source, with_docstrings=False)] == ["fine"]
    assert len(list(spoken(source, with_docstrings=True))) == 2

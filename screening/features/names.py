"""How like two names are: align their words, then weigh what matched and what did not."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from screening.config import ScoringConfig
from screening.features.words import word_likeness
from screening.tokens import COMMONPLACE, NameForm, Token

MOST_WEIGHT = 2.5  # more matched word weight than this adds no certainty
CUT_FROM = 28  # characters: shorter records are not taken for names that a short field cut off


@dataclass(frozen=True, slots=True)
class Link:
    """Words `query[a:b]` and `listed[c:d]` are the same word. `how`: equal, spelling, joined, cut, abbreviation."""

    a: int
    b: int
    c: int
    d: int
    likeness: float
    how: str


@dataclass(frozen=True, slots=True)
class NameLikeness:
    """The likeness of two names (0.0 to 1.0) and how it came about, for the person who must judge it.

    `points` are the parts of the name scorecard: feature, its value, the points it gives. `rules` names the rules
    that set a bound or a factor afterwards.
    """

    likeness: float
    links: tuple[Link, ...] = ()
    points: tuple[tuple[str, float, float], ...] = ()
    rules: tuple[str, ...] = ()


def align_words(query: NameForm, listed: NameForm, config: ScoringConfig) -> list[Link]:
    """Pair the words of two names, each at most once: equal words first, then joined, then misspelled ones."""
    links: list[Link] = []
    free_q = dict.fromkeys(range(len(query.tokens)))
    free_l = dict.fromkeys(range(len(listed.tokens)))
    places: dict[str, list[int]] = {}
    for j in free_l:
        places.setdefault(listed.tokens[j].text, []).append(j)
    for i in list(free_q):
        spots = places.get(query.tokens[i].text)
        if spots:
            j = spots.pop(0)
            how = "equal" if query.tokens[i].said == listed.tokens[j].said else "abbreviation"
            links.append(Link(i, i + 1, j, j + 1, 1.0, how))
            del free_q[i], free_l[j]
    if free_q and free_l:
        _link_joined(query, listed, free_q, free_l, links, config)
        _link_similar(query, listed, free_q, free_l, links, config)
    return links


def _link_joined(
    query: NameForm,
    listed: NameForm,
    free_q: dict[int, None],
    free_l: dict[int, None],
    links: list[Link],
    config: ScoringConfig,
) -> None:
    """Two to four words on one side that are one word on the other: "Hik Vision" and "Hikvision"."""
    for text, a, b, _ in query.joined:
        if all(i in free_q for i in range(a, b)):
            j, likeness = _best_single(text, listed.tokens, free_l, config)
            if j is not None:
                links.append(Link(a, b, j, j + 1, likeness, "joined"))
                del free_l[j]
                for i in range(a, b):
                    del free_q[i]
    for text, c, d, _ in listed.joined:
        if all(j in free_l for j in range(c, d)):
            i_best = next((i for i in free_q if query.tokens[i].said == text), None)
            if i_best is not None:
                links.append(Link(i_best, i_best + 1, c, d, 1.0, "joined"))
                del free_q[i_best]
                for j in range(c, d):
                    del free_l[j]


def _best_single(
    text: str, tokens: tuple[Token, ...], free: dict[int, None], config: ScoringConfig
) -> tuple[int | None, float]:
    best, best_likeness = None, 0.0
    for i in free:
        said = tokens[i].said.replace(" ", "")
        if abs(len(said) - len(text)) > 1 or len(said) < 4:
            continue
        likeness = 1.0 if said == text else _typo(text, said, config)
        if likeness > best_likeness:
            best, best_likeness = i, likeness
    return best, best_likeness


def _typo(text: str, said: str, config: ScoringConfig) -> float:
    """A joined word may have one slip when it is long; a likeness of the parts is found word by word."""
    if min(len(text), len(said)) < 7 or OSA.distance(text, said, score_cutoff=1) > 1:
        return 0.0
    return word_likeness(text, said, cutoff=config.word_cutoff, sound_alike=config.sound_alike)


def _link_similar(
    query: NameForm,
    listed: NameForm,
    free_q: dict[int, None],
    free_l: dict[int, None],
    links: list[Link],
    config: ScoringConfig,
) -> None:
    """Misspelled words, the likest first (ties: the earlier word); then a last word that a short field cut off."""
    found: list[tuple[float, int, int]] = []
    for i in free_q:
        token = query.tokens[i]
        for j in free_l:
            other = listed.tokens[j]
            if abs(len(token.text) - len(other.text)) > 3 and abs(len(token.said) - len(other.said)) > 3:
                continue
            likeness = word_likeness(token.text, other.text, cutoff=config.word_cutoff, sound_alike=config.sound_alike)
            if likeness == 0.0 and (token.said != token.text or other.said != other.text):
                likeness = word_likeness(
                    token.said, other.said, cutoff=config.word_cutoff, sound_alike=config.sound_alike
                )
            if likeness > 0.0:
                found.append((-likeness, i, j))
    for minus, i, j in sorted(found):
        if i in free_q and j in free_l:
            links.append(Link(i, i + 1, j, j + 1, -minus, "spelling"))
            del free_q[i], free_l[j]
    last = len(query.tokens) - 1
    if last in free_q and last > 0 and len(query.raw) >= CUT_FROM:
        said = query.tokens[last].said
        for j in list(free_l):
            if len(said) >= 3 and listed.tokens[j].said.startswith(said):
                links.append(Link(last, last + 1, j, j + 1, config.cut_name, "cut"))
                del free_l[j]
                break


def compare_names(query: NameForm, listed: NameForm, config: ScoringConfig, *, kind: str = "unknown") -> NameLikeness:
    """Likeness of two names; `kind` is that of the listed party.

    The points of the scorecard are summed and read as a chance: 1 / (1 + exp(-points)), the logistic curve of credit
    scoring (Siddiqi 2006, Credit Risk Scorecards). Equal names need no points: they are 1.0.
    """
    if not query.tokens or not listed.tokens:
        return NameLikeness(0.0, rules=("nothing to compare",))
    links = align_words(query, listed, config)
    if query.key == listed.key:
        placed = any(token.kind == "place" for token in query.tokens)
        common = not query.distinctive and not placed and query.total < config.thin_evidence
        likeness = config.generic_only if common else 1.0
        rules = ["equal, but nothing distinctive"] if common else ["equal"]
        if kind == "person" and query.firm and not listed.firm:
            likeness = min(likeness, config.not_a_person)
            rules.append("reads as a firm")
        return NameLikeness(likeness, tuple(links), (), tuple(rules))
    measured = _measure(query, listed, links, config)
    points = scorecard(query, listed, measured, kind, config)
    likeness = min(1.0 / (1.0 + math.exp(-sum(part for _, _, part in points))), config.best_unequal)
    likeness, rules = _bounded(query, listed, links, measured, likeness, kind, config)
    return NameLikeness(likeness, tuple(links), points, tuple(rules))


@dataclass(frozen=True, slots=True)
class _Measured:
    """What the alignment found, in word weight: matched on each side, left over, and the surest matched word."""

    matched_query: float
    matched_listed: float
    left_query: float
    left_listed: float
    slips: float
    distinctive: bool


def _measure(query: NameForm, listed: NameForm, links: list[Link], config: ScoringConfig) -> _Measured:
    left_q = [token.weight for token in query.tokens]
    left_l = [token.weight for token in listed.tokens]
    matched_q = matched_l = best = 0.0
    slips = 1.0
    distinctive = False
    for link in links:
        in_query, in_listed = sum(left_q[link.a : link.b]), sum(left_l[link.c : link.d])
        credit = link.likeness * link.likeness  # a slip costs more than its share of letters
        matched_q += in_query * credit
        matched_l += in_listed * credit
        if min(in_query, in_listed) * credit > best:
            best, slips = min(in_query, in_listed) * credit, 1.0 - link.likeness
        kinds = [t.kind for t in listed.tokens[link.c : link.d]] + [t.kind for t in query.tokens[link.a : link.b]]
        distinctive = distinctive or any(kind not in COMMONPLACE for kind in kinds)
        left_q[link.a : link.b] = [0.0] * (link.b - link.a)
        left_l[link.c : link.d] = [0.0] * (link.d - link.c)
    return _Measured(matched_q, matched_l, max(left_q), max(left_l), slips, distinctive)


def scorecard(
    query: NameForm, listed: NameForm, measured: _Measured, kind: str, config: ScoringConfig
) -> tuple[tuple[str, float, float], ...]:
    """The parts of the name likeness: feature, value, points. Each is monotone: more agreement, never fewer points."""
    share_query = min(1.0, measured.matched_query / max(query.total, config.thin_evidence))
    share_listed = min(1.0, measured.matched_listed / max(listed.total, config.thin_evidence))
    matched = min(measured.matched_query, measured.matched_listed, MOST_WEIGHT)
    values = (
        ("start", 1.0, config.points_start),
        ("share of the record found", share_query, config.points_query),
        ("share of the listed name found", share_listed, config.points_listed),
        ("word weight matched", matched, config.points_matched),
        ("both keep another word", min(measured.left_query, measured.left_listed), config.points_clash),
        ("letters in order", fuzz.ratio(query.compact, listed.compact) / 100.0, config.points_letters),
        ("slips in the surest word", measured.slips, config.points_slips),
        ("a firm and a vessel", float(kind == "vessel" and query.firm), config.points_vessel),
        ("a firm and a person", float(kind == "person" and query.firm), config.points_person),
    )
    return tuple((feature, value, value * points) for feature, value, points in values)


def _bounded(
    query: NameForm,
    listed: NameForm,
    links: list[Link],
    measured: _Measured,
    likeness: float,
    kind: str,
    config: ScoringConfig,
) -> tuple[float, list[str]]:
    """Apply the rules that points alone must not overrule."""
    rules: list[str] = []
    if not measured.distinctive and max(measured.left_query, measured.left_listed) >= config.weight_common:
        likeness = min(likeness, config.only_common)
        rules.append("only words that many names share")
    cut = len(query.raw) >= CUT_FROM and len(query.compact) >= 20 and listed.compact.startswith(query.compact)
    if cut and likeness < config.cut_name:
        likeness = config.cut_name
        rules.append("the record is the beginning of the listed name")
    if query.numbers and listed.numbers and not (query.numbers & listed.numbers):
        likeness *= config.number_conflict
        rules.append("numbers differ")
    if kind == "person" and listed.family:
        matched = {listed.tokens[j].text for link in links for j in range(link.c, link.d)}
        if not listed.family & matched:
            likeness *= config.family_name
            rules.append("family name missing")
    return likeness, rules

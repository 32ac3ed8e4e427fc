"""Why two records match, for a person: plain sentences, and the two names with their differences marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from screening.config import ScoringConfig
from screening.features.addresses import is_silent, looks_like_address
from screening.features.names import align_words
from screening.fold import MAX_CHARS, Word, words
from screening.tokens import NameForm, Token, analyze
from screening.types import Evidence, Match

EQUAL = ""
NEAR = "near"
MISS = "miss"

_CONFIG = ScoringConfig()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of raw text. `mark`: "" equal or ignored, "near" same word written differently, "miss" different."""

    text: str
    mark: str


@dataclass(frozen=True, slots=True)
class Alignment:
    """Both raw texts cut into spans; the spans of a side joined give its raw text back exactly."""

    query: tuple[Span, ...]
    listed: tuple[Span, ...]


def align(query: str, listed: str) -> Alignment:
    """Mark how two texts differ, word by word. Case, punctuation, legal forms and fillers are never marked."""
    ours, theirs = analyze(query, _CONFIG), analyze(listed, _CONFIG)
    marks_query = dict.fromkeys(ours.tokens, MISS)
    marks_listed = dict.fromkeys(theirs.tokens, MISS)
    if looks_like_address(query) and looks_like_address(listed):
        for marks in (marks_query, marks_listed):
            marks.update({token: EQUAL for token in marks if is_silent(token.said)})
    for link in align_words(ours, theirs, _CONFIG):
        left, right = ours.tokens[link.a : link.b], theirs.tokens[link.c : link.d]
        mark = EQUAL if _spellings(left) == _spellings(right) else NEAR
        marks_query.update(dict.fromkeys(left, mark))
        marks_listed.update(dict.fromkeys(right, mark))
    return Alignment(_spans(query, ours, marks_query), _spans(listed, theirs, marks_listed))


def _spellings(tokens: Sequence[Token]) -> tuple[str, ...]:
    """What is compared for marking: folded, so case and accents are no difference."""
    return tuple(token.said for token in tokens)


def _spans(raw: str, form: NameForm, marks: dict[Token, str]) -> tuple[Span, ...]:
    """Cut `raw` at the words; text between two words takes their mark only when both belong to one word group."""
    best: dict[tuple[int, int], str] = {}
    order = {EQUAL: 0, NEAR: 1, MISS: 2}
    for token, mark in marks.items():
        place = (token.start, token.end)
        if place not in best or order[mark] > order[best[place]]:
            best[place] = mark
    spans: list[Span] = []
    position = 0
    for (start, end), mark in sorted(best.items()):
        if start < position:
            continue
        spans += [Span(raw[position:start], EQUAL), Span(raw[start:end], mark)]
        position = end
    spans.append(Span(raw[position:], EQUAL))
    return _merge(spans)


def _merge(spans: list[Span]) -> tuple[Span, ...]:
    """Join neighbors of one mark, and two marked words with only a space between them."""
    out: list[Span] = []
    for span in spans:
        if not span.text:
            continue
        if out and out[-1].mark == span.mark:
            out[-1] = Span(out[-1].text + span.text, span.mark)
        elif len(out) >= 2 and span.mark and out[-1].text.isspace() and out[-2].mark == span.mark:
            out[-2:] = [Span(out[-2].text + out[-1].text + span.text, span.mark)]
        else:
            out.append(span)
    return tuple(out) or (Span("", EQUAL),)


def sentences(match: Match) -> list[str]:
    """Why this pair is shown, weightiest part first, the total last. Neutral words: a match is a question."""
    ordered = sorted(match.evidence, key=lambda part: -abs(part.contribution))
    out = [sentence for part in ordered for sentence in _part(part)]
    out.append(f"Score {match.score * 100:.1f} of 100: {match.band}.")
    return out


def _part(part: Evidence) -> list[str]:
    points = f"{part.contribution * 100:+.1f}"
    q, listed = part.query, part.listed
    match part.feature:
        case "name" | "weak_alias" | "trade_name":
            return _name_sentences(part, points)
        case "address":
            how = "the same address as" if part.score >= 0.995 else "an address like"
            return [f"“{q}” is {how} the listed “{listed}” ({points})."]
        case "country" if part.weight > 0:
            return [f"The country agrees: {q} ({points})."]
        case "country":
            return [f"The countries differ: {q} in the record, {listed} on the list ({points})."]
        case "identifier" if part.weight > 0:
            return [f"The register number “{q}” is the same ({points})."]
        case "identifier":
            return [f"The register numbers differ: “{q}” in the record, “{listed}” on the list ({points})."]
        case "kind":
            return [f"The kinds differ: {q} in the record, {listed} on the list ({points})."]
        case "cap":
            return [f"A score stays within 0 and 100 ({points})."]
        case other:
            return [f"{other.replace('_', ' ').capitalize()}: “{q}” and “{listed}” ({points})."]


def _name_sentences(part: Evidence, points: str) -> list[str]:
    q, listed = part.query, part.listed
    if part.score >= 0.9995:
        aside = "once case, punctuation and legal forms are set aside"
        out = [f"“{q}” and the listed “{listed}” are the same name {aside} ({points})."]
    else:
        out = [f"“{q}” is {part.score * 100:.0f}% like the listed “{listed}” ({points})."]
    if part.feature == "weak_alias":
        out.append("The name is a weak alias, which supports a match and does not raise one alone.")
    if part.feature == "trade_name":
        out.append("The names meet through our table of known trade names, not through the text of the list.")
    return out + _word_sentences(q, listed)


def _word_sentences(query: str, listed: str) -> list[str]:
    ours, theirs = analyze(query, _CONFIG), analyze(listed, _CONFIG)
    links = align_words(ours, theirs, _CONFIG)
    out: list[str] = []
    for link in links:
        left, right = _raw(query, ours.tokens[link.a : link.b]), _raw(listed, theirs.tokens[link.c : link.d])
        if link.how == "joined":
            out.append(f"“{left}” and “{right}” are one word joined or split.")
        elif link.how == "spelling":
            out.append(f"“{left}” is spelled like “{right}” (likeness {link.likeness:.2f}).")
        elif link.how == "abbreviation":
            out.append(f"“{left}” and “{right}” stand for the same word.")
        elif link.how == "cut":
            out.append(f"“{left}” may be the beginning of “{right}”, cut off.")
    matched_q = {i for link in links for i in range(link.a, link.b)}
    matched_l = {j for link in links for j in range(link.c, link.d)}
    only_q = [_raw(query, [t]) for i, t in enumerate(ours.tokens) if i not in matched_q]
    only_l = [_raw(listed, [t]) for j, t in enumerate(theirs.tokens) if j not in matched_l]
    if only_q:
        out.append(f"Only in the record: {', '.join(dict.fromkeys(only_q))}.")
    if only_l:
        out.append(f"Only on the list: {', '.join(dict.fromkeys(only_l))}.")
    if ours.numbers and theirs.numbers and not ours.numbers & theirs.numbers:
        out.append("The numbers in the names differ.")
    return list(dict.fromkeys(out))


def _raw(raw: str, tokens: Sequence[Token]) -> str:
    return raw[min(t.start for t in tokens) : max(t.end for t in tokens)] if tokens else ""


def readable_words(raw: str) -> tuple[Word, ...]:
    """The folded words of a raw text with their places, for screens that show how a name in another script reads."""
    return tuple(words(raw[:MAX_CHARS]))

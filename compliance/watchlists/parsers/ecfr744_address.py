"""Where an address begins and ends in the running text of a cell of part 744, and in which country it lies.

The regulation prints "Name, address; and address." in one run. Where no line break parts name from
address, words decide: a legal form or a word for a kind of body carries the name on over a comma, a
number or a word for a street or a building begins an address, and what is neither begins one too.
"""

from __future__ import annotations

import re

from .base import ListedAddress
from .countries import CODE_OF_COUNTRY
from .text import collapse

# Stands where the regulation prints "and" in italics, which it does between two names or addresses.
ITALIC_AND = "\x06"

_LEGAL = (
    r"(?:Co|Corp|Corporation|Company|Inc|Incorporated|Ltd|Limited|LLC|L\.L\.C|LLP|L\.P|LP|PLC|GmbH|e\.K|AG|S\.A|SA|SAS|"
    r"S\.A\.L|SAL|S\.R\.L|SRL|S\.R\.O|B\.V|BV|N\.V|NV|Oy|OY|OU|AB|A/S|AS|A\.S|A\.Ş|Pte|Pvt|P\.V\.T|\(Pvt\)|\(PVT\)|PVT|"
    r"Private|Public|Sdn|SDN|Bhd|BHD|Berhad|FZE|FZC|FZCO|FZ|FZ-LLC|DMCC|PT|Tbk|K\.K|KG|JSC|J\.S\.C|OJSC|CJSC|PJSC|OAO|OOO|"
    r"AO|ZAO|PAO|TOO|FSUE|FGUP|NPO|OKB|Est|Est\.|W\.L\.L|WLL|S\.P\.C|SPC|Jr|Sr|Ltda|C\.A|S\.L|S\.p\.A|SpA|Sti|STI|Şti|"
    r"EOOD|OOD|AD|d\.o\.o|Kft|Zrt|Sp\. z o\.o|I/E|Consultants|Importers and Exporters|Ltd\. Co|Co\. Ltd)"
)
# After these no further word for a body carries the name on: "X Co., Ltd., Institute of Y" is at that institute.
_CLOSES = re.compile(r"\b(?:Ltd|Limited|Inc|LLC|LLP|GmbH|Bhd|FZE|FZCO?)\b\.?(?:\s*\([^()]*\))?\s*$", re.IGNORECASE)
_LEGAL_SEGMENT = re.compile(rf"^{_LEGAL}\.?(?:[ .]+{_LEGAL}\.?)*(?:\s*\([^()]*\))?\.?$", re.IGNORECASE)
_LEGAL_START = re.compile(rf"^(?:{_LEGAL}(?!\w)\.?[ ]?)+(?:\([^()]*\)\.?)?\s*", re.IGNORECASE)
_ONLY_PARENTHESES = re.compile(r"^\([^()]*\)\.?$")
# "Ministry of Defence, including the Armed Forces ... wherever located. This includes ... All addresses in ...".
_SCOPE = re.compile(
    r"^(?P<name>[^,]{1,200}, including the [^\n]{1,300}wherever located\b.{0,600}?)"
    r"(?:\.\s+(?P<places>All address(?:es)? located in .{1,100}))?$",
    re.DOTALL,
)
_CARRIES_ON = re.compile(r"^(?:including the|in the|of the|and|&) ", re.IGNORECASE)
_BODY = re.compile(
    r"\b(?:Academ(?:y|ia)|Associations?|Branch|Bureau|Centers? (?:for|of)|Centre|College|Compan(?:y|ies)|Concern|"
    r"Consortium|Corporation|Department|Directorate|Division|Enterprise|Establishments?|Établissements?|Etablissement|"
    r"Facilit(?:y|ies)|Factory|Faculty|Foundation|Holding|Institut(?:e|ion|ions)?|Joint[- ]Stock|Laborator(?:y|ies)|"
    r"Ministry|Organi[sz]ation|Plant|School|Services|Universit(?:y|ies)|Administration|Agency|Commission|Committee|"
    r"Design|Electronics|Industr(?:y|ies)|Engineering|Engine|Limited|Systems|Council|Missile|JSC|OJSC|PJSC|OAO|OOO|AO|"
    r"NPO|NPP|OKB|KB|RKB|TRV|GNPP|TMKB|MKB|ANPP)\b"
)
_NUMBERED_BODY = re.compile(
    r"^(?:No\.? ?)?\d+(?:st|nd|rd|th)? [^,]*?\b(?:Institute|Academy|Factory|Bureau|Plant|Center)\b"
)
_ADDRESS_START = re.compile(
    r"^[(“\"']?(?:#|\d|No[.:]? ?[#\d]|Nos?\.|Nr\.? ?\d|P\.? ?O\.? ?(?:Box|\d)|Post(?:al)? (?:Office )?Box|P\. ?O\.|"
    r"(?:Room|Rm|RM|Unit|Flat|Floor|Fl|Building|Bldg|BLDG|Block|Blk|BLK|Suite|Ste|Office|Apt|Apartment|Plot|House|Level|"
    r"Shop|Warehouse|Door|Gate|Lot|Box|Zone|Villa|Section|Sector|Tower|Ul|ul|UL|Street|Pr|Prospekt|PO|Adres|"
    r"Address(?:es)?|Pom|Str|d|korp|Workshop|Cabin|Courtyard|Yard|Lane|Km|Q\d|About|Near|Next|Behind|"
    r"East of|West of|North of|South of|"
    r"Opposite|C/O|c/o|Number|All address|all address|all locations)\b)"
)
_ADDRESS_WORD = re.compile(
    r"\b(?:Road|Rd|Street|St|Str|Avenue|Ave|Av|Boulevard|Blvd|Lane|Ln|Highway|Hwy|Drive|Dr\.|Square|Sq|Building|Bldg|Floor|"
    r"Room|Suite|Tower|Plaza|District|Distt|Province|Region|Oblast|Township|Village|City|County|Zone|"
    r"P\.?O\.? ?Box|Box \d|"
    r"Prospekt|Prospect|Prospekti|ul\.|Ulitsa|Ulista|Embankment|Shosse|Sok|Sokak|Mah|Mahallesi|Cad|Caddesi|Blok|Jalan|Rue|"
    r"Via|Strasse|Straße|House|Park|Industrial (?:Estate|Park|Area|Zone|Base)|Estate|Market|Bazaar|Bazar|"
    r"Corniche|Airport|"
    r"Colony|Town|Chowk|Crossing|Alley|Sub-District|Subdistrict|Bund|Okrug|Raion|Krai|Territory)\b"
)
_LEGAL_WORD = re.compile(rf"(?<=[\s,(]){_LEGAL}(?![\w/-])\.?\s+(?=\S)")
_STOP_THEN = re.compile(r"(?<=[\w”\"')])\.['’]?\s+(?=\S)|(?<=[a-z]{3})\.(?=\d)")
# "Asmath Shaikh Office M-2", "MEO GmbH P.O. Box 5", "X GmbH Cargo City".
_INNER_START = re.compile(r"\s(?=(?:(?:Office|Suite|Room|Unit|Flat|Apt|Warehouse)\.? +[A-Z]?-?\d|P\.? ?O\.? ?Box))")
# "State Research Institute named after. V.V. Bakhireva", "St. Petersburg": a stop that ends no sentence.
_NO_STOP = re.compile(
    r"\b(?:after|St|No|Nos|Dr|Mr|Mrs|Eng|[A-Z]|im|IM|Prof|Gen|Lt|Col|Univ|Ind|Std|Imp|Equip|Int|Intl|"
    r"Mat|Tech|New|Sci|San|Ve|Tic|Dev|Inst|Elec|Mfg|Dist|and|Acad|Exp|Res)$"
)

_COUNTRY_NAME = "|".join(re.escape(name) for name in sorted(CODE_OF_COUNTRY, key=len, reverse=True))
_POST_CODE = (
    r"(?:[\s,.:;-]*(?:[A-Z]\d[A-Z] ?\d[A-Z]\d|[A-Z]{1,2}\d[\dA-Z]? \d[A-Z]{2}|"
    r"\(?(?:[A-Z]{1,3}[ -]?)?\d[\dA-Z]*(?:[ -]\d+){0,3}\)?|P\.?O\.? Box [\d-]+))?"
)
_COUNTRY_AT_END = re.compile(
    rf"(?:^|[\s,.(;:–—-])(?<!\bInner )(?<!\bNorthern )(?<!\bNew )(?P<name>{_COUNTRY_NAME})"
    rf"\.?\)?{_POST_CODE}\s*(?:\([^()]{{0,200}}\))?[\s.,;:)]*$",
    re.IGNORECASE,
)
_ONLY_COUNTRY = re.compile(rf"^(?:the )?(?:{_COUNTRY_NAME})[.,]?$", re.IGNORECASE)
_LONGEST_COUNTRY_END = 260

_SEMICOLON = re.compile(rf"\s*;\s*(?:{ITALIC_AND}|and\b(?=\s|[A-Z\d#]))?[\s,;]*")
_COMMA_AND = re.compile(rf"(?<![\s,])[\s,]*(?:{ITALIC_AND}|(?<=[\s,])and\s)[\s,;]*")
_LABEL = re.compile(r"^\(?(?:Alt(?:ernate)?\.? ?)?Address(?:es)?(?: for [^:]{1,80})?: *")
_ABBREVIATION_AT_END = re.compile(
    r"(?:\b(?:Co|Corp|Inc|Ltd|Ltda|Bhd|Sti|Tic|San|Dept|Univ|Intl|Elec|St|Ave|Rd|Jr|Sr)|\b[A-Za-z](?:\.[A-Za-z])+)\.$"
)


def country_of(text: str) -> str:
    """The ISO code of the country that ends an address, a postal code after it or not; "" when none does."""
    found = _COUNTRY_AT_END.search(text[-_LONGEST_COUNTRY_END:])
    return country_code(found["name"]) if found else ""


def country_code(name: str) -> str:
    """The ISO code for a country as printed, in any case; "" when the name is not known."""
    # The Turkish dotted capital becomes two characters when it is made small.
    return CODE_OF_COUNTRY.get(collapse(name).lower().replace("i\u0307", "i").replace("’", "'"), "")


def tidy(text: str) -> str:
    """One line without the commas, semicolons and the full stop around it; the stop of "Ltd." or "U.A.E." stays."""
    text = collapse(text.replace(ITALIC_AND, " and ")).strip(" ,;")
    if text.endswith(".") and not _ABBREVIATION_AT_END.search(text):
        text = text.rstrip(" .,;")
    return text


def looks_like_address(text: str) -> bool:
    """Whether the text begins as an address does or holds a word for a street, a building or a place."""
    return bool(_ADDRESS_START.match(text) or _ADDRESS_WORD.search(text)) and not _NUMBERED_BODY.match(text)


def split_addresses(text: str) -> tuple[ListedAddress, ...]:
    """The addresses of a text, parted at "; and", at line breaks after a country, and at "and" where one ends."""
    parts: list[str] = []
    for line in _lines(text):
        for piece in _SEMICOLON.split(line):
            parts.extend(_split_at_and(piece))
    found: list[str] = []
    for part in parts:
        address = tidy(_LABEL.sub("", part.strip()))
        if found and _ONLY_COUNTRY.match(address):
            found[-1] = f"{found[-1]}, {address}"
        elif address and address != "and":
            found.append(_without_outer_parentheses(address))
    return tuple(dict.fromkeys(ListedAddress(address, country_of(address)) for address in found))


def _lines(text: str) -> list[str]:
    """The text in pieces that begin a new address: a label begins one, and so does a line after a country."""
    pieces: list[str] = []
    for line in text.split("\n"):
        if not line.strip():
            continue
        if pieces and not _LABEL.match(line) and not (country_of(pieces[-1]) and not _ONLY_COUNTRY.match(line)):
            pieces[-1] = f"{pieces[-1]} {line}"
        else:
            pieces.append(line)
    return pieces


def _split_at_and(piece: str) -> list[str]:
    """A piece parted at "and" in italics, and at plain "and" after a country; not within parentheses."""
    parts, begin = [], 0
    for found in _COMMA_AND.finditer(piece):
        left, right = piece[begin : found.start()], piece[found.end() :]
        if not left or not right or left.count("(") > left.count(")") or not _begins_address(right):
            continue
        # "Science and Technology Park" is one name, in italics too.
        italic = ITALIC_AND in found[0] and not right.startswith("Technolog")
        if italic or country_of(left):
            parts.append(left)
            begin = found.end()
    return [*parts, piece[begin:]]


def _begins_address(text: str) -> bool:
    first = text.partition(",")[0]
    return not _ONLY_COUNTRY.match(tidy(first)) and bool(re.match(r"[A-Z\d#“\"'(İÖÜŞÇÉ]|al[- ]|all ", text))


def _without_outer_parentheses(text: str) -> str:
    inside = text[1:-1]
    return inside if text.startswith("(") and text.endswith(")") and not re.search(r"[()]", inside) else text


def split_name(text: str, *, one_body: bool = False) -> tuple[str, str]:
    """The name that begins a text, and the address text that follows it ("" when there is none).

    A blank line ends the name, unless an address has begun before it. With `one_body` a further body after a
    comma is not part of the name, as in a run of aliases.
    """
    head, blank, rest = text.partition("\n\n")
    if scope := _SCOPE.match(head):
        return tidy(scope["name"]), f"{scope['places'] or ''}\n{rest}".strip()
    name, address = _split_at_words(head, one_body=one_body)
    if blank and (not address or not _has_address_sign(address)):
        return tidy(head), rest
    return tidy(name), f"{address}\n{rest}" if rest else address


def _has_address_sign(address: str) -> bool:
    return looks_like_address(address) or bool(re.search(r"\d", address)) or bool(country_of(address))


def _split_at_words(head: str, *, one_body: bool) -> tuple[str, str]:
    segments = _segments(head)
    begin, end = segments[0]
    next_segment = head[slice(*segments[1])] if len(segments) > 1 else ""
    inner = _inner_end(head[begin:end], next_segment)
    if inner:
        return head[:inner], head[inner:]
    is_body = not one_body and bool(_BODY.search(head[begin:end]))
    closed = bool(_CLOSES.search(head[begin:end]))
    name_end = end
    for begin, end in segments[1:]:
        segment = head[begin:end].strip()
        if not segment or _LEGAL_SEGMENT.match(segment):
            closed = closed or bool(_CLOSES.search(segment))
        elif _ONLY_PARENTHESES.match(segment) or (_CARRIES_ON.match(segment) and not looks_like_address(segment)):
            pass
        elif legal := _LEGAL_START.match(segment):
            # "Ltd. No. 1 Road": the name ends within this segment.
            rest = segment[legal.end() :]
            if _ADDRESS_START.match(rest) or segment[legal.start() : legal.end()].rstrip().endswith("."):
                return head[: begin + head[begin:end].index(segment) + legal.end()], rest + head[end:]
            if not (is_body and not looks_like_address(segment)):
                break
        elif not (is_body and not closed and _names_a_body(segment)):
            break
        name_end = end
    return head[:name_end], head[name_end + 1 :]


def _names_a_body(segment: str) -> bool:
    if _NUMBERED_BODY.match(segment):
        return True
    return bool(_BODY.search(segment)) and not looks_like_address(segment) and not re.search(r"\d{2}", segment)


def _inner_end(segment: str, next_segment: str) -> int:
    """Where an address begins within the first segment, as after "Co. Ltd. Floor 26" or "UPTK.\n1 Street"; or 0."""
    ends = [found.end() for found in [_INNER_START.search(segment)] if found]
    for legal in _LEGAL_WORD.finditer(segment):
        rest = segment[legal.end() :]
        closes = _CLOSES.search(legal[0]) or legal[0].rstrip().endswith(".")
        if (closes and _ADDRESS_START.match(rest) and not _NUMBERED_BODY.match(rest)) or (
            closes and _ADDRESS_WORD.search(rest) and not _BODY.search(rest)
        ):
            ends.append(legal.end())
            break
    city_follows = bool(_ONLY_COUNTRY.match(tidy(next_segment)))
    for stop in _STOP_THEN.finditer(segment):
        left, rest = segment[max(0, stop.start() - 20) : stop.start()], segment[stop.end() :][:_LONGEST_COUNTRY_END]
        if _NO_STOP.search(left) or _LEGAL_START.match(rest):
            continue
        if city_follows or _ADDRESS_START.match(rest) or looks_like_address(rest) or country_of(rest):
            ends.append(stop.end())
            break
    return min(ends, default=0)


def _segments(head: str) -> list[tuple[int, int]]:
    """The stretches between commas (and semicolons) that stand in no parentheses."""
    found, begin, depth = [], 0, 0
    for position, sign in enumerate(head):
        if sign == "(":
            depth += 1
        elif sign == ")":
            depth = max(0, depth - 1)
        elif sign in ",;" and depth == 0:
            found.append((begin, position))
            begin = position + 1
    found.append((begin, len(head)))
    return found

"""The entity cell of the lists of part 744: name, aliases, addresses and remarks out of one printed text.

    Name, a.k.a., the following two aliases:
    —First Alias; and
    —Second Alias.

    Address, Country; and Address, Country. (See alternate address under Country).

is how most are printed. Some print aliases in the line ("a.k.a. X, Y"), in parentheses ("(f.k.a., X)"), or
name further parties ("Subordinate institution ..."); their names become aliases too, for a match with any
of them is a match with this row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .base import ListedAddress
from .ecfr744_address import ITALIC_AND, country_of, looks_like_address, split_addresses, split_name, tidy
from .ecfr744_xml import ITALIC, ITALIC_END
from .text import collapse

_ONES = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
NUMBER_WORDS = (
    {word: number for number, word in enumerate(_ONES, 1)}
    | _TENS
    | {f"{ten}-{one}": value + number for ten, value in _TENS.items() for number, one in enumerate(_ONES[:9], 1)}
)

_AKA = r"(?:a\.? ?k\.? ?a\b\.?|f\.? ?k\.? ?a\b\.?|d\.? ?b\.? ?a\b\.?)"
_WORD = (
    r"(?:and|as|including|the|follow(?:ing)?|alias(?:es)?|aliaes|entit(?:y|ies)|\d+|"
    + "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
    + ")"
)
# "a.k.a., the following two aliases, and three subordinate institutions:"
_INTRO = re.compile(
    rf"(?<![\s,;])[\s,;]*\(?(?:\b{_AKA}|\band(?= the following)|,(?=\s+the following [\w-]+ alias))[\s,]*"
    rf"(?P<words>(?:{_WORD}\b[ ]*){{2,8}})"
    r"(?P<more>,? ?(?:and|including)\b[^:\n—]{0,120}(?=[:\n]))?[ ]*[:;,]?",
    re.IGNORECASE,
)
_BARE_INTRO = re.compile(rf"(?<![\s,;])[\s,;]*\b{_AKA}[\s,]*[:,]?[ ]*(?=\n+—)", re.IGNORECASE)
_INLINE = re.compile(rf"(?<![\s,;(])[\s,;(]*(?<![\w.]){_AKA}(?!\w)[\s,:]*", re.IGNORECASE)
_IN_PARENTHESES = re.compile(rf"(?<![\s,])[\s,]*\(\s*{_AKA}(?!\w)[\s,:]*", re.IGNORECASE)
_DASH = re.compile(r"^[—–-]\s*(?=\S)")
_ENDS_OPEN = re.compile(rf"(?:;|,)\s*(?:{ITALIC_AND}|and)?[\s,;]*$|{ITALIC_AND}\s*$")
_ALIAS_END = re.compile(rf"(?<![\s,;])[\s,;]*(?:{ITALIC_AND}|;\s*and|,\s*and)[\s,;]*$")

_ITALIC_AND = re.compile(rf"{ITALIC}(\s*)and\s*([,;]?)\s*{ITALIC_END}", re.IGNORECASE)
_SUBORDINATE = re.compile(rf"{ITALIC}\s*Subordinate institut?i?on:?\s*{ITALIC_END}\s*:?\s*", re.IGNORECASE)
# A line that begins with a name in italics names a further party; the name ends where the italics do.
_NAMED_LINE = re.compile(rf"(?:^|\n){ITALIC}(?P<name>[^{ITALIC}{ITALIC_END}\n]{{3,200}}){ITALIC_END}")
_PARTY = "\x07"
_HEADED_LIST = re.compile(r"^(?P<name>[^\n:]{3,200}):\n+(?=—)")
_SUBORDINATE_NAME = re.compile(r"subordinate institution: (?P<name>[^:]{3,200})$", re.IGNORECASE)
_ADDRESSES_ONLY = re.compile(r"^(?P<name>The following addresses apply to [^:\n]{1,160}):\s*")
# "Chelyabinsk-70, (Address: P.O. Box 245, ...)": an address printed behind an alias.
_ADDRESS_IN_ALIAS = re.compile(r"(?<![\s,])[\s,]*(?:\((?=Address:)|(?=P\.? ?O\.? ?Box))")
_DASHES_IN_LINE = re.compile(rf";\s*(?:{ITALIC_AND}|and\b)?\s*[—–-](?=\S)")
_LOCATED = re.compile(r"\(all of preceding [^()\n]{1,160}\)", re.IGNORECASE)
_REMARK = re.compile(r"\(\s*(?:see\b|for (?:alternate|additional)\b)", re.IGNORECASE)
# Text that says how far the entry reaches, where it stands among names or addresses.
_SCOPE = re.compile(
    r"(?:,? (?:and )?to include the following\b[^:.]{0,120}[:.]?"
    r"|\bThe following addresses apply to the entity and[^:\n]{0,80}:"
    r"|\bAffiliated entities:"
    r"|(?<=[;.])[\s\x06]*(?:and )?any nuclear-related entit[^\n]{0,200}"
    r"|;[\s\x06]*(?:and )?the following \w+ subordinate entities:)",
    re.IGNORECASE,
)
_PERSONS_AND = re.compile(r"\b(?:of|for|and|Research|Studies|Science|Technology|Trading|Industry)\b", re.IGNORECASE)


@dataclass
class CellReading:
    """What a cell says. `announced` and `listed`: how many aliases it says it lists, and how many it does."""

    name: str = ""
    aliases: list[str] = field(default_factory=list)
    addresses: list[ListedAddress] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    counts: list[tuple[int, int]] = field(default_factory=list)
    parties: int = 1

    @property
    def count_differs(self) -> tuple[int, int] | None:
        """The first list of aliases whose announced number is not the number found, or None."""
        return next(((said, found) for said, found in self.counts if said != found), None)


def read_entity_cell(cell: str) -> CellReading:
    """Read one cell as ecfr744_xml gives it, superscripts already resolved."""
    reading = CellReading()
    text = _ITALIC_AND.sub(lambda found: f"{found[1]}{ITALIC_AND}{found[2]}", cell)
    text = _take_remarks(text, reading)
    text = _SUBORDINATE.sub(_PARTY, text)
    text = _NAMED_LINE.sub(rf"{_PARTY}\g<name>\n\n", text)
    text = text.replace(ITALIC, "").replace(ITALIC_END, "")
    if only := _ADDRESSES_ONLY.match(text):
        reading.name = only["name"]
        reading.addresses.extend(split_addresses(text[only.end() :]))
        return reading
    text = _LOCATED.sub(lambda found: _take_scope(found[0].strip("()"), reading) and "", text)
    text = _SCOPE.sub(lambda found: _take_scope(found[0], reading), text)
    blocks = [block for block in (part.strip() for part in text.split(_PARTY)) if block]
    reading.parties = max(1, len(blocks))
    for block in blocks:
        _read_party(block, reading)
    reading.aliases = list(dict.fromkeys(alias for alias in reading.aliases if alias))
    reading.addresses = list(dict.fromkeys(reading.addresses))
    return reading


def _take_remarks(text: str, reading: CellReading) -> str:
    """The text without "(See alternate address under Iran)" and the like, which become remarks."""
    while found := _REMARK.search(text):
        end, depth = len(text), 0
        for position in range(found.start(), len(text)):
            depth += {"(": 1, ")": -1}.get(text[position], 0)
            if depth == 0:
                end = position + 1
                break
        reading.remarks.append(tidy(text[found.start() : end].strip().removeprefix("(").removesuffix(")")))
        text = f"{text[: found.start()].rstrip()} {text[end:].lstrip(' .,')}".strip()
    return text


def _take_scope(text: str, reading: CellReading) -> str:
    reading.remarks.append(tidy(re.sub(r"^[\s;,.\x06]*(?:and )?", "", text)).rstrip(":"))
    return "; " if text.lstrip().startswith(";") else "\n\n"


def _read_party(block: str, reading: CellReading) -> None:
    intro = _INTRO.search(block)
    if not intro or not re.search("follow|alias", intro["words"], re.IGNORECASE):
        intro = _BARE_INTRO.search(block)
    if intro:
        words = intro.groupdict().get("words") or ""
        head_aliases: list[str] = []
        name = tidy(_take_parentheses(block[: intro.start()], head_aliases))
        aliases, rest = _listed_aliases(block[intro.end() :], _announced(words), reading)
        aliases = head_aliases + aliases
    else:
        headed = _HEADED_LIST.match(block)
        if headed:
            name = tidy(headed["name"])
            aliases, rest = _listed_aliases(block[headed.end() :], None, reading)
            reading.parties = max(reading.parties, len(aliases))
        else:
            name, aliases, rest = _read_inline(block)
    rest = _take_further_parties(rest, aliases, reading)
    if subordinate := _SUBORDINATE_NAME.search(name):
        aliases.insert(0, subordinate["name"])
    if not reading.name:
        reading.name = name
    elif name:
        reading.aliases.append(name)
    reading.aliases.extend(aliases)
    reading.addresses.extend(split_addresses(rest))


def _take_further_parties(rest: str, aliases: list[str], reading: CellReading) -> str:
    """The address text without the lines that, after addresses have begun, name further parties by a dash."""
    further: list[str] = []
    kept: list[str] = []
    for line in rest.split("\n"):
        if not _DASH.match(line):
            kept.append(line)
        elif kept and kept[-1][-1:].isalnum() and not country_of(kept[-1]):
            # A line that ends in the middle of an address goes on after the dash.
            kept[-1] = f"{kept[-1]}, {_DASH.sub('', line)}"
        else:
            further.append(_DASH.sub("", line))
    rest = "\n".join(kept)
    reading.parties += len(further)
    for line in further:
        intro = _INTRO.search(line)
        name, its_aliases, address = _read_inline(line[: intro.start()] if intro else line)
        if address[:2].strip()[:1].islower():
            # "Nuclear reactors, fuel reprocessing facilities": no address follows, the name goes on.
            name, address = tidy(_ALIAS_END.sub("", line)), ""
        aliases.extend([name, *its_aliases])
        rest = f"{rest}; {address}" if address else rest
    return rest


def _announced(words: str) -> int | None:
    for word in words.lower().split():
        if word in NUMBER_WORDS or word.isdigit():
            return NUMBER_WORDS.get(word) or int(word[:6])
    return 1 if re.search(r"\balias\b", words, re.IGNORECASE) else None


def _listed_aliases(tail: str, announced: int | None, reading: CellReading) -> tuple[list[str], str]:
    """The aliases after "the following N aliases:", and the address text after them."""
    lines = tail.strip("\n ").split("\n")
    items: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        if not line:
            # A blank line ends the list, unless the last alias ends in "; and".
            if not (
                items and _ENDS_OPEN.search(items[-1]) and _DASH.match(lines[at + 1] if at + 1 < len(lines) else "")
            ):
                break
        elif _DASH.match(line):
            items.extend(_DASHES_IN_LINE.split(_DASH.sub("", line)))
        elif not items:
            items.extend(_inline_items(line))
        elif _ENDS_OPEN.search(items[-1]) and not re.search(r",$", items[-1]) and not looks_like_address(line):
            items.append(line)
        else:
            break
        at += 1
    rest = "\n".join(lines[at:]).strip("\n")
    if items and (not rest.strip() or items[-1].rstrip().endswith(":")):
        items[-1], last_address = _split_last(items[-1])
        rest = f"{last_address}\n{rest}" if rest else last_address
    items, rest = _without_addresses(items, rest)
    items = [re.sub(r"\s+and$", "", tidy(_ALIAS_END.sub("", item))) for item in items]
    if announced is not None and len(items) < announced:
        apart = [tidy(part) for item in items for part in _split_names(item)]
        items = apart if len(apart) == announced else items
    elif announced is None:
        items = [tidy(part) for item in items for part in item.split(";")]
    items = [item for item in items if item]
    names: list[str] = []
    in_parentheses: list[str] = []
    for item in items:
        # "National Complex, a.k.a., the following two aliases:" among the aliases of another.
        nested = _INTRO.search(item)
        inside: list[str] = []
        names.append(tidy(_take_parentheses(item[: nested.start()] if nested else item, inside)))
        names.extend(inside)
        in_parentheses.extend(inside)
    if announced is not None:
        # Some lists count the aliases that stand in parentheses behind another, most do not.
        listed = len(names) if len(names) == announced else len(names) - len(in_parentheses)
        reading.counts.append((announced, listed))
    return names, rest


def _without_addresses(items: list[str], rest: str) -> tuple[list[str], str]:
    """The aliases without the addresses printed behind them, which are put after the address text."""
    names: list[str] = []
    for item in items:
        found = _ADDRESS_IN_ALIAS.search(item)
        if found and found.start():
            address = item[found.end() :].strip(" ,;")
            if address.count(")") > address.count("("):
                address = address.replace(")", "", 1)
            rest = f"{rest}; {address}"
            item = item[: found.start()]
        names.append(item)
    return names, rest.removeprefix("; ")


def _inline_items(line: str) -> list[str]:
    """Aliases printed in the line of "the following two aliases: A; and B. Address"."""
    parts = [part for part in re.split(rf";\s*(?:{ITALIC_AND}|and\b)?\s*-?", line) if part.strip()]
    items: list[str] = []
    for number, part in enumerate(parts):
        _, address = split_name(part)
        if address and country_of(address):
            return [*items, "; ".join(parts[number:])]
        items.append(part)
    return items


def _split_last(item: str) -> tuple[str, str]:
    """The last alias and the address printed after it in the same line."""
    first, separator, others = re.sub(r"^;", "", item).partition(";")
    name, address = split_name(first)
    if not separator:
        return name, address
    return (name, f"{address};{others}") if address else (item, "")


def _split_names(item: str) -> list[str]:
    return [part for part in re.split(r";\s*(?:and\s)?", item) if part.strip()]


def _read_inline(block: str) -> tuple[str, list[str], str]:
    """Name, aliases and address text of a party without a list of aliases."""
    aliases: list[str] = []
    block = _take_parentheses(block, aliases)
    chunks = _INLINE.split(block)
    if len(chunks) == 1:
        name, address = split_name(block)
        return name, aliases, address
    name = tidy(chunks[0])
    for chunk in chunks[1:-1]:
        aliases.append(tidy(chunk))
    more, address = _names_then_address(chunks[-1], [name, *aliases])
    return name, aliases + more, address


def _names_then_address(text: str, known: list[str]) -> tuple[list[str], str]:
    """Aliases in a run of commas before an address: the first, and those after it that share a word with a name."""
    first, rest = split_name(text, one_body=True)
    names = _persons(first)
    while rest:
        candidate, further = split_name(rest.strip(), one_body=True)
        words = {word for name in (*known, *names) for word in re.findall(r"\w{2,}", name.lower())}
        shares = words & set(re.findall(r"\w{2,}", candidate.lower()))
        if (
            not candidate
            or not (shares or _is_body(candidate))
            or looks_like_address(candidate)
            or country_of(candidate)
        ):
            break
        names.extend(_persons(candidate))
        rest = further
    return names, rest


def _is_body(text: str) -> bool:
    return bool(re.search(r"\b(?:Institut|Établissements?|Etablissement|Centre|Center|Council|Electronics)\b", text))


def _persons(text: str) -> list[str]:
    """Two names joined by "and", apart; "Center for Studies and Research" is one."""
    left, joined, right = text.partition(" and ")
    if joined and len(left.split()) > 1 and len(right.split()) > 1 and not _PERSONS_AND.search(f"{left} {right}"):
        return [tidy(left), tidy(right)]
    return [text]


def _take_parentheses(text: str, aliases: list[str]) -> str:
    """The text without "(a.k.a., X; f.k.a. Y)"; the names in it are added to `aliases`."""
    while found := _IN_PARENTHESES.search(text):
        opened = text.index("(", found.start())
        end, depth = len(text), 0
        for position in range(opened, len(text)):
            depth += {"(": 1, ")": -1}.get(text[position], 0)
            if depth == 0:
                end = position + 1
                break
        inside = text[found.end() : end].removesuffix(")")
        parts = [part for part in re.split(r"\s*;\s*(?:and\s)?", inside) if part.strip()]
        for part in parts:
            for chunk in _INLINE.split(part):
                aliases.extend(_names_in_parentheses(chunk, alone=len(parts) == 1))
        text = f"{text[: found.start()]}{text[end:]}"
    return text


def _names_in_parentheses(chunk: str, *, alone: bool) -> list[str]:
    if not alone or "," not in chunk:
        return [tidy(name) for name in (_persons(chunk) if alone else [chunk])]
    names: list[str] = []
    rest = chunk
    while rest:
        name, rest = split_name(rest.strip())
        names.extend(_persons(collapse(name)))
    return names

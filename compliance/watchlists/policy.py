"""What a true match on each list means, and which clause of a review policy governs an item.

The effects are those of the regulations, one for each list and never one flag for all. A screening
result says which rule to read; it is never a permission.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ListPolicy:
    """A list and the consequence of a true match on it.

    `effect` is a code for programs, `label` a few words for a pill, `sentence` the meaning in full.
    `places_hold`: whether business with the party stops until a second person decides by name.
    """

    code: str
    title: str
    authority: str
    effect: str
    label: str
    sentence: str
    places_hold: bool


_READ_PROGRAM = (
    "The restrictions are those of the program named in the entry, and narrower than on the SDN List. "
    "Read the program before any dealing goes on."
)

_POLICIES = (
    ListPolicy(
        code="EL",
        title="Entity List",
        authority="15 CFR 744.11 and 744.16; supp. 4 to part 744",
        effect="license_required",
        label="License required",
        sentence="A license is needed for the items named in the entry when the party is purchaser, intermediate "
        "consignee, ultimate consignee or end-user. Exceptions are open only where the entry or 744.11(a) says so.",
        places_hold=True,
    ),
    ListPolicy(
        code="DPL",
        title="Denied Persons List",
        authority="15 CFR 736.2(b)(4); orders under parts 764 and 766",
        effect="prohibited",
        label="Prohibited",
        sentence="No part may be taken in any transaction subject to the EAR with this person, within the dates and "
        "terms of the order.",
        places_hold=True,
    ),
    ListPolicy(
        code="UVL",
        title="Unverified List",
        authority="15 CFR 744.15 and 740.2(a)(17); supp. 6 to part 744",
        effect="statement_required",
        label="Statement required",
        sentence="No license exception may be used, every export is filed in AES, and the party's signed statement "
        "must be on file before any shipment without a license. It is not a ban.",
        places_hold=True,
    ),
    ListPolicy(
        code="MEU",
        title="Military End User List",
        authority="15 CFR 744.21; supp. 7 to part 744",
        effect="license_required_supp2",
        label="License required: supp. 2 items",
        sentence="A license is needed for items listed in supplement no. 2 to part 744. The list is not exhaustive: "
        "other parties may be military end users too.",
        places_hold=True,
    ),
    ListPolicy(
        code="SDN",
        title="Specially Designated Nationals",
        authority="31 CFR chapter V; 15 CFR 744.8 for the programs it names",
        effect="blocked_property",
        label="Dealings prohibited (OFAC)",
        sentence="The party's property is blocked under OFAC's rules and dealings with it are prohibited; some "
        "programs add a license requirement under the EAR. Refer it to legal counsel.",
        places_hold=True,
    ),
    ListPolicy(
        code="SSI",
        title="Sectoral Sanctions Identifications List",
        authority="31 CFR 589.201; Directives 1 to 4 under E.O. 13662",
        effect="program_specific",
        label="Read the program (SSI)",
        sentence=f"Certain debt, equity and energy-project dealings are limited by directive. {_READ_PROGRAM}",
        places_hold=True,
    ),
    ListPolicy(
        code="FSE",
        title="Foreign Sanctions Evaders",
        authority="E.O. 13608",
        effect="program_specific",
        label="Read the program (FSE)",
        sentence=f"Transactions with the party within U.S. jurisdiction are limited by E.O. 13608. {_READ_PROGRAM}",
        places_hold=True,
    ),
    ListPolicy(
        code="PLC",
        title="Palestinian Legislative Council List",
        authority="31 CFR parts 594, 595 and 597",
        effect="program_specific",
        label="Read the program (PLC)",
        sentence=f"Banks and others must reject certain transactions with the party. {_READ_PROGRAM}",
        places_hold=True,
    ),
    ListPolicy(
        code="CAP",
        title="CAPTA List: correspondent and payable-through account sanctions",
        authority="31 CFR chapter V, by program",
        effect="program_specific",
        label="Read the program (CAPTA)",
        sentence=f"Correspondent or payable-through accounts of this bank are limited or barred. {_READ_PROGRAM}",
        places_hold=True,
    ),
    ListPolicy(
        code="MBS",
        title="Non-SDN Menu-Based Sanctions List",
        authority="31 CFR chapter V, by program",
        effect="program_specific",
        label="Read the program (MBS)",
        sentence=f"Chosen measures, less than full sanctions, apply to the party. {_READ_PROGRAM}",
        places_hold=True,
    ),
    ListPolicy(
        code="CMIC",
        title="Non-SDN Chinese Military-Industrial Complex Companies List",
        authority="E.O. 13959 as amended by E.O. 14032",
        effect="warning",
        label="Warning: securities limits",
        sentence="Dealing in the company's listed securities is limited. There is no export ban by itself: treat it as "
        "a red flag and look at end use.",
        places_hold=False,
    ),
    ListPolicy(
        code="DTC",
        title="AECA/ITAR debarred parties",
        authority="22 CFR 127.7",
        effect="debarred",
        label="Debarred: defense articles",
        sentence="The party is barred from transactions in defense articles and services under the ITAR. For anything "
        "else, escalate before going on.",
        places_hold=True,
    ),
    ListPolicy(
        code="ISN",
        title="Nonproliferation sanctions",
        authority="State Department notices cited in the entry",
        effect="read_notice",
        label="Read the notice",
        sentence="The measures differ from notice to notice. Read the notice cited in the entry before any dealing "
        "goes on.",
        places_hold=True,
    ),
)

LIST_POLICIES: dict[str, ListPolicy] = {policy.code: policy for policy in _POLICIES}


ReviewPolicy = Literal["presumption of denial", "policy of denial", "case-by-case", "presumption of approval", "other"]


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a review policy: how BIS says it will judge, and for which items (as printed).

    An empty `scope` means that the clause names none. "other" is a text without a known policy,
    mostly a reference to another section: it is to be read, not interpreted.
    """

    policy: ReviewPolicy
    scope: str


# "casa-by-case" stands in eleven real entries.
_PHRASE = re.compile(
    r"\b(?:(?P<denial>presumption\s+of\s+denial)|(?P<policy>policy\s+of\s+denial)"
    r"|(?P<approval>presumption\s+of\s+approval)"
    r"|(?P<case>(?:reviewed\s+)?(?:on\s+an?\s+)?cas[ea][\s-]+by[\s-]+case(?:\s+(?:review|basis))*))\b",
    re.IGNORECASE,
)
_POLICY_OF_GROUP: dict[str, ReviewPolicy] = {
    "denial": "presumption of denial",
    "policy": "policy of denial",
    "approval": "presumption of approval",
    "case": "case-by-case",
}
_JOINT = re.compile(r"(?:[\s;,.:]|\b(?:and|with|under|an?|the|there\s+is|is)\b)+$", re.IGNORECASE)
_OPENING = re.compile(r"^[\s;,.:]*(?:for\b|of\b)?[\s:,]*", re.IGNORECASE)
_REFERENCE = re.compile(r"^[\s;,.:]*(?P<reference>\(?see\b.*)$", re.IGNORECASE | re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[a-z0-9)])[.;]\s+(?=See\b)")


def review_clauses(text: str) -> tuple[Clause, ...]:
    """Split the text of a review policy into its clauses, in order.

    What stands before the first known policy, or refers elsewhere ("See ..."), is a clause "other",
    unless it is the scope of the policy that follows ("For EAR99 items, case-by-case").
    """
    text = " ".join(text.split())
    if not text:
        return ()
    phrases = list(_PHRASE.finditer(text))
    if not phrases:
        return (Clause("other", text.rstrip(" .;")),)
    clauses: list[Clause] = []
    before = _JOINT.sub("", text[: phrases[0].start()])
    for number, phrase in enumerate(phrases):
        end = phrases[number + 1].start() if number + 1 < len(phrases) else len(text)
        after = text[phrase.end() : end]
        after = _JOINT.sub("", after) if number + 1 < len(phrases) else after
        scope, reference = _scope_and_reference(after)
        if number == 0 and before:
            if scope:
                clauses.append(Clause("other", before))
            else:
                scope = _OPENING.sub("", before)
        clauses.append(Clause(_POLICY_OF_GROUP[phrase.lastgroup or ""], scope))
        if reference:
            clauses.append(Clause("other", reference))
    return tuple(clauses)


def _scope_and_reference(text: str) -> tuple[str, str]:
    whole = _REFERENCE.match(text)
    if whole:
        return "", whole["reference"].strip(" .;")
    parts = _SENTENCE_END.split(text, maxsplit=1)
    scope = _OPENING.sub("", parts[0]).strip().rstrip(" .;,")
    return scope, parts[1].strip(" .;") if len(parts) > 1 else ""


_STRICTNESS: dict[str, int] = {
    "presumption of approval": 1,
    "case-by-case": 2,
    "other": 3,
    "presumption of denial": 3,
    "policy of denial": 3,
}
_ECCN = re.compile(r"\b([0-9][A-E][0-9]{3})((?:\.[a-z0-9]+)*)", re.IGNORECASE)
_EVERYTHING = re.compile(
    r"^(?:all|any)\s+(?:other\s+)?items(?:\s+subject\s+to\s+the\s+EAR)?$|^(?:everything|all)\s+else$", re.IGNORECASE
)
_OTHER = re.compile(r"\bother\b|\belse\b", re.IGNORECASE)
_ON_CCL = re.compile(
    r"^(?:all\s+|any\s+)?items\s+(?:listed\s+)?on\s+the\s+(?:CCL|Commerce\s+Control\s+List)$", re.IGNORECASE
)
_EAR99_ALL = re.compile(
    r"^(?:all\s+)?(?:items\s+(?:designated|classified)\s+(?:as\s+)?)?EAR99(?:\s+items)?$", re.IGNORECASE
)
_EAR99_IN_NOTE = re.compile(r"(?:,?\s*and\s+)?(?:for\s+)?EAR99\s+items\s+described\s+in\b.*$", re.IGNORECASE)
_ECCN_LIST = re.compile(r"^(?:items\s+(?:classified\s+)?(?:under|in)\s+)?ECCNs?\b", re.IGNORECASE)


def policy_for(item: str, text: str, *, described_in_note: bool = False) -> Clause | None:
    """The clause that governs an item: an ECCN such as "5A992.c", or "EAR99".

    None when the text does not settle it: read it yourself. That is so when the item's paragraph is
    needed ("1A004" for "1A004.c"), or when a clause that the item may or may not fall under (by its
    use, say) would be stricter than the one that fits.
    `described_in_note`: the EAR99 item is one that the note named in the text describes.
    """
    wanted = _item(item)
    if not wanted:
        return None
    clauses = review_clauses(text)
    covered = [(clause, _covers(clause, wanted, described_in_note)) for clause in clauses]
    named = [clause for clause, answer in covered if answer == "yes"] or [c for c in clauses if _is_rest(c)]
    if any(answer == "in part" for _, answer in covered):
        return None
    if not named or len({clause.policy for clause in named}) > 1:
        return None
    strictness = _STRICTNESS[named[0].policy]
    if any(answer == "unsure" and _STRICTNESS[clause.policy] > strictness for clause, answer in covered):
        return None
    return named[0]


_Covers = Literal["yes", "no", "in part", "unsure"]


def _item(item: str) -> str:
    text = item.strip()
    if text.upper() == "EAR99":
        return "EAR99"
    found = _ECCN.fullmatch(text)
    return found[1].upper() + found[2].lower() if found else ""


def _is_rest(clause: Clause) -> bool:
    return clause.policy != "other" and (not clause.scope or bool(_EVERYTHING.match(clause.scope)))


def _covers(clause: Clause, item: str, described_in_note: bool) -> _Covers:
    """Whether the clause names the item itself; "no" also for a clause on all the rest."""
    scope = clause.scope
    if clause.policy == "other":
        return "unsure"
    if _is_rest(clause):
        return "no"
    if _ON_CCL.match(scope):
        return "no" if item == "EAR99" else "yes"
    if _EAR99_ALL.match(scope):
        return "yes" if item == "EAR99" else "no"
    if _ECCN_LIST.match(scope):
        return _in_eccn_list(scope, item, described_in_note)
    return "unsure"


def _in_eccn_list(scope: str, item: str, described_in_note: bool) -> _Covers:
    noted = _EAR99_IN_NOTE.search(scope)
    if item == "EAR99":
        if noted:
            return "yes" if described_in_note else "no"
        return "unsure" if "EAR99" in scope.upper() else "no"
    codes = [base.upper() + part.lower() for base, part in _ECCN.findall(_EAR99_IN_NOTE.sub("", scope))]
    if any(item == code or item.startswith(code + ".") for code in codes):
        return "yes"
    # The clause names 1A004.c and the item is known only as 1A004.
    return "in part" if any(code.startswith(item + ".") for code in codes) else "no"

"""What a true match on each list means, and what a given entry adds to it: effects side by side, never one flag.

The effects are those of the regulations. A screening result says which rule to read; it is never a permission.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from .parsers.base import ListedEntry
from .policy_grammar import read


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
        effect="securities_limit",
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
    ListPolicy(
        code="UN",
        title="UN Security Council Consolidated List",
        authority="United Nations Security Council resolutions",
        effect="foreign_sanctions",
        label="Refer to legal: UN sanctions",
        sentence="Member states freeze the party's assets and limit dealings with it under Security Council "
        "resolutions. The list has no effect in U.S. law by itself: refer it to legal counsel, and look for the party "
        "on the OFAC lists.",
        places_hold=True,
    ),
    ListPolicy(
        code="UK",
        title="UK sanctions list (HM Treasury, consolidated)",
        authority="UK sanctions regulations, by regime",
        effect="foreign_sanctions",
        label="Refer to legal: UK sanctions",
        sentence="The party's assets are frozen under UK law, which binds UK persons and conduct in the UK. It has no "
        "effect in U.S. law by itself: refer it to legal counsel.",
        places_hold=True,
    ),
    ListPolicy(
        code="UFLPA",
        title="UFLPA Entity List",
        authority="Pub. L. 117-78",
        effect="import_presumption",
        label="Import presumption",
        sentence="Goods made wholly or in part by the party are presumed made with forced labor and may not enter the "
        "United States. It controls imports and sourcing; it is no export license requirement.",
        places_hold=False,
    ),
    ListPolicy(
        code="1260H",
        title="Section 1260H list: Chinese military companies",
        authority="FY2021 NDAA sec. 1260H (Pub. L. 116-283)",
        effect="warning",
        label="Warning: Defense procurement",
        sentence="Procurement by the Department of Defense from the party is limited. It is no export license "
        "requirement: treat it as a red flag and look at end use.",
        places_hold=False,
    ),
    ListPolicy(
        code="889",
        title="Section 889 names",
        authority="FY2019 NDAA sec. 889 (Pub. L. 115-232); 84 FR 40216; 85 FR 42665",
        effect="procurement_ban",
        label="Procurement ban",
        sentence="Federal agencies may not buy the party's covered equipment (Part A, from 2019-08-13, 84 FR 40216) "
        "nor contract with firms that use it (Part B, from 2020-08-13, 85 FR 42665). It has no effect on exports: "
        "route it to the contracts team.",
        places_hold=False,
    ),
    ListPolicy(
        code="INF",
        title="“Is informed” letters from BIS",
        authority="15 CFR 744.11(c) and the section that the letter names",
        effect="license_required",
        label="License required: read the letter",
        sentence="BIS has told the company by letter that a license is needed. The letter says for which items, "
        "parties and destinations.",
        places_hold=True,
    ),
    ListPolicy(
        code="OWN",
        title="Own watch list",
        authority="The company's own rule",
        effect="own_stop",
        label="Company stop",
        sentence="The company itself has put the party on watch. It is no rule of the government: read the entry's "
        "reason and source. Business stops until a second person decides, unless the entry states a milder effect.",
        places_hold=True,
    ),
    ListPolicy(
        code="OS",
        title="OpenSanctions data set",
        authority="The original list that the data set copies",
        effect="read_notice",
        label="Read the original list",
        sentence="The data set is a copy of other lists. Read the original list and its legal basis before any "
        "dealing goes on.",
        places_hold=True,
    ),
)

LIST_POLICIES: dict[str, ListPolicy] = {policy.code: policy for policy in _POLICIES}


# --- effects one by one ----------------------------------------------------------------------------------------------

Tone = Literal["bad", "warn"]


@dataclass(frozen=True, slots=True)
class Effect:
    """One consequence of being the listed party. Several stand side by side; none swallows another.

    `authority`: the rule it comes from, or "" where the entry's own source is the authority.
    `places_hold`: whether business stops until a second person decides by name.
    """

    code: str
    label: str
    sentence: str
    places_hold: bool
    authority: str = ""

    @property
    def tone(self) -> Tone:
        """How a pill shows it: "bad" for a stop, "warn" for the rest."""
        return "bad" if self.places_hold else "warn"


_EFFECTS = (
    Effect("license_required", "License required", "A license is needed for the items that the entry names.", True),
    Effect(
        "license_required_in_part",
        "License required: items or uses named",
        "A license is needed for the items or uses that the entry names, less those that it excepts. Read its license "
        "requirement.",
        True,
        "15 CFR 744.16(a)",
    ),
    Effect(
        "license_required_supp2",
        "License required: supp. 2 items",
        "A license is needed for items listed in supplement no. 2 to part 744.",
        True,
        "15 CFR 744.21",
    ),
    Effect(
        "license_required_744_8",
        "License required (EAR 744.8)",
        "A license is needed for any item subject to the EAR when the party is purchaser, intermediate consignee, "
        "ultimate consignee or end-user, unless OFAC authorizes or exempts the transaction: its program is one that "
        "744.8(a)(1) names. No license exception is open; applications meet a presumption of denial.",
        True,
        "15 CFR 744.8, 89 FR 20115",
    ),
    Effect("prohibited", "Prohibited", "Dealings with the party are prohibited, within the terms named.", True),
    Effect(
        "statement_required",
        "Statement required",
        "The party's signed statement must be on file before any shipment without a license.",
        True,
    ),
    Effect("blocked_property", "Dealings prohibited (OFAC)", "The party's property is blocked.", True, "31 CFR ch. V"),
    Effect("program_specific", "Read the program", "The limits are those of the program named in the entry.", True),
    Effect(
        "debarred",
        "Debarred: defense articles",
        "The party is barred from transactions in defense articles and services.",
        True,
        "22 CFR 127.7",
    ),
    Effect("read_notice", "Read the notice", "The measures are those of the notice or list cited in the entry.", True),
    Effect(
        "read_entry",
        "Read the entry",
        "The entry states an effect that the product does not know. Read the entry before any dealing goes on.",
        True,
    ),
    Effect("own_stop", "Company stop", "The company itself has stopped business with the party.", True),
    Effect(
        "foreign_sanctions",
        "Refer to legal: foreign sanctions",
        "Sanctions of another authority. They have no effect in U.S. law by themselves: refer them to legal counsel.",
        True,
    ),
    Effect(
        "procurement_ban",
        "Procurement ban",
        "Federal buying and contracting are limited. It has no effect on exports: route it to the contracts team.",
        False,
    ),
    Effect(
        "securities_limit",
        "Warning: securities limits",
        "Dealing in the company's listed securities is limited. There is no export ban by itself.",
        False,
        "E.O. 13959 as amended by E.O. 14032",
    ),
    Effect(
        "import_presumption",
        "Import presumption",
        "Goods made by the party are presumed made with forced labor and may not enter the United States.",
        False,
        "Pub. L. 117-78",
    ),
    Effect("expired_order", "Expired order", "The order has ended. It is information, not a stop.", False),
    Effect("warning", "Warning", "A red flag: ask, and look at end use. No rule stops business by itself.", False),
)

EFFECTS: dict[str, Effect] = {effect.code: effect for effect in _EFFECTS}


@dataclass(frozen=True, slots=True)
class Reach:
    """What a footnote sign of supplement no. 4 means for foreign-made items (notes to supp. 4 to part 744)."""

    sign: str
    sections: str
    sentence: str


REACHES: dict[str, Reach] = {
    reach.sign: reach
    for reach in (
        Reach(
            "1",
            "15 CFR 734.9(e)(1) and 744.11(a)(2)(i)",
            "Foreign-made items that are subject to the EAR under 734.9(e)(1) need a license too. For those items "
            "alone the license exceptions of part 740 are open, within 740.2.",
        ),
        Reach(
            "3",
            "15 CFR 734.9(g), 744.21 and 746.8(a)(3)",
            "Foreign-made items that are subject to the EAR under 734.9(g) need a license too.",
        ),
        Reach(
            "4",
            "15 CFR 734.9(e)(2) and 744.11(a)(2)(iv)",
            "Foreign-made items that are subject to the EAR under 734.9(e)(2) need a license too. See 744.23 as well.",
        ),
        Reach(
            "5",
            "15 CFR 734.4(a)(9), 734.9(e)(3) and 744.11(a)(2)(v)",
            "Foreign-made items that are subject to the EAR under 734.4(a)(9) or 734.9(e)(3) need a license too, as "
            "744.11(a)(2)(v) says.",
        ),
    )
}

# The programs that 15 CFR 744.8(a)(1) names, since 2024-03-21 (89 FR 20115), as letters and digits alone. The last is
# ILLICIT DRUGS-EO14059 as the Consolidated Screening List cuts it off.
_PROGRAMS = (
    "BELARUSEO14038 BELARUS RUSSIAEO14024 UKRAINEEO13660 UKRAINEEO13661 UKRAINEEO13662 UKRAINEEO13685 FTO SDGT NPWMD "
    "ILLICITDRUGSEO14059 SDNT SDNTK TCO ILLICITDRUGSEO"
)
PROGRAMS_OF_744_8 = frozenset(_PROGRAMS.split())


def effects_of(list_code: str, entry: ListedEntry) -> tuple[Effect, ...]:
    """What being this listed party means: the effect of the list, or the entry's own, and what the entry adds.

    The text of the entry is taken as it stands; the caller passes the revision of the day asked for. An effect that
    is not known stops business, beside the effect of the list. Raises KeyError for a list that is not known.
    """
    own = EFFECTS.get(entry.effect)
    first = own or _effect_of_list(LIST_POLICIES[list_code])
    if list_code == "EL" and own is None and _names_a_part(entry.license_requirement):
        first = EFFECTS["license_required_in_part"]
    effects = [first]
    if entry.effect and own is None:
        effects.append(EFFECTS["read_entry"])
    if list_code == "SDN" and programs_of_744_8(entry):
        effects.append(EFFECTS["license_required_744_8"])
    if list_code == "EL":
        effects += [_effect_of_reach(REACHES[sign]) for sign in footnotes_of(entry) if sign in REACHES]
    return tuple(effects)


def places_hold(list_code: str, entry: ListedEntry) -> bool:
    """Whether a true match with this entry stops business until a second person decides by name."""
    return any(effect.places_hold for effect in effects_of(list_code, entry))


def footnotes_of(entry: ListedEntry) -> tuple[str, ...]:
    """The footnote signs of an Entity List entry, those kept apart and those still in its text, in order."""
    return tuple(sorted({*entry.footnotes, *read(entry.license_requirement).footnotes}))


def programs_of_744_8(entry: ListedEntry) -> tuple[str, ...]:
    """Those of the entry's sanctions programs that 15 CFR 744.8(a)(1) names, as printed."""
    return tuple(
        program for program in entry.programs if re.sub(r"[^A-Z0-9]", "", program.upper()) in PROGRAMS_OF_744_8
    )


def _effect_of_list(policy: ListPolicy) -> Effect:
    return Effect(policy.effect, policy.label, policy.sentence, policy.places_hold, policy.authority)


def _effect_of_reach(reach: Reach) -> Effect:
    return Effect(
        f"foreign_made_{reach.sign}", f"Foreign-made items: footnote {reach.sign}", reach.sentence, True, reach.sections
    )


def _names_a_part(requirement: str) -> bool:
    """Whether every requirement that could be read is for some items or uses only, and nothing was left over."""
    reading = read(requirement)
    clauses = reading.of_kind("requirement")
    whole = any(
        scope.covers == "all" and not scope.condition and not clause.exceptions
        for clause in clauses
        for scope in clause.scopes
    )
    return bool(clauses) and not reading.left_over and not whole

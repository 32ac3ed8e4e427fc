"""The demo's facts: lists, rules, counterparties and people. Plain values, no Django.

Two kinds of facts meet here. The lists and rules are real: entries of the U.S. Entity List (15 CFR part 744,
supplement no. 4) and two Federal Register rules, in our own form. The counterparties and people are invented: no
company of that name is meant, and the address and number beside a name belong to nobody.
"""

"""Hashtags: which region a post belongs to by the tags it carries (config/hashtags.csv).

One regional tag decides, two of different regions leave it open, the national ones say nothing. Only a whole tag counts, in any case
and width, with or without its mark.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from dataclasses import replace

from parsers.head import Found, head_of
from parsers.keyword import CANDIDATES_MAX, NATIONAL_RULE, alias_of, decide
from parsers.model import Candidate, Certainty, Decision
from parsers.routes import NATIONAL_INSTANSI, Alias, Table
from parsers.text import Shadow

HASHTAG = re.compile(r"[#\uff03](?<![\w/].)(\w+)")
CACHED_MAX = 1_024  # above the tags of a day, and an end to what hostile ones can fill
TAGS_MAX = 30  # Ours: a post of 280 characters has room for few more, and each costs a decision.


def match(table: Table, text: str, day: dt.date) -> Decision:
    """Decide where a post goes by the tags in `text` on `day`. Never raises; the body is the whole text."""
    whole = (0, len(text))
    found = [match_tag(table, tag, day) for tag in HASHTAG.findall(text)[:TAGS_MAX]]
    asked = [one for one in found if one.certainty is not Certainty.NATIONAL and (one.region or one.candidates)]
    if not asked:
        known = next((one for one in found if one.keyword), None)
        return replace(known or _national(table, None), body=whole)
    if len({_meant(one) for one in asked}) == 1:
        sure = next((one for one in asked if one.certainty is Certainty.EXPLICIT), asked[0])
        return replace(sure, body=whole)
    regions = tuple(dict.fromkeys(each for one in asked for each in one.candidates or (Candidate(one.region, one.instansi, "#"),)))
    rule, why = asked[0].rule, "tags of several regions"
    return Decision(Certainty.AMBIGUOUS, None, NATIONAL_INSTANSI, None, None, rule, table.version, whole, why, regions[:CANDIDATES_MAX])


@functools.lru_cache(maxsize=CACHED_MAX)
def match_tag(table: Table, tag: str, day: dt.date) -> Decision:
    """Decide by one hashtag alone, with or without its `#`; the same few tags come again and again."""
    head = head_of(Shadow(tag))
    alias = alias_of(table, "".join(head.words), day)
    if alias is None or alias.route.national:
        return _national(table, alias)
    decision = decide(table, head, Found(alias, 0, len(head.words), exact=True), day)
    return replace(decision, why=f"carries the tag #{alias.text}") if decision.certainty is Certainty.EXPLICIT else decision


def _meant(decision: Decision) -> frozenset[str | None]:
    """The regions that one tag may mean: its own, or those it proposes."""
    return frozenset([decision.region] if decision.region else [one.region for one in decision.candidates])


def _national(table: Table, alias: Alias | None) -> Decision:
    rule = alias.route.rule if alias else NATIONAL_RULE
    why = "a tag of the service itself" if alias else "no region uses this tag"
    return Decision(Certainty.NATIONAL, None, NATIONAL_INSTANSI, None, alias.text if alias else None, rule, table.version, (0, 0), why)

"""The alias engine: which keyword stands at the head of a text, and how sure that is.

Only the head position decides: the first words after greetings, the national prefix (LAPOR, LAPOR 1708!) and copied instructions
(`Ketik`, `(spasi)`, quotes). The longest alias counts, on whole words. A typo, a name inside the text or an everyday word that is
also a keyword may propose a region, never choose one: a wrong office is worse than the national desk, which reads what it gets.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from parsers import doubt
from parsers.everyday import everyday
from parsers.head import Found, Head, emphasised, head_of
from parsers.model import Candidate, Certainty, Decision, Hints
from parsers.routes import KIND_WORDS, NATIONAL_INSTANSI, NUMBER_KEY, REACH_LETTERS, Alias, Route, Table, keys_of
from parsers.text import INVISIBLE, WORD, Shadow, shadow_of
from parsers.vocabulary import CUES, ORDINARY, Cue
from parsers.vocabulary_head import CLOSERS, HONORIFICS, LABELS, NAMING, OFFICES, POLITE, RETRACTS, SKIPPED, TAKEN_BACK

MARKS = " \n\0.,;:!?-*#"
MARKS_MAX = 20  # Ours: a body of marks alone is none; a long row of them means something.
TAIL_CHARACTERS = 80  # Ours: above `lalu kirim ke nomor 1708` with its quotes and brackets.
ADDRESSEE_WORDS = 3  # Of whom a text is addressed to: Bupati Lubuk Basung Timur.
OPENING_WORDS = 14  # Ours: of one introductory clause; whoever says more speaks of the matter.
OPENING_CHARACTERS = 120  # Ours: fourteen words are hardly longer.
CORRECTION_WORDS = 6  # Ours: `eh maaf salah kirim, maksudnya` has five.
CANDIDATES_MAX = 5  # Ours: more choices do not fit one SMS.


class Manner(enum.IntEnum):
    """What an introductory clause is made of."""

    POLITE = 0  # words of courtesy only
    STRANGE = 1  # and words we do not know: a name, a greeting in another language
    TALK = 2  # and everyday words, none of them of a trouble


ADDRESSED = OFFICES | HONORIFICS
QUIET = frozenset(
    {Cue.WISH, Cue.INFORMATION, Cue.NAME, Cue.DATE, Cue.SPAN, Cue.WHEN, Cue.AT, Cue.ASK, Cue.JAVANESE, Cue.SUNDANESE, Cue.MINANG}
)
"""What the words of an opening may tell without saying anything."""

LOUD = frozenset({Cue.TROUBLE, Cue.DANGER, Cue.OVERSIGHT, Cue.TAKEN, Cue.CUT, Cue.DEAL})
"""What no opening says: there the matter itself began."""

LABEL = re.compile(f"[{LABELS}]")
"""A mark behind a word that may be a label; without one no talk is an opening."""

KOTA = "kota"  # An office's word in *wali kota*; alone it begins a name.
NATIONAL_RULE = "national"

AFTER = re.compile(r"""[\s\0#:,./|;!=>)\]}"'*_~-]*+(?:[(<\[{"'-]*+\s*+spasi(?![^\W_])[\s\0#:,./|;!=>)\]}"'*_~-]*+)*+""")
"""Separators and copied `(spasi)` between the keyword and the body."""

TAIL = re.compile(
    r"""[\s\0"'.,;:()<>\[\]-]*(?<![^\W_])(?<!saya )(?<!kami )(?<!sudah )(?<!sdh )(?<!telah )(?:(?:lalu|dan|terus) )?"""
    r"""(?:kirim|kirimkan|krm|sms)\s+(?:(?:ke|kpd|k)\s+)?(?:no(?:mor)?\.?\s*)?1708[\W_]*\Z"""
)
"""A copied `kirim ke 1708` at the end; *sudah saya kirim ke 1708* is the citizen's own sentence."""


def match(table: Table, text: str | Shadow, day: dt.date) -> Decision:
    """Decide where `text` goes by its keyword on `day`; without one, NATIONAL or a proposal. Never raises, never changes the text."""
    head = head_of(shadow_of(text))
    found, at, national = _walk(table, head, day)
    if found is not None:
        taken_back = found.last < len(head.words) and head.words[found.last] in RETRACTS
        return decide(table, head, _meant(table, head, found, day) if taken_back else found, day)
    proposed = doubt.propose(table, head, at, day)
    if proposed is not None:
        return replace(proposed, body=_body(head, 0))
    rule = national.route.rule if national else NATIONAL_RULE
    why = f"{national.text} is the service itself and no regional keyword follows" if national else "no keyword at the head"
    body = _body(head, head.span(at - 1)[1] if national else 0)
    return Decision(Certainty.NATIONAL, None, NATIONAL_INSTANSI, None, national.text if national else None, rule, table.version, body, why)


def weigh(table: Table, decision: Decision, hints: Hints) -> Decision:
    """Add what the body hints at: a region where no keyword decided, and who watches over the office complained about.

    A hint never overrides a keyword; the other regions that the text of an explicit decision names are recorded as its candidates.
    An abuse of office goes to the route's `oversight` or the national desk as well.
    """
    if decision.certainty is Certainty.NATIONAL and hints.regions:
        return _naming(table, decision, _hinted(table, hints.regions), decision.oversight)
    if decision.certainty is not Certainty.EXPLICIT:
        return decision
    oversight = (decision.oversight or NATIONAL_INSTANSI) if hints.oversight else None
    others = _hinted(table, _others(table, decision.region, hints.regions)) if hints.regions and decision.region else ()
    if others:
        return _naming(table, decision, others, oversight)
    return decision if oversight == decision.oversight else replace(decision, oversight=oversight)


def _hinted(table: Table, codes: Iterable[str]) -> tuple[Candidate, ...]:
    return tuple(Candidate(code, table.regions[code].office, "") for code in codes if code in table.regions)[:CANDIDATES_MAX]


def _others(table: Table, region: str, codes: Iterable[str]) -> list[str]:
    """The codes that are neither the region, nor above or below it, nor of its name."""
    strange = [code for code in codes if not (code.startswith(region) or region.startswith(code))]
    twins = table.regions.twins(region) if strange and region in table.regions else ()
    return [code for code in strange if code not in twins]


def _naming(table: Table, decision: Decision, candidates: tuple[Candidate, ...], oversight: str | None) -> Decision:
    """The decision with the regions that the text names as its candidates; one that had no region takes it from the only one named."""
    titles = ", ".join(table.regions[candidate.region].title for candidate in candidates if candidate.region)
    hinted = decision.certainty is Certainty.NATIONAL
    return Decision(
        Certainty.HINTED if hinted else decision.certainty,
        (candidates[0].region if len(candidates) == 1 else None) if hinted else decision.region,
        decision.instansi,
        decision.unit,
        decision.keyword,
        decision.rule,
        decision.version,
        decision.body,
        f"{decision.why}; the text names {titles}",
        candidates,
        oversight,
    )


def _walk(table: Table, head: Head, day: dt.date) -> tuple[Found | None, int, Alias | None]:
    """Go over greetings, instructions and national prefixes to the first alias; else say at which word the text itself begins."""
    at, national = 0, None
    words = head.words
    while at < len(words):
        found = _longest(table, head, at, day)
        if found is not None and not found.alias.route.national:
            return found, at, national
        if found is not None:
            national, at = found.alias, found.last
        elif words[at] in SKIPPED or ("@" in head.folded and head.folded[head.span(at)[0] - 1 : head.span(at)[0]] == "@"):
            at += 1
        elif at == 0 and len(words[at]) == 1 and words[at].isdigit() and head.parted(at):
            at += 1  # a list of one: `1. AGAM …`
        else:
            after = _opened(table, head, at, day)
            if after == at:
                break
            at = after
    return None, at, national


def _opened(table: Table, head: Head, at: int, day: dt.date) -> int:
    """Where the text goes on after an introductory clause that begins at `at`; `at` itself when the matter begins there.

    The clause says nothing of a trouble, in whatever language (*Epang gawan mo'at, SIKKA …*). A mark ends it, or a word that calls us
    or reports (*izin lapor min AGAM …*). Unless all its words are polite ones, or name whom it is addressed to (*Bupati Agam, …*),
    a keyword must follow at once that is in capitals or has a mark behind it.
    """
    words, manner, named = head.words, Manner.POLITE, 0
    if words[at] == KOTA or (words[at] not in POLITE and _says(words[at])):
        return at  # nearly every text without a keyword
    labelled = LABEL.search(head.folded, 0, OPENING_CHARACTERS) is not None
    for last in range(at, min(at + OPENING_WORDS, len(words) - 1)):
        word = words[last]
        if word not in POLITE:
            talk = _says(word)
            if talk and (not labelled or CUES.get(word) in LOUD):
                return at
            named = ADDRESSEE_WORDS if last and words[last - 1] in ADDRESSED else named - 1
            manner = max(manner, Manner.TALK if talk else Manner.POLITE if named > 0 else Manner.STRANGE)
        if word in NAMING:
            manner = max(manner, Manner.STRANGE)
            continue
        marked = head.parted(last)
        if marked and manner is Manner.POLITE:
            return last + 1
        if marked or word in CLOSERS or labelled:
            found = _longest(table, head, last + 1, day)
            called = marked or word in CLOSERS
            if found is not None and not found.alias.route.national and _stands_out(head, found, manner, marked=marked, called=called):
                return last + 1
    return at


def _says(word: str) -> bool:
    """Whether a word that is not polite tells something: an everyday word, or a cue that is not quiet."""
    cue = CUES.get(word)
    return word in ORDINARY if cue is None else cue not in QUIET


def _stands_out(head: Head, found: Found, manner: Manner, *, marked: bool, called: bool = True) -> bool:
    """Whether an alias behind an opening is written so that it can only be the keyword; the more was said, the clearer."""
    if manner is Manner.POLITE and called:
        return True
    shouted = emphasised(head, found.first, found.last)
    if manner is Manner.STRANGE and called:
        return shouted or (marked and head.parted(found.last - 1))
    return shouted and (marked or manner is Manner.POLITE) and any(mark in LABELS for mark in head.gap(found.last - 1))


def _meant(table: Table, head: Head, found: Found, day: dt.date) -> Found:
    """The alias that is meant where the first one is taken back at once: *BONE eh salah, maksudnya WAJO*."""
    words, at = head.words, found.last
    while at < min(found.last + CORRECTION_WORDS, len(words)) and words[at] in TAKEN_BACK:
        at += 1
    other = _longest(table, head, at, day) if at < len(words) else None
    clear = other is not None and not other.alias.route.national and _stands_out(head, other, Manner.STRANGE, marked=True)
    return other if other is not None and clear else found


def _longest(table: Table, head: Head, at: int, day: dt.date) -> Found | None:
    words, aliases = head.words, table.aliases
    first = joined = KIND_WORDS.get(words[at], words[at])
    reach = table.reach.get(joined[:REACH_LETTERS], 0)
    spellings = [joined]
    for index in range(at, min(at + table.words_max, len(words)) - 1):
        if len(joined) >= reach:
            break
        word = words[index + 1]
        if word.isdigit() and len(word) >= 6 and joined + NUMBER_KEY in aliases:
            joined += NUMBER_KEY
        elif head.glued(index) or head.gap(index) == "\n":
            joined += word
        else:
            break
        spellings.append(joined)
    for count in range(len(spellings), 0, -1):
        if spellings[count - 1] in aliases:
            alias = alias_of(table, spellings[count - 1], day)
            typed = (first, *words[at + 1 : at + count])
            if alias is not None:
                exact = count == 1 or NUMBER_KEY in alias.keys or typed == alias.keys or typed in alias.spellings
                if exact or not _broken(head, at, at + count):
                    return Found(alias, at, at + count, exact=exact)
    return None


def _broken(head: Head, first: int, last: int) -> bool:
    """Whether a line ends within these words: only a name written as it should be goes on in the next line."""
    return any(head.gap(index) == "\n" for index in range(first, last - 1))


def alias_of(table: Table, joined: str, day: dt.date) -> Alias | None:
    """The alias of that spelling that is valid on `day`, else the one that was or will be."""
    found = table.aliases.get(joined, ())
    if len(found) < 2:
        return found[0] if found else None
    return next((alias for alias in found if _certainty(alias, day) is Certainty.EXPLICIT), found[-1])


def _certainty(alias: Alias, day: dt.date) -> Certainty:
    route = alias.route
    if route.valid_from is not None and day < route.valid_from:
        return Certainty.EARLY
    return Certainty.LATE if route.valid_to is not None and day > route.valid_to else Certainty.EXPLICIT


def decide(table: Table, head: Head, found: Found, day: dt.date) -> Decision:
    """The rules between an alias at the head and an explicit decision, in the order of their weight."""
    route = found.alias.route
    body = _body(head, head.span(found.last - 1)[1], quoted=_quoted(head, found))
    rivals, why = doubt.rivals(table, head, found)
    if rivals:
        own = [Candidate(code, table.regions[code].office, found.alias.text) for code in route.regions]
        candidates = tuple(dict.fromkeys([*own, *rivals]))[:CANDIDATES_MAX]
        return _undecided(table, found, Certainty.AMBIGUOUS, (body, why, candidates))
    certainty, why = _certainty(found.alias, day), everyday(table, head, found)
    if certainty is not Certainty.EXPLICIT and why:
        return _undecided(table, found, Certainty.NATIONAL, ((0, len(head.text)), why, ()))
    if certainty is not Certainty.EXPLICIT:
        end = f"valid until {route.valid_to}" if certainty is Certainty.LATE else f"valid from {route.valid_from}"
        return _undecided(table, found, certainty, (body, f"{found.alias.text} is only {end}", doubt.successors(table, found.alias)))
    if why:
        candidate = Candidate(route.region, route.instansi, found.alias.text)
        return replace(_undecided(table, found, Certainty.PROPOSED, (body, why, (candidate,))), region=route.region)
    unit = _unit(table, head, found, body)
    return Decision(
        Certainty.EXPLICIT,
        route.region,
        route.instansi,
        unit.unit if unit else route.unit,
        found.alias.text,
        unit.rule if unit else route.rule,
        table.version,
        body,
        f"begins with the keyword {found.alias.text}",
        (),
        (unit.oversight if unit else None) or route.oversight,
    )


def _undecided(table: Table, found: Found, certainty: Certainty, rest: tuple[tuple[int, int], str, tuple[Candidate, ...]]) -> Decision:
    body, why, candidates = rest
    return Decision(
        certainty, None, NATIONAL_INSTANSI, None, found.alias.text, found.alias.route.rule, table.version, body, why, candidates
    )


def _unit(table: Table, head: Head, found: Found, body: tuple[int, int]) -> Route | None:
    """The row of the unit whose word stands in the body; the first of the table where several do."""
    units = table.units.get("".join(keys_of(found.alias.text))) if table.units else None
    if not units:
        return None
    words = [word.replace(INVISIBLE, "") for word in WORD.findall(head.folded, *body)]
    pairs = {" ".join(pair) for pair in pairwise(words)} | set(words)
    return next((unit.route for unit in units if " ".join(unit.keys) in pairs), None)


def _body(head: Head, after: int, *, quoted: bool = False) -> tuple[int, int]:
    """The range left when keyword, separators and copied instructions are taken off, the citizen's blanks at the end kept."""
    shadow, end = head.folded, len(head.folded)
    separators = AFTER.match(shadow, after) if after else None
    start = separators.end() if separators else 0
    if "1708" in shadow[-24:]:
        tail = TAIL.search(shadow, max(start, end - TAIL_CHARACTERS))
        end = tail.start() if tail else end
    if quoted and shadow[start:end].rstrip().endswith('"'):
        end = shadow.rindex('"', start, end)
    if end - start <= MARKS_MAX and not shadow[start:end].strip(MARKS):
        return start, start
    return start, max(start, end)


def _quoted(head: Head, found: Found) -> bool:
    """Whether a quote opens before the keyword and does not close right after it: a whole instruction in quotes."""
    if '"' not in head.folded:
        return False
    before, after = head.span(found.first)[0], head.span(found.last - 1)[1]
    return head.folded[after : after + 1] != '"' and head.folded[:before].count('"') % 2 == 1

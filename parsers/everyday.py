"""Whether an alias at the head is meant as the keyword, or as the word, the phrase or the person's name that it also is.

The words behind it tell, and how it is written: nobody puts *malang* in capitals alone to say that he has no luck. Each answer is the
sentence that people read; an empty one means that it is the keyword.
"""

from __future__ import annotations

from parsers.head import Found, Head, emphasised
from parsers.routes import Table
from parsers.vocabulary import CUES, ORDINARY, Cue
from parsers.vocabulary_head import (
    ABBREVIATED,
    BEGINNINGS,
    CONTINUES,
    DEGREES,
    EVERYDAY_NAMES,
    FIRST_NAMES,
    HONORIFICS,
    KIN,
    LOOKALIKES,
    NAMED,
    PERSON_DOES,
    PERSON_IS,
    PLAIN,
    QUARTERS,
    SENSES,
    SHORT_FORMS,
    SMALL,
    SUFFIXES,
    WHERE,
)

KINDS = ("kab", "kota")
OWN = (["tetangga"], ["saya"], ["sy"], ["kami"], ["aku"], ["pak"], ["bu"])
YEARS = (["tahun"], ["thn"], ["th"])
PERSONAL = PERSON_DOES | PERSON_IS | NAMED | KIN | {"nama", "dan", "sama"}
MATTER = frozenset({Cue.TROUBLE, Cue.DANGER, Cue.OVERSIGHT, Cue.FUND, Cue.DISTRICT, Cue.OFFICE, Cue.WISH})
"""Cues with which a complaint begins behind a keyword in capitals."""

WATCHED = EVERYDAY_NAMES | FIRST_NAMES | LOOKALIKES
LISTED = (["dan"], ["atau"], ["serta"])


def everyday(table: Table, head: Head, found: Found) -> str:
    """Why the alias may be an everyday word here, or a person's name; empty when it is the keyword."""
    text, words, last = found.alias.text, head.words, found.last
    if not found.exact:
        return f"{text} is written as one word"
    before = found.first - 1
    if before >= 0 and words[before] in HONORIFICS and _called(head, found):
        return f"{text} after '{words[before]}' may be a person's name"
    if last == len(words):
        return ""
    if words[last] in PLAIN and not found.alias.route.ordinary and last == found.first + 1 and words[last - 1] not in EVERYDAY_NAMES:
        return ""
    if (words[last] == words[last - 1] or words[last] in SUFFIXES) and _grown(head, found):
        return f"'{words[last - 1]}-{words[last]}' is everyday speech"
    return _listed(head, found) if head.parted(last - 1) else _of_sense(table, head, found)


def _of_sense(table: Table, head: Head, found: Found) -> str:
    """What the words behind an alias without a mark make of it."""
    text, word, ordinary = found.alias.text, head.words[found.last], found.alias.route.ordinary
    name = _name(head, found)
    if word in PERSONAL and _of_a_person(head, found):
        return f"'{text} {word}' speaks of a person"
    if word in ordinary or (name in SENSES and _is_phrase(head, found, name)):
        return f"'{text} {word}' is everyday speech; a mark after the keyword would make it one"
    if name in WATCHED and not _within(table, head, found) and _has_another_sense(head, found, name):
        return f"{text} is also an everyday word or a first name; a mark after it would make it a keyword"
    return f"{text} is also an everyday word; a mark after it would make it a keyword" if "*" in ordinary else ""


def _has_another_sense(head: Head, found: Found, name: str) -> bool:
    """Whether a name that is also a word, nearly one, or a first name, is more likely that than the keyword."""
    word = head.words[found.last]
    if name in LOOKALIKES and (word in SMALL or word in WHERE or word in CONTINUES) and not emphasised(head, found.first, found.last):
        return True
    if name in FIRST_NAMES and _with_a_second_name(head, found):
        return True
    return name in EVERYDAY_NAMES and not _begins_a_complaint(head, found, name)


def _within(table: Table, head: Head, found: Found) -> bool:
    """Whether the next word is, or goes on to, a kecamatan of the alias's own region: MEDAN JOHOR, *Agam Matur*."""
    region, word, districts = found.alias.route.region, head.words[found.last], table.regions.districts
    if region is None or word in BEGINNINGS or word in ORDINARY:
        return False
    return region in districts.get(word, ()) or region in districts.get("".join(head.words[found.first : found.last + 1]), ())


def _name(head: Head, found: Found) -> str:
    """The alias as it is written, its words joined by `_`: *tanah datar* may be a phrase, TANAHDATAR is none."""
    return head.words[found.first] if found.last == found.first + 1 else "_".join(head.words[found.first : found.last])


def _is_phrase(head: Head, found: Found, name: str) -> bool:
    """Whether name and next word are a phrase; in capitals a word with which complaints begin makes none (LOTENG sekolah bocor)."""
    word = head.words[found.last]
    if word not in SENSES.get(name, ()):
        return False
    return not (("_" in name or word in BEGINNINGS) and emphasised(head, found.first, found.last))


def _called(head: Head, found: Found) -> bool:
    """Whether the honorific before calls somebody of that name, and not anybody: *bapak/ibu AGAM*, *pak AGAM jalan rusak*."""
    before, last = found.first - 1, found.last
    if head.parted(before) and not (_abbreviated(head, before) and not emphasised(head, found.first, last)):
        return False
    if before > 0 and head.words[before - 1] in HONORIFICS and "/" in head.gap(before - 1):
        return False
    return last == len(head.words) or head.words[last] not in BEGINNINGS or not emphasised(head, found.first, last)


def _abbreviated(head: Head, at: int) -> bool:
    """Whether only the full stop of an abbreviation stands behind a word: *Sdr. Agam*."""
    return head.words[at] in ABBREVIATED and head.gap(at).strip() == "."


def _grown(head: Head, found: Found) -> bool:
    """*Batu-batu besar*, *buru-buru*, *Agam-ku*: the same word again, or an ending behind a hyphen, and not in capitals."""
    last = found.last
    return head.gap(last - 1).strip(" '") in ("", "-") and not head.text[slice(*head.span(last))].isupper()


def _listed(head: Head, found: Found) -> str:
    """*Batu, pasir dan semen*, *Agam, anak saya, …*: behind a comma another thing, or who it is. Other marks leave no doubt."""
    last, words, text = found.last, head.words, found.alias.text
    name = _name(head, found)
    mark = head.gap(last - 1).strip()
    if name in SHORT_FORMS and mark in (":", ",", ".") and not head.text[slice(*head.span(found.first))].isupper():
        return f"'{name}' is short for something else"
    if mark not in (",", "(") or emphasised(head, found.first, last):
        return ""
    aged = words[last].isdigit() and words[last + 1 : last + 2] in YEARS
    if aged or words[last] in DEGREES or (words[last] in KIN and words[last + 1 : last + 2] in OWN):
        return f"{text} may be a person's name"
    if "*" in found.alias.route.ordinary or _is_phrase(head, found, name):
        return f"{text} is also an everyday word; a colon after it would make it a keyword"
    listed = name in EVERYDAY_NAMES and words[last] not in BEGINNINGS
    goes_on = listed and (words[last + 1 : last + 2] in LISTED or head.gap(last).strip() == ",")
    return f"{text} is the first of a list" if goes_on else ""


def _of_a_person(head: Head, found: Found) -> bool:
    """*Intan Jaya nama adik saya*, *Bima memukul adiknya*; behind capitals only what no region does."""
    word = head.words[found.last]
    after = head.words[found.last + 1 : found.last + 2]
    if head.words[found.last - 1] in QUARTERS:
        return False
    if word in ("nama", "dan", "sama"):
        return bool(after) and (after[0] in KIN or after[0] in PERSON_DOES)
    if word in PERSON_DOES or after == ["nama"]:
        return head.words[found.first] not in KINDS
    return (word not in KIN or after in OWN) and not emphasised(head, found.first, found.last)


def _with_a_second_name(head: Head, found: Found) -> bool:
    """*Agam Saputra membully anak saya*: two words written like a person's name, in a text that is not written so throughout."""
    last, word = found.last, head.words[found.last]
    if word in BEGINNINGS or not head.text[head.span(last)[0]].isupper():
        return False
    if word in ORDINARY or word in CUES or last + 1 >= len(head.words) or not head.glued(last - 1):
        return False
    return head.text[head.span(last - 1)[0] : head.span(last)[1]].istitle() and head.text[head.span(last + 1)[0]].islower()


def _begins_a_complaint(head: Head, found: Found, name: str) -> bool:
    """Whether what stands behind an everyday name leaves it a keyword: words with which complaints begin, and in capitals more."""
    word, last = head.words[found.last], found.last
    if word in CONTINUES:
        return False
    if emphasised(head, found.first, last) and not _goes_on(head, last):
        return "_" in name or word in BEGINNINGS or word not in ORDINARY or CUES.get(word) in MATTER
    if name in SHORT_FORMS and not head.text[slice(*head.span(found.first))].isupper():
        return False
    return word[0].isdigit() or (word in BEGINNINGS and word not in WHERE and head.words[last + 1 : last + 2] not in (["ini"], ["itu"]))


def _goes_on(head: Head, last: int) -> bool:
    """Whether an unknown word in capitals behind may be more of the name: BANJAR KAJA, SERANG WARGA; not PDAM or RSUD."""
    word = head.words[last]
    return word not in BEGINNINGS and word not in CUES and head.text[slice(*head.span(last))].isupper()

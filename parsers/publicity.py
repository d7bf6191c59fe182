"""Publicity: most posts with a tag of ours are offices that advertise the service, not citizens who complain (DOMAIN §4).

What looks like publicity is laid before a person, never dropped; whatever reports a trouble never looks like it.
"""

from __future__ import annotations

from parsers.text import words
from parsers.vocabulary import CUES, Cue

SIGNS_MIN = 3  # Ours: two such words are in many a complaint.
REPORTS = frozenset({Cue.TROUBLE, Cue.DANGER, Cue.OVERSIGHT, Cue.TAKEN, Cue.FEAR})

_SIGNS = """
    sosialisasi mensosialisasikan sobat sahabat yuk ayo kanal manfaatkan gunakan narahubung kunjungi unduh download infografis siaran pers
    rilis apel monev bimtek penghargaan pembinaan wbk wbbm integritas dirgahayu humas kominfo diskominfo laporkan sampaikan salurkan
    terintegrasi transparan akuntabel hotline melayani prima presisi aspirasi pengaduan layanan
    menggelar digelar
"""
SIGNS = frozenset(_SIGNS.split())
"""Words of advertising; each alone is in many a complaint."""

SERVICE = frozenset({"lapor", "aduan", "keluhan"})
"""The service's own words: they report a trouble in an SMS, and stand in every advertisement."""

CITIZEN = frozenset({"saya", "sy", "aku", "gue", "gw"})
"""How one person speaks of himself; an office says *kami* and *Anda*."""


def is_publicity(text: str) -> bool:
    """Whether a text looks like an office's advertisement: several words of advertising and none of trouble."""
    found = set(words(text))
    if len(found & SIGNS) < SIGNS_MIN:
        return False
    return not any(word in CITIZEN or (word not in SERVICE and CUES.get(word) in REPORTS) for word in found)

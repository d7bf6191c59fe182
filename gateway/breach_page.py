"""The page of `lapor-gateway breach`: what was held, and the notice that the law asks for, ready but for what only people know."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from gateway import moments
from gateway.privacy import one_line

if TYPE_CHECKING:
    from gateway.breach import Sums

NUMBERS_SHOWN = 24
NOTICE_MS = 3 * 86_400_000  # three times 24 hours: UU 27/2022 Pasal 46 ayat 1
KINDS = {
    "number": ("telephone numbers or handles", "nomor telepon atau nama akun"),
    "text": ("words of complaints and messages", "isi aduan dan pesan"),
    "pdu": ("messages as they came from the operator", "salinan pesan dari operator seluler"),
}
NOTICE = """\
PEMBERITAHUAN KEGAGALAN PELINDUNGAN DATA PRIBADI (UU 27/2022 Pasal 46)
1. Data pribadi yang terungkap: {kinds}, dari {messages} pesan dan {complaints} aduan ({persons} orang yang masih dapat dihubungi),
   yang kami simpan antara {since} dan {until}{of}.
2. Kapan dan bagaimana data terungkap: antara {since} dan {until}; [isi: dengan cara apa, oleh siapa bila diketahui].
3. Upaya penanganan dan pemulihan: [isi: apa yang sudah ditutup, diganti, dan dilakukan bagi pemilik data].
Narahubung: [isi: nama dan nomor petugas pelindungan data pribadi]."""


def page(sums: Sums, since_ms: int, until_ms: int, now_ms: int, operator: str | None) -> str:
    """The page for people."""
    return "\n".join(map(one_line, _lines(sums, since_ms, until_ms, now_ms, operator)))


def _lines(sums: Sums, since_ms: int, until_ms: int, now_ms: int, operator: str | None) -> Iterator[str]:
    since, until = moments.shown(since_ms), moments.shown(until_ms)
    yield f"HELD     between {since} and {until}" + (f", of operator {operator}" if operator else "")
    yield f"  {sums.messages:>9} messages of {sums.persons} persons who can still be told, {len(sums.numbers)} complaints"
    for kind, (words, _) in KINDS.items():
        yield f"  {sums.kinds[kind]:>9} {words}"
    for words, count in sums.beside.items():
        yield f"  {count:>9} {words} (all operators)"
    yield f"  {sums.rahasia:>9} messages of secret complaints (rahasia): these persons first, and by the safest way"
    if sums.kinds["forgotten"]:
        yield f"  {sums.kinds['forgotten']:>9} messages whose number is forgotten by now: nobody can be told, say so in public"
    for channel, count in sums.channels.most_common():
        yield f"  {count:>9} by {channel}"
    yield ""
    if sums.numbers:
        yield "COMPLAINTS"
        shown = list(islice(sums.numbers, NUMBERS_SHOWN))
        yield from ("  " + " ".join(shown[at : at + 12]) for at in range(0, len(shown), 12))
        if len(sums.numbers) > len(shown):
            yield f"  and {len(sums.numbers) - len(shown)} more: `--csv` writes them all, with `--reveal --reason …` also whom to tell"
        yield ""
    yield f"NOTICE   in writing, to the persons and the authority, within 3 days: until {moments.shown(now_ms + NOTICE_MS)} if found now"
    kinds = ", ".join(words for kind, (_, words) in KINDS.items() if sums.kinds[kind]) or "tidak ada"
    notice = NOTICE.format(
        kinds=kinds,
        messages=sums.messages,
        complaints=len(sums.numbers),
        persons=sums.persons,
        since=since,
        until=until,
        of=f" melalui operator {operator}" if operator else "",
    )
    yield from notice.split("\n")

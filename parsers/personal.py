"""What in a text names a person: NIK, KPS and other cards, telephone and account numbers, e-mail addresses. Their middle is hidden.

Dates, times, prices, years, coordinates, addresses of machines and numbers of complaints stay readable: an officer needs them. Numbers are
told apart by their shape and by the word before them (`rek`, `WA`, `Rp`); where neither says anything, nine digits are a person's.
Every pattern is bounded and starts at a digit or a sign, so that a hostile text takes no longer than its length.
"""

from __future__ import annotations

import re

WORD_CHARACTERS = 28  # looked at before a number: "no rek BRI atas nama saya"
DIGITS_MIN = 9  # of a number that is a person's by its length alone
CARD_DIGITS_MIN = 8  # behind a word such as `rek` or `KPS`
LOCAL_DIGITS_MIN = 5  # behind a word such as `telp`: the number of a neighbour
TRACKING_DIGITS_MAX = 12  # of the core's numbers, as [core] tracking_id allows
NIK_DIGITS = 16  # province 2, kabupaten 2, kecamatan 2, day (women: + 40) 2, month 2, year 2, serial 4
PHONE_DIGITS = (9, 13)  # of Indonesian numbers with their 0: 021 555123, 0812 3456 78901
ABROAD_DIGITS_MAX = 15  # E.164

_GAP = r"[ .\-\u00a0\u2010-\u2015]"
_REGION = re.compile(r"[\d+(][\d .,:/()+\-\u00a0\u2010-\u2015]{4,}")
_EMAIL = re.compile(r"(?<![\w.+%-])[\w+%-][\w.+%-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}")

_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
_DATE = (
    rf"{_DAY}(?:-\d\d?)?(?P<a>[-./]){_MONTH}(?P=a)(?:{_YEAR}|\d\d)(?!\d|(?P=a)\d)",
    rf"{_YEAR}(?P<b>[-./]){_MONTH}(?P=b){_DAY}(?!\d|(?P=b)\d)",
    rf"(?:0[1-9]|[12]\d|3[01]) (?:0[1-9]|1[0-2]) {_YEAR}(?!\d| \d)",
)
_TIME = r"(?:[01]?\d|2[0-4])(?P<c>[.:])[0-5]\d(?:(?P=c)[0-5]\d(?:[.,]\d{1,6})?)?(?!\d|[.:]\d|-\d{3})"
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_PLAIN = (
    rf"{_YEAR}(?: ?[-/ ] ?{_YEAR})+(?!\d)",
    r"(?!62\.8)[1-9]\d{0,2}(?:\.\d{3})+(?:,\d\d?)?(?!\d|\.\d)",  # a price
    r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d\d?)?(?!\d|,\d)",
    r"\d{1,8},\d{1,2}(?!\d)",
    r"(?:\d|1[01]|9[5-9]|1[0-3]\d|14[01])\.\d{4,8}(?!\d|\.\d| \d{3})",  # a coordinate between Sabang and Merauke
    rf"(?:{_OCTET}\.){{3}}{_OCTET}(?!\d|\.\d)",
)
_NO_DATE = (
    rf"(?!{_DAY}[-./]{_MONTH}[-./](?:{_YEAR}|\d\d)(?!\d)|{_YEAR}[-./]{_MONTH}[-./]{_DAY}(?!\d)|(?:[01]\d|2[0-4])[.:][0-5]\d(?![\d.:]))"
)
_NEXT = rf"(?:[.\-\u2010-\u2015]|[ \u00a0](?:[\-\u2013] ?)?{_NO_DATE})"  # between two groups; a date or time behind a gap is none of them
_PREFIX = r"(?:\+ ?\d{1,3}|\(\+?\d{1,3}\)|(?:00)?62(?=[ .\-]*\(?0?\)?[ .\-]*8)|\(?0[2-9]\d{0,3}\)?)"
_GROUPED = rf"\d{{1,8}}(?:{_NEXT}\d{{1,8}}){{1,9}}"
_PERSONAL = (
    rf"(?P<nik>\d{{{NIK_DIGITS}}}(?!\d))",
    rf"(?P<phone>{_PREFIX}(?:{_GAP}|[()]){{0,3}}{_NO_DATE}\d{{1,13}}(?:{_NEXT}\d{{2,8}}){{0,6}})",
    rf"(?P<spelled>(?:0|6{_GAP}2)(?:{_GAP}\d(?!\d)){{8,13}})",
    rf"(?P<solid>\d{{{DIGITS_MIN},}})",
    rf"(?P<grouped>{_GROUPED})",
)


def _scanner(*alternatives: str) -> re.Pattern[str]:
    kept = "|".join((*_DATE, _TIME, *alternatives))
    return re.compile(
        rf"(?=[\d+(])(?<!\d)(?=[+(]{{0,2}} ?\d)(?:(?P<kept>{kept})|{'|'.join(_PERSONAL)}|(?P<short>\d{{{LOCAL_DIGITS_MIN},8}}))"
    )


_FREE, _ASKED = _scanner(*_PLAIN), _scanner()
_GROUPS, _DIGITS = re.compile(_GROUPED), re.compile(r"\d+")
_ANOTHER = re.compile(r"0?8\d{7}|62")  # a telephone number of its own
_END = r"\b[^\d\n]{0,16}$"
_CARD = re.compile(
    r"\b(?:nik|e?-?ktp|no ?kk|kk|kps|kks|kis|kip|pkh|bpjs|jkn|npwp|nop|sim|paspor|rek|rekening|no\.?rek|va|bri|bni|bca|bsi|btn|mandiri|atm"
    r"|id ?pel|id ?pelanggan)" + _END,
    re.IGNORECASE,
)
_PHONE = re.compile(r"\b(?:hp|handphone|ponsel|wa|whatsapp|te?le?pon|te?lp|tlpn|telf|phone|kontak|contact|cp|sms ke)" + _END, re.IGNORECASE)
_MONEY = re.compile(r"\b(?:rp|idr)[\W_]{0,3}$", re.IGNORECASE)
_MONEY_AFTER = re.compile(r"[,\-.]{0,2} ?(?:rupiah|perak|juta|jt|ribu|rb|mil[iy]ar|triliun)\b", re.IGNORECASE)
_OURS = re.compile(
    r"(?:#|\b(?:laporan|lapor|status|tiket|ticket|tracking|aduan|pengaduan|id)\W{0,3}(?:id|no|nomor|nomer)?\W{0,3})$", re.IGNORECASE
)
_PROVINCES = frozenset((*range(11, 22), *range(31, 37), *range(51, 55), *range(61, 66), *range(71, 77), 81, 82, *range(91, 98)))


def hide(text: str) -> str:
    """The text with the middle of all that names a person hidden: `0812 3456 7890` becomes `08********90`, addresses `b***@***`."""
    pieces: list[str] = []
    at = 0
    for region in _REGION.finditer(text):
        here, end = region.span()
        before = text[max(0, here - WORD_CHARACTERS) : here]
        least = LOCAL_DIGITS_MIN if _PHONE.search(before) else CARD_DIGITS_MIN if _CARD.search(before) else 0
        scanner = _ASKED if least else _FREE
        position = here
        while (found := scanner.search(text, position, end)) is not None:
            position = found.end()
            stop = _personal_until(found, end, before if found.start() == here else "", least)
            if stop:
                pieces += (text[at : found.start()], hidden(text[found.start() : stop]))
                at = position = stop
    text = "".join((*pieces, text[at:])) if pieces else text
    return _EMAIL.sub(lambda found: f"{found[0][0]}***@***", text) if "@" in text else text


def hidden(number: str) -> str:
    """A number without its middle and without its gaps; of a short one only the end is left."""
    digits = "".join(filter(str.isdecimal, number))
    sign = "+" if number.startswith("+") else ""
    shown = 2 if len(digits) >= DIGITS_MIN else 0
    return f"{sign}{digits[:shown]}{'*' * (len(digits) - shown - 2)}{digits[-2:]}"


def is_nik(digits: str) -> bool:
    """Whether sixteen digits can be a NIK: a province of Kemendagri's table and a day of birth."""
    if len(digits) != NIK_DIGITS or not digits.isdecimal():
        return False
    day, month = int(digits[6:8]), int(digits[8:10])
    return int(digits[:2]) in _PROVINCES and 1 <= day - (40 if day > 40 else 0) <= 31 and 1 <= month <= 12


def _personal_until(found: re.Match[str], limit: int, before: str, least: int) -> int:
    """Where the number that names a person ends; 0 when it names nobody. `before`: the words right before it, `least`: see `hide`."""
    text, kind, number, end = found.string, found.lastgroup, found[0], found.end()
    if kind in ("nik", "spelled"):
        return end
    if kind == "kept":
        return 0
    groups = _DIGITS.findall(number)
    digits = "".join(groups)
    if kind == "phone":
        until = _phone_until(found, groups)
        if until or (whole := _GROUPS.match(text, found.start(), limit)) is None:
            return until
        number, end, groups = whole[0], whole.end(), _DIGITS.findall(whole[0])
        kind, digits = "grouped", "".join(groups)
    if least:
        return end if len(digits) >= least else 0
    if kind == "solid":
        ours = len(digits) <= TRACKING_DIGITS_MAX and digits[0] not in "08" and digits[:2] != "62" and _OURS.search(before)
        return 0 if ours or _MONEY.search(before) or _MONEY_AFTER.match(text, end) else end
    return end if kind == "grouped" and _is_account(number, groups, digits) else 0


def _phone_until(found: re.Match[str], groups: list[str]) -> int:
    """Where a telephone number ends, for what follows it may be another number; 0 when it is none."""
    number = found[0]
    most = PHONE_DIGITS[1] if number.lstrip("(").startswith("0") and not number.startswith("00") else ABROAD_DIGITS_MAX
    count = last = 0
    position = end = found.start()
    for group in groups:
        position = found.string.index(group, position)
        enough = count > PHONE_DIGITS[0]
        over = count + len(group) > most and (enough or len(group) < DIGITS_MIN)
        if count and (over or (enough and (len(group) < 3 <= last or _ANOTHER.match(group)))):
            break
        last = len(group)
        count, position = count + last, position + last
        end = position
    return end if count >= PHONE_DIGITS[0] else 0


def _is_account(number: str, groups: list[str], digits: str) -> bool:
    """Whether groups of digits without a word before them are an account or a card."""
    if len(digits) < DIGITS_MIN or max(map(len, groups)) < 3 or all(len(group) == 4 and group[:2] in ("19", "20") for group in groups):
        return False
    if len(digits) == NIK_DIGITS and (is_nik(digits) or {len(group) for group in groups} == {4}):
        return True
    if all(group.endswith("00") for group in groups):  # a list of prices
        return False
    if " " not in number and "\u00a0" not in number:
        return True
    sizes = {len(group) for group in groups}
    return len(digits) > DIGITS_MIN and len(sizes) > 1 and max(sizes) >= 4 and min(sizes) >= 3

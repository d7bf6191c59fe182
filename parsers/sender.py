"""Who wrote: an operator's source address, as the reporter it stands for.

Operators send the same number as 62811…, +62811…, 0811…, 811…, 620811… or 0062811…; all become +62811…, so that one citizen is one
reporter on every bind. Some send a token in place of the number: it stays as sent, and is answered on the same operator. What no
person reads is never answered: short codes, senders with a name, and ourselves.
"""

from __future__ import annotations

import re

from parsers.model import Address, Reporter, ReporterKind

HOME = "ID"
TON_INTERNATIONAL = 1  # SMPP 3.4 §5.2.5
TON_ALPHANUMERIC = 5
SHORT_CODE_DIGITS_MAX = 6  # Indonesian short codes have 3-6 digits; no number that a person owns has so few.
NAME_CHARACTERS_MAX = 11  # 3GPP TS 23.040 §9.1.2.5: ten octets of septets; a longer "alphanumeric" address is a token or a number.

_PUNCTUATION = str.maketrans("", "", " -.()")
_MOBILE = r"8[1-35-9][0-9]{7,10}"  # the mobile numbers that phonenumbers 9.0.43 knows for Indonesia; a test compares the two.
_HOME_MOBILE = re.compile(rf"(?:\+620?|(?:00)?620?|0)({_MOBILE})")
_BARE_MOBILE = re.compile(rf"({_MOBILE})")
_DIGITS = re.compile(r"\+?([0-9]+)")


def read(address: Address, *, ours: frozenset[str]) -> Reporter:
    """Read a source address; never raises. `ours` are our own numbers and names, in any of the forms operators use.

    An address without a single letter or digit counts as a name: there is nobody to answer.
    """
    value = address.value if address.value.isalnum() else address.value.translate(_PUNCTUATION)
    number = None
    if address.ton != TON_ALPHANUMERIC or len(value) > NAME_CHARACTERS_MAX:
        number = _home_mobile(value, address.ton) or _e164(value)
    if ours and (address.value in ours or _is_ours(value, number, ours)):
        return Reporter(ReporterKind.OURS, number or address.value, address)
    if number is not None:
        return Reporter(ReporterKind.MSISDN, number, address)
    return Reporter(_kind(value, address.ton), address.value, address)


def is_fixed_line(number: str) -> bool:
    """Whether a number in E.164 is a fixed line, to which no SMS goes. Where a country does not tell them apart, it is none."""
    if _HOME_MOBILE.fullmatch(number):
        return False
    import phonenumbers  # noqa: PLC0415 - as below

    return bool(phonenumbers.number_type(phonenumbers.parse(number)) == phonenumbers.PhoneNumberType.FIXED_LINE)


def _home_mobile(value: str, ton: int) -> str | None:
    """Read an Indonesian mobile number in any of its spellings; without a prefix only where the TON does not say international."""
    match = _HOME_MOBILE.fullmatch(value)
    if match is None and ton != TON_INTERNATIONAL:
        match = _BARE_MOBILE.fullmatch(value)
    return f"+62{match[1]}" if match else None


def _e164(value: str) -> str | None:
    """Read any other number; None for what no numbering plan holds."""
    match = _DIGITS.fullmatch(value)
    if match is None or len(match[1]) <= SHORT_CODE_DIGITS_MAX:
        return None
    import phonenumbers  # noqa: PLC0415 - a megabyte that a gateway needs only when somebody writes from abroad

    if value.startswith("+"):
        readings = [value]
    elif value.startswith("00"):
        readings = ["+" + value[2:]]
    else:
        readings = ["+" + value, value]  # a visitor's number without its plus is likelier than a fixed line without its zero
    for reading in readings:
        try:
            number = phonenumbers.parse(reading, HOME)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return None


def _is_ours(value: str, number: str | None, ours: frozenset[str]) -> bool:
    """Whether any spelling of the address is one of our own, short codes with a country code or trunk zero included."""
    if number is not None:
        return not ours.isdisjoint((value, number, number[1:], "0" + number.removeprefix("+62")))
    bare = value.lstrip("+0")
    return not ours.isdisjoint((value, bare, bare.removeprefix("62")))


def _kind(value: str, ton: int) -> ReporterKind:
    """Tell short codes and names from tokens: a name has letters only, unless the TON says that it is one."""
    match = _DIGITS.fullmatch(value)
    if match and len(match[1]) <= SHORT_CODE_DIGITS_MAX:
        return ReporterKind.SHORT_CODE
    is_name = ton == TON_ALPHANUMERIC or not any(character.isdigit() for character in value)
    return ReporterKind.ALPHANUMERIC if is_name and len(value) <= NAME_CHARACTERS_MAX else ReporterKind.OPAQUE

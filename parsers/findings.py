"""What is wrong, or merely doubtful, in a routing table: one sentence each, in English and Bahasa Indonesia.

Errors stop a load, warnings do not. The sentences carry words of the table, never of a citizen.
"""

from __future__ import annotations

from typing import NamedTuple

ENGLISH, INDONESIAN = "en", "id"

SENTENCES: dict[str, tuple[str, str]] = {
    # errors
    "encoding": ("not UTF-8 text ({why}); save it as 'CSV UTF-8'", "bukan teks UTF-8 ({why}); simpan sebagai 'CSV UTF-8'"),
    "empty": ("there is no row in it", "tidak ada barisnya"),
    "too_long": ("more than {limit} rows; this is not a routing table", "lebih dari {limit} baris; ini bukan tabel rute"),
    "csv": ("cannot be read as CSV: {why}", "tidak terbaca sebagai CSV: {why}"),
    "column_missing": ("column '{column}' is missing", "kolom '{column}' tidak ada"),
    "column_unknown": ("unknown column '{column}'; known are {known}", "kolom '{column}' tidak dikenal; yang dikenal: {known}"),
    "column_twice": ("column '{column}' is there twice", "kolom '{column}' ada dua kali"),
    "cells": ("{count} cells, but the first row has {expected}", "{count} sel, padahal baris pertama {expected}"),
    "alias_empty": ("no alias", "alias kosong"),
    "alias_unusable": ("alias '{alias}' {why}", "alias '{alias}' tidak dapat dipakai: {why}"),
    "alias_twice": (
        "alias '{alias}' is also in row {other}, for the same days",
        "alias '{alias}' juga ada di baris {other}, untuk tanggal yang sama",
    ),
    "region_unknown": ("{region} is no region{meant}", "{region} bukan kode wilayah{meant}"),
    "date": ("{column} '{value}' is no date; write 2026-12-31", "{column} '{value}' bukan tanggal; tulis 2026-12-31"),
    "dates_backwards": ("valid_to {to} is before valid_from {start}", "valid_to {to} lebih awal dari valid_from {start}"),
    "instansi_missing": ("a unit or region without an instansi", "ada unit tanpa instansi"),
    "name_long": ("name '{name}' has {count} characters, replies take {limit}", "nama '{name}' {count} huruf, balasan memuat {limit}"),
    "name_letters": ("name '{name}' has characters that one SMS cannot carry", "nama '{name}' memuat huruf yang tidak muat dalam satu SMS"),
    "unit_lost": (
        "'{alias}' has a unit word but no row has the alias '{head}'",
        "'{alias}' memakai kata unit, tetapi tidak ada baris dengan alias '{head}'",
    ),
    "owner": ("region {region} is not in {owner}, for which this is installed", "wilayah {region} bukan bagian dari {owner}"),
    "owner_unit": (
        "'{alias}' is a unit below a keyword that is not of {owner}",
        "'{alias}' unit di bawah kata kunci yang bukan milik {owner}",
    ),
    # warnings
    "twin": ("'{alias}' is {title}; {others} has the same name", "'{alias}' adalah {title}; {others} bernama sama"),
    "prefix": (
        "'{alias}' begins {longer}; a blank too many changes the region",
        "'{alias}' awalan dari {longer}; satu spasi mengubah wilayah",
    ),
    "near": ("'{alias}' is one slip from {other}", "'{alias}' hanya beda satu huruf dari {other}"),
    "shadowed": ("'{alias}' is read as {what} first", "'{alias}' lebih dulu dibaca sebagai {what}"),
    "ordinary": (
        "'{alias}' is an ordinary word; say in column 'ordinary' when it is no keyword",
        "'{alias}' kata sehari-hari; isi kolom 'ordinary'",
    ),
    "expired": ("'{alias}' expired on {to}", "'{alias}' berakhir {to}"),
    "successor_unknown": ("successor '{successor}' is no alias of this table", "penerus '{successor}' bukan alias di tabel ini"),
}


PHRASES = {
    "; meant ": "; maksudnya ",
    " or ": " atau ",
    "has no letter or digit": "tidak memuat huruf atau angka",
    "has more than": "lebih dari",
    " words": " kata",
    "is a single character": "hanya satu karakter",
    "is a number": "berupa angka",
    "a command": "perintah",
    "a greeting": "salam",
    "an address": "sapaan",
    "copied instruction": "petunjuk yang tersalin",
    "perhaps": "mungkin",
    "octet": "oktet",
}
"""English phrases that come inside a value, in Bahasa Indonesia."""

TRANSLATED = frozenset({"why", "what", "meant"})  # values that hold phrases of ours; all others are words of the table


class Finding(NamedTuple):
    """One problem of one row. `code` is a key of SENTENCES, `values` fill its sentence."""

    line: int
    code: str
    error: bool
    values: dict[str, object]

    def sentence(self, name: str, language: str = ENGLISH) -> str:
        """Say it as `file:line: what`."""
        english, indonesian = SENTENCES[self.code]
        if language != INDONESIAN:
            return f"{name}:{self.line}: " + english.format(**self.values)
        values = {key: _indonesian(str(value)) if key in TRANSLATED else value for key, value in self.values.items()}
        return f"{name}:{self.line}: " + indonesian.format(**values)


def error(line: int, code: str, **values: object) -> Finding:
    """A finding that stops a load."""
    return Finding(line, code, error=True, values=values)


def warning(line: int, code: str, **values: object) -> Finding:
    """A finding that a person should look at."""
    return Finding(line, code, error=False, values=values)


def _indonesian(value: str) -> str:
    """A value's phrases of ours in Bahasa Indonesia; names of regions stand as they are."""
    for english, indonesian in PHRASES.items():
        value = value.replace(english, indonesian)
    return value

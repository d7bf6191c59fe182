"""Canaries: numbers, handles, texts and secrets that nobody else has, in every form in which a program may have written one."""

from __future__ import annotations

import base64
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Canary:
    """Something that must stay nowhere. `forms` are the octets in which it may have stayed."""

    name: str
    forms: tuple[bytes, ...]


def word(name: str, value: str) -> Canary:
    """A secret or a text in every form in which a program writes one."""
    octets = value.encode()
    forms = {octets, octets.hex().encode(), octets.hex().upper().encode(), quote(value, safe="").encode(), base64.b64encode(octets)[:-4]}
    forms |= {value.encode("utf-16-be"), value.encode("utf-16-le"), value.upper().encode(), value.lower().encode()}
    return Canary(name, tuple(sorted(form for form in forms if len(form) > 5)))


def phone(name: str, national: str) -> Canary:
    """A telephone number, `81277…`, in any spelling: its last nine digits together, or in the usual groups."""
    tail = national[-9:]
    grouped = (f"{tail[:1]}-{tail[1:5]}-{tail[5:]}", f"{tail[:1]} {tail[1:5]} {tail[5:]}", f"{national[:3]}-{national[3:7]}-{national[7:]}")
    forms = [one.encode(code) for one in (tail, *grouped) for code in ("utf-8", "utf-16-be")]
    return Canary(name, (*forms, tail.encode().hex().encode()))


@dataclass(slots=True)
class Found:
    """What was searched and what was found: canary by place."""

    places: Counter[str] = field(default_factory=Counter)
    octets: int = 0
    hits: list[str] = field(default_factory=list)
    roads: list[str] = field(default_factory=list)
    tracebacks: int = 0
    began: float = field(default_factory=time.monotonic)

    def said(self, what: str) -> None:
        """How far it has come, for whoever waits."""
        print(f"  {time.monotonic() - self.began:5.1f} s {what}", flush=True)

    def search(self, kind: str, name: str, octets: bytes, canaries: Iterable[Canary]) -> None:
        """Look through one place."""
        self.places[kind] += 1
        self.octets += len(octets)
        for canary in canaries:
            for form in canary.forms:
                at = octets.find(form)
                if at >= 0:
                    self.hits.append(f"{kind} {name}: {canary.name}, octet {at}")
                    break


class Flock:
    """All canaries of one run, new each time."""

    def __init__(self, random: Random, secrets: Mapping[str, str]) -> None:
        self.sms = f"812{random.randrange(10**8, 10**9)}"
        self.author = f"813{random.randrange(10**8, 10**9)}"
        self.handle = f"kenari{random.randrange(10**6):06d}"
        self.account = f"akun-kenari-{random.randrange(10**6):06d}"
        self.nik = f"130607120485{random.randrange(1, 10**4):04d}"
        self.words = f"Kenari{random.randrange(10**8):08d}"
        self.email = f"kenari{random.randrange(10**6):06d}@contoh.id"
        self.persons = (
            phone("number by SMS", self.sms),
            phone("number by webhook", self.author),
            word("handle", self.handle),
            word("account of an app", self.account),
            word("NIK", self.nik),
            word("text", self.words),
            word("e-mail", self.email),
        )
        self.secrets = tuple(word(f"secret {name}", value) for name, value in secrets.items())
        self.secrets += tuple(
            Canary(f"secret {name}, raw", (base64.b64decode(value),))
            for name, value in secrets.items()
            if name in ("master_key", "queue_key")
        )

    @property
    def all(self) -> tuple[Canary, ...]:
        """Each."""
        return (*self.persons, *self.secrets)

    def text(self, what: str) -> str:
        """What a citizen writes."""
        return f"AGAM {what} {self.words} NIK {self.nik} hp 0{self.sms} email {self.email}"

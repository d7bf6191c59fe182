"""`lapor-gateway check --core`: file one marked test complaint at the core, and explain in plain words what happens, step by step.

It is a real complaint there: marked UJI COBA in its first words, anonim, rahasia where the dialect can say so. It never enters the journal.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import ssl
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from forwarder.core import dialects
from forwarder.core.contract import Absent, CoreClient, Filed, NotFiled, Outcome, Refused, Supplement, Unknown, answer_table
from forwarder.core.georeport import GeoReport
from forwarder.core.settings import CoreSettings
from forwarder.core.transport import tls_context
from gateway.clock import wall_ms
from gateway.privacy import one_line
from parsers.complaint import Disclosure
from parsers.model import Address, Certainty, Complaint, Decision, Hints, Message, Reporter, ReporterKind

Say = Callable[[str], None]
COLUMNS = 80
LABEL = 12
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
TEXT = "UJI COBA: ini bukan aduan, melainkan percobaan sambungan lapor-gateway ({number}). Mohon diarsipkan, jangan diteruskan."
MORE = "UJI COBA: tambahan untuk percobaan {number}. Mohon diarsipkan."
LOOKS = 3
LOOK_SECONDS = 2.0  # between two look-ups: a core may need a moment to find what it has just stored
REMEDIES: Mapping[int, str] = {
    301: "The address has moved: write the new one into core.url. A redirect is never followed, for a redirected POST is a second POST.",
    400: "The core finds the form wrong: compare the request with its documentation, and core.dialect or the mapping file with both.",
    401: "Check the secret core_token, letter by letter, braces included; ask the LAPOR team whether it is valid still.",
    403: "The token is known and may not file, or a firewall stands between: ask whether our address is on the core's list.",
    404: "Nothing is at this address: check core.url, and of mapped the paths in the mapping file.",
    405: "The address is there, but not for this method: check core.url, and of mapped `method`.",
    409: 'The core says that it has it already. If it names the record then, set answers = { 409 = "read" }.',
    413: "The core finds it too large, though it is short: something between us and the core limits requests.",
    415: "The core speaks another dialect there: check core.dialect.",
    422: "The core wants a field that is not there, or another value: its documentation says which.",
    429: "The core asks us to come later: too many requests for this token; try again in a minute.",
    503: "The core is being mended, or busy: try again later.",
}
EXPLAINED: Mapping[str, str] = {
    "read": "the body decides",
    "not_filed": "certainly not taken; the gateway would try again later",
    "our_fault": "something of ours is wrong; the gateway would stop filing and raise an alarm",
    "refused": "the core does not want this one; it would be parked for a person",
    "unknown": "it may have been taken; only a look-up or a person may say, and it would never be sent again blindly",
}


class Trial:
    """One trial; `say` takes the report line by line."""

    def __init__(self, settings: CoreSettings, say: Say) -> None:
        self._settings = settings
        self._say = say
        self._step = 0
        self._statuses: list[tuple[str, int]] = []
        self._table = answer_table(settings.answers)

    async def run(self, policy: Disclosure, folder: Path, *, add: bool) -> bool:
        """Every step in order; whether the core can be filed with. `add` tries an addition, too."""
        if not await self._reach():
            return False
        if self._settings.dialect == "mapped":
            self._table = answer_table(dialects.mapping_of(self._settings, folder).file.answers, self._settings.answers)
        client = dialects.client_of(self._settings, policy, folder, connections_max=1, told=lambda *heard: self._statuses.append(heard))
        try:
            return await self._speak(client, add=add)
        finally:
            await client.close()

    async def _reach(self) -> bool:
        """Name, TCP and TLS, each by itself, so that one knows which of them fails."""
        parts = urlsplit(self._settings.url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        try:
            async with asyncio.timeout(self._settings.connect_seconds):
                found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, TimeoutError):
            return self._tell("name", f"{host} has no address here: check core.url, and the name servers of this machine", good=False)
        self._tell("name", f"{host} is {', '.join(dict.fromkeys(str(one[4][0]) for one in found))}")
        context = tls_context(self._settings) if parts.scheme == "https" else None
        try:
            async with asyncio.timeout(self._settings.connect_seconds):
                _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host if context else None)
        except ssl.SSLCertVerificationError as error:
            cause = one_line(error.verify_message)
            return self._tell(
                "tls", f"the certificate does not hold: {cause}. Nothing was sent. A private authority goes into core.ca", good=False
            )
        except ssl.SSLError as error:
            return self._tell("tls", f"no TLS with port {port}: {one_line(error.reason or 'refused')}; is it https?", good=False)
        except (OSError, TimeoutError) as error:
            cause = "no answer in time" if isinstance(error, TimeoutError) else os.strerror(error.errno) if error.errno else "refused"
            return self._tell("connect", f"port {port}: {cause}; check core.url, and the firewall between", good=False)
        tls = writer.get_extra_info("ssl_object")
        writer.close()
        self._tell(
            "tls", f"{tls.version()}, the certificate holds" if tls else "none: the token and every text go in clear over the network"
        )
        return True

    async def _speak(self, client: CoreClient, *, add: bool) -> bool:
        if isinstance(client, GeoReport):
            await self._services(client)
        record = complaint_of(self._settings)
        self._tell("file", f"one complaint, No. {record.number}, in dialect {self._settings.dialect}")
        outcome = await client.file(record, 1)
        self._explain(outcome)
        tracking_id = outcome.tracking_id if isinstance(outcome, Filed) else None
        found = await self._look_up(client, record.number, tracking_id)
        if tracking_id is None:
            return False
        good = found
        if add:
            good = await self._add(client, record, tracking_id) and good
        good = await self._follow(client, tracking_id) and good
        self._tell("callbacks", "would be believed when signed" if client.can_hear else "none in this dialect, or its key is missing")
        self._say(f"ask the core's people to archive {tracking_id}")
        return good

    def _explain(self, outcome: Outcome) -> None:
        """Status, what it means by the table, and what became of it."""
        status = self._statuses[-1][1] if self._statuses else None
        if status is not None:
            meaning = self._table[status]
            self._tell("answer", f"HTTP {status}: {meaning}: {EXPLAINED[meaning]}")
        match outcome:
            case Filed(tracking_id, transaction_id):
                self._tell("filed", f"tracking id {tracking_id}" + (f", transaction {one_line(transaction_id)}" if transaction_id else ""))
            case NotFiled(reason):
                self._tell("not filed", reason, good=False)
            case Refused(reason):
                self._tell("refused", reason, good=False)
            case Unknown(reason):
                self._tell("unknown", f"{reason}. It may stand there all the same: look for its number", good=False)
        if status is not None and not isinstance(outcome, Filed) and (remedy := REMEDIES.get(301 if 300 <= status < 400 else status)):
            self._tell("", remedy)

    async def _look_up(self, client: CoreClient, number: str, tracking_id: str | None) -> bool:
        if not client.can_look_up:
            self._tell("look-up", "none is set: after a lost answer a person at the desk must find out whether the core has it")
            return True
        said: Filed | Absent | Unknown = Absent()
        for turn in range(LOOKS):
            said = await client.look_up(number)
            if isinstance(said, Filed):
                break
            await asyncio.sleep(LOOK_SECONDS if turn < LOOKS - 1 else 0)
        match said:
            case Filed(found) if found == tracking_id or tracking_id is None:
                return self._tell("look-up", f"finds it by our number, as {found}")
            case Filed(found):
                return self._tell("look-up", f"finds {found} under our number, which is another", good=False)
            case Absent():
                self._tell("look-up", f"says {LOOKS} times that there is none of our number", good=tracking_id is None)
                if tracking_id is not None:
                    self._tell(
                        "", "So lost answers would be sent again and stand there twice: mend or remove the look-up before anything else."
                    )
                return tracking_id is None
            case Unknown(reason):
                return self._tell("look-up", f"no certain answer: {reason}", good=False)

    async def _add(self, client: CoreClient, record: Complaint, tracking_id: str) -> bool:
        key = f"{record.number}-2"
        added = await client.supplement(Supplement(key, tracking_id, record, MORE.format(number=record.number), wall_ms()), 1)
        if not isinstance(added, Filed):
            self._tell("addition", "not taken", good=False)
            self._explain(added)
            return False
        how = "appended to" if added.tracking_id == tracking_id else "a record of its own beside"
        self._tell("addition", f"{key}: {how} {tracking_id}" + ("" if added.tracking_id == tracking_id else f", as {added.tracking_id}"))
        return await self._look_up(client, key, added.tracking_id)

    async def _follow(self, client: CoreClient, tracking_id: str) -> bool:
        if not client.can_follow:
            self._tell("course", "this core cannot be asked how a complaint stands")
            return True
        courses = await client.course([tracking_id])
        if isinstance(courses, Unknown):
            return self._tell("course", f"no certain answer: {courses.reason}", good=False)
        if not courses:
            return self._tell("course", "not told: no such id, or a status word that nobody has explained (statuses)", good=False)
        return self._tell("course", f"{one_line(courses[0].words)}: {courses[0].status}")

    async def _services(self, client: GeoReport) -> None:
        known = await client.services()
        if isinstance(known, Unknown):
            self._tell("services", f"no certain answer: {known.reason}", good=False)
            return
        self._tell("services", ", ".join(f"{one_line(code)} {one_line(name)}".strip() for code, name in known.items()) or "none")
        own = self._settings.georeport
        if strange := sorted({own.service_code, *own.services.values()} - set(known)):
            self._tell("", f"not among them: {', '.join(strange)}; correct core.georeport.service_code and services", good=False)

    def _tell(self, label: str, said: str, *, good: bool = True) -> bool:
        """One step; returns whether it went well."""
        self._step += bool(label)
        head = f"{self._step} {label}" if label else ""
        text = said if good else f"NO: {said}"
        for line in textwrap.wrap(text, COLUMNS, initial_indent=f"{head:<{LABEL}} ", subsequent_indent=" " * (LABEL + 1)):
            self._say(line)
        return good


def complaint_of(settings: CoreSettings) -> Complaint:
    """The test complaint. Its number has nine characters, so it is never one of ours; it is rahasia where the dialect can say so."""
    number = "UJI" + "".join(secrets.choice(LETTERS) for _ in range(6))
    text = TEXT.format(number=number)
    reporter = Reporter(ReporterKind.OURS, "lapor-gateway", Address(0, 0, ""))
    message = Message(0, "UJI COBA", "lapor-gateway", "check", reporter, "COBA", wall_ms(), None, text, "utf-8", 0)
    decision = Decision(Certainty.NATIONAL, None, "uji-coba", None, None, "check --core", "", (0, len(text)), "a trial")
    rahasia = settings.dialect != "georeport" or bool(settings.georeport.rahasia_field)
    return Complaint(number, message, decision, Hints(), "UJI COBA (jangan diteruskan)", anonim=True, rahasia=rahasia, marks=("uji coba",))

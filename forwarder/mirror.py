"""The mirror's end on Redis: entries go into one stream per gateway, and are confirmed when WAITAOF says that they are on its disks.

One thread sends in order, many entries in one round trip. What is not confirmed stays and is sent again; an entry that is there already is
known by its id. Nothing here reads what an entry holds: it is sealed as the journal is.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from forwarder.journal import KEY_MS, Entry, Roots, Sealer, SealError, place
from forwarder.mirror_settings import MirrorSettings
from forwarder.shared import Redis, SharedDown, blocking, guarded
from parsers.errors import GatewayError

log = logging.getLogger(__name__)

PAGE = 500  # entries of one round trip, either way
HEAD = 100  # entries looked at for trimming, at a time
RETRY_SECONDS = 0.5  # between two tries while it is away
TRIM_SECONDS = 60.0
CLOSE_SECONDS = 5.0
ASK_MS = 20  # so often a replica is asked what it has on its disk
SLACK_SECONDS = 2.0  # the connection waits so much longer than WAITAOF itself
WORD = b"lapor-gateway mirror"
KEYS_MS = KEY_MS + 3_600_000  # a key may be so much older than what it seals: what is kept for a value is kept for its key
ROOTED_OCTETS = len(WORD) + 64  # a record that has the keys is longer
AWAY = "it was not asked yet"
AHEAD = "it knows more than this journal, which was begun anew or restored: `journal adopt`, or delete its stream to begin again"


def stream_of(letter: str) -> str:
    """The stream of one gateway."""
    return f"gw:mirror:{letter}"


class MirrorDown(GatewayError):
    """Why the mirror does not confirm."""


class RedisMirror:
    """Sends entries in a thread of its own; see forwarder.journal.tape.Mirror. `monotonic` gives seconds."""

    def __init__(self, settings: MirrorSettings, letter: str, sealer: Sealer, *, monotonic: Callable[[], float]) -> None:
        self.cause: str | None = AWAY
        self.last = "0-0"
        self.horizon_ms = 0
        self.confirmed = 0
        self.failures = 0
        self._settings, self._sealer, self._monotonic = settings, sealer, monotonic
        self._stream, self._key = stream_of(letter), f"{stream_of(letter)}:key"
        self._queue: queue.SimpleQueue[Entry | None] = queue.SimpleQueue()
        self._waiting: deque[Entry] = deque()
        self._at = "0-0"
        self._client: Redis | None = None
        self._there = "0-0"  # the newest entry of the stream when we connected
        self._trim_at = 0.0
        self._told_by = 0  # the master key that sealed the record of the keys
        self._thread = threading.Thread(target=self._run, name="mirror", daemon=True)

    @property
    def waiting(self) -> int:
        """Entries that are not confirmed."""
        return len(self._waiting) + self._queue.qsize()

    def begin(self, at: str, waiting: Sequence[Entry]) -> None:
        """Begin to send; what was left of the last run goes first."""
        self._at = at
        self._waiting.extend(waiting)
        self._thread.start()

    def send(self, entry: Entry) -> None:
        """Take an entry."""
        self._queue.put(entry)

    def close(self) -> None:
        """Send what is left."""
        self._queue.put(None)
        self._thread.join(CLOSE_SECONDS + self._settings.answer_seconds)

    def _run(self) -> None:
        going = True
        while going:
            going = self._take()
            try:
                if self._waiting or self.cause is not None:
                    self._send()
                self._trim()
            except (SharedDown, MirrorDown) as error:
                self._fail(error)

    def _take(self) -> bool:
        """All that is queued; waits a little for the first. False at the end."""
        try:
            entry = self._queue.get(timeout=RETRY_SECONDS if self.cause is not None or not self._waiting else 0.0001)
            while entry is not None:
                self._waiting.append(entry)
                entry = self._queue.get_nowait()
        except queue.Empty:
            return True
        return False

    def _send(self) -> None:
        if self._told_by != self._sealer.key_id:
            self._drop()  # another master key seals now: the record of the keys is told anew
        client = self._connect()
        page = [self._waiting[at] for at in range(min(PAGE, len(self._waiting)))]
        pipe = client.pipeline(transaction=False)
        for entry in page:
            if place(entry.id) > place(self._there):
                fields = ("a", entry.after, "t", entry.at_ms, "v", entry.version, "p", entry.patch)
                pipe.execute_command("XADD", self._stream, entry.id, *fields)
        pipe.execute_command("WAITAOF", 1, self._settings.replicas, ASK_MS)
        answers: list[Any] = guarded(pipe.execute)
        self._confirm(client, answers[-1])
        if self.cause is not None:
            log.warning("the mirror confirms")
            self.cause = None
        for entry in page:
            self._waiting.popleft()
            self.last = entry.id
            self._at = max(self._at, entry.id, key=place)
            self.confirmed += 1
            if not entry.confirmed.done():
                entry.confirmed.set_result(None)

    def _confirm(self, client: Redis, answer: Any) -> None:  # noqa: ANN401 - what WAITAOF said
        """Ask until enough disks have it, or the time is up. A replica says by itself only once a second what it has synced."""
        enough, asks = self._settings.replicas, round(self._settings.answer_seconds * 1000 / ASK_MS)
        while int(answer[0]) < 1 or int(answer[1]) < enough:
            if asks <= 0:
                had, disks = int(answer[0]) + int(answer[1]), 1 + enough
                raise MirrorDown(f"only {had} of {disks} disks have it after {self._settings.answer_seconds:g} s")
            answer = guarded(lambda: client.execute_command("WAITAOF", 1, enough, ASK_MS))
            asks -= 1

    def _fail(self, error: Exception) -> None:
        """Whoever waits hears it; the entries stay, and are sent again before anything newer."""
        cause = _why(error)
        if self.cause != cause:
            log.error("the mirror does not confirm: new messages are told later", extra={"cause": cause})
        self.cause = cause
        self.failures += 1
        self._drop()
        for entry in self._waiting:
            if not entry.confirmed.done():
                entry.confirmed.set_exception(MirrorDown(cause))

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            try:
                guarded(client.close)
            except SharedDown:
                return

    def _connect(self) -> Redis:
        """A connection to a server that can do what we need, and whose stream ends where this journal does."""
        if self._client is not None:
            return self._client
        client = blocking(self._settings.connection(), self._settings.answer_seconds + SLACK_SECONDS)
        self._client = client
        problems(client, self._settings)
        self._tell_keys(client)
        newest: Any = guarded(lambda: client.execute_command("XREVRANGE", self._stream, "+", "-", "COUNT", 1))
        self._there = _entry(newest[0]).id if newest else "0-0"
        ours = {one.id for one in self._waiting}
        beyond: Any = guarded(lambda: client.execute_command("XRANGE", self._stream, f"({self._at}", "+", "COUNT", PAGE))
        strange = [one for one in map(_entry, beyond) if one.id not in ours]
        if any(place(one.after) > place(self._at) for one in strange):
            raise MirrorDown(AHEAD)
        return client

    def _tell_keys(self, client: Redis) -> None:
        """Leave there what must outlive every master key, sealed by the newest; what lies there must be of this journal."""
        sealed: Any = guarded(lambda: client.execute_command("GET", self._key))
        if sealed is not None and _roots(self._sealer, sealed) != self._sealer.roots:
            raise MirrorDown("it is of a journal that began with another master key")
        if sealed is None or sealed[0] != self._sealer.key_id or len(sealed) < ROOTED_OCTETS:
            record = self._sealer.seal_by_master("mirror", 0, WORD + self._sealer.roots.octets())
            guarded(lambda: client.execute_command("SET", self._key, record))
        self._told_by = self._sealer.key_id

    def _trim(self) -> None:
        """Forget what is finished and old. The newest entry tells the time."""
        client = self._client
        if client is None or self._monotonic() < self._trim_at:
            return
        self._trim_at = self._monotonic() + TRIM_SECONDS
        newest: Any = guarded(lambda: client.execute_command("XREVRANGE", self._stream, "+", "-", "COUNT", 1))
        if not newest:
            return
        old = min(_entry(newest[0]).at_ms - round(self._settings.keep_hours * 3_600_000), self.horizon_ms - round(TRIM_SECONDS * 1000))
        old -= KEYS_MS
        while True:
            head: Any = guarded(lambda: client.execute_command("XRANGE", self._stream, "-", "+", "COUNT", HEAD))
            keep = next((one.id for one in map(_entry, head) if one.at_ms >= old), None)
            if keep is not None:
                guarded(lambda: client.execute_command("XTRIM", self._stream, "MINID", keep))  # noqa: B023 - done at once
                return
            guarded(lambda: client.execute_command("XDEL", self._stream, *(one.id for one in map(_entry, head))))  # noqa: B023 - done at once


def rooted(settings: MirrorSettings, letter: str, sealer: Sealer) -> Sealer:
    """The sealer with the roots of the journal that the mirror is of. MirrorDown says why they cannot be had."""
    client = blocking(settings.connection(), settings.answer_seconds + SLACK_SECONDS + PAGE)
    try:
        return sealer.rooted(_roots(sealer, _record(client, letter)))
    except SharedDown as error:
        raise MirrorDown(_why(error)) from None
    finally:
        client.close()


def entries(settings: MirrorSettings, letter: str, sealer: Sealer) -> Iterator[Entry]:
    """All that the mirror has of one gateway, oldest first. MirrorDown says why it cannot be had."""
    client = blocking(settings.connection(), settings.answer_seconds + SLACK_SECONDS + PAGE)
    try:
        _roots(sealer, _record(client, letter))
        after = "-"
        while True:
            page: Any = guarded(lambda: client.execute_command("XRANGE", stream_of(letter), after, "+", "COUNT", PAGE))  # noqa: B023 - done at once
            if not page:
                return
            yield from map(_entry, page)
            after = f"({_entry(page[-1]).id}"
    except SharedDown as error:
        raise MirrorDown(_why(error)) from None
    finally:
        client.close()


def look(settings: MirrorSettings) -> str | None:
    """Why this server cannot be a mirror now, for `check`; None when it can. Writes one key."""
    client = blocking(settings.connection(), settings.answer_seconds + SLACK_SECONDS)
    try:
        problems(client, settings)
        answer: Any = guarded(lambda: client.execute_command("WAITAOF", 1, settings.replicas, round(settings.answer_seconds * 1000)))
    except (SharedDown, MirrorDown) as error:
        return _why(error)
    finally:
        client.close()
    if int(answer[1]) < settings.replicas:
        return f"only {int(answer[1])} of {settings.replicas} replicas confirm: start them, or set mirror.replicas"
    return None


def problems(client: Redis, settings: MirrorSettings) -> None:
    """MirrorDown when this server cannot be a mirror; the sentence says what to change."""
    info: dict[str, Any] = guarded(lambda: client.info("memory"))
    policy = str(info.get("maxmemory_policy", "noeviction"))
    if policy.startswith("allkeys"):
        raise MirrorDown(f"its maxmemory-policy {policy} may drop what is mirrored; set noeviction")
    guarded(lambda: client.execute_command("SET", "gw:mirror:asked", "1"))
    guarded(lambda: client.execute_command("WAITAOF", 1, settings.replicas, 1))


def _why(error: Exception) -> str:
    said = str(error.__cause__ or error)
    if "unknown command" in said.lower() and "waitaof" in said.lower():
        return "the server has no WAITAOF: it must be Valkey, or Redis 7.2 or newer"
    if "appendonly" in said.lower():
        return "the server keeps no AOF: set appendonly yes"
    if "equal or smaller" in said.lower():
        return AHEAD
    return said if isinstance(error, MirrorDown) else f"{type(error.__cause__ or error).__name__}: {said}"[:200]


def _record(client: Redis, letter: str) -> bytes:
    sealed: bytes | None = guarded(lambda: client.execute_command("GET", f"{stream_of(letter)}:key"))
    if sealed is None:
        raise MirrorDown(f"it has nothing of gateway {letter}: is it the right server, and journal.gateway_letter the right letter?")
    return sealed


def _roots(sealer: Sealer, sealed: bytes) -> Roots:
    """What the record of the keys says; one of an earlier version has the word alone, and its journal but one master key."""
    try:
        said = sealer.open("mirror", 0, sealed).removeprefix(WORD)
        return Roots.read(said) if said else sealer.roots_of(sealed[0])
    except SealError:
        raise MirrorDown("it is sealed with another master key") from None


def _entry(one: Any) -> Entry:  # noqa: ANN401 - a row of XRANGE
    fields = dict(zip(one[1][::2], one[1][1::2], strict=True)) if isinstance(one[1], list) else one[1]
    return Entry(one[0].decode(), fields[b"a"].decode(), int(fields[b"t"]), int(fields[b"v"]), fields[b"p"])

"""What is set for many machines: where Redis is, how complaints are handed to workers, how one worker works. Units in the names.

gateway/settings.py fills these from config/gateway.toml; password and key come from the secrets and may never stand in TOML.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from annotated_types import Ge, Gt, Le

KEY_OCTETS = 32
SCHEMES = ("redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel")
SENTINEL_PORT = 26_379
PORT = 6_379


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """Redis or Valkey between gateways and workers on many machines; without it one process does everything, and needs no server."""

    redis: str = ""
    """Switches it on: `redis://host:6379/0`, `rediss://…` for TLS, `unix:///path`, or `redis+sentinel://one:26379,two:26379/mymaster/0`."""
    user: str = ""
    """The ACL user; empty: the default one. It needs `~gw:* ~rq:* +@all -@admin -@dangerous +client|setname +client|info +info`."""
    password: str = field(default="", repr=False, metadata={"secret": True})
    key: str = field(default="", repr=False, metadata={"secret": True})
    """32 octets in base64 or hexadecimal that all gateways and workers share: what lies in Redis is sealed with it."""
    ca: Path | None = None
    """The authority that signed the server's certificate (PEM); None: the system's list. There is no switch to skip the check."""
    certificate: Path | None = None
    """Our certificate (PEM), where the server wants one; it goes with its key file."""
    certificate_key: Path | None = None
    batch_rows: Annotated[int, Ge(1), Le(200)] = 48
    """Complaints per job: a multiple of the worker's window, so that no slot idles at the end of a batch."""
    batches_max: Annotated[int, Ge(1), Le(1_000)] = 16
    """Jobs of one gateway that wait in Redis or are with a worker; the rest waits in the journal."""
    offer_seconds: Annotated[float, Gt(0), Le(3600)] = 20.0
    """A job that no worker asked about for so long is offered again under another id: Redis may have lost it."""
    grant_seconds: Annotated[float, Gt(0), Le(60)] = 5.0
    """A grant counts only so long after the worker asked for it, by the worker's own monotonic clock."""
    batch_seconds: Annotated[float, Gt(0), Le(3600)] = 60.0
    """So long after its grant a worker starts complaints of a batch; what is left then goes back unsent."""
    ask_worker_seconds: Annotated[float, Gt(0), Le(3600)] = 10.0
    """So often a worker is asked for its record of what was granted to it and not heard of."""
    lost_seconds: Annotated[float, Gt(0), Le(86_400)] = 120.0
    """What was granted and not heard of for so long is unknown; longer than batch_seconds and the core's answer_seconds together."""

    def __post_init__(self) -> None:
        if self.redis:
            problem = address_problem(self.redis)
            if problem:
                raise ValueError(f"redis: {problem}")
        if (self.certificate is None) != (self.certificate_key is None):
            raise ValueError("certificate and certificate_key go together; give both or none")
        if self.lost_seconds <= self.batch_seconds:
            raise ValueError("lost_seconds must be longer than batch_seconds, else a worker at work counts as lost")

    @property
    def enabled(self) -> bool:
        """Whether workers forward, and not this process itself."""
        return bool(self.redis)

    def key_octets(self) -> bytes | None:
        """The key; None where it is missing or not 32 octets."""
        for read in (bytes.fromhex, lambda text: base64.b64decode(text, validate=True)):
            try:
                octets = read(self.key)
            except ValueError:
                continue
            return octets if len(octets) == KEY_OCTETS else None
        return None


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """One machine that forwards: `lapor-gateway worker`."""

    processes: Annotated[int, Ge(1), Le(64)] = 1
    """Workers on this machine, each a process with a queue connection, a record and a window of its own."""
    window: Annotated[int, Ge(1), Le(256)] = 16
    """Complaints one worker has in flight at most, and the most that its sudden death can leave unknown."""
    jobs_max: Annotated[int, Ge(1), Le(1_000_000)] = 10_000
    """After so many jobs a worker process ends and a new one takes its place: whatever leaks is given back."""
    record_days: Annotated[int, Ge(1), Le(365)] = 30
    """So long a worker remembers what it sent; what a gateway asks about after that is unknown, for a look-up or a person."""
    state: str = ""
    """Folder of the workers' records; empty: $STATE_DIRECTORY, else `worker` beside gateway.toml. Never shared between machines."""


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """One `redis` setting taken apart. `service` names the master where sentinels are asked for it."""

    hosts: tuple[tuple[str, int], ...]
    tls: bool
    database: int
    service: str | None = None
    path: str | None = None


def address_of(redis: str) -> RedisAddress:
    """Take the setting apart; ValueError with a remedy."""
    if problem := address_problem(redis):
        raise ValueError(problem)
    parts = urlsplit(redis)
    tls = parts.scheme.startswith("rediss")
    if parts.scheme == "unix":
        return RedisAddress((), tls=False, database=0, path=parts.path)
    if parts.scheme.endswith("+sentinel"):
        service, _, database = parts.path.strip("/").partition("/")
        return RedisAddress(_hosts(parts, SENTINEL_PORT), tls, int(database or 0), service)
    return RedisAddress(_hosts(parts, PORT), tls, int(parts.path.strip("/") or 0))


def address_problem(redis: str) -> str | None:
    """What is wrong with a `redis` setting, and what would be right; None when nothing is."""
    parts = urlsplit(redis)
    if parts.scheme not in SCHEMES:
        return f"begins with none of {', '.join(scheme + '://' for scheme in SCHEMES)}"
    if parts.scheme == "unix":
        return None if parts.path else "a unix address needs a path: unix:///run/redis/redis.sock"
    return _hosts_problem(parts) or _database_problem(parts)


def _hosts_problem(parts: SplitResult) -> str | None:
    if "@" in parts.netloc:
        return "holds a user or password; give [queue] user, and the password as secret"
    try:
        hosts = _hosts(parts, PORT)
    except ValueError:
        return "a port is a number from 1 to 65535"
    if not all(host for host, _ in hosts):
        return "names no host"
    if len(hosts) > 1 and not parts.scheme.endswith("+sentinel"):
        return "names several hosts; only redis+sentinel:// may"
    return None


def _database_problem(parts: SplitResult) -> str | None:
    database = parts.path.strip("/")
    if parts.scheme.endswith("+sentinel"):
        service, _, database = database.partition("/")
        if not service:
            return "needs the master's name: redis+sentinel://one:26379,two:26379/mymaster"
    return None if database.isdecimal() or not database else "ends with a database that is no number"


def _hosts(parts: SplitResult, port: int) -> tuple[tuple[str, int], ...]:
    found = []
    for one in parts.netloc.split(","):
        split = urlsplit(f"//{one}")
        found.append((split.hostname or "", port if split.port is None else split.port))
    return tuple(found)

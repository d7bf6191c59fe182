"""Where the mirror is: a Valkey or Redis on other machines that keeps what a gateway accepts until it is finished."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Gt, Le

from forwarder.queue_settings import QueueSettings, address_problem


@dataclass(frozen=True, slots=True)
class MirrorSettings:
    """The second place of everything accepted, where `journal.ack_after` is `mirror`: Valkey, or Redis from 7.2, with AOF."""

    redis: str = ""
    """Where it is, written as `queue.redis`; on another machine than the gateway. Its maxmemory-policy must be `noeviction`."""
    user: str = ""
    """The ACL user; empty: the default one. It needs `~gw:mirror:* +@stream +@string +@connection +waitaof +info`."""
    password: str = field(default="", repr=False, metadata={"secret": True})
    ca: Path | None = None
    """The authority that signed the server's certificate (PEM); None: the system's list."""
    certificate: Path | None = None
    """Our certificate (PEM), where the server wants one; it goes with its key file."""
    certificate_key: Path | None = None
    replicas: Annotated[int, Ge(0), Le(5)] = 1
    """So many replicas must have it on their disks, beside the server itself. 0 is one machine: for tries, or with a disk of its own."""
    answer_seconds: Annotated[float, Gt(0), Le(60)] = 2.0
    """What is not confirmed within this is told "later" to the operator, who delivers again."""
    keep_hours: Annotated[float, Ge(1), Le(2160)] = 168.0
    """Finished things are kept so long: as long as operators may deliver a copy again. Unfinished ones are kept in any case."""

    def __post_init__(self) -> None:
        if self.redis and (problem := address_problem(self.redis)):
            raise ValueError(f"redis: {problem}")
        if (self.certificate is None) != (self.certificate_key is None):
            raise ValueError("certificate and certificate_key go together; give both or none")

    def connection(self) -> QueueSettings:
        """How to reach it, as forwarder/shared.py wants it."""
        return QueueSettings(
            redis=self.redis,
            user=self.user,
            password=self.password,
            ca=self.ca,
            certificate=self.certificate,
            certificate_key=self.certificate_key,
        )

"""What a gateway and a worker say to each other, and under which names in Redis. Everything is sealed (parcel.py).

    gateway                        Redis                                   worker
    Basket  ── a job of RQ's ──>   rq:queue:lapor            ──>  takes it
            <──────────────────    gw:in:A (stream)          <──  Ask      may I?
    commits `sending`
    Leave   ──────────────────>    gw:leave:WORKER (list)    ──>  notes it in its record, files
            <──────────────────    gw:in:A                   <──  Words    what became of each
    Query   ──────────────────>    gw:query:WORKER (list)    ──>  reads its record, answers with Words

Any of it may be lost: what was never granted is offered again, what was granted is asked for until the worker's record speaks.
"""

from __future__ import annotations

from dataclasses import dataclass

from forwarder.core.contract import Filed, NotFiled, Refused, Unknown
from forwarder.journal import Grant, Sealer
from forwarder.parcel import Parcels
from forwarder.records import Filing

QUEUE = "lapor"
WORKERS = "gw:workers"
"""A hash: worker → sealed Beat."""
LEAVE_SECONDS = 60  # a leave that nobody fetched is stale long before
QUERY_SECONDS = 3600


@dataclass(frozen=True, slots=True, repr=False)
class Basket:
    """Complaints on offer to one worker. `batch` is never used twice; `gateway` is a letter."""

    gateway: str
    batch: str
    rows: tuple[Filing, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """A worker wants to file a batch, with up to `window` in flight. `nonce` tells this ask from an earlier one of the same worker."""

    grant: Grant
    nonce: str
    window: int


@dataclass(frozen=True, slots=True)
class Leave:
    """The answer: these complaints, `slots` at a time; none at all is a no."""

    nonce: str
    complaint_ids: tuple[int, ...]
    slots: int


@dataclass(frozen=True, slots=True)
class NeverSent:
    """No byte of it left the worker, and none will under this grant."""

    reason: str


Outcome = Filed | NotFiled | Refused | Unknown | NeverSent


@dataclass(frozen=True, slots=True)
class Word:
    """What became of one complaint under one grant; `seconds` is how long the core took, where it was asked."""

    complaint_id: int
    attempt: int
    outcome: Outcome
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Words:
    """What a worker says of one batch; `over`: it will never start another complaint of it."""

    grant: Grant
    words: tuple[Word, ...]
    over: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A gateway asks for the record of complaints it granted: (batch, complaint id, attempt) each."""

    gateway: str
    items: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Beat:
    """A worker lives."""

    seen_ms: int
    since_ms: int
    host: str
    pid: int
    batch: str
    filed: int


class Parcelled:
    """The parcels of one site, all sealed with the key its machines share."""

    def __init__(self, key: bytes) -> None:
        sealer = Sealer(key)
        self.basket: Parcels[Basket] = Parcels(Basket, "basket", sealer)
        self.inbound: Parcels[Ask | Words] = Parcels(Ask | Words, "inbound", sealer)
        self.leave: Parcels[Leave] = Parcels(Leave, "leave", sealer)
        self.query: Parcels[Query] = Parcels(Query, "query", sealer)
        self.beat: Parcels[Beat] = Parcels(Beat, "beat", sealer)


def batch_name(gateway: str, life: str, offered_ms: int, number: int) -> str:
    """A name that is never used twice; `life` is a word that no other run of any gateway has, `offered_ms` UTC by the gateway's clock."""
    return f"{gateway}-{life}-{offered_ms:x}-{number}"


def offered_ms(batch: str) -> int:
    """When a batch was offered, by its own name; 0 for a name that is none of ours."""
    try:
        return int(batch.split("-")[2], 16)
    except (IndexError, ValueError):
        return 0


def inbound(gateway: str) -> str:
    """The stream a gateway reads."""
    return f"gw:in:{gateway}"


def leaves(worker: str) -> str:
    """The list a worker waits at for leave."""
    return f"gw:leave:{worker}"


def queries(worker: str) -> str:
    """The list a worker reads queries from."""
    return f"gw:query:{worker}"

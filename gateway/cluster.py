"""`lapor-gateway cluster`: the other gateways and the workers, as this gateway sees them; and forgetting one that never comes back."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from forwarder.cluster import Cluster, Surroundings
from forwarder.epoch import LIVE_MS
from forwarder.handover import QUEUE, WORKERS, Parcelled
from forwarder.journal import Journal, JournalSettings, Sealer
from forwarder.parcel import ParcelError
from forwarder.shared import Shared, SharedDown
from gateway.control import Args, ControlError, Handler, Json
from gateway.settings import Site
from gateway.status import age
from parsers.model import Segment

RISK = """\
Forgetting {name} is for a machine whose disk is lost. If the disk still exists, start it again instead: nothing is lost then.
A gateway: what it had acked and not filed is lost with it; what it had claimed, other gateways leave to it, and you find it on the desk.
A worker: complaints it was granted and not heard of are unknown until the core is asked for them.
To do it all the same: lapor-gateway cluster forget {name} --yes"""
ALONE = "this gateway works alone: neither [queue] redis nor [cluster] gateways is set"


def cluster_of(  # noqa: PLR0913 - from all parts of the house
    site: Site,
    journal: Journal,
    journal_settings: JournalSettings,
    shared: Shared | None,
    *,
    clock: Callable[[], int],
    accept: Callable[[Sequence[Segment]], Awaitable[bool]],
) -> Cluster | None:
    """The other gateways; None where there are none."""
    if shared is None or not site.settings.cluster.enabled:
        return None
    seals = Sealer(site.settings.queue.key_octets() or b"")
    around = Surroundings(shared, journal, seals, clock, time.monotonic, lambda: secrets.token_hex(8))
    return Cluster(around, site.settings.cluster, journal_settings, hold_seconds=site.settings.queue.lost_seconds, accept=accept)


class ClusterDesk:
    """Answers the two verbs for one gateway."""

    def __init__(self, site: Site, journal: Journal, shared: Shared | None, cluster: Cluster | None, clock: Callable[[], int]) -> None:
        self._site = site
        self._journal = journal
        self._shared = shared
        self._cluster = cluster
        self._clock = clock
        self._parcels = Parcelled(site.settings.queue.key_octets() or b"") if shared is not None else None

    def handlers(self) -> dict[str, Handler]:
        """The verbs."""
        return {"cluster status": lambda _, __: self.status(), "cluster forget": lambda args, _: self.forget(args)}

    async def status(self) -> Json:
        """Everything `cluster status` knows; what Redis would tell is missing while it is away."""
        if self._shared is None:
            raise ControlError(ALONE)
        found: dict[str, Any] = {"now_ms": self._clock(), "redis": None, "gateways": [], "workers": [], "queue": None, "core": None}
        cluster = self._cluster
        if cluster is not None:
            waits_for: list[Json] = list(cluster.waits_for)
            found |= {"gateway": cluster.letter, "waits_for": waits_for, "forgotten": sorted(cluster.forgotten)}
        try:
            found["workers"] = await self._workers(self._shared)
            found["queue"] = int(await self._shared.do("LLEN", f"rq:queue:{QUEUE}"))
            if cluster is not None:
                found["gateways"] = [
                    {"name": one.name, "seen_ms": one.seen_ms, "replayed": one.name not in cluster.waits_for, **one.facts}
                    for one in await cluster.epoch.members()
                    if one.name in cluster.settings.gateways or one.name == cluster.letter
                ]
                window, breaker = await cluster.share.others()
                found["core"] = {"window_of_others": min(window, 1 << 20), "breaker_of_others": breaker}
        except SharedDown as error:
            found["redis"] = str(error)
        return found

    async def seen(self) -> list[int]:
        """When each worker that was ever heard of was last seen, UTC milliseconds; 0: its word cannot be read. SharedDown."""
        return [int(one["seen_ms"] or 0) for one in await self._workers(self._shared)] if self._shared is not None else []

    async def forget(self, args: Args) -> Json:
        """A gateway by its letter, or a worker by its name."""
        name = args.get("name")
        if not isinstance(name, str) or not name:
            raise ControlError("name a gateway by its letter, or a worker as `cluster status` shows it")
        if self._shared is None:
            raise ControlError(ALONE)
        if self._cluster is not None and name in self._cluster.settings.gateways:
            return await self._forget_gateway(self._cluster, name)
        seen = {str(one["name"]): one for one in await self._workers(self._shared)}
        if self._clock() - int(seen.get(name, {}).get("seen_ms") or 0) <= LIVE_MS:
            raise ControlError(f"worker {name} lives; stop it first")
        count = await self._journal.workers.forget(name)
        await self._shared.do("HDEL", WORKERS, name)
        if name not in seen and not count:
            raise ControlError(f"{name} is no gateway of [cluster] gateways and no worker that was ever heard of; see `cluster status`")
        return {"worker": name, "unknown": count}

    async def _forget_gateway(self, cluster: Cluster, letter: str) -> Json:
        if letter == cluster.letter:
            raise ControlError("that is this gateway itself; ask another one")
        if not await cluster.forget(letter):
            raise ControlError(f"gateway {letter} lives; stop it first")
        return {"gateway": letter, "waits_for": list(cluster.waits_for)}

    async def _workers(self, shared: Shared) -> list[dict[str, Any]]:
        pairs = await shared.do("HGETALL", WORKERS)
        if isinstance(pairs, list):
            pairs = dict(zip(pairs[::2], pairs[1::2], strict=True))
        return [self._worker(name.decode(), sealed) for name, sealed in sorted(pairs.items())]

    def _worker(self, name: str, sealed: bytes) -> dict[str, Any]:
        try:
            beat = self._parcels.beat.open(sealed) if self._parcels is not None else None
        except ParcelError as error:
            return {"name": name, "seen_ms": None, "cause": str(error)}
        if beat is None:
            return {"name": name, "seen_ms": None}
        return {"name": name, **{field: getattr(beat, field) for field in beat.__slots__}}


def render(found: Any) -> str:  # noqa: ANN401 - JSON from the socket
    """`cluster status` for people."""
    return "\n".join(_lines(found))


def forgotten(done: Any) -> str:  # noqa: ANN401 - JSON from the socket
    """What forgetting came to."""
    if "worker" in done:
        return f"worker {done['worker']} is forgotten; {done['unknown']} complaints it was granted are unknown and looked up"
    waits = f"it waits for {', '.join(done['waits_for'])}" if done["waits_for"] else "it is whole"
    return (
        f"gateway {done['gateway']} is forgotten: the index does without it, and {waits}.\n"
        f"What it had claimed and not filed is on nobody's road: complaints that were left to it are on the desk (`desk list`).\n"
        f"If its disk still exists, start it once more: its journal has what it acked and did not file."
    )


def _lines(found: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    now = found["now_ms"]
    if found["redis"]:
        yield f"REDIS    {found['redis']}; messages are taken, filing waits"
    if "gateway" in found:
        waits = found["waits_for"]
        yield f"INDEX    {'waits for gateway ' + ', '.join(waits) if waits else 'whole'}, as gateway {found['gateway']} sees it"
        if found["forgotten"]:
            yield f"         forgotten: {', '.join(found['forgotten'])}"
        yield "GATEWAYS"
        yield from (_gateway(one, now) for one in found["gateways"])
    yield "WORKERS"
    if not found["workers"]:
        yield "  none; start one with `lapor-gateway worker`"
    yield from (_worker(one, now) for one in found["workers"])
    if found["queue"] is not None:
        yield f"QUEUE    {found['queue']} batches wait for a worker"
    if found["core"] is not None and "gateway" in found:
        core = found["core"]
        others = "no other gateway lives" if core["window_of_others"] >= 1 << 20 else f"window {core['window_of_others']}"
        yield f"CORE     of the other gateways: {others}, breaker {core['breaker_of_others']}"


def _gateway(one: Any, now: int) -> str:  # noqa: ANN401 - JSON
    told = "has told all it knows" if one["replayed"] else "has not yet told what it knows"
    facts = f"unknown {one.get('unknown', '?')}, ready {one.get('ready', '?')}, long messages that miss a part {one.get('open_sets', '?')}"
    return f"  {one['name']:<12} {_seen(one['seen_ms'], now)}; {told}; {one.get('cause') or facts}"


def _worker(one: Any, now: int) -> str:  # noqa: ANN401 - JSON
    if one.get("cause"):
        return f"  {one['name']:<24} {one['cause']}"
    return f"  {one['name']:<24} {_seen(one['seen_ms'], now)}; filed {one['filed']}; {'at work' if one['batch'] else 'waits'}"


def _seen(seen_ms: int | None, now: int) -> str:
    if not seen_ms:
        return "never seen"
    return "lives" if now - seen_ms <= LIVE_MS else f"not seen for {age(now - seen_ms)}"

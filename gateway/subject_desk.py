"""What the control socket, or a command without a gateway, does for one person's rights, for legal holds and for the keys.

Each verb takes and gives plain JSON values. A person's number is in what is asked and in what an export gives, never in a log or an error.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import asdict

from forwarder.journal import Hand, Journal, KeyStatus, Sealer
from gateway.control import Args, ControlError, Handler, Json, Peer
from gateway.secrets import master_keys
from parsers import sender
from parsers.model import Address, ReporterKind

COMPLAINT = re.compile(r"[A-Z][A-Z][0-9A-Z]{4}|[0-9]{4,12}")
ACCOUNT = re.compile(r"[a-z][a-z0-9_.-]*:\S{1,100}")


class SubjectDesk:
    """The verbs of one journal. `masters` reads the master keys of the secrets again."""

    def __init__(self, journal: Journal, sealer: Sealer, masters: Callable[[], Mapping[int, bytes]]) -> None:
        self._journal, self._sealer, self._masters = journal, sealer, masters

    def handlers(self) -> Mapping[str, Handler]:
        """By the names that the command line uses."""
        return {
            "subject export": self.export,
            "subject restrict": self.restrict,
            "subject lift": self.lift,
            "subject erase": self.erase,
            "hold put": self.hold,
            "hold release": self.release,
            "hold list": self.held,
            "keys status": self.keys,
            "keys rotate": self.rotate,
        }

    async def export(self, args: Args, peer: Peer) -> AsyncIterator[Json]:
        """`subject`, `who`, `reason`: what is known beside messages, then each message."""
        tag = await self._tag(args)
        async for one in self._journal.subjects.export(tag, hand_of(args, peer)):
            yield one

    async def restrict(self, args: Args, peer: Peer) -> Json:
        """`subject`, `who`, `reason`: whether it was not restricted before."""
        return {"changed": await self._journal.subjects.restrict(await self._tag(args), hand_of(args, peer))}

    async def lift(self, args: Args, peer: Peer) -> Json:
        """The same, whether it was restricted."""
        return {"changed": await self._journal.subjects.restrict(await self._tag(args), hand_of(args, peer), lift=True)}

    async def erase(self, args: Args, peer: Peer) -> Json:
        """`subject`, `who`, `reason`, `force`: what an erasure came to."""
        done = await self._journal.subjects.erase(await self._tag(args), hand_of(args, peer), force=args.get("force") is True)
        return {**asdict(done), "open": list(done.open), "held": list(done.held)}

    async def hold(self, args: Args, peer: Peer) -> Json:
        """`number`, `who`, `reason`: `error` says why not."""
        return {"error": await self._journal.subjects.hold(_number(args), hand_of(args, peer))}

    async def release(self, args: Args, peer: Peer) -> Json:
        """The same."""
        return {"error": await self._journal.subjects.release(_number(args), hand_of(args, peer))}

    async def held(self, _: Args, __: Peer) -> Json:
        """All that is held."""
        return {"held": [asdict(one) for one in await self._journal.subjects.held()]}

    async def keys(self, _: Args, __: Peer) -> Json:
        """How the journal is sealed."""
        return _status(await self._journal.keys.status())

    async def rotate(self, args: Args, _: Peer) -> AsyncIterator[Json]:
        """Seal everything by the newest key of `master_key`, else of the secrets, read again; each step, at last the status."""
        said, status = args.get("master_key"), await self._journal.keys.status()
        given = master_keys(said) if isinstance(said, str) and said.split() else self._masters()
        missing = [one for one in status.needed if one not in given]
        if missing:
            raise ControlError(f"master key {missing[0]} is still needed: keep it in the secret master_key until the rotation is over")
        if max(given) < status.newest:
            raise ControlError(f"master key {status.newest} seals already: a newer one has a higher id")
        self._sealer.take(given)
        async for step in self._journal.keys.rotate():
            yield asdict(step)
        yield _status(await self._journal.keys.status())

    async def _tag(self, args: Args) -> bytes:
        """Whose data are meant: as `tag_of` has it, or an operator's token."""
        named, tag = named_in(args), await tag_of(self._journal, args)
        reporter = sender.read(Address(0, 0, named), ours=frozenset())
        if tag is None and reporter.kind is not ReporterKind.OPAQUE:
            raise ControlError("that is no telephone number, no account, and no complaint whose citizen is known")
        return tag if tag is not None else self._journal.subjects.tag_of(reporter.value)


def named_in(args: Args) -> str:
    """The person as he was typed; ControlError where nobody is named, or by what does not last."""
    typed = args.get("subject")
    if not isinstance(typed, str) or not typed.strip():
        raise ControlError("name a person: a telephone number, an account such as x:2244994945, or the number of a complaint of theirs")
    if typed.strip().startswith("@"):
        raise ControlError("handles may be renamed and are not kept: name the account by its id, x:2244994945, or a complaint of it")
    return typed.strip()


async def tag_of(journal: Journal, args: Args) -> bytes | None:
    """The tag of whom `subject` names: by number in any spelling, account, or one of his complaints; None for everything else."""
    named = named_in(args)
    if ACCOUNT.fullmatch(named):
        return journal.subjects.tag_of(named)
    reporter = sender.read(Address(0, 0, named), ours=frozenset())
    if reporter.kind is ReporterKind.MSISDN:
        return journal.subjects.tag_of(reporter.value)
    number = named.lstrip("#").upper()
    return await journal.subjects.whose(number) if COMPLAINT.fullmatch(number) else None


def hand_of(args: Args, peer: Peer) -> Hand:
    """Who and why: the name given with the name that the kernel knows."""
    named, reason = args.get("who"), args.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        raise ControlError("a reason is required: it is kept in the audit")
    who = f"{named} ({peer.user})" if isinstance(named, str) and named.strip() not in ("", peer.user) else peer.user
    return Hand(who, reason.strip())


def _number(args: Args) -> str:
    value = args.get("number")
    if not isinstance(value, str) or not value.strip().lstrip("#").isalnum():
        raise ControlError("a complaint is named by its number, such as GA7K2Q, or by the core's tracking id")
    return value.strip().lstrip("#").upper()


def _status(found: KeyStatus) -> dict[str, Json]:
    return {
        "newest": found.newest,
        "given": list(found.given),
        "needed": list(found.needed),
        "spare": list(found.spare),
        "keys": {str(master): count for master, count in sorted(found.keys.items())},
        "destroyed": found.destroyed,
        "by_master": found.by_master,
    }

"""Who may bind to us: address, system_id, password, number of binds, and a brake on guessing. Pure.

SMPP passwords have eight octets and travel in clear, so the address comes first and guessing is made slow per address.
Every "no" costs the same time to compute, whatever was wrong.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adapters.smpp.profile import OperatorSettings

ESME_ROK, ESME_RALYBND, ESME_RBINDFAIL, ESME_RINVPASWD, ESME_RINVSYSID = 0x00, 0x05, 0x0D, 0x0E, 0x0F
FREE_FAILURES = 3  # Typing errors of an engineer; after that each failure doubles the wait.
WAIT_SECONDS_MAX = 60.0
ADDRESSES_MAX = 4096  # Remembered guessers; the oldest is forgotten first.


@dataclass(frozen=True, slots=True)
class Admission:
    """The answer to a bind: `operator` is set when `status` is 0; `wait_seconds` before a "no" is written."""

    status: int
    operator: OperatorSettings | None = None
    wait_seconds: float = 0.0
    cause: str = ""


@dataclass(slots=True)
class _Failures:
    count: int
    until: float


class Doorkeeper:
    """Judges bind and outbind requests; `monotonic` in seconds."""

    def __init__(self, operators: Sequence[OperatorSettings], monotonic: Callable[[], float]) -> None:
        self._accounts = {operator.account.system_id: operator for operator in operators if operator.account is not None}
        self._outbinds = [operator for operator in operators if operator.outbind is not None]
        self._networks = [
            ipaddress.ip_network(source)
            for operator in operators
            for grant in (operator.account, operator.outbind)
            if grant is not None
            for source in grant.sources
        ]
        self._monotonic = monotonic
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def knows(self, address: str) -> bool:
        """Whether anyone may come from there: strangers are not even read."""
        return any(_within(address, network) for network in self._networks)

    def admit(self, system_id: str, password: str, address: str, bound: Callable[[str], int]) -> Admission:
        """Judge a bind_* from `address`; `bound` tells how many binds an operator (by name) has now."""
        operator = self._accounts.get(system_id)
        account = operator.account if operator is not None else None
        right = hmac.compare_digest(password.encode(), (account.password if account is not None else "").encode())
        barred = self._barred(address)
        if barred > 0:
            return self._refuse(address, ESME_RBINDFAIL, "too many failed binds from this address")
        if account is None or operator is None:
            return self._refuse(address, ESME_RINVSYSID, "no account has this system_id")
        if not any(_within(address, ipaddress.ip_network(source)) for source in account.sources):
            return self._refuse(address, ESME_RBINDFAIL, "this account may not come from this address")
        if not right or not account.password:
            return self._refuse(address, ESME_RINVPASWD, "wrong password")
        if bound(operator.name) >= account.binds_max:
            return Admission(ESME_RALYBND, cause=f"{account.binds_max} binds are up already, which is this account's limit")
        self._failures.pop(address, None)
        return Admission(ESME_ROK, operator)

    def admit_outbind(self, system_id: str, password: str, address: str) -> Admission:
        """Judge an outbind: an SMSC that asks us to bind to it on its own connection (SMPP 3.4 §4.1.7)."""
        for operator in self._outbinds:
            grant = operator.outbind
            if grant is None or grant.system_id != system_id:
                continue
            right = hmac.compare_digest(password.encode(), grant.password.encode())
            near = any(_within(address, ipaddress.ip_network(source)) for source in grant.sources)
            if right and near and self._barred(address) <= 0:
                return Admission(ESME_ROK, operator)
        return self._refuse(address, ESME_RBINDFAIL, "no operator may send this outbind")

    def _barred(self, address: str) -> float:
        known = self._failures.get(address)
        return known.until - self._monotonic() if known is not None else 0.0

    def _refuse(self, address: str, status: int, cause: str) -> Admission:
        known = self._failures.pop(address, None) or _Failures(0, 0.0)
        known.count += 1
        over = known.count - FREE_FAILURES
        wait = min(WAIT_SECONDS_MAX, 2.0 ** min(over, 10)) if over > 0 else 0.0
        known.until = self._monotonic() + wait
        self._failures[address] = known
        if len(self._failures) > ADDRESSES_MAX:
            self._failures.popitem(last=False)
        return Admission(status, wait_seconds=min(wait, 5.0), cause=cause)


def _within(address: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    """Whether the peer is in the network; an IPv4 peer of a dual-stack socket comes as ::ffff:a.b.c.d."""
    peer = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(peer, ipaddress.IPv6Address) and peer.ipv4_mapped is not None:
        peer = peer.ipv4_mapped
    return peer.version == network.version and peer in network

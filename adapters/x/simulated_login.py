"""Who calls the simulated X: a bearer token (the app), or an OAuth 1 signature or OAuth 2 token (our account); all really checked."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from oauthlib.oauth1.rfc5849 import signature  # type: ignore[import-untyped]

SKEW_SECONDS = 300  # X: "too far in the past"; five minutes is what libraries tell
NONCES_MAX = 100_000  # Ours: remembered at once; the oldest go first, and those out of time


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What a client must show. The defaults are of the simulator only."""

    bearer: str = "AAAAAAAAAAAAAAAAAAAAAsimulated"
    consumer_key: str = "simulated-key"
    consumer_secret: str = "simulated-secret"  # noqa: S105
    access_token: str = "170800-simulated-token"  # noqa: S105
    access_secret: str = "simulated-token-secret"  # noqa: S105
    user_token: str = "simulated-oauth2-user-token"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Asked:
    """What a signature covers. `url` is absolute, without the query."""

    method: str
    url: str
    query: str
    authorization: str


@dataclass(slots=True)
class _Signed:
    """A request as oauthlib reads it."""

    http_method: str
    uri: str
    params: list[tuple[str, str]]
    signature: str


@dataclass(slots=True)
class Login:
    """Checks logins; `clock` is what timestamps are compared with (UTC milliseconds): clients sign with the time of their machine."""

    credentials: Credentials
    clock: Callable[[], int]
    _nonces: dict[str, int] = field(default_factory=dict)

    def user(self, asked: Asked) -> bool | None:
        """True: our account calls; False: the app alone; None: nobody we know, which X answers with 401."""
        kind, _, value = asked.authorization.partition(" ")
        if kind.lower() == "bearer":
            if hmac.compare_digest(value.encode(), self.credentials.bearer.encode()):
                return False
            return True if hmac.compare_digest(value.encode(), self.credentials.user_token.encode()) else None
        return True if kind.lower() == "oauth" and self._signed(asked) else None

    def _signed(self, asked: Asked) -> bool:
        header = {"Authorization": asked.authorization}
        try:
            params = signature.collect_parameters(uri_query=asked.query, headers=header, exclude_oauth_signature=False)
        except ValueError:
            return False
        given: dict[str, str] = {name: value for name, value in params if name.startswith("oauth_")}
        known = (
            given.get("oauth_consumer_key") == self.credentials.consumer_key
            and given.get("oauth_token") == self.credentials.access_token
            and given.get("oauth_signature_method") == "HMAC-SHA1"
            and given.get("oauth_version", "1.0") == "1.0"
        )
        request = _Signed(
            asked.method,
            asked.url,
            [(name, value) for name, value in params if name != "oauth_signature"],
            given.get("oauth_signature", ""),
        )
        secrets = (self.credentials.consumer_secret, self.credentials.access_secret)
        return known and bool(signature.verify_hmac_sha1(request, *secrets)) and self._fresh(given)

    def _fresh(self, given: dict[str, str]) -> bool:
        """Whether it was signed just now and is sent for the first time."""
        stamp, nonce = given.get("oauth_timestamp", ""), given.get("oauth_nonce", "")
        now = self.clock() // 1000
        if not stamp.isascii() or not stamp.isdigit() or abs(now - int(stamp)) > SKEW_SECONDS or not nonce or nonce in self._nonces:
            return False
        for old in list(self._nonces):
            if len(self._nonces) < NONCES_MAX and self._nonces[old] >= now - SKEW_SECONDS:
                break
            del self._nonces[old]
        self._nonces[nonce] = int(stamp)
        return True

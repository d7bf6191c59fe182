"""How the journal of a site is opened: its settings, what seals it, its mirror."""

from __future__ import annotations

import time
from dataclasses import replace

from forwarder.journal import JournalSettings, Sealer
from forwarder.mirror import RedisMirror
from gateway.secrets import Secrets
from gateway.settings import Site


def journal_settings(site: Site) -> JournalSettings:
    """The journal's settings with what each operator needs."""
    operators = site.smpp.operator
    settings = site.settings.journal
    return replace(
        settings,
        segment_timeout_by_operator={one.name: float(one.segment_timeout_seconds) for one in operators},
        answer_doubt_seconds=max([settings.answer_doubt_seconds, *(float(one.answer_doubt_seconds) for one in operators)]),
    )


def sealer_of(secrets: Secrets) -> Sealer:
    """What the master keys in the secrets seal and open; the one with the highest id seals."""
    keys = secrets.masters()
    newest = max(keys)
    return Sealer(keys[newest], key_id=newest, older=keys)


def mirror_of(site: Site, sealer: Sealer) -> RedisMirror | None:
    """The mirror, where acks wait for it."""
    if site.settings.journal.ack_after != "mirror":
        return None
    return RedisMirror(site.settings.mirror, site.settings.journal.gateway_letter, sealer, monotonic=time.monotonic)

"""Which client speaks to the core: one function builds it for the gateway, the workers and the commands alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from forwarder.core import mapping_file
from forwarder.core.addstream import AddStream
from forwarder.core.contract import CoreClient
from forwarder.core.georeport import GeoReport
from forwarder.core.mapped import Mapped
from forwarder.core.mapping import CoreMapping
from forwarder.core.settings import SHIPPED_URL, CoreSettings
from forwarder.core.transport import Transport
from parsers.complaint import Disclosure
from parsers.errors import SettingsError

MAPPING_OCTETS_MAX = 1_048_576  # Ours: code tables of every kelurahan fit.
EXAMPLE = "core-mapping.example.toml"
Told = Callable[[str, int], None]


def client_of(
    settings: CoreSettings, policy: Disclosure, folder: Path, *, connections_max: int, told: Told = lambda *_: None
) -> CoreClient:
    """The client of the dialect that is set; `folder` is where a mapping file without a whole path lies.

    To be made inside a running event loop. SettingsError for a mapping that is wrong, ValueError without a token, OSError and
    ssl.SSLError for certificates that cannot be read.
    """
    mapping = mapping_of(settings, folder) if settings.dialect == "mapped" else None
    if not settings.token:
        raise ValueError("the core's token is missing from the secrets")
    transport = Transport(settings, connections_max=connections_max, told=told)
    if mapping is not None:
        return Mapped(settings, transport, policy, mapping)
    return (GeoReport if settings.dialect == "georeport" else AddStream)(settings, transport, policy)


def mapping_of(settings: CoreSettings, folder: Path) -> CoreMapping:
    """The mapping file, read and checked; SettingsError carries every mistake in it."""
    if not settings.mapping:
        raise SettingsError([f'core.mapping is empty: the dialect "mapped" needs its file; copy {EXAMPLE} and change it'])
    path = folder / settings.mapping
    try:
        with path.open("rb") as file:
            octets = file.read(MAPPING_OCTETS_MAX + 1)
    except OSError as error:
        raise SettingsError([f"{path}: cannot be read: {error.strerror}; core.mapping names it"]) from None
    if len(octets) > MAPPING_OCTETS_MAX:
        raise SettingsError([f"{path}: is longer than {MAPPING_OCTETS_MAX} octets, so it is no mapping file"])
    try:
        toml = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError([f"{path}: octet {error.start} is no UTF-8; save the file as UTF-8"]) from None
    return mapping_file.load(str(path), toml)


def problems(settings: CoreSettings, path: Path) -> Iterator[str]:
    """What of a dialect's settings is missing or means nothing; `path` is gateway.toml. The problems of the mapping file are among them."""
    dialect = settings.dialect
    if dialect != "addstream" and settings.url == SHIPPED_URL:
        yield f'{path}: core.url is addstream\'s; for dialect = "{dialect}" write what stands before every path of that core'
    if dialect != "mapped" and settings.mapping:
        yield f'{path}: core.mapping is for dialect = "mapped" alone; take it out, or change the dialect'
    if dialect == "georeport" and not settings.georeport.service_code:
        yield f"{path}: core.georeport.service_code is empty: a request without a service is refused; `check --core` lists the core's"
    if dialect != "mapped":
        return
    if settings.lookup_url is not None:
        yield f"{path}: core.lookup_url is not for mapped; [look_up] in the mapping file says how to ask"
    try:
        mapping = mapping_of(settings, path.parent)
    except SettingsError as error:
        yield from error.problems
        return
    if mapping.callback is not None and not settings.callback_key:
        yield "secret core_callback_key is missing: the mapping has callbacks, and nobody could be known as the core by its signature"

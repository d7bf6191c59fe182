"""Records on their way between machines: frozen classes become plain JSON lists and come back equal, sealed with the key all share.

The shape of every class goes into the sealed parcel as a short mark: a machine of another release, whose classes differ, cannot open it
and says so, instead of reading one field as another. JSON is pure ASCII, so texts with lone surrogates come back exactly.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import json
import types
import zlib
from collections.abc import Callable, Mapping
from hashlib import blake2b
from operator import attrgetter
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

from forwarder.journal import Sealer, SealError
from parsers.errors import GatewayError

Kind = TypeVar("Kind")
Step = Callable[[Any], Any]

_encode = json.JSONEncoder(separators=(",", ":")).encode
MARK_OCTETS = 4
PLAIN: Mapping[type, tuple[Step | None, Step | None]] = {
    **dict.fromkeys((str, int, float, bool), (None, None)),
    bytes: (bytes.hex, bytes.fromhex),
}
ZLIB_LEVEL = 1  # texts halve at once; more effort gains little


class ParcelError(GatewayError):
    """Sealed with another key, of another release, or damaged."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Codec:
    """How one type becomes JSON and comes back; None where it is JSON already. `shape` is all that both sides must agree on."""

    pack: Step | None
    unpack: Step | None
    shape: str


class Parcels(Generic[Kind]):
    """Packs and opens one kind of record. `purpose` binds a parcel to its use: none can be put in the place of another."""

    def __init__(self, kind: Any, purpose: str, sealer: Sealer) -> None:  # noqa: ANN401 - a type, or an alias of one
        codec = _codec(kind)
        self._pack, self._unpack = codec.pack or _same, codec.unpack or _same
        self._mark = blake2b(codec.shape.encode(), digest_size=MARK_OCTETS).digest()
        self._purpose = purpose
        self._sealer = sealer

    def seal(self, record: Kind) -> bytes:
        """One sealed parcel."""
        octets = zlib.compress(_encode(self._pack(record)).encode(), ZLIB_LEVEL)
        return self._mark + self._sealer.seal(self._purpose, 0, octets)

    def open(self, sealed: bytes) -> Kind:
        """The record; ParcelError says why not."""
        if sealed[:MARK_OCTETS] != self._mark:
            raise ParcelError(f"a {self._purpose} of another release")
        try:
            record: Kind = self._unpack(json.loads(zlib.decompress(self._sealer.open(self._purpose, 0, sealed[MARK_OCTETS:]))))
        except SealError as error:
            raise ParcelError(f"a {self._purpose} that is sealed with another key, or damaged") from error
        except (ValueError, TypeError, KeyError, zlib.error) as error:
            raise ParcelError(f"a {self._purpose} that cannot be read: {type(error).__name__}") from error
        return record


def _same(value: Any) -> Any:  # noqa: ANN401 - whatever it is
    return value


@functools.cache
def _codec(kind: Any) -> _Codec:  # noqa: ANN401 - types have no common type
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _union(get_args(kind))
    if origin is tuple:
        return _tuple(get_args(kind))
    if kind in PLAIN:
        return _Codec(*PLAIN[kind], kind.__name__)
    if isinstance(kind, type) and issubclass(kind, enum.StrEnum):
        return _Codec(None, kind, f"{kind.__name__}{[one.value for one in kind]}")
    if dataclasses.is_dataclass(kind) or hasattr(kind, "_fields"):
        return _record(kind)
    raise TypeError(f"{kind} has no form between machines")


def _record(kind: Any) -> _Codec:  # noqa: ANN401
    hints = get_type_hints(kind)
    names = list(kind._fields) if hasattr(kind, "_fields") else [field.name for field in dataclasses.fields(kind)]
    codecs = [_codec(hints[name]) for name in names]
    packs = [(place, codec.pack) for place, codec in enumerate(codecs) if codec.pack is not None]
    unpacks = [(place, codec.unpack) for place, codec in enumerate(codecs) if codec.unpack is not None]
    width = len(names)
    fields = attrgetter(*names) if width > 1 else lambda value: (getattr(value, names[0]),)

    def pack(value: Any) -> list[Any]:  # noqa: ANN401
        values = list(fields(value))
        for place, step in packs:
            values[place] = step(values[place])
        return values

    def unpack(values: list[Any]) -> Any:  # noqa: ANN401
        if len(values) != width:
            raise ValueError(f"{kind.__name__} has {width} fields, not {len(values)}")
        for place, step in unpacks:
            values[place] = step(values[place])
        return kind(*values)

    shape = ",".join(f"{name}:{codec.shape}" for name, codec in zip(names, codecs, strict=True))
    return _Codec(pack, unpack, f"{kind.__name__}({shape})")


def _tuple(parts: tuple[Any, ...]) -> _Codec:
    if len(parts) == 2 and parts[1] is Ellipsis:
        one = _codec(parts[0])
        pack = list if one.pack is None else (lambda values, step=one.pack: [step(value) for value in values])
        unpack = tuple if one.unpack is None else (lambda values, step=one.unpack: tuple([step(value) for value in values]))
        return _Codec(pack, unpack, f"[{one.shape}]")
    codecs = [_codec(part) for part in parts]
    packs, unpacks = [codec.pack or _same for codec in codecs], [codec.unpack or _same for codec in codecs]
    return _Codec(
        lambda values: [step(value) for step, value in zip(packs, values, strict=True)],
        lambda values: tuple([step(value) for step, value in zip(unpacks, values, strict=True)]),
        f"({','.join(codec.shape for codec in codecs)})",
    )


def _union(parts: tuple[Any, ...]) -> _Codec:
    """Something or None; or one of several records, each told by its name."""
    some = [part for part in parts if part is not type(None)]
    if len(some) == 1:
        one = _codec(some[0])
        pack, unpack = one.pack, one.unpack
        return _Codec(
            None if pack is None else lambda value: None if value is None else pack(value),
            None if unpack is None else lambda value: None if value is None else unpack(value),
            f"{one.shape}?",
        )
    by_name = {part.__name__: _codec(part) for part in some}
    packs = {part: (part.__name__, _codec(part).pack or _same) for part in some}
    unpacks = {name: codec.unpack or _same for name, codec in by_name.items()}

    def pack_one(value: Any) -> list[Any]:  # noqa: ANN401
        name, step = packs[type(value)]
        return [name, step(value)]

    return _Codec(pack_one, lambda values: unpacks[values[0]](values[1]), "|".join(sorted(codec.shape for codec in by_name.values())))

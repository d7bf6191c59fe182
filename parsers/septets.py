"""Seven-bit characters packed into octets and out of them again (3GPP TS 23.038 §6.1.2.1).

SMPP counts octets, not septets, so a packed text whose bits leave exactly seven over may end in a filler: zeros (SMS) or a carriage
return (§6.1.2.3.1). Nothing on the wire tells the filler from a last `@` or return; who unpacks says which it takes it for.
"""

from __future__ import annotations

CARRIAGE_RETURN = 0x0D
FILLERS = (0x00, CARRIAGE_RETURN)


def fill_bits(header_octets: int) -> int:
    """How many bits stand between a user data header and the first septet (3GPP TS 23.040 §9.2.3.24)."""
    return -header_octets * 8 % 7


def pack(septets: bytes, *, fill: int = 0) -> bytes:
    """Pack one septet per octet into octets, the first after `fill` zero bits."""
    blocks = (septets[at : at + 8] for at in range(0, len(septets), 8))
    packed = b"".join(_packed_block(block) for block in blocks)
    octets = (len(septets) * 7 + fill + 7) // 8 if septets else 0
    return (int.from_bytes(packed, "little") << fill).to_bytes(max(octets, len(packed) + 1), "little")[:octets]


def unpack(octets: bytes, *, fill: int = 0, filler: bool = True) -> bytes:
    """Unpack to one septet per octet, skipping `fill` bits; with `filler`, a last septet that may be one is taken for one."""
    count, left = divmod(max(len(octets) * 8 - fill, 0), 7)
    shifted = (int.from_bytes(octets, "little") >> fill).to_bytes(len(octets), "little")
    blocks = (shifted[at : at + 7] for at in range(0, len(shifted), 7))
    septets = b"".join(_unpacked_block(block) for block in blocks)[:count]
    if filler and left == 0 and septets and septets[-1] in FILLERS:
        return septets[:-1]
    return septets


def _packed_block(septets: bytes) -> bytes:
    """Pack up to eight septets into seven octets; the missing ones count as zero."""
    bits = 0
    for position, septet in enumerate(septets):
        bits |= (septet & 0x7F) << 7 * position
    return bits.to_bytes(7, "little")


def _unpacked_block(octets: bytes) -> bytes:
    """Unpack up to seven octets into eight septets; the missing bits count as zero."""
    bits = int.from_bytes(octets, "little")
    return bytes((bits >> shift) & 0x7F for shift in range(0, 56, 7))

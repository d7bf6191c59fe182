"""A throw-away authority and the certificate it signs for X's names, so that clients can speak TLS with the simulated X unchanged.

The authority's key is dropped as soon as it has signed. Valid from 2020 to 2049, whatever time it is in the simulation.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAMES = ("api.twitter.com", "api.x.com", "localhost")
FROM = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
UNTIL = dt.datetime(2049, 12, 31, tzinfo=dt.UTC)
Extensions = tuple[tuple[x509.ExtensionType, bool], ...]


@dataclass(frozen=True, slots=True, repr=False)
class Certificate:
    """`ca_pem` is for clients to trust; `server_pem` is key and certificate of the server."""

    ca_pem: bytes
    server_pem: bytes

    def context(self) -> ssl.SSLContext:
        """A server's TLS context; the key touches the disk for a moment, in a file of our own, since OpenSSL reads files only."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory(prefix="lapor-x-") as folder:
            path = Path(folder) / "server.pem"
            path.touch(0o600)
            path.write_bytes(self.server_pem)
            context.load_cert_chain(path)
        return context


def make_certificate() -> Certificate:
    """A new authority and a certificate by it for api.twitter.com, api.x.com and this machine."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name, name = _name("simulated X, throw-away authority"), _name(NAMES[0])
    ca_id = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    ca = _signed(
        ca_name,
        ca_name,
        ca_key.public_key(),
        ca_key,
        ((x509.BasicConstraints(ca=True, path_length=0), True), (_usage(signs=True), True), (ca_id, False)),
    )
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in NAMES]
    names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    server = _signed(
        name,
        ca_name,
        key.public_key(),
        ca_key,
        (
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (_usage(signs=False), True),
            (x509.SubjectAlternativeName(names), False),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
            (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ca_id), False),
        ),
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Certificate(_pem(ca), private + _pem(server))


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _signed(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, by: ec.EllipticCurvePrivateKey, extensions: Extensions
) -> x509.Certificate:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(FROM).not_valid_after(UNTIL)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(by, hashes.SHA256())

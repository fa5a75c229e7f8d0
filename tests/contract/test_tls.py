"""Certificates are always checked: whoever stands in for a gateway gets no request, and so no credential."""

from __future__ import annotations

import asyncio
import ssl
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pulumi_whatsapp.config import load
from pulumi_whatsapp.connect import connect
from pulumi_whatsapp.errors import Unavailable
from pulumi_whatsapp.gateways.registry import GATEWAYS
from pulumi_whatsapp.names import Contact

from ..unit.fake import Heard
from .world import SECRET, settings


@pytest.mark.parametrize("gateway", list(GATEWAYS))
def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, gateway: str) -> None:
    received = bytearray()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.extend(await reader.read(1_000))
        writer.close()

    async def run() -> str:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=_self_signed(tmp_path))
        async with server:
            port = server.sockets[0].getsockname()[1]
            given = settings(gateway, baseUrl=f"https://127.0.0.1:{port}", maxRetries=0)
            account = connect(load(given, {}, GATEWAYS, root=tmp_path), Heard()).named(None)
            try:
                with pytest.raises(Unavailable) as raised:
                    await account.gateway.block([Contact("+16505551001")])
            finally:
                await account.gateway.http.close()
        return str(raised.value)

    message = asyncio.run(run())
    assert "CERTIFICATE_VERIFY_FAILED" in message
    assert "nothing was changed" in message
    assert SECRET not in message
    assert received == b""


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context

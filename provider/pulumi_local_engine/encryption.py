"""Pulumi's passphrase secrets provider: AES-256-GCM under a key that PBKDF2 makes from a passphrase and a salt."""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from .model import EngineError

_ITERATIONS = 1_000_000
"""What the CLI's own passphrases take: each of the two reads what the other has encrypted."""
_CHECK = "pulumi"


def passphrase_from(environment: Mapping[str, str]) -> str | None:
    """``PULUMI_CONFIG_PASSPHRASE``, or the contents of the file that ``PULUMI_CONFIG_PASSPHRASE_FILE`` names."""
    if "PULUMI_CONFIG_PASSPHRASE" in environment:
        return environment["PULUMI_CONFIG_PASSPHRASE"]
    if path := environment.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise EngineError(f"PULUMI_CONFIG_PASSPHRASE_FILE cannot be read: {error}") from None
    return None


class Encryption:
    """Encrypts and decrypts; the key is made at the first use, because that takes most of a second.

    Args:
        passphrase: the passphrase, or None where none is set.
        salt: ``encryptionsalt`` of the stack file, or what a state holds; a new one is made where there is none.
        stack: the stack's name, for messages.
    """

    def __init__(self, passphrase: str | None, salt: str | None = None, stack: str = "dev") -> None:
        self._passphrase = passphrase
        self._salt = salt
        self._stack = stack
        self._known: dict[str, str] = {}
        self._key: AESGCM | None = None
        self._making = threading.Lock()

    @property
    def salt(self) -> str:
        """The salt with its check value, as a stack file and a state hold it."""
        if self._salt is None:
            self.unlock()
        assert self._salt is not None
        return self._salt

    def unlock(self) -> AESGCM:
        """Make sure that it can encrypt; gives the key, which is made once, whatever thread asks first.

        Raises:
            EngineError: no passphrase, or the wrong one.
        """
        with self._making:
            self._key = self._key or self._made()
            return self._key

    def encrypt(self, plaintext: str) -> str:
        """Encrypt; the same text gives the same ciphertext for as long as this object lives."""
        if plaintext not in self._known:
            self._known[plaintext] = self._seal(self.unlock(), plaintext)
        return self._known[plaintext]

    def decrypt(self, ciphertext: str) -> str:
        """Decrypt.

        Raises:
            EngineError: no passphrase, the wrong one, or not a ``v1`` value.
        """
        plaintext = self._open(self.unlock(), ciphertext)
        self._known[plaintext] = ciphertext
        return plaintext

    def _made(self) -> AESGCM:
        if self._passphrase is None:
            message = "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE"
            raise EngineError(f"{message} environment variables: the stack {self._stack!r} has secrets")
        raw = base64.b64decode(self._salt.split(":")[1]) if self._salt else os.urandom(8)
        derived = PBKDF2HMAC(SHA256(), 32, raw, _ITERATIONS).derive(self._passphrase.encode())
        key = AESGCM(derived)
        if self._salt is None:
            self._salt = f"v1:{base64.b64encode(raw).decode()}:{self._seal(key, _CHECK)}"
        elif self._open(key, self._salt.split(":", 2)[2]) != _CHECK:
            raise EngineError("incorrect passphrase")
        return key

    @staticmethod
    def _seal(key: AESGCM, plaintext: str) -> str:
        nonce = os.urandom(12)
        sealed = key.encrypt(nonce, plaintext.encode(), None)
        return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(sealed).decode()}"

    @staticmethod
    def _open(key: AESGCM, ciphertext: str) -> str:
        version, _, rest = ciphertext.partition(":")
        if version != "v1":
            raise EngineError("a secret is not in the format of Pulumi's passphrase provider")
        nonce, _, sealed = rest.partition(":")
        try:
            return key.decrypt(base64.b64decode(nonce), base64.b64decode(sealed), None).decode()
        except InvalidTag:
            raise EngineError("incorrect passphrase") from None

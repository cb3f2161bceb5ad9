"""Encryption at rest: SM4-GCM for personal data, HMAC-SM3 to find it again without reading it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hmac import HMAC
from django.conf import settings

from gongkai.vault.keys import secret

_NONCE, _TAG = 12, 16


@lru_cache(maxsize=1)
def _keys() -> tuple[bytes, bytes]:
    root = secret(settings.HOME / "keys", "personal")
    return (
        hmac.new(root, b"sm4", hashlib.sha256).digest()[:16],
        hmac.new(root, b"fingerprint", hashlib.sha256).digest(),
    )


def seal(value: Any) -> str:
    """Encrypt a JSON value. The text is base64 of nonce, ciphertext and tag; an empty value stays ''."""
    if not value:
        return ""
    nonce = secrets.token_bytes(_NONCE)
    encryptor = Cipher(algorithms.SM4(_keys()[0]), modes.GCM(nonce)).encryptor()
    body = encryptor.update(json.dumps(value, ensure_ascii=False).encode()) + encryptor.finalize()
    return base64.b64encode(nonce + body + encryptor.tag).decode()


def unseal(text: str) -> Any:
    """Decrypt what `seal` made. Raises cryptography's InvalidTag when text or key is not the right one."""
    if not text:
        return {}
    raw = base64.b64decode(text)
    nonce, body, tag = raw[:_NONCE], raw[_NONCE:-_TAG], raw[-_TAG:]
    decryptor = Cipher(algorithms.SM4(_keys()[0]), modes.GCM(nonce, tag)).decryptor()
    return json.loads(decryptor.update(body) + decryptor.finalize())


def fingerprint(value: str) -> str:
    """Keyed hash of a personal value (HMAC-SM3, 64 hexadecimal digits): equal values, equal prints."""
    if not value:
        return ""
    mac = HMAC(_keys()[1], hashes.SM3())
    mac.update(value.encode())
    return mac.finalize().hex()

"""A security key in software: answers as one that somebody touches, for http://testserver."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256

_TOUCHED, _WITH_KEY = 0x01, 0x40


class SecurityKey:
    """``create`` and ``get`` answer the options that a page carries in ``data-options``."""

    def __init__(self, origin: str = "https://testserver") -> None:
        self._origin = origin
        self._secret = ec.generate_private_key(ec.SECP256R1())
        self._id = secrets.token_bytes(32)

    def create(self, options: str) -> str:
        asked = json.loads(options)["publicKey"]
        public = cbor.encode(dict(ES256.from_cryptography_key(self._secret.public_key())))
        attested = bytes(16) + len(self._id).to_bytes(2, "big") + self._id + public
        data = self._data(asked["rp"]["id"], _TOUCHED | _WITH_KEY) + attested
        client = self._client("webauthn.create", asked["challenge"])
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer({"clientDataJSON": _text(client), "attestationObject": _text(attestation)})

    def get(self, options: str) -> str:
        asked = json.loads(options)["publicKey"]
        data = self._data(asked["rpId"], _TOUCHED)
        client = self._client("webauthn.get", asked["challenge"])
        signed = self._secret.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {"clientDataJSON": _text(client), "authenticatorData": _text(data), "signature": _text(signed)}
        )

    def _data(self, site: str, flags: int) -> bytes:
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + bytes(4)

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self._origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        same = {"id": _text(self._id), "rawId": _text(self._id), "type": "public-key"}
        return json.dumps({**same, "response": response, "clientExtensionResults": {}})


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()

"""A SAML identity provider of pysaml2, which answers what a browser would bring to it and back."""

import datetime as dt
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

ENTITY, SIGN_IN = "https://id.example/metadata", "https://id.example/sso"


class SamlProvider:
    """``trust`` takes our metadata; ``answer`` makes the form field that a browser brings back to us."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "id.example")])
        at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        made = made.serial_number(1).not_valid_before(at).not_valid_after(at + dt.timedelta(days=9999))
        self.certificate = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
        (folder / "cert.pem").write_text(self.certificate)
        plain = serialization.NoEncryption()
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, plain)
        (folder / "key.pem").write_bytes(pem)

    def trust(self, metadata: str) -> None:
        (self._folder / "sp.xml").write_text(metadata)
        said = {
            "entityid": ENTITY,
            "xmlsec_binary": "/usr/bin/xmlsec1",
            "key_file": str(self._folder / "key.pem"),
            "cert_file": str(self._folder / "cert.pem"),
            "metadata": {"local": [str(self._folder / "sp.xml")]},
            "service": {
                "idp": {
                    "endpoints": {"single_sign_on_service": [(SIGN_IN, BINDING_HTTP_REDIRECT)]},
                    "policy": {"default": {"name_form": "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"}},
                }
            },
        }
        self._server = Server(config=IdPConfig().load(said))

    def answer(self, away: str, subject: str, *, signed: bool = True, **said: list[str]) -> str:
        """The ``SAMLResponse`` to the request in the address ``away`` that ``subject`` is who came."""
        asked = parse_qs(urlsplit(away).query)["SAMLRequest"][0]
        request = self._server.parse_authn_request(asked, BINDING_HTTP_REDIRECT).message
        response = self._server.create_authn_response(
            said,
            in_response_to=request.id,
            destination=request.assertion_consumer_service_url,
            sp_entity_id=request.issuer.text,
            name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text=subject),
            authn={"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password", "authn_auth": ENTITY},
            sign_assertion=signed,
            sign_response=False,
            sign_alg=SIG_RSA_SHA256,
            digest_alg=DIGEST_SHA256,
        )
        form = self._server.apply_binding(BINDING_HTTP_POST, str(response), "https://x.example", response=True)["data"]
        found = re.search(r'name="SAMLResponse" value="([^"]+)"', form)
        assert found
        return found[1]

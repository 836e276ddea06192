"""One request: to the address that was looked up, within its time, with a bounded answer."""

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from amerce.outbound.call import Call, NotReached, call
from tests.outbound.conftest import Names
from tests.outbound.receiver import Receiver, receiving, says


def reason_of(request: Call) -> str:
    with pytest.raises(NotReached) as failed:
        call(request)
    return failed.value.reason


def test_a_request_arrives_as_it_was_said(receiver: Receiver) -> None:
    answer = call(Call(url=f"{receiver.url}?a=1", method="POST", headers={"X-Word": "yes"}, body=b"{}"))

    assert (answer.status, answer.body, answer.is_cut) == (200, b"thanks", False)
    (got,) = receiver.got
    assert (got.method, got.path, got.body) == ("POST", "/hook?a=1", b"{}")
    assert (got.headers["Host"], got.headers["X-Word"]) == (f"127.0.0.1:{receiver.port}", "yes")


def test_a_redirect_is_an_answer_and_is_not_followed(receiver: Receiver) -> None:
    receiver.answer = says(302, b"", Location=f"http://127.0.0.1:{receiver.port}/secret")

    assert call(Call(url=receiver.url)).status == 302
    assert [each.path for each in receiver.got] == ["/hook"]


def test_of_ten_megabytes_only_the_beginning_is_read(receiver: Receiver) -> None:
    receiver.answer = says(200, b"x" * 10_000_000)

    began = monotonic()
    answer = call(Call(url=receiver.url, limit=1000))

    assert (len(answer.body), answer.is_cut) == (1000, True)
    assert monotonic() - began < 5


@pytest.mark.parametrize("way", ["hang", "trickle_head", "trickle_body"])
def test_a_slow_server_is_left_after_the_time_whatever_it_does(receiver: Receiver, way: str) -> None:
    receiver.answer = getattr(receiver, way)

    began = monotonic()
    assert reason_of(Call(url=receiver.url, timeout_s=0.5)) == "timeout"

    assert 0.4 < monotonic() - began < 3


def test_a_resolver_that_does_not_answer_is_left_after_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked, **_how: answers.wait(30))

    began = monotonic()
    assert reason_of(Call(url="https://hooks.example/", timeout_s=0.5)) == "timeout"

    assert 0.4 < monotonic() - began < 3
    answers.set()


def test_a_server_that_is_not_there_or_speaks_something_else_was_not_reached(receiver: Receiver, settings) -> None:  # type: ignore[no-untyped-def]
    receiver.answer = lambda handler: handler.wfile.write(b"220 mail.example ESMTP\r\n")
    assert reason_of(Call(url=receiver.url)) == "protocol"

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings.AMERCE_OUTBOUND_HOSTS = ["127.0.0.1"]
    assert reason_of(Call(url=f"http://127.0.0.1:{port}/")) == "connection"
    assert reason_of(Call(url="https://nowhere.invalid/")) == "unknown_name"
    assert reason_of(Call(url="https://10.0.0.1/")) == "private"
    assert reason_of(Call(url="http://hooks.example/")) == "insecure"


def test_it_is_known_whether_the_server_may_have_the_request(receiver: Receiver, settings) -> None:  # type: ignore[no-untyped-def]
    def was_asked(request: Call) -> bool:
        with pytest.raises(NotReached) as failed:
            call(request)
        return failed.value.was_asked

    for answer in (lambda handler: handler.connection.close(), receiver.hang, receiver.trickle_body):
        receiver.answer = answer
        assert was_asked(Call(url=receiver.url, timeout_s=0.5))

    asked = len(receiver.got)
    assert not was_asked(Call(url=receiver.url.replace("http:", "https:")))
    settings.AMERCE_OUTBOUND_HOSTS = ["127.0.0.1"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert not was_asked(Call(url=f"http://127.0.0.1:{free.getsockname()[1]}/"))
    with socket.socket() as silent:  # takes the connection and never speaks
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        assert not was_asked(Call(url=f"https://127.0.0.1:{silent.getsockname()[1]}/", timeout_s=0.5))
    assert len(receiver.got) == asked


def test_a_name_is_looked_up_once_and_cannot_lead_elsewhere_for_the_call(
    receiver: Receiver,
    names: Names,
    settings,  # type: ignore[no-untyped-def]
) -> None:
    settings.AMERCE_OUTBOUND_HOSTS = ["hooks.example"]
    names.lead("hooks.example", ["127.0.0.1"], ["10.0.0.1"])

    assert call(Call(url=f"http://hooks.example:{receiver.port}/in")).status == 200

    assert names.asked == ["hooks.example"]
    assert receiver.got[0].headers["Host"] == f"hooks.example:{receiver.port}"


def test_a_name_that_leads_here_after_it_was_typed_is_not_called(receiver: Receiver, names: Names, settings) -> None:  # type: ignore[no-untyped-def]
    settings.AMERCE_OUTBOUND_HOSTS = []
    names.lead("rebound.example", ["127.0.0.1"])

    assert reason_of(Call(url=f"https://rebound.example:{receiver.port}/")) == "private"
    assert receiver.got == []


def certificate_for(name: str, folder: Path) -> Path:
    """Key and certificate of ``name``, which vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_tls_is_held_to_the_name_that_was_asked_for(tmp_path: Path, names: Names, settings, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    # given
    pem = certificate_for("hooks.example", tmp_path)
    settings.AMERCE_OUTBOUND_HOSTS = ["hooks.example", "other.example"]
    for name in ("hooks.example", "other.example"):
        names.lead(name, ["127.0.0.1"])

    with receiving(pem) as receiver:
        # when nobody vouches for it
        assert reason_of(Call(url=f"https://hooks.example:{receiver.port}/")) == "certificate"

        # when its certificate is trusted
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        assert call(Call(url=f"https://hooks.example:{receiver.port}/")).status == 200
        assert reason_of(Call(url=f"https://other.example:{receiver.port}/")) == "certificate"

    assert len(receiver.got) == 1

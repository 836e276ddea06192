"""Which addresses may be called."""

from ipaddress import ip_address

import pytest

from amerce.outbound.addresses import Address, AddressRefused, NameUnknown, is_public, look_up, read_address
from tests.outbound.conftest import Names

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1",
    "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:c0a8:101::",
]  # fmt: skip


@pytest.mark.parametrize("number", PRIVATE)
def test_a_private_number_is_refused_however_it_is_written(number: str) -> None:
    host = f"[{number}]" if ":" in number else number

    assert not is_public(ip_address(number))
    with pytest.raises(AddressRefused) as refused:
        read_address(f"https://{host}/")
    assert refused.value.reason == "private"


@pytest.mark.parametrize("number", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822", "::ffff:8.8.8.8"])
def test_a_public_number_may_be_called(number: str) -> None:
    assert is_public(ip_address(number))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("http://hooks.example/", "insecure"),
        ("ftp://hooks.example/", "malformed"),
        ("file:///etc/passwd", "malformed"),
        ("//hooks.example/", "malformed"),
        ("hooks.example", "malformed"),
        ("https:///path", "malformed"),
        ("https://user@hooks.example/", "malformed"),
        ("https://user:word@hooks.example/", "malformed"),
        ("https://hooks.example/#part", "malformed"),
        ("https://hooks.example:99999/", "malformed"),
        ("https://hooks.example/a b", "malformed"),
        ("https://hooks.example/a\r\nHost: x", "malformed"),
        ("https://hooks.example/é", "malformed"),
        ("https://[::1", "malformed"),
        ("https://a..example/", "malformed"),
        ("https://[fe80::1%25eth0]/", "private"),
    ],
)
def test_an_address_that_is_no_safe_one_is_refused(text: str, reason: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        read_address(text)
    assert refused.value.reason == reason


def test_an_address_is_taken_apart() -> None:
    assert read_address("https://Hooks.Example./in?a=1") == Address(True, "hooks.example", 443, "/in?a=1")
    assert read_address("https://bücher.example:8443") == Address(True, "xn--bcher-kva.example", 8443, "/")
    assert read_address("https://bücher.example:8443").authority == "xn--bcher-kva.example:8443"
    assert read_address("https://[2606:2800:220:1::1]/").authority == "[2606:2800:220:1::1]"


def test_a_host_that_the_setting_names_may_be_private_and_without_tls(settings) -> None:  # type: ignore[no-untyped-def]
    settings.AMERCE_OUTBOUND_HOSTS = ["127.0.0.1:9000", " Inner.Example ", "[::1]:9000"]

    assert read_address("http://127.0.0.1:9000/").port == 9000
    assert read_address("http://inner.example/").is_secure is False
    assert read_address("http://[::1]:9000/").host == "::1"
    for text in ("https://127.0.0.1:9001/", "https://127.0.0.1/"):
        with pytest.raises(AddressRefused):
            read_address(text)


@pytest.mark.parametrize("found", [["10.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::ffff:127.0.0.1"], ["fe80::1%2"]])
def test_a_name_that_leads_into_a_private_network_is_refused(names: Names, found: list[str]) -> None:
    names.lead("hooks.example", found)

    with pytest.raises(AddressRefused) as refused:
        look_up(read_address("https://hooks.example/"), 5)
    assert refused.value.reason == "private"


@pytest.mark.parametrize(
    "text", ["https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/", "https://localhost/"]
)
def test_another_way_to_write_this_machine_is_refused_when_it_is_looked_up(text: str) -> None:
    with pytest.raises((AddressRefused, NameUnknown)):
        look_up(read_address(text), 5)


def test_a_name_nobody_knows_is_said_to_be_unknown() -> None:
    with pytest.raises(NameUnknown):
        look_up(read_address("https://nowhere.invalid/"), 5)

"""Settings of letters hold what they may, and the token of the gateway is sealed."""

from dataclasses import replace
from typing import Any

import pytest

from amerce.access.can import NotAllowed
from amerce.access.sealed import unseal
from amerce.events.models import Event
from amerce.inputs.errors import TextMalformed, TextTooLong
from amerce.institutions.save_printer import EmailNotTaken
from amerce.letters.errors import GatewayNotTaken
from amerce.letters.models import LetterSettings
from amerce.letters.save_settings import LetterSettingsFacts, save_letter_settings, settings_of
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def change(
    library: Library, role: str = "general_system_administrator", token: str | None = None, **facts: Any
) -> bool:
    wanted = replace(settings_of(library.institution), **facts)
    return save_letter_settings(actor=library.staff(role), at=NOON, facts=wanted, sms_token=token)


def test_settings_are_kept_and_the_token_is_sealed(library: Library) -> None:
    assert change(library, "general_system_administrator", "s3cret", sender_name="Main", sms_url="https://sms.example/")
    assert not change(library)

    row = LetterSettings.objects.get()
    assert unseal(row.sms_token_sealed) == "s3cret"
    assert settings_of(library.institution) == LetterSettingsFacts(
        sender_name="Main", sms_url="https://sms.example/", has_sms_token=True
    )
    assert "s3cret" not in str(Event.objects.get(name="letter_settings.changed").data)
    assert change(library, has_sms_token=False)
    assert LetterSettings.objects.get().sms_token_sealed == ""


def test_the_token_goes_to_no_other_gateway(library: Library) -> None:
    change(library, token="s3cret", sms_url="https://sms.example/")

    assert change(library, sms_url="https://elsewhere.example/", has_sms_token=True)

    assert LetterSettings.objects.get().sms_token_sealed == ""
    assert not settings_of(library.institution).has_sms_token
    assert Event.objects.filter(name="letter_settings.changed").latest("pk").data["after"]["has_sms_token"] is False
    assert change(library, token="another", sms_url="https://third.example/")
    assert unseal(LetterSettings.objects.get().sms_token_sealed) == "another"


@pytest.mark.parametrize(
    ("error", "facts"),
    [
        (EmailNotTaken, {"sender_email": "nobody"}),
        (EmailNotTaken, {"reply_to": "a@example.org\nBcc: b@example.org"}),
        (TextMalformed, {"sender_name": "Main\nBcc: b@example.org"}),
        (TextTooLong, {"phone": "1" * 61}),
        (GatewayNotTaken, {"sms_url": "http://sms.example/"}),
        (GatewayNotTaken, {"sms_url": "https://127.0.0.1/"}),
        (GatewayNotTaken, {"sms_url": "file:///etc/passwd"}),
        (NotAllowed, {"role": "user_administrator", "phone": "1"}),
    ],
)
def test_settings_that_cannot_hold_are_refused(library: Library, error: Any, facts: dict[str, Any]) -> None:
    with pytest.raises(error):
        change(library, **facts)

    assert not LetterSettings.objects.exists()

"""Who sends letters, and by which gateway."""

import pytest
from django.test import Client

from amerce.access.sealed import unseal
from amerce.letters.models import LetterSettings
from tests.web.stamped import send

pytestmark = pytest.mark.django_db


def test_the_token_is_kept_sealed_and_never_shown(administrator: Client) -> None:
    path = "/configuration/letter-settings/"
    typed = {"is_on": "on", "sender_name": "Main", "sms_url": "https://sms.example/send", "sms_token": "s3cret"}

    assert send(administrator, path, typed).status_code == 302

    assert unseal(LetterSettings.objects.get().sms_token_sealed) == "s3cret"
    page = administrator.get(path).content.decode()
    assert "s3cret" not in page
    assert "https://sms.example/send" in page
    refused = send(administrator, path, {**typed, "sender_email": "nobody", "sms_url": "http://10.0.0.1/"})
    assert refused.status_code == 422


def test_the_address_of_reports_is_kept_and_one_that_is_none_is_refused(administrator: Client) -> None:
    path = "/configuration/letter-settings/"

    refused = send(administrator, path, {"is_on": "on", "staff_email": "bursar, clerk"})
    assert refused.status_code == 422
    assert "bursar, clerk" in refused.content.decode()
    assert not LetterSettings.objects.exists()

    assert send(administrator, path, {"is_on": "on", "staff_email": "bursar@example.org"}).status_code == 302
    assert LetterSettings.objects.get().staff_email == "bursar@example.org"

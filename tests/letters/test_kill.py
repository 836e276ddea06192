"""A worker killed by ``kill -9`` between any two steps of sending: never two messages without a person asking."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connection

from amerce.letters.again import send_again
from amerce.letters.deliver import SENDING_LIMIT, deliver_letters
from tests.databases import ENGINE
from tests.letters.writing import mail_server, reach, write_one
from tests.world import NOON, Library

pytestmark = pytest.mark.money

A_WORKER_THAT_DIES = """
import os, signal
import django
django.setup()
from django.conf import settings
from amerce.letters import deliver
from amerce.letters.transports.email import MailServer
from tests.world import NOON

settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", {port}

def dies(_frame, _event, _arg):
    return None

def dying(*_args, **_options):
    os.kill(os.getpid(), signal.SIGKILL)

step = "{step}"
if step == "before it is claimed":
    deliver.claim = dying
elif step == "after it is claimed":
    deliver._hand_over = dying
elif step == "before it is handed over":
    MailServer.send = dying
elif step == "after it was handed over":
    deliver._settle = dying
elif step == "after it was noted":
    MailServer.__exit__ = dying
deliver.deliver_letters(now=NOON)
"""
STEPS = {
    "before it is claimed": ("waiting", 0),
    "after it is claimed": ("sending", 0),
    "before it is handed over": ("sending", 0),
    "after it was handed over": ("sending", 1),
    "after it was noted": ("sent", 1),
}


def killed(step: str, port: int) -> None:
    name = connection.settings_dict["NAME"]
    url = (
        f"sqlite:///{name}"
        if ENGINE == "sqlite"
        else os.environ["AMERCE_DATABASE_URL"].replace("/postgres?", f"/{name}?")
    )
    child = subprocess.run(
        [sys.executable, "-c", A_WORKER_THAT_DIES.format(port=port, step=step)],
        env=os.environ | {"AMERCE_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "amerce.config.settings"},
        check=False,
        capture_output=True,
        timeout=120,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_that_is_killed_never_makes_two_messages(
    flushable: None, library: Library, settings, step: str
) -> None:  # type: ignore[no-untyped-def]
    # given
    state, messages = STEPS[step]
    reach(library.patron, "email", "jane@example.org")
    letter = write_one(library)
    with mail_server() as (box, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port

        # when
        killed(step, port)

        # then
        letter.refresh_from_db()
        assert (letter.state, len(box.bodies)) == (state, messages)

        # when
        for hours in range(1, 80):
            deliver_letters(now=NOON + timedelta(hours=hours))

        # then
        letter.refresh_from_db()
        if state == "waiting":
            assert (letter.state, len(box.bodies)) == ("sent", 1)
            return
        assert (letter.state, len(box.bodies)) == ("sent" if state == "sent" else "unknown", messages)

        # when
        if letter.state == "unknown":
            send_again(actor=library.operator, at=NOON + SENDING_LIMIT, letter_id=letter.pk)
            deliver_letters(now=NOON + timedelta(days=9))

            # then
            letter.refresh_from_db()
            assert (letter.state, len(box.bodies)) == ("sent", messages + 1)
            assert len(set(box.bodies)) == 1

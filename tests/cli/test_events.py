import pytest

from amerce.cli.main import main
from tests.charges.acts import Desk
from tests.events import handling

pytestmark = pytest.mark.django_db


def test_what_failed_is_listed_with_its_reason_and_when_it_is_tried_again(
    library, settings, capsys, django_capture_on_commit_callbacks
):
    settings.AMERCE_HANDLERS = "tests.events.handling.HANDLERS"
    handling.stumbles[:] = [RuntimeError("the printer is out of paper")]
    desk = Desk(library)
    desk.charge(300)
    with django_capture_on_commit_callbacks(execute=True):
        desk.pay()

    assert main(["events", "failing"]) == 0

    line = capsys.readouterr().out.strip()
    assert line.startswith("MAIN, stumble after fee.paid ")
    assert line.endswith(" of 2026-03-02 12:00: failed 1 times, again at 2026-03-02 12:00: the printer is out of paper")


def test_with_nothing_failing_it_says_nothing(library, capsys):
    assert main(["events", "failing"]) == 0

    assert capsys.readouterr().out == ""

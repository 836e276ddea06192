import pytest

from amerce.web.rhythm import Kind, Rhythm


@pytest.mark.parametrize(
    ("cron", "kind"),
    [
        ("5 * * * *", Kind.HOURLY),
        ("10 0 * * *", Kind.DAILY),
        ("0 22 * * 1,5", Kind.WEEKLY),
        ("0 4 15 * *", Kind.MONTHLY),
        ("0 4 31 * *", Kind.CRON),
        ("*/5 * * * *", Kind.CRON),
        ("0 4 * 1 *", Kind.CRON),
        ("0 4 * * MON", Kind.CRON),
        ("0 4 1 * 1", Kind.CRON),
        ("0 0,12 * * *", Kind.CRON),
        ("nonsense", Kind.CRON),
        ("", Kind.CRON),
    ],
)
def test_a_cron_line_is_known_by_its_kind_and_written_the_same(cron, kind):
    rhythm = Rhythm.of(cron)

    assert rhythm.kind is kind
    assert rhythm.as_cron() == cron


def test_sunday_is_the_last_day_whichever_number_it_has():
    assert Rhythm.of("0 0 * * 0").weekdays == Rhythm.of("0 0 * * 7").weekdays == (6,)

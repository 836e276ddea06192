import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from amerce.bulk import errors
from amerce.bulk.models import BulkWaiver, IdLine, IdList
from amerce.bulk.selection import Verdict
from amerce.inputs.errors import Refused
from amerce.jobs.models import JobRun
from amerce.ledger.models import Transfer
from amerce.web.bulk_wording import NOT_UNDONE, PROBLEMS, VERDICTS, WORDS, told
from amerce.web.run_event_wording import SENTENCES
from tests.bulk.waiving import finish
from tests.world import NOON

pytestmark = pytest.mark.django_db
PATH = "/user-management/bulk-fine-waiving/"
ALL = {"threshold": "120", "groups": "all", "types": "all"}


@pytest.fixture
def manager(sign_in: Callable[..., Client]) -> Client:
    return sign_in("user_manager")


def send(client: Client, **more: Any):
    return client.post(PATH, {**ALL, "reason": "OTHER", "run": "1", "form_key": "page-1", **more})


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def table(answer) -> list[list[str]]:
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content)))


def test_the_menu_shows_it_to_who_may_and_to_nobody_else(sign_in):
    assert f'href="{PATH}"' in text_of(sign_in("user_manager").get("/patron-services/"))
    for role in ("circulation_desk_manager", "general_system_administrator"):
        client = sign_in(role)
        assert f'href="{PATH}"' not in text_of(client.get("/patron-services/"))
        assert client.get(PATH).status_code == 403


def test_the_page_has_the_words_of_the_field(manager):
    page = text_of(manager.get(PATH))

    for words in (
        "Bulk Fine Waiving", "Fine Threshold to Waive", "Exclude Users With Overdue Loans", "User Group",
        "Waive Fines Types", "Waiving Reason", "Waiving Comment", "Run Bulk Fine Waiving",
    ):  # fmt: skip
        assert words in page


def test_enter_in_a_field_presses_the_run_and_not_the_list(manager):
    page = text_of(manager.get(PATH))

    form = page[page.index('id="bulk-form"') :]
    first = form[form.index('type="submit"') :].split(">")[0]
    assert first.startswith('type="submit" class="visually-hidden" name="run"')


def test_ten_and_fifty_and_seventy_are_above_a_threshold_of_120(library, manager):
    for amount_minor in (1000, 5000, 7000):
        library.charge(amount_minor)
    library.charge(250, patron=library.new_patron("ada", last_name="Lovelace"))

    page = text_of(manager.get(f"{PATH}preview/", ALL))

    assert '1 patron · 1 fee · <strong class="money">$2.50</strong>; 1 patron is above the threshold and' in page
    assert "the user owes more than the threshold" in page
    assert "Lovelace" in page and "$130.00" in page
    whole = text_of(manager.get(f"{PATH}preview/", {**ALL, "threshold": "130"}))
    assert '2 patrons · 4 fees · <strong class="money">$132.50</strong>' in whole


def test_the_preview_says_what_is_missing(manager):
    page = text_of(manager.get(f"{PATH}preview/", {"threshold": ""}))

    for sentence in ("Write a threshold above zero.", "Choose user groups, or all of them.", "Choose types, or all of"):
        assert sentence in page


def test_the_live_preview_names_the_address_that_fills_the_form_in_so(library, manager):
    answer = manager.get(f"{PATH}preview/", {**ALL, "threshold": "1e3", "excludes_overdue": "on"})

    assert answer["HX-Replace-Url"] == f"{PATH}?threshold=1e3&excludes_overdue=on&groups=all&types=all"
    page = text_of(manager.get(answer["HX-Replace-Url"]))
    assert 'value="1e3"' in page
    assert '<form method="post" enctype' in page  # back to this very address


def test_who_has_to_sign_in_anew_comes_back_to_the_criteria(library):
    answer = Client().post(f"{PATH}?threshold=120&groups=all", {**ALL, "run": "1"})

    assert answer["Location"] == f"/sign-in/?next={PATH}%3Fthreshold%3D120%26groups%3Dall"


def test_the_address_fills_in_the_form_and_shows_its_preview(library, manager):
    library.charge(250)

    page = text_of(manager.get(PATH, {**ALL, "excludes_overdue": "on"}))

    assert 'value="120"' in page and "1 patron · 1 fee" in page
    assert f'{PATH}preview.csv?threshold=120&amp;excludes_overdue=on&amp;groups=all&amp;types=all"' in page


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"threshold": ""}, "Write a threshold above zero."),
        ({"threshold": "10,5"}, "Write the amount in digits with a point for the decimals, like 12.50."),
        ({"groups": []}, "Choose user groups, or all of them."),
        ({"types": []}, "Choose types, or all of them."),
        ({"reason": ""}, "Choose a reason for waiving."),
        ({"confirmed": ""}, "Type the total to confirm: $2.50."),
        ({"confirmed": "2.49"}, "That is not the total. It is $2.50 now: look at the preview again."),
        ({"created_from": "2026-03-02", "created_to": "2026-03-01"}, "This day is before the first."),
        ({"created_to": "9999-12-31"}, "Write a day between the years 1900 and 2999."),
        ({"created_from": "0001-01-01"}, "Write a day between the years 1900 and 2999."),
        ({"created_from": "yesterday"}, "Write a day, like 2026-03-31."),
        ({"comment": "x" * 1001}, "At most 1000 characters, please."),
        ({"threshold": "2.49"}, "Nothing matches, so there is nothing to waive."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(library, manager, more, sentence):
    library.charge(250)

    answer = send(manager, **{"confirmed": "2.50", "comment": "Amnesty", **more})

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert more.get("comment", "Amnesty") in text_of(answer)
    assert (JobRun.objects.count(), BulkWaiver.objects.count()) == (0, 0)


def test_a_confirmed_form_starts_one_run_however_often_it_is_sent(library, manager):
    library.charge(250)

    first, again = send(manager, confirmed="2.50"), send(manager, confirmed="2.50")

    waiver = BulkWaiver.objects.get()
    assert (first.status_code, first["Location"]) == (302, f"{PATH}runs/{waiver.pk}/")
    assert again["Location"] == first["Location"]
    assert JobRun.objects.count() == 1
    assert "It is one run" in text_of(manager.get(again["Location"]))


def test_all_that_the_preview_counts_is_downloaded(library, manager):
    fee = library.charge(250)
    evil = library.new_patron("evil", last_name="=HYPERLINK(1)")
    library.charge(20000, patron=evil)

    rows = table(manager.get(f"{PATH}preview.csv", ALL))

    assert rows[0] == ["User ID", "Name", "User Group", "Fee ID", "Type", "Created", "Open", "User owes in all",
                       "What happens"]  # fmt: skip
    assert rows[1][0] == "jdoe" and rows[1][3:] == [
        str(fee.pk), "Other", "2026-03-02", "2.50", "2.50", "would be waived",
    ]  # fmt: skip
    assert rows[2][1] == "'=HYPERLINK(1)" and rows[2][-1] == "the user owes more than the threshold"


def test_a_file_by_criteria_that_are_wrong_leads_to_the_page_that_says_so(manager):
    page = manager.get(f"{PATH}preview.csv", {**ALL, "threshold": "0.5.0"}, follow=True)

    assert page.redirect_chain == [(f"{PATH}?threshold=0.5.0&groups=all&types=all", 302)]
    assert "Write the amount in digits with a point for the decimals, like 12.50." in text_of(page)


def test_the_run_page_shows_totals_report_and_undo(library, manager):
    library.charge(250)
    library.charge(20000, patron=library.new_patron("rich", last_name="Rich"))
    run_page = send(manager, confirmed="2.50", comment="Amnesty")["Location"]
    assert "It begins as soon as a worker is free." in text_of(manager.get(run_page))
    finish(BulkWaiver.objects.get().run_id, timezone.now())

    page = text_of(manager.get(run_page))
    report = table(manager.get(f"{run_page}report.csv"))

    assert "Undo this run" in page and "Amnesty" in page and "$2.50" in page and "hx-trigger" not in page
    assert "Rich" in page and "Not waived: the user owes more than the threshold." in page
    assert [row[1:] for row in report[1:]] == [
        ["jdoe", "Doe, Jane", "", "Waived", "1", "2.50", ""],
        ["rich", "Rich", "", "Not waived: the user owes more than the threshold.", "1", "200.00", ""],
    ]

    undone = manager.post(f"{run_page}undo/")
    finish(BulkWaiver.objects.get().undo_run_id, timezone.now())
    page = text_of(manager.get(undone["Location"]))
    assert "Undone: 1 fees, $2.50." in page and "Undo this run" not in page
    assert Transfer.objects.filter(kind="CORRECTION").count() == 1
    assert "The undo of this run was started before." in text_of(manager.post(f"{run_page}undo/", follow=True))
    assert "Undone" in text_of(manager.get(f"{PATH}runs/"))


def test_a_run_that_goes_on_asks_for_itself_again_and_is_not_undone(library, manager):
    library.charge(250)
    run_page = send(manager, confirmed="2.50")["Location"]

    part = manager.get(run_page, headers={"HX-Request": "true", "HX-Target": "bulk-run"})
    refused = manager.post(f"{run_page}undo/")

    assert text_of(part).startswith('<div id="bulk-run" hx-get=') and "<html" not in text_of(part)
    assert refused.status_code == 422
    assert "The run has not ended yet." in text_of(refused)


def test_a_run_that_goes_on_shows_rate_and_time_left_as_every_job_does(library, manager):
    library.charge(250)
    run_page = send(manager, confirmed="2.50")["Location"]
    begun = timezone.now()
    going = {"state": JobRun.State.RUNNING, "started_at": begun, "expected": 4000, "counts": {"looked_at": 1000}}
    JobRun.objects.update(**going)

    with time_machine.travel(begun + timedelta(seconds=10), tick=False):
        page = text_of(manager.get(run_page))

    assert "1,000 of 4,000" in page and "100 per second" in page and "30 seconds left" in page


def test_a_list_is_uploaded_and_its_bad_lines_are_named(library, manager):
    library.charge(250)
    file = SimpleUploadedFile("staff.csv", b"jdoe\nnobody\n")

    answer = manager.post(PATH, {**ALL, "upload": "1", "kind": "users", "file": file}, follow=True)

    kept = IdList.objects.get()
    assert answer.request["QUERY_STRING"] == f"threshold=120&groups=all&types=all&id_list={kept.pk}"
    page = text_of(answer)
    assert "Only the users of “staff.csv”" in page and "2 lines: 1 found, 1 not." in page
    assert "Line 2: <code>nobody</code> names nobody and nothing here" in page

    send(manager, confirmed="2.50", id_list=str(kept.pk))
    waiver = BulkWaiver.objects.get()
    finish(waiver.run_id, timezone.now())
    report = table(manager.get(f"{PATH}runs/{waiver.pk}/report.csv"))
    assert [row[0:2] + row[4:5] for row in report[1:]] == [
        ["", "jdoe", "Waived"],
        ["2", "nobody", "names nobody and nothing here"],
    ]


def test_a_line_that_names_no_fee_stands_under_the_fees(library, manager):
    fee = library.charge(250)
    manager.post(PATH, {**ALL, "upload": "1", "kind": "fees", "typed": f"{fee.pk}\nabc\n999999999"})
    send(manager, confirmed="2.50", id_list=str(IdList.objects.get().pk))
    waiver = BulkWaiver.objects.get()
    finish(waiver.run_id, timezone.now())

    report = table(manager.get(f"{PATH}runs/{waiver.pk}/report.csv"))

    assert [row[0:2] + row[3:5] for row in report[2:]] == [
        ["2", "", "abc", "is no ID of a fee"],
        ["3", "", "999999999", "names nobody and nothing here"],
    ]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"typed": " "}, "There is no ID in it."),
        ({"file": SimpleUploadedFile("a.xlsx", b"no such thing")}, "This file cannot be read."),
        ({"typed": "1\n" * 20_001}, "A list has at most 20,000 lines and 2 MB."),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_where_it_came_from(library, manager, given, sentence):
    answer = manager.post(PATH, {**ALL, "upload": "1", "kind": "users", **given})

    assert answer.status_code == 422
    assert sentence in text_of(answer) and 'value="120"' in text_of(answer)
    assert not IdList.objects.exists()


def test_what_is_not_there_is_not_found(library, manager, other_library):
    for path in (f"{PATH}runs/9/", f"{PATH}runs/9/report.csv", f"{PATH}runs/99999999999999999999/"):
        assert manager.get(path).status_code == 404
    assert manager.post(f"{PATH}runs/9/undo/").status_code == 404
    theirs = IdList.objects.create(
        institution=other_library.institution, kind="users", name="x", created_at=NOON, created_by="x", is_complete=True
    )
    assert manager.get(PATH, {**ALL, "id_list": str(theirs.pk)}).status_code == 200
    assert send(manager, confirmed="1", id_list=str(theirs.pk)).status_code == 422


def test_every_refusal_verdict_and_event_has_its_words():
    classes = {each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Refused)}
    assert classes - {Refused} <= set(WORDS)
    assert set(VERDICTS) == set(Verdict) and set(PROBLEMS) == set(IdLine.Problem)
    codes = {f"bulk_waiving.{each}" for each in Verdict if each is not Verdict.WAIVED}
    codes |= {"bulk_waiving.nothing_named", *(f"bulk_undo.{each}" for each in NOT_UNDONE)}
    assert codes <= set(SENTENCES)
    assert all(told(code) != code for code in codes)

"""Users added, replaced and deleted by programs, and what comes back of what they sent (row G1)."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from amerce.circulation.models import Request
from amerce.events.models import Event
from amerce.ledger.verify import verify
from amerce.patrons.details import Details
from amerce.patrons.edit_patron import edit_patron
from amerce.patrons.models import Contact, Patron, PatronBlock, PatronIdentifier, PatronNote
from tests.api.goldens import same_as_golden
from tests.api.programs import Program
from tests.charges.acts import Desk as Acts
from tests.patrons.people import manager, no_record_written
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
SENT: dict[str, Any] = {
    "primary_id": "Nora7",
    "first_name": "Nora",
    "middle_name": "B.",
    "last_name": "Newcomer",
    "user_title": {"value": "DR", "desc": "Dr."},
    "job_description": "Geologist",
    "gender": {"value": "FEMALE"},
    "user_group": {"value": "22"},
    "campus_code": {"value": "NORTH"},
    "preferred_language": {"value": "de"},
    "birth_date": "1990-04-05Z",
    "expiry_date": "2027-08-31Z",
    "purge_date": "2029-01-01Z",
    "account_type": {"value": "EXTERNAL"},
    "external_id": "SIS",
    "status": {"value": "ACTIVE"},
    "contact_info": {
        "address": [
            {
                "preferred": True, "segment_type": "External", "line1": "1 High Street", "line2": "Flat 2",
                "city": "Larkspur", "state_province": "IL", "postal_code": "60999", "country": {"value": "USA"},
                "address_note": "Back door", "start_date": "2020-01-01Z", "address_type": [{"value": "home"}],
            }
        ],
        "email": [
            {"preferred": True, "segment_type": "External", "email_address": "nora@example.org",
             "description": "Office", "email_type": [{"value": "work"}, {"value": "school"}]},
            {"preferred": False, "segment_type": "Internal", "email_address": "n@example.org",
             "email_type": [{"value": "personal"}]},
        ],
        "phone": [
            {"preferred": True, "preferred_sms": True, "segment_type": "Internal", "phone_number": "+1 312 555",
             "phone_type": [{"value": "mobile"}]}
        ],
    },
    "user_identifier": [
        {"value": "29007", "id_type": {"value": "BARCODE"}, "note": "Blue card", "status": "ACTIVE",
         "segment_type": "External"},
        {"value": "N-7", "id_type": {"value": "INST_ID"}, "status": "INACTIVE", "segment_type": "Internal"},
    ],
    "user_role": [
        {"status": {"value": "ACTIVE"}, "scope": {"value": "MAIN"}, "role_type": {"value": "200", "desc": "Patron"},
         "parameter": []}
    ],
    "user_block": [
        {"block_type": {"value": "LOAN"}, "block_description": {"value": "02", "desc": "Lost card"},
         "block_status": "ACTIVE", "block_note": "Ask", "segment_type": "Internal"},
        {"block_type": {"value": "CASH"}, "block_description": {"value": "03", "desc": "Old"},
         "block_status": "INACTIVE"},
    ],
    "user_note": [
        {"note_type": {"value": "OTHER"}, "note_text": "Reads <maps> & charts", "user_viewable": True,
         "popup_note": False, "created_by": "sis", "created_date": "2020-02-03T04:05:06.000Z",
         "segment_type": "Internal"}
    ],
    "user_statistic": [
        {"segment_type": "External", "statistic_category": {"value": "GEO"}, "category_type": {"value": "DEPT"},
         "statistic_note": "Rocks"}
    ],
    "library_notice": [{"code": {"value": "courtesy"}, "value": True}],
    "something_new": {"deep": [1, "two", None, {"three": 3}]},
}  # fmt: skip


def contained(sent: Any, got: Any, path: str = "") -> None:
    """Everything that was sent is there; what the answer adds (descriptions, links) is its own."""
    if isinstance(sent, dict):
        for key, value in sent.items():
            assert key in got, f"{path}/{key}"
            contained(value, got[key], f"{path}/{key}")
    elif isinstance(sent, list):
        assert len(sent) == len(got), path
        for number, value in enumerate(sent):
            contained(value, got[number], f"{path}/{number}")
    else:
        assert sent == got, path


def test_what_is_sent_comes_back(program: Program) -> None:
    contained(SENT, program.post("/users", SENT))
    contained(SENT, program.get("/users/nora7"))

    patron = Patron.objects.get(primary_id="Nora7")
    assert (patron.kind, patron.source_system, patron.preferred_language, patron.group.code) == (
        "external", "SIS", "de", "22",
    )  # fmt: skip
    assert set(PatronIdentifier.objects.filter(patron=patron).values_list("type", "value", "is_loaded")) == {
        ("INST_ID", "N-7", False), ("BARCODE", "29007", True),
    }  # fmt: skip
    assert PatronBlock.objects.get(patron=patron).type == "LOAN"
    event = Event.objects.get(name="patron.created")
    assert (event.actor_name, event.patron_id) == ("Portal", patron.pk)
    assert "Nora" not in json.dumps(event.data)


def test_what_is_read_can_be_sent_back_and_changes_nothing(program: Program) -> None:
    program.post("/users", SENT)
    read = program.get("/users/nora7")
    seq, events = Patron.objects.get(primary_id="Nora7").seq, Event.objects.count()

    again = program.put("/users/nora7", read)

    assert again == read
    assert (Patron.objects.get(primary_id="Nora7").seq, Event.objects.count()) == (seq, events)


def test_a_user_travels_in_xml_too(program: Program) -> None:
    program.post("/users", SENT)
    read = program.get("/users/nora7")
    as_xml = program.call("get", "/users/nora7?format=xml").content

    again = program.put("/users/nora7", as_xml, content_type="application/xml")

    contained({key: SENT[key] for key in SENT if key not in ("something_new", "library_notice")}, again)
    assert again["user_identifier"] == read["user_identifier"]
    assert again["contact_info"] == read["contact_info"]


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_user_in_both_forms(program: Program, form: str) -> None:
    program.post("/users", SENT)

    same_as_golden(f"user.{form}", program.call("get", f"/users/nora7?format={form}"), {})


def details_of(patron: Patron) -> Details:
    return Details(patron.primary_id, patron.first_name, patron.middle_name, patron.last_name, patron.group_id)


def test_what_the_desk_saves_between_reading_and_writing_is_not_undone(program: Program, library: Library) -> None:
    patron = library.patron
    saved = []

    def save_at_the_desk(execute: Any, sql: str, *rest: Any) -> Any:
        if 'FROM "patrons_usergroup"' in sql and not saved:
            saved.append(True)
            details = replace(details_of(patron), last_name="Doe-Smith")
            edit_patron(actor=manager(library), at=NOON, patron_id=patron.pk, expected_seq=patron.seq, details=details)
        return execute(sql, *rest)

    with connection.execute_wrapper(save_at_the_desk):
        told = program.put("/users/jdoe", {"user_group": {"value": "22"}, "job_description": "Geologist"})

    assert saved
    assert (told["last_name"], told["job_description"]) == ("Doe-Smith", "Geologist")


def test_lists_that_are_sent_replace_and_what_is_not_sent_stays(program: Program) -> None:
    program.post("/users", SENT)
    note = PatronNote.objects.get()

    told = program.put(
        "/users/nora7",
        {"primary_id": "Nora7", "last_name": "Oldcomer", "contact_info": {"email": []}, "user_block": [],
         "user_note": [*SENT["user_note"], {"note_text": "New"}]},
    )  # fmt: skip

    assert (told["first_name"], told["last_name"], told["job_description"]) == ("Nora", "Oldcomer", "Geologist")
    assert told["contact_info"] == {"address": [], "email": [], "phone": []}
    assert (len(told["user_identifier"]), told["user_block"]) == (2, [])
    assert PatronNote.objects.filter(pk=note.pk).exists(), "who wrote it stays known"
    assert [each["note_text"] for each in told["user_note"]] == ["Reads <maps> & charts", "New"]
    assert not Contact.objects.exists()
    assert Event.objects.filter(name="block.lifted").count() == 1
    assert program.get("/users?q=last_name~oldcomer")["total_record_count"] == 1
    assert program.get("/users?q=last_name~newcomer")["total_record_count"] == 0


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"primary_id": None}, "401664"),
        ({"primary_id": " "}, "401664"),
        ({"primary_id": "JDOE"}, "401851"),
        ({"user_identifier": [{"value": "B-1", "id_type": {"value": "BARCODE"}}]}, "401851"),
        ({"user_group": {"value": "NONE"}}, "401852"),
        ({"account_type": {"value": "ROBOT"}}, "401666"),
        ({"status": {"value": "ASLEEP"}}, "401666"),
        ({"expiry_date": "soon"}, "401666"),
        ({"expiry_date": "2027-02-30Z"}, "401666"),
        ({"first_name": "x" * 151}, "401666"),
        ({"first_name": "a\x00b"}, "401666"),
        ({"first_name": ["x"]}, "401666"),
        ({"contact_info": {"email": [{"email_address": "nobody"}]}}, "401666"),
        ({"contact_info": {"email": ["nobody"]}}, "401666"),
        ({"user_identifier": [{"value": "B-2"}]}, "401664"),
        ({"something_new": "a\x00b"}, "401666"),
        ({"something_new": "x" * 100_001}, "401666"),
        ({"password": "x" * 256}, "401666"),
    ],
)
def test_a_user_that_cannot_be_is_refused_with_its_code(program: Program, library: Library, sent, code: str) -> None:  # type: ignore[no-untyped-def]
    library.new_patron("other", identifiers={"BARCODE": "B-1"})

    with no_record_written():
        assert program.refused("post", "/users", {**SENT, **sent}) == (400, code)


def test_the_clearance_to_write_is_needed(library: Library) -> None:
    reader = Program.of(library, "users:read")
    reader.refused("delete", "/users/jdoe")  # which is told as an event, once a minute
    with no_record_written():
        assert reader.refused("post", "/users", SENT) == (403, "FORBIDDEN")
        assert reader.refused("put", "/users/jdoe", SENT) == (403, "FORBIDDEN")
        assert reader.refused("delete", "/users/jdoe") == (403, "FORBIDDEN")


def test_a_password_is_kept_as_a_hash_and_asked_for(program: Program) -> None:
    program.post("/users", {**SENT, "password": "walnut-otter-52"})

    right = program.call("post", "/users/nora7?op=auth&password=walnut-otter-52")
    assert (right.status_code, right.content) == (204, b"")
    assert program.refused("post", "/users/nora7?op=auth&password=wrong") == (400, "401866")
    assert program.refused("post", "/users/jdoe?op=auth&password=") == (400, "401866")
    assert program.refused("post", "/users/nora7?op=other&password=x") == (400, "401666")
    assert "walnut" not in json.dumps(program.get("/users/nora7"))
    assert "walnut" not in Patron.objects.get(primary_id="Nora7").password
    for _ in range(9):
        program.call("post", "/users/nora7?op=auth&password=wrong")
    assert program.refused("post", "/users/nora7?op=auth&password=walnut-otter-52") == (400, "401866")


def test_somebody_without_a_past_is_deleted_whole(program: Program) -> None:
    program.post("/users", SENT)

    gone = program.call("delete", "/users/nora7")

    assert (gone.status_code, gone.content) == (204, b"")
    assert not Patron.objects.filter(primary_folded="nora7").exists()
    assert Event.objects.get(name="patron.deleted").data["is_erased"] is False
    assert program.refused("get", "/users/nora7") == (400, "401861")


def test_somebody_with_money_in_the_past_is_erased_and_the_ledger_stands(program: Program, library: Library) -> None:
    desk = Acts(library)
    desk.pay(desk.charge(500))
    program.put("/users/jdoe", {**SENT, "primary_id": "jdoe"})

    assert program.call("delete", "/users/jdoe").status_code == 204

    patron = Patron.objects.get(pk=library.patron.pk)
    assert (patron.first_name, patron.last_name, patron.status, patron.other_fields) == ("", "", "inactive", {})
    assert patron.primary_id.startswith("deleted-")
    for model in (Contact, PatronIdentifier, PatronNote, PatronBlock):
        assert not model.objects.filter(patron=patron).exists()
    assert program.get("/users?q=last_name~doe")["total_record_count"] == 0
    assert verify().findings == []


def test_nobody_is_deleted_who_owes_has_or_waits(program: Program, library: Library) -> None:
    desk = Acts(library)
    fee = desk.charge(500)
    with no_record_written():
        assert program.refused("delete", "/users/jdoe") == (400, "401850")
    desk.pay(fee)
    waiting = Request.objects.create(
        institution=library.institution, patron=library.patron, item=library.new_item(), pickup=library.library,
        placed_at=desk.at,
    )  # fmt: skip
    with no_record_written():
        assert program.refused("delete", "/users/jdoe") == (400, "401850")
    waiting.delete()
    assert program.call("delete", "/users/jdoe").status_code == 204


@pytest.mark.parametrize("rows", [[1], "text", {"email": 5}, {"user_block": {"x": 5}}, {"user_block_kept": 7}])
def test_what_we_keep_for_ourselves_is_not_sent_by_others(program: Program, rows: object) -> None:
    program.post("/users", {**SENT, "rows": rows})
    program.put("/users/nora7", {**SENT, "rows": rows})

    contained(SENT, program.get("/users/nora7"))

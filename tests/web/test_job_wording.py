"""Every job has words, and so has everything that a run of it tells or counts."""

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from django.urls import reverse

from amerce.bulk.selection import Verdict
from amerce.bursar.export_stages import BELOW, CHANGED, NO_IDENTIFIER
from amerce.bursar.models import BursarPayment
from amerce.circulation.anonymise import Anonymising
from amerce.circulation.overdue_fines import Accrued
from amerce.circulation.purge import Purging
from amerce.config.wiring import JOBS
from amerce.web.bulk_wording import NOT_UNDONE
from amerce.web.job_wording import ABOUT, OWN_PAGES, PARAMS, who_in_words
from amerce.web.run_event_wording import COUNTS, SENTENCES, sentence_of
from tests.world import Library

_Outcome = BursarPayment.Outcome
_OF_UNDOS = (_Outcome.STANDS_USED, _Outcome.STANDS_MOVED)
MADE_OF: dict[str, set[str]] = {
    "SKIPPED + verdict": {f"bulk_waiving.{each}" for each in Verdict if each != Verdict.WAIVED},
    "NOTHING_HERE": {"bulk_waiving.nothing_named"},
    "NOT_UNDONE + type(refusal).__name__": {f"bulk_undo.{each}" for each in NOT_UNDONE},
    "f'bursar.{line.reason}'": {f"bursar.{each}" for each in (BELOW, CHANGED, NO_IDENTIFIER)},
    "f'bursar.line_{row.outcome}'": {
        f"bursar.line_{each}"
        for each in _Outcome
        if each not in (_Outcome.PENDING, _Outcome.PAID, _Outcome.PART, _Outcome.UNDONE, *_OF_UNDOS)
    },
    "f'bursar.payment_{line.outcome}'": {f"bursar.payment_{each}" for each in _OF_UNDOS},
    "f'bursar.check_{row.outcome}'": {
        f"bursar.check_{each}" for each in (_Outcome.EXCESS, _Outcome.OVERPAID, _Outcome.ELSEWHERE)
    },
}
"""The codes that are not written out where a job tells something, by how they are made there."""
COUNTED = (Accrued, Anonymising, Purging)
"""What a slice hands over whole as its counts."""


def _sources() -> Iterator[ast.Module]:
    """The packages that jobs live in, which are not the faces."""
    folders = {Path(job.slice.__code__.co_filename).parent for job in JOBS}
    for folder in sorted(folders):
        for path in folder.glob("*.py"):
            yield ast.parse(path.read_text())


def _calls(name: str) -> Iterator[ast.Call]:
    for tree in _sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield node


def _codes() -> set[str]:
    """The code of every ``RunEvent`` that is made anywhere."""
    codes: set[str] = set()
    for call in _calls("RunEvent"):
        code = call.args[1]
        if isinstance(code, ast.Constant):
            codes.add(code.value)
        else:
            codes |= MADE_OF[ast.unparse(code)]
    return codes


def _counts() -> set[str]:
    """The keys of every dict that is called, or answered by something called, ``counts``."""
    dicts: list[ast.AST | None] = []
    for tree in _sources():
        for node in ast.walk(tree):
            match node:
                case ast.keyword(arg="counts") | ast.Assign(targets=[ast.Name(id="counts")]):
                    dicts.append(node.value)
                case ast.FunctionDef(name="_counts"):
                    dicts += [each.value for each in node.body if isinstance(each, ast.Return)]
    names = {
        key.value for each in dicts if isinstance(each, ast.Dict) for key in each.keys if isinstance(key, ast.Constant)
    }
    return names | {each.name for made in COUNTED for each in fields(made)}


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_a_job_has_a_title_says_what_it_does_and_names_its_parameters(job) -> None:  # type: ignore[no-untyped-def]
    assert str(job.title)
    assert str(ABOUT[job.name]).endswith(".")
    assert set(job.params) <= set(PARAMS)
    assert all(str(meaning) for meaning in job.params.values())


def test_words_are_of_jobs_that_are_there() -> None:
    assert set(ABOUT) == {each.name for each in JOBS}
    assert set(OWN_PAGES) <= set(ABOUT)


def test_a_job_with_a_page_of_its_own_has_that_page() -> None:
    assert all(reverse(page) for page in OWN_PAGES.values())


def test_everything_that_a_run_tells_has_a_sentence() -> None:
    codes = _codes()

    assert len(codes) > 20
    assert codes - set(SENTENCES) == set()
    assert set(SENTENCES) - codes == set()


def test_everything_that_a_run_counts_has_a_label() -> None:
    counts = _counts()

    assert {"looked_at", "total_minor", "messages", "rejected", "taken_back", "accounts", "anonymised"} <= counts
    assert counts - set(COUNTS) == set()
    assert set(COUNTS) - counts == set()


@pytest.mark.django_db
def test_a_report_says_a_status_in_words_and_how_many_as_the_institution_writes_it(library: Library) -> None:
    changed = {"patron": 1, "fee": 7001, "amount_minor": 1000, "status": "INDISPUTE"}
    exported = {"export": 7001, "state": "made", "fees": 2501, "total_minor": 250100}
    imported = {"file": "paid.xml", "lines": 2501, "booked": 1, "applied_minor": 1000}

    assert [
        sentence_of(code, data, library.institution)
        for code, data in (
            ("bursar.changed", changed),
            ("bursar.exported", exported),
            ("bursar.imported", imported),
        )
    ] == [
        "Fee 7001 of $10.00 was not exported: it was “In Dispute” by then.",
        "Export 7001: $2,501.00, fees: 2,501.",
        "paid.xml: lines booked: 1 of 2,501, $10.00.",
    ]


@pytest.mark.django_db
def test_a_line_without_an_id_or_an_amount_is_told_as_such(library: Library) -> None:
    line = {"line": 3, "id": "", "sum": "5.00", "currency": "USD", "fee": None, "patron": None, "excess_minor": 0}

    assert [
        sentence_of("bursar.line_unknown", line, library.institution),
        sentence_of("bursar.line_unknown", {**line, "id": "LU7"}, library.institution),
        sentence_of("bursar.line_unreadable", {**line, "id": "LU7", "sum": ""}, library.institution),
        sentence_of("bursar.line_unreadable", {**line, "id": "LU7", "sum": "31000123"}, library.institution),
    ] == [
        "Line 3 names no id; 5.00 not booked.",
        "Line 3: no fee has the id “LU7”; 5.00 not booked.",
        "Line 3, LU7: there is no amount; not booked.",
        "Line 3, LU7: “31000123” is no amount, or more than may be taken at once; not booked.",
    ]


def test_who_did_something_is_said_by_the_title_of_the_job() -> None:
    said = [who_in_words(each) for each in ("job bursar-export", "schedule", "job unknown", "hand")]

    assert said == ["Export to Bursar", "Schedule", "job unknown", "hand"]

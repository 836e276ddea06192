import pytest

from amerce.circulation.models import TermsOfUse
from amerce.circulation.terms import NoTerms, TermsTable, in_order

FACULTY, STUDENTS = 1, 2
MAIN, SCIENCE = 11, 12


def terms(name: str, group: int | None = None, item_policy: str = "", library: int | None = None) -> TermsOfUse:
    return TermsOfUse(name=name, group_id=group, item_policy=item_policy, library_id=library)


EVERYBODY = terms("everybody")
TABLE = TermsTable(
    in_order(
        [
            terms("faculty", FACULTY),
            terms("short loan", item_policy="SHORT"),
            terms("main", library=MAIN),
            terms("faculty in main", FACULTY, library=MAIN),
            terms("short loan of faculty", FACULTY, "SHORT"),
            EVERYBODY,
        ]
    )
)


@pytest.mark.parametrize(
    ("group", "item_policy", "library", "expected"),
    [
        (STUDENTS, "", SCIENCE, "everybody"),
        (None, "", SCIENCE, "everybody"),
        (FACULTY, "", SCIENCE, "faculty"),
        (STUDENTS, "", MAIN, "main"),
        (STUDENTS, "SHORT", MAIN, "short loan"),
        (FACULTY, "", MAIN, "faculty in main"),
        (FACULTY, "SHORT", MAIN, "short loan of faculty"),
        (FACULTY, "SHORT", SCIENCE, "short loan of faculty"),
        (FACULTY, "OTHER", MAIN, "faculty in main"),
    ],
)
def test_the_terms_that_name_most_win_and_the_item_policy_weighs_most(group, item_policy, library, expected):
    found = TABLE.for_loan(group_id=group, item_policy=item_policy, library_id=library)

    assert found.name == expected


def test_where_nothing_matches_it_says_for_what():
    with pytest.raises(NoTerms) as refused:
        TermsTable(()).for_loan(group_id=FACULTY, item_policy="SHORT", library_id=MAIN)

    assert (refused.value.group_id, refused.value.item_policy, refused.value.library_id) == (FACULTY, "SHORT", MAIN)

"""Letters a second on one core: HTML, text and MIME, kept in the database; and PDF files, for information.

Why remarks and no ratio: by hand it would be the same templates and the same mail library.
"""

from collections.abc import Iterator
from time import perf_counter, process_time

from django.db import transaction

from amerce.letters.models import Letter
from amerce.letters.pdf import can_make_pdf, page_of, pdf_of
from amerce.letters.press import NewLetter
from amerce.letters.samples import sample
from amerce.letters.write import write_letters
from amerce.patrons.models import Contact
from amerce.perf.ground import Ground, now

LETTERS, AT_ONCE, PDFS = 2_000, 200, 20
KIND = "FINES_FEES_NOTIFICATION"


def remarks(ground: Ground) -> Iterator[str]:
    Contact.objects.bulk_create(
        Contact(institution_id=ground.institution_id, patron_id=each, kind="email", text=f"p{each}@example.org")
        for each in ground.patron_ids
    )
    data = {name: value for name, value in sample(KIND).items() if name not in ("patron", "number")}
    began, busy = perf_counter(), process_time()
    for begin in range(0, LETTERS, AT_ONCE):
        whose = ground.spread(AT_ONCE)
        letters = [
            NewLetter(kind=KIND, patron_id=patron_id, channels=("email",), data=data, key=f"bench:{begin + number}")
            for number, patron_id in enumerate(whose)
        ]
        with transaction.atomic():
            write_letters(actor=ground.actor, at=now(), letters=letters)
    taken_s, busy_s = perf_counter() - began, process_time() - busy
    rates = f"{LETTERS / taken_s:,.0f}/s, {LETTERS / busy_s:,.0f} in a second of one core"
    yield f"letters (HTML, text, MIME, kept): {rates}"
    if can_make_pdf():
        some = list(Letter.objects.order_by("pk")[:PDFS])
        began = perf_counter()
        for each in some:
            pdf_of([page_of(each)])
        yield f"PDF files of letters: {PDFS / (perf_counter() - began):,.1f}/s"

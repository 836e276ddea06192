"""Letters that are there, below ``/letters/``."""

from django.urls import path

from amerce.web.letter_printing import letter_batch, letter_batch_printed, letter_print
from amerce.web.letter_worklist import letters, letters_again
from amerce.web.letters import letter, letter_action, letter_body, letter_file, letter_xml

urlpatterns = [
    path("", letters, name="letters"),
    path("again/", letters_again, name="letters-again"),
    path("print/", letter_print, name="letter-print"),
    path("print/<int:batch_id>/", letter_batch, name="letter-batch"),
    path("print/<int:batch_id>/printed/", letter_batch_printed, name="letter-batch-printed"),
    path("<int:letter_id>/", letter, name="letter"),
    path("<int:letter_id>/body/", letter_body, name="letter-body"),
    path("<int:letter_id>/file/", letter_file, name="letter-file"),
    path("<int:letter_id>/xml/", letter_xml, name="letter-xml"),
    path("<int:letter_id>/action/", letter_action, name="letter-action"),
]

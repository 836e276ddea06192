"""What is done with the loans and requests of one patron, under ``/patrons/<id>/``."""

from django.urls import path

from amerce.web.checkouts import checkouts
from amerce.web.loan_columns import loan_columns
from amerce.web.loan_marks import loan_mark
from amerce.web.loan_notes import loan_notes
from amerce.web.renewals import renewals
from amerce.web.requests import new_request, request_cancel
from amerce.web.returns import loan_returns

urlpatterns = [
    path("checkouts/", checkouts, name="checkouts"),
    path("renewals/", renewals, name="renewals"),
    path("returns/", loan_returns, name="loan-returns"),
    path("loan-columns/", loan_columns, name="loan-columns"),
    path("loans/<int:loan_id>/notes/", loan_notes, name="loan-notes"),
    path("loans/<int:loan_id>/<slug:mark>/", loan_mark, name="loan-mark"),
    path("requests/new/", new_request, name="request-new"),
    path("requests/<int:request_id>/cancel/", request_cancel, name="request-cancel"),
]

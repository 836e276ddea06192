"""The pages of one patron's account, below ``/patrons/<id>/``: one verb, one file, one resource."""

from django.urls import path

from amerce.web import payments
from amerce.web.activity_reports import activity_report_page
from amerce.web.corrections import correct_transfer
from amerce.web.disputes import dispute_fee, restore_fee
from amerce.web.fee_history import history_of_fee
from amerce.web.fees import fees
from amerce.web.items import item_of_fee
from amerce.web.new_fee import new_fee
from amerce.web.patron_history import patron_history
from amerce.web.payment_preview import payment_preview
from amerce.web.receipt_emails import email_receipt
from amerce.web.receipts import receipt
from amerce.web.refunds import refund_fee
from amerce.web.waivers import waiver

urlpatterns = [
    path("fees/", fees, name="patron-fees"),
    path("fees/new/", new_fee, name="fee-new"),
    path("fees/<int:fee_id>/", history_of_fee, name="fee-history"),
    path("fees/<int:fee_id>/dispute/", dispute_fee, name="fee-dispute"),
    path("fees/<int:fee_id>/restore/", restore_fee, name="fee-restore"),
    path("fees/<int:fee_id>/refund/", refund_fee, name="fee-refund"),
    path("fees/<int:fee_id>/item/", item_of_fee, name="fee-item"),
    path("fees/<int:fee_id>/corrections/<int:transfer_id>/", correct_transfer, name="correction-new"),
    path("payments/new/", payments.new, name="payment-new"),
    path("payments/preview/", payment_preview, name="payment-preview"),
    path("payments/<int:number>/", payments.payment, name="payment"),
    path("payments/<int:number>/receipt/", receipt, name="receipt"),
    path("payments/<int:number>/receipt/email/", email_receipt, name="receipt-email"),
    path("activity-report/", activity_report_page, name="activity-report"),
    path("waivers/new/", waiver, name="waiver-new"),
    path("history/", patron_history, name="patron-history"),
]

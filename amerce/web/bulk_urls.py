"""The pages of bulk waiving, below ``/user-management/bulk-fine-waiving/``."""

from django.urls import path

from amerce.web.bulk_waivers import bulk_waiver, bulk_waiver_report, bulk_waiver_undo, bulk_waivers
from amerce.web.bulk_waiving import bulk_waiving, bulk_waiving_fees, bulk_waiving_preview

urlpatterns = [
    path("", bulk_waiving, name="bulk-waiving"),
    path("preview/", bulk_waiving_preview, name="bulk-waiving-preview"),
    path("preview.csv", bulk_waiving_fees, name="bulk-waiving-fees"),
    path("runs/", bulk_waivers, name="bulk-waivers"),
    path("runs/<int:waiver_id>/", bulk_waiver, name="bulk-waiver"),
    path("runs/<int:waiver_id>/undo/", bulk_waiver_undo, name="bulk-waiver-undo"),
    path("runs/<int:waiver_id>/report.csv", bulk_waiver_report, name="bulk-waiver-report"),
]

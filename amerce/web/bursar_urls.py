"""The bursar's pages, below ``/bursar/``."""

from django.urls import path

from amerce.web.bursar import bursar, bursar_of_profile
from amerce.web.bursar_csv import bursar_csv, bursar_import_csv, bursar_run_csv
from amerce.web.bursar_files import (
    book_checked_file,
    bursar_files,
    bursar_import,
    bursar_unmatched,
    received_bursar_file,
)
from amerce.web.bursar_find import find_at_bursar, open_bursar_fee
from amerce.web.bursar_runs import acknowledge_run, bursar_run, download_bursar_file, undo_run
from amerce.web.bursar_start import begin_export, begin_import
from amerce.web.bursar_ticks import bursar_tick, bursar_tick_undo
from amerce.web.bursar_undo_import import undo_import

urlpatterns = [
    path("", bursar, name="bursar"),
    path("reconciliation.csv", bursar_csv, name="bursar-csv"),
    path("find/", find_at_bursar, name="bursar-find"),
    path("fees/<int:fee_id>/", open_bursar_fee, name="bursar-fee"),
    path("profiles/<int:bursar_id>/", bursar_of_profile, name="bursar-of-profile"),
    path("profiles/<int:bursar_id>/export/", begin_export, name="bursar-export"),
    path("profiles/<int:bursar_id>/import/", begin_import, name="bursar-import"),
    path("runs/<int:export_id>/", bursar_run, name="bursar-run"),
    path("runs/<int:export_id>/lines.csv", bursar_run_csv, name="bursar-run-csv"),
    path("runs/<int:export_id>/file/", download_bursar_file, name="bursar-file"),
    path("runs/<int:export_id>/acknowledgement/", acknowledge_run, name="bursar-acknowledge"),
    path("runs/<int:export_id>/undo/", undo_run, name="bursar-undo"),
    path("files/", bursar_files, name="bursar-files"),
    path("files/unmatched/", bursar_unmatched, name="bursar-unmatched"),
    path("files/lines/<int:line_id>/tick/", bursar_tick, name="bursar-tick"),
    path("files/lines/<int:line_id>/tick/undo/", bursar_tick_undo, name="bursar-tick-undo"),
    path("files/<int:import_id>/", bursar_import, name="bursar-file-of-payments"),
    path("files/<int:import_id>/lines.csv", bursar_import_csv, name="bursar-file-of-payments-csv"),
    path("files/<int:import_id>/undo/", undo_import, name="bursar-undo-import"),
    path("files/<int:import_id>/booking/", book_checked_file, name="bursar-book"),
    path("files/<int:import_id>/file/", received_bursar_file, name="bursar-file-received"),
]

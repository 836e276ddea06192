"""The bursar's pages, below ``/bursar/``."""

from django.urls import path

from amerce.web.bursar import begin_export, begin_import, bursar, bursar_of_profile
from amerce.web.bursar_runs import acknowledge_run, bursar_import, bursar_run, download_bursar_file, undo_run

urlpatterns = [
    path("", bursar, name="bursar"),
    path("profiles/<int:bursar_id>/", bursar_of_profile, name="bursar-of-profile"),
    path("profiles/<int:bursar_id>/export/", begin_export, name="bursar-export"),
    path("profiles/<int:bursar_id>/import/", begin_import, name="bursar-import"),
    path("runs/<int:export_id>/", bursar_run, name="bursar-run"),
    path("runs/<int:export_id>/file/", download_bursar_file, name="bursar-file"),
    path("runs/<int:export_id>/acknowledgement/", acknowledge_run, name="bursar-acknowledge"),
    path("runs/<int:export_id>/undo/", undo_run, name="bursar-undo"),
    path("files/<int:import_id>/", bursar_import, name="bursar-file-of-payments"),
]

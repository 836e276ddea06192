"""The pages of jobs, their schedules and their runs."""

from django.urls import path

from amerce.web.job_runs import job_run

urlpatterns = [
    path("runs/<int:run_id>/", job_run, name="job-run"),
]

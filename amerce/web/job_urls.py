"""The pages of jobs and their runs."""

from django.urls import path

from amerce.web.job_reports import job_run_csv, job_run_json
from amerce.web.job_runs import cancel_job_run, job_run
from amerce.web.job_schedules import start_job
from amerce.web.monitor_jobs import monitor_jobs

urlpatterns = [
    path("", monitor_jobs, name="jobs"),
    path("runs/<int:run_id>/", job_run, name="job-run"),
    path("runs/<int:run_id>/cancel/", cancel_job_run, name="job-run-cancel"),
    path("runs/<int:run_id>/report.csv", job_run_csv, name="job-run-csv"),
    path("runs/<int:run_id>/report.json", job_run_json, name="job-run-json"),
    path("<slug:job>/start/", start_job, name="job-start"),
]

"""Every page of staff. Names are used in templates and tests; paths are what librarians bookmark."""

from django.urls import include, path

from amerce.web.healthz import healthz
from amerce.web.home import home
from amerce.web.location import location
from amerce.web.patron_edit import new_user
from amerce.web.patron_services import done, record_page, scan, stay, suggestions
from amerce.web.returns import returns
from amerce.web.users import users

urlpatterns = [
    path("", home, name="home"),
    path("", include("amerce.web.sign_in_urls")),
    path("location/", location, name="location"),
    path("healthz", healthz, name="healthz"),
    path("patron-services/", scan, name="patron-services"),
    path("patron-services/suggestions/", suggestions, name="patron-suggestions"),
    path("patron-services/<int:patron_id>/", record_page, name="patron-record"),
    path("patron-services/<int:patron_id>/stay/", stay, name="patron-stay"),
    path("patron-services/<int:patron_id>/done/", done, name="patron-done"),
    path("returns/", returns, name="returns"),
    path("users/", users, name="users"),
    path("users/new/", new_user, name="user-new"),
    path("jobs/", include("amerce.web.job_urls")),
    path("user-management/bulk-fine-waiving/", include("amerce.web.bulk_urls")),
    path("letters/", include("amerce.web.letter_urls")),
    path("bursar/", include("amerce.web.bursar_urls")),
    path("configuration/", include("amerce.web.configuration_urls")),
    path("patrons/<int:patron_id>/", include("amerce.web.people_urls")),
    path("patrons/<int:patron_id>/", include("amerce.web.account_urls")),
    path("patrons/<int:patron_id>/", include("amerce.web.loan_urls")),
]

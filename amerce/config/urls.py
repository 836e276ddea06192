"""Where each face hangs."""

from django.urls import include, path

urlpatterns = [
    path("", include("amerce.api.urls")),
    path("", include("amerce.web.urls")),
]

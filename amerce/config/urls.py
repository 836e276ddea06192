"""Where each face hangs."""

from django.urls import include, path

urlpatterns = [
    path("", include("amerce.web.urls")),
]

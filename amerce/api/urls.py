"""The pages that describe the interfaces. Their calls are not among the pages (``front.py``)."""

from django.urls import path

from amerce.api.documents import docs, openapi

urlpatterns = [
    path("api/docs", docs, name="api-docs"),
    path("api/docs/<slug:name>.json", openapi, name="openapi"),
]

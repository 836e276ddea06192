"""GET /healthz: whether this process can serve, for whoever watches it."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from amerce.charges.health import guards_missing


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the database answers and every guard of the money rows stands, else 503 naming those that are gone."""
    try:
        missing = guards_missing()
    except DatabaseError:
        return JsonResponse({"status": "no database"}, status=503)
    if missing:
        return JsonResponse({"status": "guards missing", "guards": missing}, status=503)
    return JsonResponse({"status": "ok"})

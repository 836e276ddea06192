"""The limit of the REST interface: a bare Django view, without middleware, that sends the same statements by hand."""

import json
import os
import threading
from datetime import UTC, datetime
from typing import Any

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amerce.config.settings")
django.setup()
settings.ROOT_URLCONF = "amerce.perf.http_limit"
settings.MIDDLEWARE = []

from amerce.perf import charges_limit  # noqa: E402
from amerce.perf.ground import Ground, found_ground  # noqa: E402
from amerce.perf.plain import Plain  # noqa: E402

_KEY = """SELECT k.id, k.secret_hash, k.scopes, k.revoked_at, k.expires_on, i.id, i.currency_code, i.time_zone
    FROM access_api_key k JOIN institutions_institution i ON i.id = k.institution_id WHERE k.prefix = %s"""
_PATRON = "SELECT id, primary_id FROM patrons_patron WHERE institution_id = %s AND primary_folded = %s"
_FEE = """SELECT f.id, t.code, t.label, f.status, f.remaining_minor, f.original_minor, f.vat_rate_bp, f.created_at,
    f.status_at, f.title, f.barcode, f.bursar_transaction_id, l.code, l.name, n.text
    FROM charges_fee f JOIN charges_feetype t ON t.id = f.type_id LEFT JOIN institutions_library l ON l.id = f.owner_id
    LEFT JOIN patrons_note n ON n.id = f.note_id WHERE f.institution_id = %s AND f.patron_id = %s AND """
_FEES = _FEE + "f.status = 'ACTIVE' ORDER BY f.created_at DESC, f.id DESC LIMIT 201"
_ONE = _FEE + "f.id = %s"
_TRANSFERS = """SELECT t.fee_id, t.kind, t.amount_minor, t.vat_minor, t.actor_name, t.at, t.method, t.reason,
    t.external_transaction_id, l.code, l.name, d.code, n.text FROM ledger_transfer t
    LEFT JOIN institutions_library l ON l.id = t.library_id LEFT JOIN institutions_desk d ON d.id = t.desk_id
    LEFT JOIN patrons_note n ON n.id = t.note_id
    WHERE t.institution_id = %s AND (t.fee_id IN ({0}) OR t.credit_fee_id IN ({0})) ORDER BY t.seq DESC"""
_LABELS = """SELECT "table", code, label FROM institutions_codeentry
    WHERE institution_id = %s AND "table" IN ('PaymentMethod', 'FineFeeTransactionReason')"""
_kept = threading.local()


def _plain() -> Plain:
    if not hasattr(_kept, "plain"):
        _kept.plain = Plain()
    return _kept.plain  # type: ignore[no-any-return]


def _ground() -> Ground:
    if not hasattr(_kept, "ground"):
        _kept.ground = found_ground()
    return _kept.ground  # type: ignore[no-any-return]


def fees(request: HttpRequest, user_id: str) -> HttpResponse:
    plain = _plain()
    institution_id, patron_id, primary_id = _who(plain, request, user_id)
    with plain.transaction():
        rows = plain.rows(_FEES, institution_id, patron_id)
    found = _objects(plain, institution_id, primary_id, rows)
    total = sum(row[4] for row in rows)
    body = {"fee": found, "total_record_count": len(found), "total_sum": total / 100, "currency": "USD"}
    return HttpResponse(json.dumps(body), content_type="application/json")


def pay(request: HttpRequest, user_id: str, fee_id: int) -> HttpResponse:
    plain = _plain()
    institution_id, patron_id, primary_id = _who(plain, request, user_id)
    charges_limit.pay(
        _ground(), plain, at=datetime.now(UTC), patron_id=patron_id, fee_id=fee_id, method="CASH",
        form_key=request.GET["external_transaction_id"],
    )  # fmt: skip
    with plain.transaction():
        rows = plain.rows(_ONE, institution_id, patron_id, fee_id)
    (found,) = _objects(plain, institution_id, primary_id, rows)
    return HttpResponse(json.dumps(found), content_type="application/json")


def _who(plain: Plain, request: HttpRequest, user_id: str) -> tuple[int, int, str]:
    _mark, prefix, _secret = request.headers["Authorization"].split()[1].split("_")
    with plain.transaction():
        key = plain.row(_KEY, prefix)
        patron = plain.row(_PATRON, key[5], user_id.casefold())
    return key[5], patron[0], patron[1]


def _objects(plain: Plain, institution_id: int, primary_id: str, rows: list[Any]) -> list[dict[str, Any]]:
    ids = [row[0] for row in rows]
    places = ", ".join(["%s"] * len(ids))
    with plain.transaction():
        told: dict[int, list[Any]] = {each: [] for each in ids}
        for transfer in plain.rows(_TRANSFERS.format(places), institution_id, *ids, *ids):
            told.setdefault(transfer[0], []).append(transfer)
        labels = {(table, code): label for table, code, label in plain.rows(_LABELS, institution_id)}
    return [_object(primary_id, row, told[row[0]], labels) for row in rows]


def _object(primary_id: str, row: Any, transfers: list[Any], labels: dict[tuple[str, str], str]) -> dict[str, Any]:
    link = f"http://127.0.0.1/almaws/v1/users/{primary_id}"
    return {
        "id": str(row[0]),
        "type": {"value": row[1], "desc": row[2]},
        "status": {"value": row[3], "desc": row[3]},
        "user_primary_id": {"value": primary_id, "link": link},
        "balance": row[4] / 100,
        "original_amount": row[5] / 100,
        "creation_time": str(row[7]),
        "status_time": str(row[8]),
        "owner": {"value": row[12], "desc": row[13]},
        "title": row[9] or None,
        "transaction": [
            {
                "type": {"value": each[1], "desc": each[1]},
                "amount": each[2] / 100,
                "vat_amount": each[3] / 100,
                "created_by": each[4],
                "transaction_time": str(each[5]),
                "payment_method": {"value": each[6], "desc": labels.get(("PaymentMethod", each[6]))},
            }
            for each in transfers
            if each[1] != "CHARGE"
        ],
        "link": f"{link}/fees/{row[0]}",
    }


urlpatterns = [path("fees/<str:user_id>", fees), path("pay/<str:user_id>/<int:fee_id>", pay)]
application = get_wsgi_application()

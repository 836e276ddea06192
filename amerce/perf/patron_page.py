"""The patron's fees page with ten fees and with ten thousand: it must not ask more of the database."""

from collections.abc import Iterator

from django.test import Client
from django.test.utils import override_settings
from django.urls import NoReverseMatch, reverse

from amerce.charges.models import Fee, FeeType
from amerce.perf.ground import FEE_TYPE, Ground, new_patron, now
from amerce.perf.visit import visit

FEW, MANY = 10, 10_000
PAGE = "patron-fees"


def remarks(ground: Ground) -> Iterator[str]:
    """One sentence; none before the page exists."""
    try:
        reverse(PAGE, args=[ground.patron_ids[0]])
    except NoReverseMatch:
        return
    with override_settings(ALLOWED_HOSTS=["*"]):
        few, _ = _visit(ground, FEW)
        many, time_s = _visit(ground, MANY)
    yield f"patron page with {MANY:,} fees: {many} queries ({few} with {FEW}), {time_s * 1000:.0f} ms"


def _visit(ground: Ground, fees: int) -> tuple[int, float]:
    patron = new_patron(ground.institution_id)
    give_fees(ground, patron.pk, fees)
    client = Client()
    client.force_login(ground.account)
    client.post(reverse("location"), {"place": f"desk-{ground.actor.desk_id}"})
    client.post(reverse("patron-services"), {"typed": patron.primary_id})
    return visit(client, reverse(PAGE, args=[patron.pk]))


def give_fees(ground: Ground, patron_id: int, fees: int) -> None:
    """Fees alone, without their transfers: the page reads fees, and 10,000 charges would take a minute."""
    fee_type = FeeType.objects.get(institution_id=ground.institution_id, code=FEE_TYPE)
    Fee.objects.bulk_create(
        (
            Fee(
                institution_id=ground.institution_id,
                patron_id=patron_id,
                type=fee_type,
                status_at=now(),
                created_at=now(),
                original_minor=1000,
                remaining_minor=1000,
                owner_id=ground.actor.library_id,
            )
            for _ in range(fees)
        ),
        batch_size=500,
    )

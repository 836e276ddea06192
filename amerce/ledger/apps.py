from django.apps import AppConfig
from django.db.models.signals import post_migrate


class LedgerConfig(AppConfig):
    name = "amerce.ledger"

    def ready(self) -> None:
        from amerce.ledger.guards import install_guards_after_migrate

        post_migrate.connect(install_guards_after_migrate, sender=self, dispatch_uid="ledger.guards")

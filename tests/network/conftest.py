from tests.outbound.conftest import names, receiver

__all__ = ["names", "receiver"]

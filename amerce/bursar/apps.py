from django.apps import AppConfig


class BursarConfig(AppConfig):
    name = "amerce.bursar"

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "compliance.config"
    label = "config"

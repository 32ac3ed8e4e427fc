from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "compliance.jobs"
    label = "jobs"

    def ready(self) -> None:
        """Every app's tasks.py registers its job handlers, in web, worker and commands alike."""
        autodiscover_modules("tasks")

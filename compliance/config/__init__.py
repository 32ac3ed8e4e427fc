"""The Django project: settings, addresses, Celery, and the commands that cross apps."""

from compliance.config.celery import app as celery_app

__all__ = ["celery_app"]

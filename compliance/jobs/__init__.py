"""Background work kept as rows; Celery carries the wake-up calls."""

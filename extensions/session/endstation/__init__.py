"""Batch jobs from inside a session: `from endstation import submit`. See docs/batch.md."""

from .jobs import Job, JobFailed, submit

__all__ = ["Job", "JobFailed", "submit"]

"""The worker of the task queue, for tests: it does what is due and ends."""

from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult


def work():
    """Do every task that is due now, inside the transaction of the test; return those that failed."""
    worker = a_worker()
    while (task := DBTaskResult.objects.ready().get_locked()) is not None:
        task.claim(worker.worker_id)
        worker.run_task(task)
    return list(DBTaskResult.objects.failed())


def a_worker():
    """As `manage.py db_worker --batch` runs it; the command would take over the signals of this process."""
    return Worker(
        queue_names=["default"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="tests",
        excluded_queue_names=[],
    )

import time
from typing import Final

from celery import shared_task
from django.utils import timezone

from handoff import rejection_digest, suppressed_requests, workload
from handoff.answers import undo
from handoff.departures import reassign_leads_of_the_gone
from handoff.escalation.sweep import sweep
from handoff.queue_notices import notify_queues
from handoff.resurfacing import BATCH_SIZE, resurface_leads
from handoff.waiting import offer_waiting_leads

# Well inside the broker's visibility timeout; what is left over belongs to the next sweep.
BUDGET_SECONDS: Final = 30


@shared_task(ignore_result=True)
def sweep_clocks() -> None:
    stop = time.monotonic() + BUDGET_SECONDS
    while sweep(at=timezone.now()) and time.monotonic() < stop:
        pass


@shared_task(ignore_result=True)
def resurface_due_leads() -> None:
    stop = time.monotonic() + BUDGET_SECONDS
    while resurface_leads(at=timezone.now()) == BATCH_SIZE and time.monotonic() < stop:
        pass


@shared_task(ignore_result=True)
def reassign_departed() -> None:
    reassign_leads_of_the_gone(at=timezone.now())


@shared_task(ignore_result=True)
def offer_waiting() -> None:
    """Announce in the queues only what no one can get right now."""
    at = timezone.now()
    offer_waiting_leads(at=at)
    notify_queues(at=at)


@shared_task(ignore_result=True)
def notify_of_suppressed_requests() -> None:
    suppressed_requests.notify_of_suppressed_requests(at=timezone.now())


@shared_task(ignore_result=True)
def send_rejection_digests() -> None:
    rejection_digest.send_rejection_digests(at=timezone.now())


@shared_task(ignore_result=True)
def purge_undoable_answers() -> None:
    undo.purge_undoable_answers(at=timezone.now())


@shared_task(ignore_result=True)
def merge_workload() -> None:
    workload.merge_changes()

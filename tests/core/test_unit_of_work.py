from core.unit_of_work import UnitOfWork
from handoff.models import Handoff
from leads.models import LeadEvent


def test_row_is_inserted_like_an_instance() -> None:
    by_instance, by_row = UnitOfWork(), UnitOfWork()

    by_instance.add(Handoff(id=1, lead_id=2, hop=3))
    by_instance.add(LeadEvent(lead_id=2, kind="opened"))
    by_row.add_row(Handoff, id=1, lead_id=2, hop=3)
    by_row.add_row(LeadEvent, lead_id=2, kind="opened")

    assert by_row.inserts == by_instance.inserts


def test_update_of_a_new_row_merges_into_it() -> None:
    work = UnitOfWork()
    work.add_row(Handoff, id=1, lead_id=2)

    work.update(Handoff, 1, hop=4)

    assert [row["hop"] for row in work.inserts[Handoff]] == [4]
    assert not work.updates

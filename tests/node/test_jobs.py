"""What the journal makes of answers, whenever a node ends between two of its transactions."""

import pytest

from bundle.heads import Action
from bundle.node import claims, deliveries, figures, instances, jobs
from bundle.node.destination import Outcome
from bundle.node.header import Header
from bundle.node.journal import Journal
from bundle.node.outbox import Made
from bundle.node.priority import NOT_SCORED, priority_list
from bundle.node.repair import repair
from bundle.node.retention import purge
from bundle.node.spool import Spool
from bundle.node.states import JobState

HOUR = 3600.0


@pytest.fixture
def spool(tmp_path):
    spool = Spool(tmp_path)
    spool.open()
    yield spool
    spool.close()


@pytest.fixture
def journal(spool):
    journal = Journal(spool.journal)
    yield journal
    journal.close()


def keep(journal, name, study="study"):
    return instances.keep(journal, Header(study, name, "1.2", "", False, False), name)


def answer(journal, study, action, digest, destinations=("pacs",), objects=1):
    """Let a study be scored, and return the job."""
    jobs.complete(journal, study)
    claim = claims.claim(journal)
    made = [Made("SR", f"{digest}.{n}", "9", f"outbox/{claim.job}/SR_{digest}.{n}.dcm", "d") for n in range(objects)]
    jobs.answer(journal, claim.job, jobs.Verdict(digest, action, 0.5, ""), made, [(x, ["SR"]) for x in destinations])
    return claim


def state(journal, job):
    return journal.read("SELECT state FROM job WHERE id = ?", job)[0][0]


def note(journal, uid, taken, give_up=HOUR):
    number = journal.read("SELECT id FROM object WHERE uid = ?", uid)[0]["id"]
    deliveries.note(journal, "pacs", Outcome(number, taken, ""), 0.0, give_up, False)


def test_what_was_suspected_once_stays_so_in_every_later_answer(journal):
    study = keep(journal, "a")
    assert answer(journal, study, Action.READ_FIRST, "1").earlier is None
    keep(journal, "b")
    second = answer(journal, study, Action.READ_SOON, "2")
    assert (second.earlier.number, second.earlier.action) == (1, Action.READ_FIRST)
    keep(journal, "c")
    third = answer(journal, study, Action.READ_SOON, "3")
    assert (third.earlier.number, third.earlier.action) == (2, Action.READ_FIRST)
    assert [each.uid for each in third.earlier.reports] == ["2.0"], "the next takes the place of the last"
    (row,) = priority_list(journal)
    assert (row["priority"], row["verdict"]) == ("urgent", Action.READ_SOON)


def test_the_priority_list_has_what_was_set_aside_and_why(journal):
    study = keep(journal, "a")
    jobs.complete(journal, study)
    assert priority_list(journal) == []
    jobs.set_aside(journal, claims.claim(journal).job, "its objects name several patients")
    (row,) = priority_list(journal)
    assert (row["priority"], row["p_any"], row["verdict"]) == ("routine", None, NOT_SCORED)
    assert row["reason"] == "its objects name several patients"


@pytest.mark.parametrize(("action", "priority"), [(Action.ROUTINE, "routine"), (Action.READ_FIRST, "urgent")])
def test_the_priority_list_says_that_what_came_later_was_not_scored(journal, action, priority):
    study = keep(journal, "a")
    answer(journal, study, action, "1")
    keep(journal, "b")
    jobs.complete(journal, study)
    jobs.set_aside(journal, claims.claim(journal).job, "took longer than 120 s")
    (row,) = priority_list(journal)
    assert (row["priority"], row["p_any"], row["verdict"]) == (priority, 0.5, action)
    assert row["reason"] == "what came later was not scored: took longer than 120 s"


def test_what_a_source_lists_is_missing_until_it_comes_from_wherever(journal):
    study = keep(journal, "a")
    instances.lack(journal, "archive", "study", ["b", "c"])
    instances.lack(journal, "other", "study", ["b"])
    assert answer(journal, study, Action.READ_SOON, "1").missing == 2
    keep(journal, "b")
    assert answer(journal, study, Action.READ_SOON, "2").missing == 1
    instances.lack(journal, "archive", "study", [])
    keep(journal, "d")
    assert answer(journal, study, Action.ROUTINE, "3").missing == 0


def test_a_job_is_closed_that_a_node_left_open_after_the_last_delivery(journal):
    job = answer(journal, keep(journal, "a"), Action.ROUTINE, "1").job
    note(journal, "1.0", True)
    assert state(journal, job) == JobState.INFERRED, "killed here"
    jobs.replay(journal, ["pacs"])
    assert state(journal, job) == JobState.ANSWERED


def test_a_result_whose_file_is_gone_is_given_up_at_the_start(spool, journal):
    job = answer(journal, keep(journal, "a"), Action.ROUTINE, "1").job
    repair(spool, journal)
    jobs.replay(journal, ["pacs"])
    assert state(journal, job) == JobState.ASIDE
    assert deliveries.next_delivery(journal, spool, "pacs") is None


def test_what_waits_for_a_destination_that_is_not_in_the_config_any_more_is_given_up(journal, caplog):
    both, one = (
        answer(journal, keep(journal, name, name), Action.ROUTINE, name, destinations).job
        for name, destinations in (("a", ("pacs", "old")), ("b", ("pacs",)))
    )
    jobs.replay(journal, ["pacs"])
    assert "old is not in the config any more" in caplog.text
    note(journal, "a.0", True)
    jobs.close_all(journal)
    assert (state(journal, both), state(journal, one)) == (JobState.ASIDE, JobState.INFERRED)
    assert journal.read("SELECT aside FROM job WHERE id = ?", both)[0][0] == "not taken by old"


def test_an_answer_that_was_purged_before_anybody_had_it_is_given_when_asked_again(spool, journal):
    study = keep(journal, "a")
    job = answer(journal, study, Action.READ_FIRST, "1").job
    note(journal, "1.0", False, give_up=-1)
    assert jobs.close(journal, job) is JobState.ASIDE
    assert claims.is_said(journal, study, "1"), "it is here, and retry sends it"
    assert purge(spool, journal, study)
    instances.restore(journal, Header("study", "a", "1.2", "", False, False), lambda: None)
    assert not claims.is_said(journal, study, "1")
    assert jobs.retry(journal, job) is JobState.READY
    claim = answer(journal, study, Action.READ_FIRST, "1")
    assert (claim.job, claim.earlier) == (job, None)
    assert state(journal, job) == JobState.INFERRED, "waits for its destination"
    note(journal, "1.0", True)
    assert jobs.close(journal, job) is JobState.ANSWERED


def test_an_object_without_an_accession_number_does_not_take_away_that_of_its_study(journal):
    with_one, without = (
        Header("study", name, "1.2", accession, False, False) for name, accession in (("a", "A"), ("b", ""))
    )
    for header in (with_one, without):
        instances.keep(journal, header, header.name)
    instances.restore(journal, without, lambda: None)
    assert journal.read("SELECT accession FROM study")[0][0] == "A"


def test_the_reason_of_a_verdict_stays_when_a_destination_does_not_take_the_answer(journal):
    jobs.complete(journal, keep(journal, "a"))
    job = claims.claim(journal).job
    verdict = jobs.Verdict("1", Action.READ_SOON, 0.5, "the head is cut off")
    jobs.answer(journal, job, verdict, [Made("SR", "1.0", "9", "outbox/1/SR_1.dcm", "d")], [("pacs", ["SR"])])
    note(journal, "1.0", False, give_up=-1)
    assert jobs.close(journal, job) is JobState.ASIDE
    assert figures.set_aside(journal) == [{"id": job, "reason": "not taken by pacs"}]
    assert priority_list(journal)[0]["reason"] == "the head is cut off"
    jobs.retry(journal, job)
    assert priority_list(journal)[0]["reason"] == "the head is cut off"


def test_an_answer_that_one_destination_lacks_is_not_said(spool, journal):
    study = keep(journal, "a")
    job = answer(journal, study, Action.READ_FIRST, "1", ("pacs", "other")).job
    note(journal, "1.0", True)
    jobs.set_aside(journal, job, "a person asked for it")
    assert claims.is_said(journal, study, "1")
    purge(spool, journal, study)
    assert not claims.is_said(journal, study, "1")
    jobs.retry(journal, job)
    assert claims.claim(journal).earlier.number == 1, "a destination has it"


def test_an_answer_that_was_given_is_said_though_it_was_purged(spool, journal):
    study = keep(journal, "a")
    job = answer(journal, study, Action.ROUTINE, "1").job
    note(journal, "1.0", True)
    jobs.close(journal, job)
    purge(spool, journal, study)
    assert claims.is_said(journal, study, "1")


def test_an_object_that_comes_again_while_its_study_is_purged_is_kept(spool, journal):
    study = keep(journal, "a")
    keep(journal, "b")
    job = answer(journal, study, Action.ROUTINE, "1", objects=0).job
    assert state(journal, job) == JobState.ANSWERED
    paths = [spool.instance("study", name) for name in "ab"]
    paths[0].parent.mkdir()
    for path in paths:
        path.write_bytes(b"old")

    class Again:
        """A journal of which the other threads take their turn as soon as it can be had."""

        read = journal.read

        def __init__(self):
            self.turns = 0

        def transaction(self):
            self.turns += 1
            if self.turns == 2:
                header = Header("study", "a", "1.2", "", False, False)
                instances.restore(journal, header, lambda: paths[0].write_bytes(b"new"))
            return journal.transaction()

    assert purge(spool, Again(), study)
    assert paths[0].read_bytes() == b"new" and not paths[1].exists()

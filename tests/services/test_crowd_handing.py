"""K2, K3, K6, K10: items handed out and answers taken back: never twice, never too many, none lost."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Count, F

from annotation.models import Campaign, CrowdAnswer, CrowdItem, CrowdWorker, ItemKind, WorkerState
from annotation.policies.access import NothingHere, RoleTooLow
from annotation.selectors import campaigns as reading
from annotation.services import campaigns, crowd_answers, crowd_ending, crowd_workers
from annotation.services.campaigns import BadRules, CampaignNotReady
from annotation.services.crowd_answers import AnsweredAlready, LeaseOver, NotAnAnswer
from annotation.services.crowd_workers import CampaignClosed, NoConsent, TooManyJoin, TooQuick
from backend.accounts.models import User
from backend.foundation import clock
from tests.cast import Cast, gather
from tests.conftest import Outbox
from tests.factories.annotation import make_project
from tests.factories.campaigns import cut, join, labelled_image, make_campaign, say, squares, take

YES, NO = {"choice": "yes"}, {"choice": "no"}


@pytest.fixture
def campaign(cast: Cast, outbox: Outbox) -> Campaign:
    """Twelve cells to be judged."""
    return open_campaign(cast)


def open_campaign(cast: Cast, **rules: Any) -> Campaign:
    project = make_project(cast.team)
    image = labelled_image(project, cast.ana, squares(60, 96), quality=0.5)
    made = make_campaign(project, cast.ana, **rules)
    assert len(cut(made, cast.ana, image, kind=ItemKind.CELL)) == 8
    return made


def later(monkeypatch: pytest.MonkeyPatch, **passed: float) -> None:
    """From now on the clock is so much further."""
    before = clock.now
    for module in (crowd_answers, crowd_workers):
        monkeypatch.setattr(module, "now", lambda: before() + timedelta(**passed))


def answer_all(worker: CrowdWorker, value: Any = YES) -> list[CrowdItem]:
    items = []
    while (given := take(worker)).item is not None:
        say(worker, given.item, value)
        items.append(given.item)
    return items


# ---------------------------------------------------------------- joining


def test_K2_nothing_personal_is_kept(campaign: Campaign) -> None:
    worker = join(campaign, platform_worker="PROLIFIC-5f3a")
    kept = {field.name for field in CrowdWorker._meta.concrete_fields}
    assert not kept & {"name", "email", "address", "ip", "user_agent"}
    assert "PROLIFIC" not in str({name: getattr(worker, name) for name in kept})
    assert worker.platform_hash
    assert len(worker.platform_hash) == 64


def test_K2_nobody_joins_without_consent_or_where_it_is_not_open(campaign: Campaign, ana: User) -> None:
    with pytest.raises(NoConsent):
        crowd_workers.join(campaign=campaign, consent=False)
    campaigns.pause(campaign=campaign, by=ana)
    with pytest.raises(CampaignClosed):
        join(campaign)


def test_K9_a_platforms_worker_who_comes_back_is_the_same_one(campaign: Campaign) -> None:
    first, again, other = (join(campaign, platform_worker=name) for name in ("W1", " W1", "W2"))
    assert first.pk == again.pk != other.pk
    assert first.secret_hash != again.secret_hash


def test_the_link_can_be_followed_only_so_often_a_minute(cast: Cast, outbox: Outbox) -> None:
    campaign = open_campaign(cast, joins_per_minute=2)
    join(campaign)
    join(campaign)
    with pytest.raises(TooManyJoin) as refusal:
        join(campaign)
    assert refusal.value.details == {"retry_after_s": 60}


# ---------------------------------------------------------------- handing out


def test_a_worker_gets_every_item_once_and_then_the_code(campaign: Campaign) -> None:
    worker = join(campaign)
    items = answer_all(worker)
    assert len(items) == len({item.pk for item in items}) == 8
    worker.refresh_from_db()
    done = crowd_ending.tell(worker=worker, why=take(worker).why_not)
    assert (done.reason, done.code) == ("FINISHED", worker.code)


def test_asking_again_gives_the_item_that_is_held(campaign: Campaign) -> None:
    worker = join(campaign)
    assert take(worker).item == take(worker).item
    assert CrowdAnswer.objects.count() == 1


def test_a_page_that_holds_items_gets_another_one_ahead(campaign: Campaign) -> None:
    worker = join(campaign)
    shown = take(worker).item
    assert shown is not None
    ahead = crowd_answers.take_next(worker=worker, holding=[shown.pk]).item
    assert ahead is not None
    assert ahead != shown
    # The answer was lost on the way: what the page does not hold is given again.
    assert crowd_answers.take_next(worker=worker, holding=[shown.pk]).item == ahead
    say(worker, shown, YES)
    say(worker, ahead, YES)
    assert len(answer_all(worker)) == 6


def test_nobody_hoards_items_nor_ends_while_holding_some(campaign: Campaign) -> None:
    worker = join(campaign)
    holding: list[UUID] = []
    while (given := crowd_answers.take_next(worker=worker, holding=holding)).item is not None:
        holding.append(given.item.pk)
    assert (len(holding), given.why_not) == (crowd_answers.HELD_MOST, "NOTHING_NOW")
    for pk in holding:
        crowd_answers.answer(worker=worker, item_id=pk, value=YES, seconds=100.0)
    assert len(answer_all(worker)) == 8 - len(holding)


def test_items_ahead_stay_within_the_items_of_a_worker(cast: Cast, outbox: Outbox) -> None:
    worker = join(open_campaign(cast, items_per_worker=2))
    first = take(worker).item
    assert first is not None
    second = crowd_answers.take_next(worker=worker, holding=[first.pk]).item
    assert second is not None
    given = crowd_answers.take_next(worker=worker, holding=[first.pk, second.pk])
    assert (given.item, given.why_not) == (None, "NOTHING_NOW")


def test_answers_of_one_item_and_of_each_hour(campaign: Campaign) -> None:
    worker = join(campaign)
    items = answer_all(worker)
    assert reading.list_answers(campaign=campaign).count() == 8
    assert [one.item for one in reading.list_answers(campaign=campaign, item=items[3].pk)] == [items[3]]
    assert sum(hour.answers for hour in reading.results(campaign=campaign).timeline) == 8


def test_open_leases_count_as_answers(campaign: Campaign) -> None:
    held = [take(join(campaign)).item for _ in range(16)]
    assert None not in held
    assert take(join(campaign)).why_not == "NOTHING_NOW"
    assert set(campaign.items.values_list("given", flat=True)) == {campaign.answers_min}


def test_a_lease_that_ran_out_gives_its_place_to_somebody_else(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers = [join(campaign) for _ in range(16)]
    first = take(workers[0]).item
    for worker in workers[1:]:
        take(worker)
    later(monkeypatch, seconds=campaign.lease_s + 1)
    assert take(join(campaign)).item is not None
    assert take(workers[0]).item != first, "never twice to one worker"


def test_a_late_answer_is_taken_where_there_is_room_and_refused_where_not(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, slower = join(campaign), join(campaign)
    item = take(slow).item
    assert item is not None
    assert take(slower).item == item
    later(monkeypatch, seconds=campaign.lease_s + 1)
    assert crowd_answers.take_back_expired() == 2
    say(slow, item, YES)
    item.refresh_from_db()
    assert (item.given, item.answered) == (1, 1)
    CrowdItem.objects.filter(pk=item.pk).update(given=campaign.answers_max)
    with pytest.raises(LeaseOver):
        say(slower, item, YES)


def test_items_per_worker(cast: Cast, outbox: Outbox) -> None:
    campaign = open_campaign(cast, items_per_worker=3)
    worker = join(campaign)
    assert len(answer_all(worker)) == 3
    assert take(worker).why_not == "FINISHED"


def test_a_paused_campaign_hands_nothing_out_but_takes_what_is_in_hands(
    campaign: Campaign, ana: User
) -> None:
    worker = join(campaign)
    item = take(worker).item
    campaigns.pause(campaign=campaign, by=ana)
    assert take(worker).why_not == "PAUSED"
    assert item is not None
    say(worker, item, YES)
    campaigns.open(campaign=campaign, by=ana)
    assert take(worker).item not in (None, item)


# ---------------------------------------------------------------- answers


def test_an_answer_sent_again_is_one_answer_and_another_one_is_refused(campaign: Campaign) -> None:
    worker = join(campaign)
    item = take(worker).item
    assert item is not None
    say(worker, item, YES)
    say(worker, item, YES)
    item.refresh_from_db()
    assert item.answered == 1
    with pytest.raises(AnsweredAlready):
        say(worker, item, NO)


def test_only_what_was_given_can_be_answered_and_only_with_an_answer(campaign: Campaign) -> None:
    worker, other = join(campaign), join(campaign)
    item = take(worker).item
    assert item is not None
    with pytest.raises(NothingHere):
        say(other, item, YES)
    with pytest.raises(NotAnAnswer):
        say(worker, item, {"choice": "maybe"})


def test_answers_that_are_too_fast_do_not_count_and_end_with_exclusion(cast: Cast, outbox: Outbox) -> None:
    campaign = open_campaign(cast, seconds_min=0.5)
    worker = join(campaign)
    item = take(worker).item
    assert item is not None
    assert say(worker, item, YES, seconds=0.1).is_fast
    item.refresh_from_db()
    assert (item.given, item.answered) == (0, 0)
    answer_all(worker)
    worker.refresh_from_db()
    assert (worker.state, worker.reason) == ("EXCLUDED", "Answered faster than anybody can look.")


def test_a_worker_who_hurries_is_told_when_to_go_on(
    cast: Cast, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = open_campaign(cast, answers_per_minute=3)
    worker = join(campaign)
    for _ in range(3):
        item = take(worker).item
        assert item is not None
        say(worker, item, YES)
    with pytest.raises(TooQuick) as refusal:
        take(worker)
    wait_s = refusal.value.details["retry_after_s"]
    assert f"in {wait_s} seconds" in refusal.value.message
    later(monkeypatch, seconds=wait_s)
    assert take(worker).item is not None


# ---------------------------------------------------------------- excluding, forgetting


def test_who_is_excluded_counts_no_more_until_taken_in_again(campaign: Campaign, ana: User) -> None:
    worker, other = join(campaign), join(campaign)
    answer_all(worker)
    answer_all(other)
    crowd_workers.exclude(worker=worker, by=ana)
    assert set(campaign.items.values_list("answered", "given", "is_dirty")) == {(1, 1, True)}
    assert take(worker).why_not == "EXCLUDED"
    crowd_workers.exclude(worker=worker, is_excluded=False, by=ana)
    assert set(campaign.items.values_list("answered", "given")) == {(2, 2)}


def test_K2_a_worker_is_forgotten_on_request(campaign: Campaign) -> None:
    worker = join(campaign)
    answer_all(worker)
    crowd_workers.forget(worker=worker)
    assert not CrowdWorker.objects.exists()
    assert not CrowdAnswer.objects.exists()
    assert set(campaign.items.values_list("answered", "given")) == {(0, 0)}


# ---------------------------------------------------------------- owners


def test_only_managers_make_and_change_campaigns(cast: Cast, campaign: Campaign) -> None:
    for person in (cast.cleo, cast.ben, cast.vic):
        with pytest.raises(RoleTooLow):
            campaigns.change(campaign=campaign, name="x", by=person)
        with pytest.raises(RoleTooLow):
            crowd_workers.exclude(worker=join(campaign), by=person)
    with pytest.raises(NothingHere):
        campaigns.open(campaign=campaign, by=cast.dan)


def test_rules_that_contradict_each_other_are_refused(campaign: Campaign, ana: User) -> None:
    with pytest.raises(BadRules):
        campaigns.change(campaign=campaign, answers_min=5, answers_max=3, by=ana)
    with pytest.raises(BadRules):
        campaigns.change(campaign=campaign, redirect_url="javascript:alert(1)", by=ana)


def test_a_campaign_opens_with_items_and_with_as_many_training_items_as_it_asks_for(cast: Cast) -> None:
    empty = make_campaign(make_project(cast.team), cast.ana)
    with pytest.raises(CampaignNotReady):
        campaigns.open(campaign=empty, by=cast.ana)


# ---------------------------------------------------------------- many at once


@pytest.mark.django_db(transaction=True)
def test_K10_many_workers_at_once_never_get_an_item_twice_or_too_often(outbox: Outbox) -> None:
    cast = gather()
    campaign = open_campaign(cast, answers_min=3)
    workers = [join(campaign) for _ in range(8)]
    failures: list[BaseException] = []

    def work(worker: CrowdWorker) -> Callable[[], None]:
        def run() -> None:
            try:
                for _ in range(6):
                    given = take(worker)
                    if given.item is None:
                        break
                    say(worker, given.item, YES)
                    say(worker, given.item, YES)
            except BaseException as error:
                failures.append(error)
            finally:
                connection.close()

        return run

    threads = [threading.Thread(target=work(worker)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    counted: Any = campaign.items.annotate(n=Count("answers"))
    assert all(row.n == row.given == row.answered <= 3 for row in counted)
    assert CrowdAnswer.objects.filter(answered_at__isnull=False).count() == 24
    assert not CrowdItem.objects.filter(given__gt=F("wanted")).exists()
    assert set(campaign.workers.values_list("state", flat=True)) <= {
        WorkerState.WORKING, WorkerState.FINISHED,
    }  # fmt: skip

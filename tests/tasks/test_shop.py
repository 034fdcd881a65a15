"""A real Rails application through releases, while users go on: nobody may see an error.

Each test leaves a version live that works. Those with 5,000 requests are for `make soak`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import shop as shops
from tests.support.emulated import Emulated
from tests.support.shop import Shop

NUMBERS = [500, pytest.param(5000, marks=pytest.mark.soak)]
FAST, WATCHED = 120.0, 40.0
ALL_AT_ONCE = '{"railyard_traffic": {"shift": "all_at_once", "keep_old": 5}}'


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    assert shops.versions().possible(), shops.versions().MISSING
    folder = tmp_path_factory.mktemp("shop")
    emulated = Emulated.start(folder / "state.json", speed=FAST, executor="process")
    try:
        yield Shop.converge(emulated, folder)
    finally:
        emulated.stop()


@pytest.fixture(autouse=True)
def speed(shop: Shop) -> Iterator[None]:
    shop.speed(WATCHED)
    yield
    shop.speed(FAST)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_canary_answers_every_request(shop: Shop, number: int) -> None:
    tag = shop.push()
    with shop.users(number) as users:
        played = shop.play("playbooks/deploy.yml", "-e", f"image={tag}")
        users.until(lambda users: users.answers[tag] > 50)
    assert (users.failed, set(users.answers)) == ([], {shop.live, tag}), played.output
    shop.live = tag
    assert shop.answering() == {tag}


@pytest.mark.parametrize("number", NUMBERS)
def test_a_failing_migration_changes_nothing_for_users(shop: Shop, number: int) -> None:
    live, tag = shop.live, shop.push(migrations=(shops.versions().FAILING,))
    with shop.users(number) as users:
        played = shop.play("playbooks/deploy.yml", "-e", f"image={tag}", code=2)
    assert (users.failed, set(users.answers)) == ([], {live})
    assert 'column "item" of relation "orders" already exists' in played.output and "nothing was applied" in played.output


@pytest.mark.parametrize("number", NUMBERS)
def test_a_version_that_crashes_is_brought_back(shop: Shop, number: int) -> None:
    live, tag = shop.live, shop.push(crash=True)
    with shop.users(number) as users:
        played = shop.play("playbooks/deploy.yml", "-e", f"image={tag}", code=2)
    assert (users.failed, set(users.answers)) == ([], {live})
    assert "PAYMENT_URL is not set (RuntimeError)" in played.output and f"release {tag} rolled back" in played.output


@pytest.mark.soak
def test_all_at_once_answers_every_request(shop: Shop) -> None:
    shop.play("site.yml", "-e", ALL_AT_ONCE)
    tag = shop.push()
    with shop.users(5000) as users:
        shop.play("playbooks/deploy.yml", "-e", f"image={tag}", "-e", ALL_AT_ONCE)
        users.until(lambda users: users.answers[tag] > 50)
    shop.play("site.yml")
    shop.live = tag
    assert (users.failed, shop.answering()) == ([], {tag})


@pytest.mark.soak
def test_a_rollback_in_the_middle_answers_every_request(shop: Shop) -> None:
    live, tag = shop.live, shop.push()
    shop.speed(5)
    with shop.users(5000) as users:
        deploying = shop.begin("playbooks/deploy.yml", "-e", f"image={tag}")
        users.until(lambda users: users.answers[tag] > 5)
        shop.speed(WATCHED)
        shop.play("playbooks/rollback.yml")
        assert deploying.end().code != 0
    assert (users.failed, shop.answering()) == ([], {live})


@pytest.mark.soak
def test_a_deployer_that_is_killed_costs_no_request(shop: Shop) -> None:
    tag = shop.push()
    shop.speed(5)
    with shop.users(5000) as users:
        deploying = shop.begin("playbooks/deploy.yml", "-e", f"image={tag}")
        users.until(lambda users: users.answers[tag] > 5)
        deploying.kill()
        shop.speed(WATCHED)
        before = sum(users.answers.values())
        users.until(lambda users: sum(users.answers.values()) > before + 500)
    assert users.failed == []
    shop.play("playbooks/unlock.yml", "-e", "release=yes")
    shop.play("playbooks/deploy.yml", "-e", f"image={tag}")
    shop.live = tag
    assert shop.answering() == {tag}

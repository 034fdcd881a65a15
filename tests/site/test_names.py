"""An environment whose parts have names of their own: each sentence works in it, and none looks for <application>-<environment>."""

from __future__ import annotations

import json

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._environment.naming import VARIABLES
from tests.support.emulated import Emulated
from tests.support.fargate import slowly
from tests.support.names import names, option
from tests.support.playbooks import play
from tests.support.releases import Deployer

from .test_console import CONSOLE, PROMPT, Person

SET = {
    "alb_name": "frontdoor",
    "alb_production_port": 8000,
    "alb_test_port": 8001,
    "codedeploy_name": "deploys",
    "ecr_name": "images/shop",
    "ecs_name": "tasks",
    "ecs_prefix": "/team/shop",
    "pipeline_name": "delivery",
    "rds_name": "Store",
    "releases_bucket": "ours-releases",
    "ssm_hybrid_name": "entry",
    "vpc_name": "net",
}
WORDS = ("-e", json.dumps({**SET, "railyard_image": "", "railyard_pipeline": True}))
OWN = names(**SET)
# What has the name of the environment, and no variable for another one.
BY_ENVIRONMENT = {"alarm", "dashboard", "topic", "event rule", "saved query"}


def says(shop: Emulated, playbook: str, *words: str) -> str:
    played = play(shop, playbook, *words, *WORDS)
    assert played.code == 0 and played.count("failed") == 0, played.output
    return played.output


@pytest.mark.parametrize("engine", ["codedeploy", pytest.param("ecs", marks=pytest.mark.soak)])
def test_each_sentence_obeys_the_names_that_an_inventory_sets(account: Emulated, engine: str) -> None:
    assert set(SET) == set(VARIABLES), "each public variable of a name is tried"
    by = ("-e", f"railyard_engine={engine}")
    key = {"KEY": "0123456789abcdef0123456789abcdef"}
    stored = play(account, "playbooks/secret.yml", "-e", "secret=RAILS_MASTER_KEY", "-e", "value_env=KEY", *WORDS, more=key)
    assert stored.code == 0 and OWN.parameter("RAILS_MASTER_KEY") in stored.output, stored.output
    says(account, "site.yml", *by)
    found = account.run("environment_info", names=option(**SET))["resources"]
    assert found and not [one["id"] for one in found if "shop-local" in one["id"] and one["kind"] not in BY_ENVIRONMENT]
    image = Deployer(account, OWN.repository).push("one")
    account.script(image=image, migrations=[{"version": "20260101000000", "name": "AddTotalToOrders"}])
    with slowly(account, 60.0):
        assert "release 1 is live" in says(account, "playbooks/deploy.yml", "-e", "image=one", *by)
    assert play(account, "site.yml", *by, *WORDS).changed_tasks == []
    assert "exit code 0" in says(account, "playbooks/run.yml", "-e", "command=true", *by)
    assert "Nothing is pending" in says(account, "playbooks/migrate.yml", *by)
    assert "succeeded" in says(account, "playbooks/releases.yml", *by)
    with slowly(account, 20.0):  # An hour of a console's life is three minutes.
        person = Person(account, CONSOLE, *by, *WORDS)
        person.sees(PROMPT)
        person.types("exit\r")
        assert "nothing of it is left behind" in person.sees("PLAY RECAP") and person.leaves() == 0
    assert OWN.log_groups["console"] in says(account, "playbooks/console_history.yml", *by)
    for playbook in ("sweep", "unlock", "repair"):
        says(account, f"playbooks/{playbook}.yml", *by)
    gone = says(account, "playbooks/destroy.yml", *by, "-e", "destroy=shop-local", "-e", "delete_data=yes")
    assert "Nothing is left of it" in gone
    # The emulator itself has stored a secret where the local inventory has it by default.
    planted = names().parameter("RAILS_MASTER_KEY")
    left = [item for one in (option(**SET), option()) for item in account.run("environment_info", names=one)["resources"]]
    assert {item["id"] for item in left if item["owned"]} <= {planted}

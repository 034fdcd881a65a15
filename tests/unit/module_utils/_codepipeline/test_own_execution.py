"""What an execution is asked by its own stages and by those who wait for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._codepipeline import own_execution
from tests.support.executions import COMMIT, PIPELINE, Executions
from tests.support.objects import refusal

BEGAN = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)


def of(execution_id: str, pipeline: str = PIPELINE) -> own_execution.Execution:
    return {"pipeline": pipeline, "execution_id": execution_id, "stage": "Migrate"}


def test_status_of_what_is_gone_is_absent() -> None:
    client = Executions()
    there = client.start()
    client.runs[there].status = "Stopping"
    assert own_execution.status(client, of(there)) == "Stopping"
    assert own_execution.status(client, of("another")) == own_execution.status(client, of(there, "another")) == "absent"
    assert "absent" in own_execution.ENDED


def test_who_may_not_ask_says_so_instead_of_a_status() -> None:
    def denied() -> Any:
        raise refusal("GetPipelineExecution", "AccessDeniedException")

    class Denied(Executions):
        def get_pipeline_execution(self, **_params: Any) -> Any:
            denied()

    said = own_execution.asking(Denied)(of("1"))
    assert "AccessDeniedException" in said and said not in own_execution.ENDED


def test_an_approval_is_waited_for_while_its_action_runs() -> None:
    client = Executions()
    run = client.runs[identity := client.start()]
    ask = own_execution.asking(lambda: client)
    assert ask(of(identity)) == "InProgress"
    run.act("Approve", "Approval", "Manual", status="InProgress")
    assert ask(of(identity)) == own_execution.WAITS not in own_execution.ENDED
    run.actions[-1]["status"] = "Succeeded"
    assert ask(of(identity)) == "InProgress"


def test_a_commit_with_its_author_subject_and_link() -> None:
    client = Executions()
    execution = of(client.start())
    found = own_execution.source(own_execution.read(client, execution), own_execution.actions(client, execution))
    assert found == {
        "commit": COMMIT["CommitId"],
        "author": "Deborah",
        "subject": "Add totals to orders",
        "link": f"https://github.com/acme/shop/commit/{COMMIT['CommitId']}",
    }


@pytest.mark.parametrize(
    ("summary", "subject"),
    [
        (json.dumps({"ProviderType": "GitHub", "CommitMessage": "Fix it\nmore"}), "Fix it"),
        ("Fix it\nmore", "Fix it"),
        ('"Fix it"', '"Fix it"'),
        ("", None),
        ("\x1b[31mred\x1b[0m\a " + "x" * 300, ("[31mred [0m " + "x" * 300)[:200]),
    ],
)
def test_subject_out_of_a_summary_is_one_plain_line(summary: str, subject: str | None) -> None:
    found = own_execution.source({"artifactRevisions": [{"revisionId": "1", "revisionSummary": summary}]}, [])
    assert (found["commit"], found["subject"], found["author"]) == ("1", subject, None)


def test_nothing_is_known_of_an_execution_without_a_source() -> None:
    assert set(own_execution.source({}, []).values()) == {None}


def test_attempts_and_the_beginning() -> None:
    client = Executions()
    run = client.runs[identity := client.start(BEGAN)]
    run.act("Migrate", startTime=BEGAN + timedelta(minutes=5))
    done = own_execution.actions(client, of(identity))
    assert own_execution.began(done) == BEGAN and own_execution.attempts(done, "Migrate") == 1
    run.act("Migrate")
    done = own_execution.actions(client, of(identity))
    assert (own_execution.attempts(done, "Migrate"), own_execution.attempts(done, "Deploy")) == (2, 0)
    assert own_execution.began([]) is None


def test_deployment_of_codepipelines_own_action_is_the_newest() -> None:
    client = Executions()
    run = client.runs[identity := client.start(BEGAN)]
    assert own_execution.deployed(own_execution.actions(client, of(identity))) is None
    for number, deployment in enumerate(("d-1", "d-2")):
        result = {"executionResult": {"externalExecutionId": deployment}}
        run.act("Deploy", "Deploy", "CodeDeployToECS", startTime=BEGAN + timedelta(minutes=number), output=result)
    assert own_execution.deployed(own_execution.actions(client, of(identity))) == "d-2"

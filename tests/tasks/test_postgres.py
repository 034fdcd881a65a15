"""An emulated instance of PostgreSQL is a real one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import Any
from urllib.parse import quote

import pytest

from emulator.executors import postgres
from emulator.sessions.database import SSL_REQUEST
from tests.support import fargate, groups, nodes
from tests.support.emulated import Emulated
from tests.support.persons import until
from tests.support.twins import Twins

# A program that asks the database of DATABASE_URL with psql.
ASKS = "import os, subprocess, sys\nsys.exit(subprocess.run(['psql', os.environ['DATABASE_URL'], '-Atc', sys.argv[1]]).returncode)"


@pytest.fixture
def program(_programs: Emulated, tmp_path: Any) -> Twins:
    assert postgres.found(), postgres.INSTALL
    _programs.reset()
    return Twins(fargate.build(_programs), "process", tmp_path)


def open_to_tasks(program: Twins) -> str:
    """A security group that lets the stage's tasks in."""
    ec2 = program.emulated.client("ec2")
    found = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["database"]}])["SecurityGroups"]
    if found:
        return str(found[0]["GroupId"])
    made = ec2.create_security_group(GroupName="database", Description="database", VpcId=program.stage.vpc)["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": program.stage.group}]}
    ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[rule])
    return str(made)


def create(program: Twins, name: str = "shop", password: str = "it's-a-secret", **changes: Any) -> str:
    """The DATABASE_URL of a new instance."""
    rds = program.emulated.client("rds")
    if name == "shop":
        group = {"DBSubnetGroupName": "shop", "DBSubnetGroupDescription": "shop", "SubnetIds": program.stage.subnets}
        rds.create_db_subnet_group(**group)
    wanted = {
        "DBInstanceIdentifier": name,
        "DBInstanceClass": "db.t4g.micro",
        "Engine": "postgres",
        "AllocatedStorage": 20,
        "MasterUsername": "shop",
        "MasterUserPassword": password,
        "DBName": "shop",
        "DBSubnetGroupName": "shop",
        "VpcSecurityGroupIds": [open_to_tasks(program)],
        **changes,
    }
    rds.create_db_instance(**wanted)
    program.emulated.advance(600)
    endpoint = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]["Endpoint"]
    return f"postgres://shop:{quote(password)}@{endpoint['Address']}:{endpoint['Port']}/shop?sslmode=require"


def begin(program: Twins, url: str, sql: str) -> str:
    """Begin a task that asks; its ARN."""
    if not program.images:
        program.image(ASKS)
    given = {"environment": [{"name": "DATABASE_URL", "value": url}], "command": [sys.executable, "program.py", sql]}
    return program.begin(program.images[0], container=given)


def answered(program: Twins, arn: str) -> tuple[int, list[str]]:
    """Exit code and lines of a task that asks."""
    return program.stage.ended(arn)["containers"][0]["exitCode"], program.lines(arn)


def ask(program: Twins, url: str, sql: str) -> tuple[int, list[str]]:
    return answered(program, begin(program, url, sql))


def test_a_task_reaches_the_database_that_was_declared(program: Twins) -> None:
    url = create(program)
    who = "SELECT current_user, current_database(), ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    assert ask(program, url, who) == (0, ["shop|shop|t"])
    said = ask(program, url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    assert said == (0, ["f"])
    assert ask(program, url, "CREATE TABLE orders (id int)")[0] == 0
    assert ask(program, url, "SELECT count(*) FROM orders") == (0, ["0"])


def test_a_wrong_password_is_refused_and_a_new_one_holds(program: Twins) -> None:
    url = create(program)
    code, lines = ask(program, url.replace("secret", "guess"), "SELECT 1")
    assert code == 2 and 'password authentication failed for user "shop"' in lines[0]
    program.emulated.client("rds").modify_db_instance(DBInstanceIdentifier="shop", MasterUserPassword="other-one", ApplyImmediately=True)
    program.emulated.advance(600)
    assert ask(program, url, "SELECT 1")[0] == 2
    assert ask(program, url.replace("it%27s-a-secret", "other-one"), "SELECT 1") == (0, ["1"])


def test_two_instances_are_two_databases(program: Twins) -> None:
    urls = [create(program), create(program, "shop-other", password="another-one")]
    assert ask(program, urls[0], "CREATE TABLE orders (id int)")[0] == 0
    code, lines = ask(program, urls[1], "SELECT * FROM orders")
    assert code == 1 and 'relation "orders" does not exist' in lines[0]


def test_an_instance_that_is_deleted_is_gone(program: Twins) -> None:
    url = create(program)
    rds = program.emulated.client("rds")
    rds.delete_db_instance(DBInstanceIdentifier="shop", SkipFinalSnapshot=True)
    program.emulated.advance(600)
    assert ask(program, url, "SELECT 1")[0] == 2


def test_passwords_are_in_no_file_and_in_no_process_list(program: Twins) -> None:
    url = create(program, password="never-to-be-seen")
    assert ask(program, url, "SELECT 1") == (0, ["1"])
    shown = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "railyard-emulator-" in shown and "never-to-be-seen" not in shown
    folder = next(word for word in shown.split() if "railyard-emulator-" in word).split("/postgres-")[0]
    found = subprocess.run(["grep", "-rlF", "never-to-be-seen", folder], capture_output=True, text=True, check=False)
    assert found.stdout == "", os.listdir(folder)


def test_security_groups_keep_a_program_from_its_database_until_they_let_it_in(program: Twins) -> None:
    """Its packets get lost: whoever waits gets through as soon as a rule lets them."""
    closed = groups.make(program.emulated, program.stage.vpc, "closed")
    url = create(program, VpcSecurityGroupIds=[closed])
    code, lines = ask(program, f"{url}&connect_timeout=2", "SELECT 1")
    assert code == 2 and lines[0].endswith("failed: timeout expired"), lines
    waits = begin(program, f"{url}&connect_timeout=60", "SELECT 1")
    until(lambda: program.task(waits)["lastStatus"] == "RUNNING")
    groups.admit(program.emulated, closed, program.stage.group, 5432)
    assert answered(program, waits) == (0, ["1"])
    assert ask(program, url, "SELECT 2") == (0, ["2"])


def test_security_groups_keep_a_console_from_its_database(program: Twins) -> None:
    closed = groups.make(program.emulated, program.stage.vpc, "closed")
    host = create(program, VpcSecurityGroupIds=[closed]).partition("@")[2].partition(":")[0]
    node = nodes.build(program.emulated, program.stage)
    with node.forwarded(host) as (_local, client):
        assert client.stdout is not None
        assert ":5432: connect: connection timed out" in client.stdout.read()
    groups.admit(program.emulated, closed, program.stage.group, 5432)
    with node.forwarded(host) as (local, _client), socket.create_connection(("127.0.0.1", local)) as caller:
        caller.sendall(SSL_REQUEST)
        assert caller.recv(1) == b"S"

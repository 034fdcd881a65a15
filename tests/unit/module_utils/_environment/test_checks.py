"""Each fault of a description: what is said, where it is, what would be right. And nothing is said about a description without fault."""

import pytest
import yaml

from ansible_collections.railyard.fargate.plugins.module_utils._environment import checks
from ansible_collections.railyard.fargate.plugins.module_utils._environment.network import Neighbour
from ansible_collections.railyard.fargate.plugins.module_utils._environment.problem import dotted

from .descriptions import GONE, SPECS, changed, description

SIZE = {"cpu": 256, "memory": 512, "min": 1, "max": 1}
DATABASE = {"class": "db.t4g.micro", "storage": 20}
HEX = "0123456789abcdef" * 4

FAULTS = {
    # shape
    "unknown variable": (
        {"railyard_cdir": "10.0.0.0/16"},
        "unknown variable railyard_cdir",
        "railyard_cdir",
        "did you mean railyard_cidr?",
    ),
    "unknown key of a process": ({"railyard_processes.web.prot": 80}, "unknown key prot", "railyard_processes.web.prot", "port?"),
    "reserved name of a process": (
        {"railyard_processes.run": {}, "railyard_sizes.run": SIZE},
        "no process can be called run",
        "railyard_processes.run",
        "not run, console or release",
    ),
    "unknown key of a size": ({"railyard_sizes.web.mem": 512}, "unknown key mem", "railyard_sizes.web.mem", "memory"),
    "unknown key of scaling": ({"railyard_processes.web.scale.cpus": 1}, "unknown key cpus", "railyard_processes.web.scale.cpus", "cpu?"),
    "unknown key of the database": (
        {"railyard_database.engin": "x"},
        "unknown key engin",
        "railyard_database.engin",
        "did you mean engine?",
    ),
    "unknown key of traffic": (
        {"railyard_traffic.keepold": 5},
        "unknown key keepold",
        "railyard_traffic.keepold",
        "did you mean keep_old?",
    ),
    "size of no process": ({"railyard_sizes.wroker": {}}, "no process wroker", "railyard_sizes.wroker", "did you mean worker?"),
    "missing variable": ({"railyard_region": GONE}, "railyard_region is missing", "railyard_region", "a text: the AWS Region"),
    "empty variable": ({"railyard_log_days": None}, "railyard_log_days is missing", "railyard_log_days", "a whole number: days"),
    "number in quotes": ({"railyard_sizes.web.cpu": "512"}, "cpu is a text (512)", "railyard_sizes.web.cpu", "512, without quotes"),
    "text as number": ({"railyard_account_id": 111111111111}, "a whole number (111111111111)", "railyard_account_id", "in quotes"),
    "version as number": ({"railyard_database.version": 17}, "version is a whole number (17)", "railyard_database.version", "in quotes"),
    "text for true": ({"railyard_protection": "yes"}, "not true or false", "railyard_protection", "without quotes"),
    "true for a number": ({"railyard_log_days": True}, "is true or false (True), not a whole", "railyard_log_days", "a whole number"),
    "text for a list": (
        {"railyard_processes.worker.command": "bundle"},
        "a text (bundle), not a list",
        "railyard_processes.worker.command",
        "a list",
    ),
    "number in a list": (
        {"railyard_processes.worker.command": ["sleep", 5]},
        "a whole number (5)",
        "railyard_processes.worker.command[1]",
        "quotes",
    ),
    "text for a process": ({"railyard_processes.worker": "sidekiq"}, "not a dictionary", "railyard_processes.worker", "a dictionary"),
    "number as variable": ({"railyard_variables.WEB": 2}, "the value of WEB is a whole number", "railyard_variables.WEB", "in quotes"),
    "another choice": ({"railyard_traffic.shift": "blue"}, "shift is 'blue'", "railyard_traffic.shift", "all_at_once, canary or linear"),
    "another engine": (
        {"railyard_database.engine": "oracle"},
        "engine is 'oracle'",
        "railyard_database.engine",
        "postgres",
    ),
    "another egress": ({"railyard_egress": "nat"}, "railyard_egress is 'nat'", "railyard_egress", "public_ip"),
    "schedule without command": (
        {"railyard_schedules": {"a": {"at": "rate(1 day)"}}},
        "command is missing",
        "railyard_schedules.a.command",
        "list",
    ),
    # place
    "account": ({"railyard_account_id": "1111"}, "'1111' is not the number of an AWS account", "railyard_account_id", "twelve digits"),
    "region": ({"railyard_region": "Ireland"}, "'Ireland' is not an AWS Region", "railyard_region", "eu-west-1"),
    "image tag": ({"railyard_image": "shop:latest"}, "is not the digest of an image", "railyard_image", "sha256:"),
    "short digest": ({"railyard_image": f"sha256:{HEX[:-1]}"}, "is not the digest", "railyard_image", "64"),
    "domain": ({"railyard_domain": "https://shop"}, "is not a domain name", "railyard_domain", "shop.example.com"),
    "repository": ({"railyard_repository": "shop"}, "'shop' is not a repository", "railyard_repository", "owner/name"),
    "another console": ({"railyard_console": "ssh"}, "railyard_console is 'ssh'", "railyard_console", "hybrid or exec"),
    "console without end": ({"railyard_console_minutes": 0}, "cannot last 0 minutes", "railyard_console_minutes", "1 to 1440"),
    "console of days": ({"railyard_console_minutes": 1441}, "cannot last 1441 minutes", "railyard_console_minutes", "1 to 1440"),
    "log days": ({"railyard_log_days": 10}, "cannot keep lines for 10 days", "railyard_log_days", "7 or 14; all: 1, 3, 5, 7, 14, 30"),
    "schedule": (
        {"railyard_schedules": {"a": {"at": "daily", "command": ["x"]}}},
        "'daily' is not when",
        "railyard_schedules.a.at",
        "cron(",
    ),
    "our own tag": ({"railyard_tags": {"environment": "x"}}, "is set by every role", "railyard_tags.environment", "another key"),
    "tag of RDS": ({"railyard_tags": {"rds:owner": "y"}}, "belongs to AWS", "railyard_tags.rds:owner", "begin with aws: or rds:"),
    "value of RDS": ({"railyard_tags": {"owner": "RDS:y"}}, "begins with rds:", "railyard_tags.owner", "another value"),
    "tag of AWS": ({"railyard_tags": {"aws:x": "y"}}, "belongs to AWS", "railyard_tags.aws:x", "does not begin with aws: or rds:"),
    # names
    "upper case": ({"railyard_app": "Shop"}, "'Shop' cannot be part of a name", "railyard_app", "lower-case"),
    "double hyphen": ({"railyard_environment": "pro--d"}, "'pro--d' cannot", "railyard_environment", "single hyphens"),
    "name of a process": ({"railyard_processes.side_kiq": SIZE}, "'side_kiq'", "railyard_processes.side_kiq", "lower"),
    "long name": (
        {"railyard_app": "marketplace-shop-api"},
        "the target group marketplace-shop-api-production-green would have 37 characters, and AWS allows 32",
        "railyard_app",
        "at most 26 characters (marketplace-shop-api-production has 31)",
    ),
    "internal load balancer": ({"railyard_app": "internal"}, "begin with internal-", "railyard_app", "another name"),
    "prefix of AWS": ({"railyard_app": "ssmith"}, "keeps names that begin with ssm", "railyard_app", "another name"),
    "reserved process": (
        {"railyard_processes.database": {}, "railyard_sizes.database.cpu": 256},
        "a process cannot be called database",
        "railyard_processes.database",
        "another name",
    ),
    # network
    "no CIDR": ({"railyard_cidr": "10.20.0.0"}, "'10.20.0.0' is no range", "railyard_cidr", "10.20.0.0/16 for example"),
    "impossible CIDR": ({"railyard_cidr": "10.256.0.0/16"}, "is no range of IPv4", "railyard_cidr", "up to 255"),
    "host bits": ({"railyard_cidr": "10.20.1.0/16"}, "an address within a range", "railyard_cidr", "10.20.0.0/16"),
    "too large": ({"railyard_cidr": "10.0.0.0/8"}, "has 16777216 addresses", "railyard_cidr", "between /16 and /23"),
    "too small": ({"railyard_cidr": "10.0.0.0/24"}, "has 256 addresses", "railyard_cidr", "between /16 and /23"),
    "peer": ({"railyard_peer_cidrs": ["10.20.128.0/20"]}, "overlaps the peer's 10.20.128.0/20", "railyard_peer_cidrs[0]", "apart"),
    "malformed peer": ({"railyard_peer_cidrs": ["172.16.0.0/12", "x"]}, "'x' is no range", "railyard_peer_cidrs[1]", "10.20.0.0/16"),
    # processes
    "no web": (
        {"railyard_processes": {"webb": {"port": 1}}, "railyard_sizes": {"webb": SIZE, "database": DATABASE}},
        "no process is called web",
        "railyard_processes.web",
        "did you mean webb?",
    ),
    "web without port": ({"railyard_processes.web.port": GONE}, "web has no port", "railyard_processes.web.port", "3000"),
    "web without health": ({"railyard_processes.web.health": GONE}, "web has no health", "railyard_processes.web.health", "/up"),
    "port": ({"railyard_processes.web.port": 70000}, "there is no port 70000", "railyard_processes.web.port", "1 to 65535"),
    "health without slash": ({"railyard_processes.web.health": "up"}, "'up' is no path", "railyard_processes.web.health", "/up"),
    "health with space": (
        {"railyard_processes.web.health": "/u p"},
        "no path that a load balancer",
        "railyard_processes.web.health",
        "space",
    ),
    "memory": ({"railyard_sizes.web.memory": 600}, "512 CPU units and 600 MiB", "railyard_sizes.web.memory", "1024, 2048, 3072 or 4096"),
    "cpu": ({"railyard_sizes.web.cpu": 500}, "no size with 500 CPU units", "railyard_sizes.web.cpu", "256, 512, 1024"),
    "shared memory": (
        {"railyard_sizes.web.memory": GONE, "railyard_processes.web.memory": 600},
        "512 CPU units and 600 MiB",
        "railyard_processes.web.memory",
        "1024",
    ),
    "no size": ({"railyard_sizes.worker": GONE}, "worker has no cpu, memory, min or max", "railyard_sizes.worker", "worker: {cpu: 256"),
    "half a size": ({"railyard_sizes.worker.max": GONE}, "worker has no max", "railyard_sizes.worker", "max: 2"),
    "min over max": (
        {"railyard_sizes.web.min": 12},
        "minimum of 12 tasks, and a maximum of 10",
        "railyard_sizes.web.min",
        "min at most 10",
    ),
    "no web task": ({"railyard_sizes.web.min": 0}, "minimum of 0", "railyard_sizes.web.min", "1 or more"),
    "negative": ({"railyard_sizes.worker.min": -1}, "minimum of -1", "railyard_sizes.worker.min", "0 or more"),
    "too many": ({"railyard_sizes.web.max": 6000}, "maximum of 6000", "railyard_sizes.web.max", "1 to 5000"),
    "target over 100": ({"railyard_processes.web.scale.cpu": 160}, "160 percent", "railyard_processes.web.scale.cpu", "1 to 100"),
    "no requests": ({"railyard_processes.web.scale.requests": 0}, "0 requests", "railyard_processes.web.scale.requests", "1 or more"),
    "requests of a worker": (
        {"railyard_processes.worker.scale.requests": 9},
        "gets no requests",
        "railyard_processes.worker.scale.requests",
        "cpu",
    ),
    # database
    "version": ({"railyard_database.version": "9.6"}, "RDS has no postgres 9.6", "railyard_database.version", "16, 17 or 18"),
    "class": ({"railyard_sizes.database.class": "t4g.small"}, "'t4g.small' is no class", "railyard_sizes.database.class", "db.t4g.small"),
    "storage": ({"railyard_sizes.database.storage": 10}, "10 GiB of storage", "railyard_sizes.database.storage", "20 to 65536"),
    "backups": ({"railyard_sizes.database.backup_days": 36}, "36 days of backups", "railyard_sizes.database.backup_days", "0 to 35"),
    "no class": ({"railyard_sizes.database.class": GONE}, "the database has no class", "railyard_sizes.database.class", "db.t4g.small"),
    # variables and secrets
    "secret as variable": (
        {"railyard_variables.STRIPE_API_KEY": "sk"},
        "STRIPE_API_KEY looks like",
        "railyard_variables.STRIPE_API_KEY",
        "railyard_secrets",
    ),
    "key base": (
        {"railyard_variables.SECRET_KEY_BASE": "a"},
        "looks like the name of a secret",
        "railyard_variables.SECRET_KEY_BASE",
        "Parameter Store",
    ),
    "password in a URL": (
        {"railyard_variables.REDIS_URL": "redis://u:hush@h"},
        "REDIS_URL holds a password",
        "railyard_variables.REDIS_URL",
        "secrets",
    ),
    "name of a variable": ({"railyard_variables.A-B": "1"}, "'A-B' is no name", "railyard_variables.A-B", "underscores"),
    "database URL as variable": (
        {"railyard_variables.DATABASE_URL": "x"},
        "made by the rds role",
        "railyard_variables.DATABASE_URL",
        "leave it out",
    ),
    "database URL as secret": ({"railyard_secrets": ["DATABASE_URL"]}, "made by the rds role", "railyard_secrets[0]", "leave it out"),
    "both": ({"railyard_secrets": ["RAILS_ENV"]}, "RAILS_ENV is a variable too", "railyard_secrets[0]", "either"),
    "twice": ({"railyard_secrets": ["KEY", "KEY"]}, "KEY is there twice", "railyard_secrets[1]", "once"),
    "refused by Parameter Store": (
        {"railyard_secrets": ["MASTER KEY"]},
        "MASTER… is no name that Parameter Store",
        "railyard_secrets[0]",
        "letters",
    ),
    "no variable's name": (
        {"railyard_secrets": ["MASTER-KEY"]},
        "MASTER-KEY is no name of an environment",
        "railyard_secrets[0]",
        "underscores",
    ),
    # releases
    "canary without percent": ({"railyard_traffic.percent": GONE}, "a canary shift needs percent", "railyard_traffic.percent", "1 to 99"),
    "all of it": ({"railyard_traffic.percent": 100}, "100 percent of the traffic", "railyard_traffic.percent", "1 to 99"),
    "no minutes": ({"railyard_traffic.minutes": 0}, "0 minutes between", "railyard_traffic.minutes", "1 to 2880"),
    "too long": (
        {"railyard_traffic": {"shift": "linear", "percent": 1, "minutes": 30}},
        "takes 2970 minutes",
        "railyard_traffic.minutes",
        "at most 29 with 1 percent",
    ),
    "old tasks of ECS": (
        {"railyard_engine": "ecs", "railyard_traffic.keep_old": 1441},
        "kept for 1441 minutes",
        "railyard_traffic.keep_old",
        "0 to 1440, which is one day",
    ),
    "small steps of ECS": (
        {"railyard_engine": "ecs", "railyard_traffic": {"shift": "linear", "percent": 2, "minutes": 1, "keep_old": 5}},
        "ECS does not shift 2 percent at a time",
        "railyard_traffic.percent",
        "3 to 99",
    ),
    "long steps of ECS": (
        {"railyard_engine": "ecs", "railyard_traffic": {"shift": "canary", "percent": 10, "minutes": 1500, "keep_old": 5}},
        "ECS does not wait 1500 minutes between steps",
        "railyard_traffic.minutes",
        "1 to 1440",
    ),
    "old tasks": ({"railyard_traffic.keep_old": 2881}, "kept for 2881 minutes", "railyard_traffic.keep_old", "0 to 2880"),
    "timeout": ({"alb_health_timeout": 10}, "fails after 10 seconds and is repeated every 10", "alb_health_timeout", "smaller"),
    "interval": ({"alb_health_interval": 301}, "does not take 301 seconds", "alb_health_interval", "5 to 300"),
    "threshold": ({"alb_healthy_threshold": "2"}, "is '2', not a whole number", "alb_healthy_threshold", "2 to 10, without quotes"),
    "one port": ({"alb_test_port": 80}, "both have port 80", "alb_test_port", "two ports"),
    "long name beside a load balancer's own": (
        {"alb_name": "shop", "railyard_app": "s" * 40},
        "the bucket of releases",
        "railyard_app",
        "at most 41 characters",
    ),
    "long name of a load balancer": ({"alb_name": "a" * 27}, "would have 33 characters", "alb_name", "alb_name: at most 26 characters"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_once_with_place_and_remedy(fault: str) -> None:
    changes, what, where, right = FAULTS[fault]
    found = checks.problems(SPECS, changed(changes))
    told = [problem for problem in found if what in problem.what and dotted(problem.path) == where and right in problem.right]
    assert len(told) == 1, found


@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_is_not_told_as_several(fault: str) -> None:
    extra = {
        "reserved process": 3,  # it has no size, and the size of the database has an unknown key
    }
    assert len(checks.problems(SPECS, changed(FAULTS[fault][0]))) <= 1 + extra.get(fault, 0)


@pytest.mark.parametrize(("inventory", "environment"), [("local", "local"), ("staging", "staging"), ("prod", "production")])
def test_our_own_inventories_have_no_fault(inventory: str, environment: str) -> None:
    assert checks.problems(SPECS, description(inventory, environment)) == []


GOOD = [
    {"railyard_sizes.worker.min": 0},
    {"railyard_cidr": "10.0.0.0/23"},
    {"railyard_peer_cidrs": ["10.21.0.0/16"]},
    {"railyard_domain": None},
    {"railyard_database.version": "17.4"},
    {"railyard_variables.STRIPE_PUBLISHABLE_KEY": "pk"},
    {"railyard_variables.MAX_TOKENS": "5"},
    {"railyard_variables.HOMEPAGE": "https://shop.example.com/a:b@c"},
    {"railyard_traffic": {"shift": "all_at_once"}},
    {"railyard_image": f"sha256:{HEX}"},
    {"railyard_domain": "shop.example.com", "railyard_branch": "release/1.2"},
    {"railyard_region": "us-gov-west-1"},
    {"railyard_app": "marketplace-shop"[:15]},
    {"railyard_schedules": {"nightly": {"at": "cron(0 18 * * ? *)", "command": ["bin/rails", "x"]}}},
    {"alb_health_interval": 30, "alb_health_timeout": 29},
]


@pytest.mark.parametrize("changes", GOOD)
def test_correct_descriptions_have_no_problems(changes: dict) -> None:
    assert checks.problems(SPECS, changed(changes)) == []


ALL_IN_ONE_PLACE = """
railyard_processes:
  web: {port: 3000, health: /up, cpu: 512, memory: 1024, min: 2, max: 10, scale: {cpu: 60, requests: 800}}
  worker: {command: [bundle, exec, sidekiq], cpu: 256, memory: 512, min: 1, max: 4, scale: {cpu: 70}}
  clock:
railyard_database: {engine: postgres, version: "17", class: db.t4g.small, storage: 20}
railyard_sizes:
  clock: {cpu: 256, memory: 512, min: 1, max: 1}
"""


def test_sizes_may_stand_with_what_is_shared_and_a_process_may_be_only_a_name() -> None:
    assert checks.problems(SPECS, {**description(), **yaml.safe_load(ALL_IN_ONE_PLACE)}) == []


def test_all_faults_are_told_at_once() -> None:
    found = checks.problems(
        SPECS, changed({"railyard_cidr": "x", "railyard_sizes.web.memory": 600, "railyard_log_days": 10, "railyard_ap": "y"})
    )
    assert {dotted(problem.path) for problem in found} == {"railyard_cidr", "railyard_sizes.web.memory", "railyard_log_days", "railyard_ap"}


@pytest.mark.parametrize(
    "path", ["railyard_secrets", "railyard_variables", "railyard_secret_key", "railyard_variables.API_KEY", "railyard_secretz"]
)
@pytest.mark.parametrize(
    "value", ["hush 0123", {"RAILS_MASTER_KEY": "hush"}, ["hush=0123"], [{"A": "hush"}], 5, ["0123456789abcdefhush0123456789"]]
)
def test_no_message_repeats_what_may_be_a_secret(path: str, value: object) -> None:
    text = str(checks.problems(SPECS, changed({path: value})))
    assert "0123" not in text and "[5]" not in text and "(5)" not in text
    assert "'hush'" not in text


def neighbour(**values: str) -> Neighbour:
    known = {"host": "shop_staging", "name": "shop-staging", "account_id": "222222222222", "region": "eu-west-1", "cidr": "10.10.0.0/16"}
    return Neighbour(**{**known, **values})


def test_environments_of_the_same_inventories_share_no_addresses() -> None:
    assert checks.problems(SPECS, description(), [neighbour()]) == []
    (problem,) = checks.problems(SPECS, description(), [neighbour(cidr="10.20.64.0/20"), neighbour(cidr="10.0.0.0/16")])
    assert problem.what == "10.20.0.0/16 overlaps 10.20.64.0/20 of shop_staging, so the two can never be connected"
    assert dotted(problem.path) == "railyard_cidr" and "10.1.0.0/16" in problem.right


def test_two_hosts_that_describe_the_same_environment() -> None:
    twin = neighbour(host="shop_two", name="shop-production", account_id="111111111111", cidr="")
    (problem,) = checks.problems(SPECS, description(), [twin])
    assert "shop_two describes shop-production" in problem.what
    assert checks.problems(SPECS, description(), [neighbour(name="shop-production", cidr="")]) == []

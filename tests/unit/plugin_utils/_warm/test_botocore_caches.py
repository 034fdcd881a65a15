"""What is replaced in botocore: each replacement computes less, and the same. In processes of their own: they change botocore."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import botocore.session
import pytest

from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import botocore_caches

HERE = Path(botocore_caches.__file__).parent
HEAD = f"""
import importlib.util, inspect, sys
spec = importlib.util.spec_from_file_location("botocore_caches", {str(HERE / "botocore_caches.py")!r})
botocore_caches = importlib.util.module_from_spec(spec); spec.loader.exec_module(botocore_caches)
import boto3, botocore.client, botocore.hooks, botocore.regions, botocore.session
from unittest import mock
def client(service="ecs", region="eu-west-1", **more):
    return boto3.session.Session(aws_access_key_id="a", aws_secret_access_key="b").client(service, region_name=region, **more)
def counted(owner, name):
    calls, real = [], getattr(owner, name)
    def count(*a, **k):
        calls.append(1); return real(*a, **k)
    setattr(owner, name, count)
    return calls
"""
CASES = {
    "loaders": """
from botocore.loaders import JSONFileLoader
read = counted(JSONFileLoader, "load_file")
botocore_caches.share_loaders(); client(); first = len(read); client()
assert first > 3 and len(read) == first, (first, len(read))
""",
    "rule sets": """
from botocore import endpoint_provider
parsed = counted(endpoint_provider.RuleSet, "__init__")
botocore_caches.share_loaders(); botocore_caches.share_rule_sets()
one, two = client(), client(region="us-east-1")
assert len(parsed) == 1, parsed
assert (one.meta.endpoint_url, two.meta.endpoint_url) == ("https://ecs.eu-west-1.amazonaws.com", "https://ecs.us-east-1.amazonaws.com")
assert client("s3")._ruleset_resolver._provider is not one._ruleset_resolver._provider
""",
    "signatures": """
import botocore.compat
botocore_caches.remember_signatures()
client(); before = botocore.hooks.accepts_kwargs.cache_info().misses
for f in (lambda **k: 0, lambda a: 0, print):
    assert botocore.hooks.accepts_kwargs(f) == botocore.compat.accepts_kwargs(f)
assert before > 20
""",
    "event names": """
names = ["before-call.cloudwatch.PutMetricAlarm", "choose-signer.s3.GetObject", "docs.*.autoscaling.Create.complete-section", "x"]
alias = lambda: [botocore.session.Session().get_component("event_emitter")._alias_event_name(n) for n in names]
plain = alias(); botocore_caches.remember_event_names()
assert alias() == plain == alias()
assert plain != names
own = botocore.hooks.EventAliaser(botocore.hooks.HierarchicalEmitter(), {"x": "y"})
assert own._alias_event_name("x") == "y"
""",
    "methods": """
plain = set(dir(client())); botocore_caches.share_loaders(); botocore_caches.remember_methods()
made = counted(botocore.client.ClientCreator, "_create_api_method")
one, two = client(), client()
assert set(dir(one)) == plain and len(made) == len(one.meta.method_to_api_mapping)
assert type(one) is not type(two) and type(one).list_clusters is type(two).list_clusters
def add(class_attributes, **kw): class_attributes["list_clusters"] = "mine"
session = boto3.session.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name="eu-west-1")
session.events.register("creating-client-class.ecs", add)
assert session.client("ecs").list_clusters == "mine" and client().list_clusters != "mine"
assert set(dir(client("ecr"))) != plain
""",
    "credentials": """
import os, tempfile
home = tempfile.mkdtemp()
os.environ |= {"HOME": home, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
botocore_caches.keep_credentials()
provider = boto3.session.Session()._session.get_component("credential_provider").get_provider("assume-role")
provider.cache["key"] = {"a": 1}
assert os.listdir(os.path.join(home, ".aws", "cli", "cache")) == ["key.json"]
""",
    "models": """
import os
os.environ["AWS_PROFILE"] = "missing"
del os.environ["AWS_PROFILE"]
before = dict(os.environ)
botocore_caches.prepare(["ecs", "s3"])
from botocore.loaders import JSONFileLoader
read = counted(JSONFileLoader, "load_file")
client().can_paginate("list_clusters"); client("s3").get_waiter("bucket_exists"); client("s3").get_paginator("list_buckets")
assert read == [] and dict(os.environ) == before
""",
}


@pytest.mark.parametrize("case", CASES)
def test_caches_save_work_and_keep_results(case: str) -> None:
    done = subprocess.run([sys.executable, "-c", HEAD + CASES[case]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_this_botocore_is_supported() -> None:
    botocore_caches.check()


def test_another_botocore_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("botocore.__version__", "1.41.9")
        with pytest.raises(botocore_caches.Unsupported, match="is not from 1"):
            botocore_caches.check()
    # Until 1.43 a provider took two arguments.
    monkeypatch.setattr("botocore.regions.EndpointProvider", lambda ruleset_data, partition_data: None)
    botocore_caches.check()
    monkeypatch.setattr(botocore.session, "create_loader", lambda path, more: None)
    with pytest.raises(botocore_caches.Unsupported, match="create_loader of botocore"):
        botocore_caches.check()

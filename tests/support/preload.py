"""What every module process needs, imported once before it is forked."""

import importlib

import ansible.module_utils.basic
import ansible.module_utils.testing  # noqa: F401
import boto3  # noqa: F401
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder

from tests.support.modules import ROOT

_AnsibleCollectionFinder(paths=[str(ROOT / "collections")])._install()

import ansible_collections.amazon.aws.plugins.module_utils.modules  # noqa: E402, F401

from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import botocore_caches  # noqa: E402

botocore_caches.prepare()

for path in sorted((ROOT / "plugins" / "module_utils").rglob("*.py")):
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    importlib.import_module(f"ansible_collections.railyard.fargate.{name}")

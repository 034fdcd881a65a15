"""Other tools with one stack of 41 resources: a plain playbook of stock modules, the same file through our plugins, and Terraform."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from .runs import ROOT, TERRAFORM, Stack, Way, environment
from .site import AHEAD, LOCAL, WARM

PEER = ROOT / "bench" / "peer"
PROVIDERS = [Path("~/.terraform.d/plugins").expanduser(), Path("/usr/local/share/terraform/plugins"), Path("/opt/tf-plugins")]


def ways(folder: Path, providers: Path | None) -> list[Way]:
    return [*_ansible(folder), *_terraform(folder, providers)]


def _ansible(folder: Path) -> list[Way]:
    if shutil.which("ansible-playbook", path=environment(folder / "peers")["PATH"]) is None:
        print("naive.yml skipped: ansible-playbook is not on PATH")
        return []
    stack = Stack(folder, "naive.yml")

    def way(name: str, connection: str, settings: dict[str, str], warms: bool) -> Way:
        own = environment(folder / f"naive, {name}", AWS_ENDPOINT_URL=stack.state.url, PEER_CONNECTION=connection, **settings)
        return Way(
            f"{stack.name}, {name}", stack, ("ansible-playbook", "-i", "localhost,", str(PEER / "naive.yml")), own, warms=warms, usual=warms
        )

    return [way("local", "local", LOCAL, False), way("warm, reads ahead", WARM, AHEAD, True)]


def _terraform(folder: Path, providers: Path | None) -> list[Way]:
    """A folder of providers is a mirror in Terraform's layout. Without one, Terraform gets its provider from its registry."""
    if shutil.which("terraform") is None:
        print("terraform skipped: terraform is not on PATH")
        return []
    work = folder / "terraform"
    own = environment(work, CHECKPOINT_DISABLE="1")
    shutil.copy(PEER / "main.tf", work)
    mirror = providers or next((path for path in PROVIDERS if path.is_dir()), None)
    terraform = ("terraform", f"-chdir={work}")
    init = [*terraform, "init", "-input=false", "-no-color", *([f"-plugin-dir={mirror}"] if mirror else [])]
    done = subprocess.run(init, env=own, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"terraform skipped: terraform init says: {' '.join(done.stderr.split())}")
        return []
    stack = Stack(folder, "main.tf", work / "terraform.tfstate", work / "terraform.tfstate.backup")
    own["AWS_ENDPOINT_URL"] = stack.state.url
    return [Way(TERRAFORM, stack, (*terraform, "apply", "-auto-approve", "-input=false", "-no-color"), own, usual=True)]

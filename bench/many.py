"""Many environments in one run: one inventory with one host, and one with ten, forks 10."""

from __future__ import annotations

import json
from pathlib import Path

from emulator import process

from .runs import ROOT, Stack, Way, environment
from .site import AHEAD, WARM

GROUP_VARS = ROOT / "inventories"
COUNTS = (1, 10)


class Environments(Stack):
    """An emulator in which the secrets and first images of every environment are there before a run."""

    names = [f"e{number:02}" for number in range(1, max(COUNTS) + 1)]

    def forget(self) -> None:
        super().forget()
        self.plant()

    def plant(self) -> dict[str, str]:
        """Returns the digest of the image of each environment."""
        ssm = self.emulated.client("ssm")
        for name in self.names:
            ssm.put_parameter(Name=f"/shop/{name}/RAILS_MASTER_KEY", Type="SecureString", Value="0" * 32, Overwrite=True)
        return {name: process.control(self.state, "images", repository=f"shop-{name}")["digest"] for name in self.names}


def inventory(folder: Path, url: str, images: dict[str, str]) -> Path:
    """The local environment's description once for each name, each with a network of its own."""
    hosts = {
        f"shop_{name}": {"railyard_environment": name, "railyard_cidr": f"10.{number}.0.0/16", "railyard_image": image}
        for number, (name, image) in enumerate(images.items())
    }
    common = {
        "ansible_connection": WARM,
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "railyard_endpoint_url": url,
        "railyard_access_key": "EMULATOR",
        "railyard_secret_key": "EMULATOR",
    }
    for source, name in (("group_vars/all/shared.yml", "all/shared.yml"), ("local/group_vars/local/main.yml", "local/main.yml")):
        link = folder / "group_vars" / name
        link.parent.mkdir(parents=True)
        link.symlink_to(GROUP_VARS / source)
    hosts_file = folder / "hosts.json"
    hosts_file.write_text(json.dumps({"local": {"hosts": hosts}, "emulated": {"children": {"local": {}}, "vars": common}}))
    return hosts_file


def ways(folder: Path) -> list[Way]:
    """The larger last: its first converge leaves the environments of both."""
    stack = Environments(folder, "site.yml")
    images = stack.plant()

    def way(count: int) -> Way:
        some = dict(list(images.items())[:count])
        file = inventory(folder / f"inventory-{count}", stack.state.url, some)
        own = environment(folder / f"many-{count}", **AHEAD)
        command = ("ansible-playbook", "site.yml", "-i", str(file), "--forks", "10")
        return Way(f"{stack.name}, {count} environment{'s' * (count > 1)}", stack, command, own, warms=True)

    return [way(count) for count in COUNTS]

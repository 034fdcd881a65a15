"""Variables of roles as Ansible's own templates give them, without a play."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

ROLES = Path(__file__).resolve().parents[2] / "roles"


def known(role: str) -> dict[str, Any]:
    """Defaults and internals of a role, templates unresolved."""
    files = [ROLES / role / part / "main.yml" for part in ("defaults", "vars")]
    texts = [path.read_text().replace("!unsafe ", "") for path in files if path.exists()]
    return {name: value for text in texts for name, value in (yaml.safe_load(text) or {}).items()}


def rendered(role: str, value: Any, **given: Any) -> Any:
    """What templates in `value` become in a role; `given` are variables of the inventory or of the play."""
    variables = {name: trusted(one) for name, one in {**known(role), **given}.items()}
    return Templar(DataLoader(), variables=variables).template(trusted(value))


def trusted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: trusted(one) for name, one in value.items()}
    if isinstance(value, list):
        return [trusted(one) for one in value]
    return trust_as_template(value) if isinstance(value, str) else value

"""What an agent of Systems Manager needs of the role that it has, before anybody can reach it.

https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html and, for ECS Exec,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
"""

from __future__ import annotations

from ..iam import authority
from ..iam.authority import Session

CHANNELS = ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")


def may_open(who: Session | None) -> bool:
    """Whether an agent with this session opens its channels to Session Manager. Without a role it has no credentials."""
    return who is not None and all(authority.decide(who, f"ssmmessages:{name}").allowed for name in CHANNELS)

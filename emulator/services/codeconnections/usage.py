"""Whether a role may use a connection as a source.

AWS asks for the action under both of its names, whatever the ARN begins with (CC-3), and knows each condition under the name of the action.
https://docs.aws.amazon.com/codepipeline/latest/userguide/troubleshooting.html#troubleshooting-access-connection
"""

from __future__ import annotations

from ..iam import authority
from ..iam.authority import Session
from . import connections, store

DENIED = "Unable to use Connection: {arn}. The provided role does not have sufficient permissions."


def unusable(who: Session, arn: str, repository: str, branch: str = "") -> str:
    """Why a session gets no source through a connection, in AWS's words where they are known; "" when it gets it (CC-3)."""
    for name in (store.OLDER, store.NAME):
        more = {f"{name}:fullrepositoryid": repository, f"{name}:provideraction": "GetBranch"}
        if branch:
            more[f"{name}:branchname"] = branch
        if not authority.decide(who, f"{name}:UseConnection", arn, more).allowed:
            return DENIED.format(arn=arn)
    return connections.usable(who.call, arn)

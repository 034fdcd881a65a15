"""Security groups for tests."""

from __future__ import annotations

from .emulated import Emulated


def make(emulated: Emulated, vpc: str, name: str = "shop") -> str:
    """A group whose members reach each other, and everything outside; its id."""
    ec2 = emulated.client("ec2")
    group = str(ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"])
    admit(emulated, group, group)
    return group


def admit(emulated: Emulated, group: str, source: str, port: int | None = None) -> None:
    """Let one group reach another one, on a port or on all."""
    ports = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port} if port is not None else {"IpProtocol": "-1"}
    permission = {**ports, "UserIdGroupPairs": [{"GroupId": source}]}
    emulated.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])


def close(emulated: Emulated, group: str) -> None:
    """Take all rules for what comes in from a group."""
    ec2 = emulated.client("ec2")
    rules = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    if rules:
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rules)

"""elbv2_listener against the emulated load balancing: everything as declared, the traffic as the deployer left it."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.support import one
from tests.support.emulated import Emulated
from tests.support.walk import differences

PAIR = ["shop-blue", "shop-green"]


@dataclass
class Site:
    """A load balancer and three target groups, made as another program would."""

    emulated: Emulated
    balancer: str
    blue: str
    green: str
    other: str

    def run(self, **params: Any) -> dict[str, Any]:
        declared = {"load_balancer_name": "shop", "port": 80, "target_group_pair": PAIR, "tags": {"application": "shop"}}
        given = {key: value for key, value in {**declared, **params}.items() if value is not None}
        return one.run(self.emulated, "elbv2_listener", **given)

    def listeners(self) -> list[dict[str, Any]]:
        return self.emulated.client("elbv2").describe_listeners(LoadBalancerArn=self.balancer)["Listeners"]

    def point(self, *weights: tuple[str, int]) -> None:
        """Move the traffic as CodeDeploy does."""
        groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights]
        self.act({"Type": "forward", "ForwardConfig": {"TargetGroups": groups}})

    def act(self, action: dict[str, Any]) -> None:
        arn = next(listener["ListenerArn"] for listener in self.listeners() if listener["Port"] == 80)
        self.emulated.client("elbv2").modify_listener(ListenerArn=arn, DefaultActions=[action])


@pytest.fixture
def site(emulated: Emulated) -> Site:
    ec2, elbv2 = emulated.client("ec2"), emulated.client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"eu-west-1{zone}")["Subnet"]["SubnetId"]
        for number, zone in enumerate("ab")
    ]
    balancer = elbv2.create_load_balancer(Name="shop", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    groups = [
        elbv2.create_target_group(Name=name, Protocol="HTTP", Port=3000, VpcId=vpc, TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]
        for name in [*PAIR, "other"]
    ]
    return Site(emulated, balancer, *groups)


def test_check_create_again_change_delete(site: Site) -> None:
    before = site.emulated.writes()
    predicted = site.run(check=True)
    assert predicted["changed"] and site.emulated.writes() == before and differences("elbv2_listener", predicted) == []

    created = site.run()
    assert created["changed"] and differences("elbv2_listener", created) == []
    for key in ("active_target_group_arn", "idle_target_group_arn", "weights", "shifting", "problem"):
        assert predicted[key] == created[key]
    assert (created["active_target_group_arn"], created["idle_target_group_arn"]) == (site.blue, site.green)
    assert created["weights"] == {site.blue: 100, site.green: 0}
    assert [listener["DefaultActions"][0]["TargetGroupArn"] for listener in site.listeners()] == [site.blue]
    assert not site.run()["changed"]
    assert not site.run(tags=None)["changed"]

    changed = site.run(tags={"team": "web"})
    assert changed["changed"] and changed["listener"]["tags"] == {"team": "web"}
    assert changed["diff"]["before"]["tags"] == {"application": "shop"} and changed["diff"]["after"]["tags"] == {"team": "web"}

    assert site.run(state="absent", check=True)["changed"]
    assert site.run(state="absent")["changed"] and site.listeners() == []
    assert not site.run(state="absent")["changed"]


def test_whatever_a_deployment_left_stays(site: Site) -> None:
    site.run()
    states = [
        [(site.blue, 90), (site.green, 10)],
        [(site.blue, 0), (site.green, 100)],
        [(site.green, 100)],
        [(site.green, 50), (site.blue, 50)],
        [(site.blue, 100), (site.green, 0)],
        [(site.blue, 1)],
    ]
    actives = []
    for state in states:
        site.point(*state)
        before = len(site.emulated.writes())
        kept = site.run()
        assert not kept["changed"] and len(site.emulated.writes()) == before
        assert site.run(check=True)["weights"] == kept["weights"]
        assert kept["weights"] == {site.blue: 0, site.green: 0, **{arn: 100 if len(state) == 1 else weight for arn, weight in state}}
        actives.append(kept["active_target_group_arn"])
    assert actives == [site.blue, site.green, site.green, site.blue, site.blue, site.blue]


def test_other_changes_do_not_move_a_shift(site: Site) -> None:
    site.run()
    site.point((site.blue, 75), (site.green, 25))
    changed = site.run(tags={"team": "web"})
    assert changed["changed"] and changed["shifting"] and changed["weights"] == {site.blue: 75, site.green: 25}


@pytest.mark.parametrize("kind", ["foreign group", "redirect", "fixed response"])
def test_something_foreign_is_an_error_and_force_repairs_it(site: Site, kind: str) -> None:
    site.run()
    if kind == "foreign group":
        site.point((site.other, 1))
    elif kind == "redirect":
        site.act({"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}})
    else:
        site.act({"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}})
    before = len(site.emulated.writes())
    failed = site.run()
    assert failed["failed"] and "elbv2_listener with force_forward: true" in failed["msg"]
    words = {"foreign group": "forwards to other (1)", "redirect": "redirects to HTTPS://", "fixed response": "answers 503 itself"}
    assert words[kind] in failed["msg"] and failed["live"]["port"] == 80 and site.run(check=True)["failed"]
    assert len(site.emulated.writes()) == before

    assert "needs ecs or initial" in site.run(force_forward=True)["msg"]
    repaired = site.run(force_forward=True, initial="shop-green")
    assert repaired["changed"] and repaired["active_target_group_arn"] == site.green and repaired["problem"] is None
    assert site.listeners()[0]["DefaultActions"][0]["TargetGroupArn"] == site.green
    assert not site.run(force_forward=True, initial="shop-green")["changed"]
    assert not site.run()["changed"]


def test_other_listeners_are_not_touched(site: Site) -> None:
    site.run()
    test = site.run(port=8080, initial="shop-green")
    assert test["active_target_group_arn"] == site.green
    assert not site.run()["changed"] and not site.run(port=8080)["changed"]
    site.run(state="absent")
    assert [listener["Port"] for listener in site.listeners()] == [8080]


def test_groups_and_load_balancer_by_arn(site: Site) -> None:
    site.run()
    by_arn = {"load_balancer_name": None, "load_balancer_arn": site.balancer, "target_group_pair": [site.blue, site.green]}
    assert not site.run(**by_arn)["changed"]
    assert not site.run(**{**by_arn, "target_group_pair": ["shop-blue", site.green]})["changed"]


def test_what_does_not_exist_is_predicted_in_check_mode_and_an_error_else(emulated: Emulated, site: Site) -> None:
    for absent in ({"load_balancer_name": "absent"}, {"target_group_pair": ["shop-blue", "absent"]}, {"target_group_pair": ["", ""]}):
        predicted = site.run(check=True, **absent)
        assert predicted["changed"] and differences("elbv2_listener", predicted) == []
        failed = site.run(**absent)
        assert failed["failed"] and "does not exist" in failed["msg"]
    assert site.listeners() == []
    assert not site.run(load_balancer_name="absent", state="absent")["changed"]


def test_https_with_certificates(emulated: Emulated, site: Site) -> None:
    upload = emulated.client("iam").upload_server_certificate
    uploaded = [upload(ServerCertificateName=name, CertificateBody="body", PrivateKey="key") for name in ("a", "b")]
    first, second = (answer["ServerCertificateMetadata"]["Arn"] for answer in uploaded)
    declared = {"port": 443, "protocol": "HTTPS", "certificate_arns": [first, second]}
    created = site.run(**declared)
    assert created["listener"]["certificate_arns"] == [first, second] and differences("elbv2_listener", created) == []
    assert created["listener"]["ssl_policy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    assert not site.run(**declared)["changed"]
    assert not site.run(**{**declared, "certificate_arns": None})["changed"]
    assert not site.run(**{**declared, "certificate_arns": [first]})["changed"]
    purged = site.run(**{**declared, "certificate_arns": [first], "purge_certificates": True})
    assert purged["changed"] and purged["listener"]["certificate_arns"] == [first]
    swapped = site.run(**{**declared, "certificate_arns": [second]})
    assert swapped["changed"] and swapped["listener"]["certificate_arns"] == [second]
    policy = site.run(**{**declared, "certificate_arns": None, "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"})
    assert policy["changed"] and policy["listener"]["certificate_arns"] == [second]
    assert "takes no certificate_arns" in site.run(certificate_arns=[first])["msg"]


def test_a_group_in_use_is_not_deleted(site: Site) -> None:
    site.run()
    failed = one.run(site.emulated, "elbv2_target_group", name="shop-blue", state="absent")
    assert failed["failed"] and failed["error_code"] == "ResourceInUse"
    assert one.run(site.emulated, "elbv2_target_group", name="shop-green", state="absent")["changed"]


def test_attributes(site: Site) -> None:
    attributes = {"routing.http.response.server.enabled": False}
    created = site.run(attributes=attributes)
    assert created["listener"]["attributes"]["routing.http.response.server.enabled"] == "false"
    assert differences("elbv2_listener", created) == []
    assert not site.run(attributes=attributes)["changed"]
    assert site.run(attributes={"routing.http.response.server.enabled": True})["changed"]


def test_info_says_who_is_live(site: Site) -> None:
    site.run()
    site.run(port=8080)
    site.point((site.blue, 90), (site.green, 10))
    found = site.emulated.run("elbv2_listener_info", load_balancer_name="shop", target_group_pair=PAIR)
    assert differences("elbv2_listener_info", found) == [] and sorted(listener["port"] for listener in found["listeners"]) == [80, 8080]
    (one,) = site.emulated.run("elbv2_listener_info", load_balancer_arn=site.balancer, ports=[80], target_group_pair=PAIR)["listeners"]
    assert one["active_target_group_arn"] == site.blue and one["shifting"] and one["weights"] == {site.blue: 90, site.green: 10}
    (plain,) = site.emulated.run("elbv2_listener_info", load_balancer_name="shop", ports=[80])["listeners"]
    assert "weights" not in plain
    assert site.emulated.run("elbv2_listener_info", load_balancer_name="absent")["listeners"] == []

"""The part of the pre-flight that asks AWS."""

from tests.support.emulated import Emulated
from tests.support.walk import differences

ACCOUNT = "123456789012"


def run(emulated: Emulated, **params):
    return emulated.run("preflight", **{"account_id": ACCOUNT, "secrets": {}, "store": "store-it", **params})


def test_caller_and_secrets_in_two_reads_and_no_write(emulated: Emulated) -> None:
    ssm = emulated.client("ssm")
    ssm.put_parameter(Name="/shop/production/KEY", Type="SecureString", Value="hush")
    ssm.put_parameter(Name="/shop/production/KEY", Type="SecureString", Value="hush-hush", Overwrite=True)
    before = len(emulated.journal())
    result = run(emulated, secrets={"KEY": "/shop/production/KEY"}, check=True)
    assert differences("preflight", result) == [] and not result["changed"]
    assert result["secrets"] == {"KEY": {"arn": f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/shop/production/KEY", "version": 2}}
    assert (result["account_id"], result["region"]) == (ACCOUNT, "eu-west-1") and ACCOUNT in result["caller_arn"]
    calls = [(call["operation"], call["write"]) for call in emulated.journal()[before:]]
    assert sorted(calls) == [("GetCallerIdentity", False), ("GetParameters", False)]
    assert "hush" not in str(result)


def test_many_secrets_are_asked_for_ten_at_a_time_and_all_that_is_wrong_is_told(emulated: Emulated) -> None:
    emulated.client("ssm").put_parameter(Name="/shop/production/S3", Type="String", Value="hush")
    emulated.client("ssm").put_parameter(Name="/shop/production/S7", Type="SecureString", Value="hush")
    result = run(emulated, secrets={f"S{number}": f"/shop/production/S{number}" for number in range(12)})
    assert result["failed"] and len(result["problems"]) == 11 and "hush" not in str(result)
    assert result["problems"][3]["what"] == "/shop/production/S3 is a String, which is kept and shown in the clear"
    assert result["problems"][4] == {
        "what": f"/shop/production/S4 is not in Parameter Store (account {ACCOUNT}, eu-west-1)",
        "path": ["railyard_secrets", 4],
        "right": "store it: store-it -e secret=S4",
    }
    assert [entry["operation"] for entry in emulated.journal()].count("GetParameters") == 2


def test_another_account_is_shown_with_the_caller_and_its_secrets_are_no_topic(emulated: Emulated) -> None:
    result = run(emulated, account_id="999999999999", secrets={"KEY": "/shop/production/KEY"})
    (problem,) = result["problems"]
    assert ACCOUNT in problem["what"] and "999999999999" in problem["what"] and "arn:aws:" in problem["what"]
    assert problem["path"] == ["railyard_account_id"]

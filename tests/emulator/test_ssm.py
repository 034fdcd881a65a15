"""Parameter Store as AWS has it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulated import Emulated


def _put(emulated: Emulated, name: str = "/shop/a", value: str = "v", **more: Any) -> Any:
    return emulated.client("ssm").put_parameter(**{"Name": name, "Value": value, "Type": "String", **more})


def _refused(emulated: Emulated, **params: Any) -> tuple[str, str]:
    return emulated.refused("ssm", "put_parameter", **{"Name": "/shop/a", "Value": "v", "Type": "String", **params})


def test_versions_labels_and_history(emulated: Emulated) -> None:
    ssm = emulated.client("ssm")
    assert _put(emulated, value="one", Description="first")["Version"] == 1
    answer = ssm.put_parameter(Name="/shop/a", Value="two", Overwrite=True)
    assert (answer["Version"], answer["Tier"]) == (2, "Standard")
    assert ssm.label_parameter_version(Name="/shop/a", ParameterVersion=1, Labels=["live", "1no", "aws-no", "b c"]) | {
        "ResponseMetadata": 0
    } == {
        "InvalidLabels": ["1no", "aws-no", "b c"],
        "ParameterVersion": 1,
        "ResponseMetadata": 0,
    }
    assert ssm.get_parameter(Name="/shop/a:live")["Parameter"]["Value"] == "one"
    assert ssm.get_parameter(Name="/shop/a:live")["Parameter"]["Selector"] == ":live"
    ssm.label_parameter_version(Name="/shop/a", Labels=["live"])
    assert ssm.get_parameter(Name="/shop/a:live")["Parameter"]["Value"] == "two"
    assert ssm.get_parameter(Name="/shop/a:1")["Parameter"]["Value"] == "one"
    arn = ssm.get_parameter(Name="/shop/a")["Parameter"]["ARN"]
    assert arn == "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/a"
    assert ssm.get_parameter(Name=arn)["Parameter"]["Version"] == 2
    assert ssm.get_parameter(Name=f"{arn}:1")["Parameter"]["Value"] == "one"
    history = ssm.get_parameter_history(Name="/shop/a")["Parameters"]
    assert [(each["Version"], each["Value"], each["Labels"], each["Description"]) for each in history] == [
        (1, "one", [], "first"),
        (2, "two", ["live"], "first"),
    ]
    assert emulated.refused("ssm", "get_parameter", Name="/shop/a:9")[0] == "ParameterVersionNotFound"
    assert emulated.refused("ssm", "get_parameter", Name="/shop/a:no")[0] == "ParameterVersionNotFound"
    assert emulated.refused("ssm", "get_parameter", Name="/shop/no")[0] == "ParameterNotFound"
    removed = ssm.unlabel_parameter_version(Name="/shop/a", ParameterVersion=2, Labels=["live", "no"])
    assert (removed["RemovedLabels"], removed["InvalidLabels"]) == (["live"], ["no"])


def test_a_secure_string_shows_nothing_without_decryption(emulated: Emulated) -> None:
    ssm = emulated.client("ssm")
    _put(emulated, "/shop/key", "correct horse", Type="SecureString")
    hidden = ssm.get_parameter(Name="/shop/key")["Parameter"]["Value"]
    assert "correct" not in hidden
    assert ssm.get_parameter(Name="/shop/key")["Parameter"]["Value"] == hidden
    assert ssm.get_parameter(Name="/shop/key", WithDecryption=True)["Parameter"]["Value"] == "correct horse"
    for answer in (
        ssm.get_parameters(Names=["/shop/key"]),
        ssm.get_parameters_by_path(Path="/shop"),
        ssm.get_parameter_history(Name="/shop/key"),
        ssm.describe_parameters(),
    ):
        assert "correct" not in str(answer)
    assert ssm.get_parameters_by_path(Path="/shop", WithDecryption=True)["Parameters"][0]["Value"] == "correct horse"
    assert ssm.describe_parameters()["Parameters"][0]["KeyId"] == "alias/aws/ssm"


def test_a_secure_string_needs_a_key_that_works(emulated: Emulated) -> None:
    kms, ssm = emulated.client("kms"), emulated.client("ssm")
    assert _refused(emulated, Type="SecureString", KeyId="alias/none")[0] == "InvalidKeyId"
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    _put(emulated, "/shop/key", "s", Type="SecureString", KeyId=key)
    assert ssm.get_parameter(Name="/shop/key", WithDecryption=True)["Parameter"]["Value"] == "s"
    kms.disable_key(KeyId=key)
    assert emulated.refused("ssm", "get_parameter", Name="/shop/key", WithDecryption=True)[0] == "InvalidKeyId"
    assert ssm.get_parameter(Name="/shop/key")["Parameter"]["Value"] != "s"


@pytest.mark.parametrize(
    ("params", "code", "words"),
    [
        ({"Name": "aws-a"}, "ValidationException", "can't be prefixed"),
        ({"Name": "SSM-a"}, "ValidationException", "can't be prefixed"),
        ({"Name": "/aws/a"}, "AccessDeniedException", "No access to reserved parameter name"),
        ({"Name": "/ssm/a"}, "ValidationException", "can't be prefixed"),
        ({"Name": "a/b"}, "ValidationException", "fully qualified"),
        ({"Name": "/a/"}, "ValidationException", "end with slash"),
        ({"Name": "/a//b"}, "ValidationException", "sub-path"),
        ({"Name": "/a b"}, "ValidationException", "sub-path"),
        ({"Name": "/a" * 16}, "HierarchyLevelLimitExceededException", "15 levels"),
        ({"Name": "/" + "a" * 1000}, "ValidationException", "1011"),
        ({"Value": ""}, "ValidationException", "greater than or equal to 1"),
        ({"Value": "a" * 4097}, "ValidationException", "Standard tier parameters support a maximum parameter value of 4096 characters"),
        ({"Value": "a" * 8193, "Tier": "Advanced"}, "ValidationException", "8192"),
        ({"Value": "{{ssm:/b}}"}, "ValidationException", "can't nest another parameter"),
        ({"Type": "Strange"}, "ValidationException", "enum value set"),
        ({"Policies": '[{"Type":"Expiration"}]'}, "ValidationException", "advanced"),
        ({"Policies": "no", "Tier": "Advanced"}, "InvalidPolicyAttributeException", "JSON"),
        ({"Policies": '[{"Type":"No","Attributes":{}}]', "Tier": "Advanced"}, "InvalidPolicyTypeException", "isn't supported"),
        ({"AllowedPattern": r"^\d+$"}, "ParameterPatternMismatchException", "allowedPattern"),
        ({"AllowedPattern": "("}, "InvalidAllowedPatternException", "regular expression"),
        ({"DataType": "Text"}, "ValidationException", "data type is not supported"),
        ({"Tags": [{"Key": "a", "Value": "b"}], "Overwrite": True}, "ValidationException", "tags and overwrite can't be used together"),
        ({"Tags": [{"Key": "aws:a", "Value": "b"}]}, "ValidationException", "aws:"),
        ({"KeyId": "alias/aws/ssm"}, "ValidationException", "KeyId is required for SecureString type parameter only."),
    ],
)
def test_put_parameter_refuses(emulated: Emulated, params: dict[str, Any], code: str, words: str) -> None:
    said = _refused(emulated, **params)
    assert said[0] == code
    assert words in said[1]


def test_put_parameter_refuses_what_does_not_fit_what_is_there(emulated: Emulated) -> None:
    assert emulated.refused("ssm", "put_parameter", Name="/a", Value="b") == (
        "ValidationException",
        "A parameter type is required when you create a parameter.",
    )
    _put(emulated, Tier="Intelligent-Tiering")
    assert _refused(emulated) == (
        "ParameterAlreadyExists",
        "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
    )
    assert _refused(emulated, Type="SecureString", Overwrite=True)[0] == "HierarchyTypeMismatchException"
    assert _put(emulated, value="a" * 5000, Overwrite=True, Tier="Intelligent-Tiering")["Tier"] == "Advanced"
    assert _refused(emulated, Overwrite=True, Tier="Standard")[0] == "ValidationException"
    assert _put(emulated, Overwrite=True)["Tier"] == "Advanced"


def test_a_hundred_versions_are_kept_but_none_that_is_labelled_is_dropped(emulated: Emulated) -> None:
    ssm = emulated.client("ssm")
    for number in range(101):
        _put(emulated, value=str(number), Overwrite=True)
    history = [each for page in ssm.get_paginator("get_parameter_history").paginate(Name="/shop/a") for each in page["Parameters"]]
    assert [history[0]["Version"], history[-1]["Version"], len(history)] == [2, 101, 100]
    ssm.label_parameter_version(Name="/shop/a", ParameterVersion=2, Labels=["keep"])
    code, words = _refused(emulated, Overwrite=True)
    assert code == "ParameterMaxVersionLimitExceeded"
    assert "label" in words
    names = [f"label-{number}" for number in range(11)]
    ssm.label_parameter_version(Name="/shop/a", Labels=names[:10])
    assert emulated.refused("ssm", "label_parameter_version", Name="/shop/a", Labels=names[10:])[0] == "ParameterVersionLabelLimitExceeded"


def test_get_parameters_and_paths(emulated: Emulated) -> None:
    ssm = emulated.client("ssm")
    for number in range(12):
        _put(emulated, f"/shop/prod/{number:02}")
    _put(emulated, "/shop/prod/deep/er")
    _put(emulated, "plain")
    answer = ssm.get_parameters(Names=["/shop/prod/00", "/shop/prod/no", "plain", "plain:7"])
    assert [each["Name"] for each in answer["Parameters"]] == ["/shop/prod/00", "plain"]
    assert answer["InvalidParameters"] == ["/shop/prod/no", "plain:7"]
    assert emulated.refused("ssm", "get_parameters", Names=[f"/a{number}" for number in range(11)])[0] == "ValidationException"
    arn = ssm.get_parameter(Name="plain")["Parameter"]["ARN"]
    assert ssm.get_parameter(Name=arn)["Parameter"]["Name"] == "plain"
    elsewhere = arn.replace("eu-west-1", "eu-west-2")
    assert emulated.refused("ssm", "get_parameter", Name=elsewhere)[0] == "ParameterNotFound"
    first = ssm.get_parameters_by_path(Path="/shop/prod")
    assert len(first["Parameters"]) == 10
    rest = ssm.get_parameters_by_path(Path="/shop/prod", NextToken=first["NextToken"])
    assert len(rest["Parameters"]) == 2
    assert "NextToken" not in rest
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/shop", Recursive=True)
    assert sum(len(page["Parameters"]) for page in pages) == 13
    assert ssm.get_parameters_by_path(Path="/shop/pro", Recursive=True)["Parameters"] == []
    assert emulated.refused("ssm", "get_parameters_by_path", Path="/shop", MaxResults=11)[0] == "ValidationException"
    assert emulated.refused("ssm", "get_parameters_by_path", Path="shop")[0] == "ValidationException"
    assert emulated.refused("ssm", "get_parameters_by_path", Path="/shop", NextToken="x")[0] == "InvalidNextToken"
    deleted = ssm.delete_parameters(Names=["plain", "none"])
    assert (deleted["DeletedParameters"], deleted["InvalidParameters"]) == (["plain"], ["none"])
    ssm.delete_parameter(Name="/shop/prod/00")
    assert emulated.refused("ssm", "delete_parameter", Name="/shop/prod/00")[0] == "ParameterNotFound"


def test_describe_filters(emulated: Emulated) -> None:
    ssm = emulated.client("ssm")
    _put(emulated, "/shop/prod/a", Tags=[{"Key": "team", "Value": "x"}])
    _put(emulated, "/shop/prod/deep/b", Type="SecureString")

    def names(**wanted: Any) -> list[str]:
        return [each["Name"] for each in ssm.describe_parameters(ParameterFilters=[wanted])["Parameters"]]

    assert names(Key="Name", Values=["/shop/prod/a"]) == ["/shop/prod/a"]
    assert names(Key="Name", Option="Contains", Values=["deep"]) == ["/shop/prod/deep/b"]
    assert names(Key="Name", Option="BeginsWith", Values=["/shop"]) == ["/shop/prod/a", "/shop/prod/deep/b"]
    assert names(Key="Path", Values=["/shop/prod"]) == ["/shop/prod/a"]
    assert names(Key="Path", Option="Recursive", Values=["/shop"]) == ["/shop/prod/a", "/shop/prod/deep/b"]
    assert names(Key="Type", Values=["SecureString"]) == ["/shop/prod/deep/b"]
    assert names(Key="tag:team", Values=["x"]) == ["/shop/prod/a"]
    for wanted, code in (
        ({"Key": "Label", "Values": ["a"]}, "InvalidFilterKey"),
        ({"Key": "Type", "Values": ["No"]}, "InvalidFilterValue"),
        ({"Key": "Name", "Option": "Like", "Values": ["a"]}, "InvalidFilterOption"),
        ({"Key": "Name"}, "InvalidFilterValue"),
        ({"Key": "Colour", "Values": ["a"]}, "ValidationException"),
    ):
        assert emulated.refused("ssm", "describe_parameters", ParameterFilters=[wanted])[0] == code


def test_tags(emulated: Emulated) -> None:
    ssm = emulated.client("ssm")
    _put(emulated, Tags=[{"Key": "a", "Value": "1"}])
    which = {"ResourceType": "Parameter", "ResourceId": "/shop/a"}
    ssm.add_tags_to_resource(**which, Tags=[{"Key": "b", "Value": "2"}])
    ssm.remove_tags_from_resource(**which, TagKeys=["a"])
    assert ssm.list_tags_for_resource(**which)["TagList"] == [{"Key": "b", "Value": "2"}]
    many = [{"Key": f"k{number}", "Value": ""} for number in range(50)]
    assert emulated.refused("ssm", "add_tags_to_resource", **which, Tags=many)[0] == "TooManyTagsError"
    assert emulated.refused("ssm", "list_tags_for_resource", ResourceType="Parameter", ResourceId="/no")[0] == "InvalidResourceId"
    ssm.delete_parameter(Name="/shop/a")
    _put(emulated)
    assert ssm.list_tags_for_resource(**which)["TagList"] == []


def test_awss_own_parameters_are_there(emulated: Emulated) -> None:
    ssm = emulated.client("ssm")
    found = ssm.get_parameters_by_path(Path="/aws/service/global-infrastructure/regions", MaxResults=3)
    assert len(found["Parameters"]) == 3
    name = found["Parameters"][0]["Name"]
    assert ssm.get_parameter(Name=name)["Parameter"]["Name"] == name
    assert ssm.get_parameters(Names=[name])["InvalidParameters"] == []

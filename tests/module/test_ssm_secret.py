"""ssm_secret and ssm_secret_info against the emulated Parameter Store."""

import json

from tests.support.emulated import Emulated
from tests.support.walk import differences

PASSWORD = "/shop/production/DATABASE_PASSWORD"
URL = "/shop/production/DATABASE_URL"


def stored(emulated: Emulated, name: str) -> str:
    parameter = emulated.client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]
    assert parameter["Type"] == "SecureString"
    return str(parameter["Value"])


def generate(emulated: Emulated, **params):
    return emulated.run("ssm_secret", **{"name": PASSWORD, "generate": True, "tags": {"application": "shop"}, **params})


def compose(emulated: Emulated, host: str = "one.example.com", **params):
    wanted = {
        "name": URL,
        "template": "postgres://{user}:{password}@{host}:5432/shop?sslmode=require",
        "values": {"user": "rails", "host": host},
        "parameters": {"password": PASSWORD},
    }
    return emulated.run("ssm_secret", **{**wanted, **params})


def test_a_generated_value_is_made_once_and_never_shown(emulated: Emulated) -> None:
    predicted = generate(emulated, check=True)
    assert predicted["changed"] and not emulated.writes()

    created = generate(emulated)
    password = stored(emulated, PASSWORD)
    assert created["changed"] and differences("ssm_secret", created) == []
    assert predicted["secret"].items() <= created["secret"].items()
    assert len(password) == 32 and not set(password) & set("/@\" '{}")
    assert password not in json.dumps(created)

    again = generate(emulated, length=64)
    assert not again["changed"] and stored(emulated, PASSWORD) == password

    tagged = generate(emulated, tags={"team": "checkout"}, description="of the database")
    assert tagged["changed"] and tagged["secret"]["tags"] == {"team": "checkout"} and tagged["secret"]["version"] == 2
    assert stored(emulated, PASSWORD) == password and password not in json.dumps(tagged)

    assert generate(emulated, state="absent", check=True)["changed"]
    assert generate(emulated, state="absent")["changed"]
    assert not generate(emulated, state="absent")["changed"]


def test_a_composed_value_follows_its_parts(emulated: Emulated) -> None:
    emulated.client("ssm").put_parameter(Name=PASSWORD, Type="SecureString", Value="p:ss#w%rd")
    assert compose(emulated, check=True)["changed"]
    created = compose(emulated)
    assert stored(emulated, URL) == "postgres://rails:p%3Ass%23w%25rd@one.example.com:5432/shop?sslmode=require"
    assert not compose(emulated)["changed"]
    changed = compose(emulated, host="two.example.com")
    assert changed["diff"]["before"]["version"] == 1 and changed["diff"]["after"]["version"] == 2
    assert "two.example.com" in stored(emulated, URL)
    assert not {"p:ss#w%rd", "p%3Ass"} & set(json.dumps([created, changed]).split('"'))


def test_a_part_that_is_missing_is_named(emulated: Emulated) -> None:
    failed = compose(emulated)
    assert failed["failed"] and f"there is no parameter {PASSWORD}" in failed["msg"]
    emulated.client("ssm").put_parameter(Name=PASSWORD, Type="SecureString", Value="secret")
    assert "the template names host" in compose(emulated, values={"user": "rails"})["msg"]


def test_given_value_is_stored(emulated: Emulated) -> None:
    name = "/shop/production/RAILS_MASTER_KEY"
    assert emulated.run("ssm_secret", name=name, value="0123456789abcdef")["changed"]
    assert not emulated.run("ssm_secret", name=name, value="0123456789abcdef")["changed"]
    kept = emulated.run("ssm_secret", name=name, value="another", overwrite="never")
    assert not kept["changed"] and stored(emulated, name) == "0123456789abcdef"
    written = emulated.run("ssm_secret", name=name, value="another-key")
    assert written["changed"] and stored(emulated, name) == "another-key" and "another-key" not in json.dumps(written)


def test_what_parameter_store_refuses_is_said_before_a_write(emulated: Emulated) -> None:
    refusals = {
        "names that begin with aws": {"name": "/aws/key", "generate": True},
        "a name with levels starts with /": {"name": "shop/key", "generate": True},
        "is not empty": {"name": "/shop//key", "generate": True},
        "tier Standard holds 4096": {"name": "/shop/key", "value": "x" * 4097},
        "reference to another parameter": {"name": "/shop/key", "value": "a {{ssm:other}} b"},
        "one of generate": {"name": "/shop/key"},
    }
    for words, params in refusals.items():
        failed = emulated.run("ssm_secret", **params)
        assert failed["failed"] and words in failed["msg"]
        assert "x" * 50 not in json.dumps(failed)
    assert not emulated.writes()


def test_a_readable_parameter_is_an_error(emulated: Emulated) -> None:
    emulated.client("ssm").put_parameter(Name="/shop/key", Type="String", Value="open")
    assert "readable without decryption" in emulated.run("ssm_secret", name="/shop/key", generate=True)["msg"]


def test_info_reads_more_than_a_page_and_decrypts_nothing(emulated: Emulated) -> None:
    names = [f"/shop/production/KEY_{number}" for number in range(12)]
    for name in names[:11]:
        emulated.client("ssm").put_parameter(Name=name, Type="SecureString", Value="hidden")
    found = emulated.run("ssm_secret_info", names=names)
    assert differences("ssm_secret_info", found) == [] and not found["changed"]
    assert [entry["exists"] for entry in found["secrets"]] == [True] * 11 + [False]
    assert "hidden" not in json.dumps(found)

"""A payload is understood to the letter, or not at all."""

from __future__ import annotations

import pytest
from ansible.executor import module_common

from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import wrapper

PYTHON = "/opt/python"


def built(**changes: object) -> bytes:
    """A payload as _find_module_utils of ansible-core writes it."""
    values: dict[str, object] = {
        "ansible_module": "shop",
        "module_fqn": "ansible.modules.shop",
        "profile": "legacy",
        "date_time": module_common.datetime.datetime.now(module_common.datetime.UTC),
        "rlimit_nofile": 0,
        "params": '{"quotes": "\'\\""}',
        "extensions": {},
        "zip_data": "UEs=",
        **changes,
    }
    code = module_common._get_ansiballz_code(f"#!{PYTHON}")
    text = "\n".join(f"{name}={value!r}," for name, value in values.items())
    return f'{code}\n\n\nif __name__ == "__main__":\n    _ansiballz_main(\n{text}\n)\n'.encode()


def test_the_wrapper_of_this_ansible_core_is_known() -> None:
    found = wrapper.parse(built(), PYTHON)
    assert (found.name, found.fqn, found.params, found.archive) == ("shop", "ansible.modules.shop", '{"quotes": "\'\\""}', b"UEs=")


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"echo", "not an AnsiballZ payload"),
        (built().replace(b"#!/opt/python", b"#!/usr/bin/python"), "/usr/bin/python is not the interpreter"),
        (built().replace(b"import os.path", b"import os.path  "), "another wrapper"),
        (built(extensions={"_debugpy": {}}), "a debugger or coverage is asked for: _debugpy"),
        (built(more=1), "another order"),
        (built(params=None), "other types"),
        (built(rlimit_nofile="x"), "not a number"),
        (built().replace(b"profile='legacy'", b"profil='legacy'"), "other arguments: profil, profile"),
        (built().replace(b"profile='legacy'", b"profile='"), "not Python"),
        (built()[:-4], "another order"),
    ],
)
def test_unknown_payloads_are_refused(payload: bytes, words: str) -> None:
    with pytest.raises(wrapper.Unknown, match=words):
        wrapper.parse(payload, PYTHON)

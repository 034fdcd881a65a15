# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In the controller: each template is compiled once in a run, and not again in each of its workers.

With an ansible-core or a Jinja whose functions are not known nothing is replaced (tests/unit/plugin_utils/_warm/test_templates.py).
"""

from __future__ import annotations

import copy
import sys
from typing import Any

import jinja2
from ansible.plugins.loader import filter_loader, lookup_loader, test_loader
from ansible.release import __version__
from jinja2.environment import TemplateExpression

from .shared import Shared, Unsupported, check_parameters, check_version

CORE, JINJA = ((2, 20), (2, 21)), ((3, 1), (3, 1))
FUNCTIONS = {
    "compile": ["self", "source", "name", "filename", "raw", "defer_init"],
    "compile_expression": ["self", "source", "args", "kwargs"],
    "make_globals": ["self", "d"],
}


def check() -> tuple[Any, Any, tuple[str, ...]]:
    """AnsibleEnvironment, its context of a compilation, and the names of the options of a template. Raises Unsupported."""
    check_version("templates", "ansible-core", __version__, *CORE)
    check_version("templates", "Jinja", jinja2.__version__, *JINJA)
    try:
        from ansible._internal._templating import _jinja_bits as bits

        environment, context, options = bits.AnsibleEnvironment, bits._TemplateCompileContext, bits._TEMPLATE_OVERRIDE_FIELD_NAMES
        debugs = environment._debuggable_template_source
    except (ImportError, AttributeError) as error:
        raise Unsupported(f"templates: {error}") from error
    if debugs:
        raise Unsupported("templates are debugged")
    for name, parameters in FUNCTIONS.items():
        check_parameters("templates", getattr(environment, name), name, parameters)
    return environment, context, tuple(options)


def copy_less() -> None:
    """Let `lookup('template')` copy the table of a host's variables, to which it adds some, and not all that is in them: what a template
    changes is a copy already. Must be called before workers are forked. Raises Unsupported."""
    check_version("templates", "ansible-core", __version__, *CORE)
    lookup: Any = sys.modules[lookup_loader.get("ansible.builtin.template", class_only=True).__module__]
    if getattr(lookup, "deepcopy", None) not in (copy.deepcopy, copy.copy):
        raise Unsupported("templates: lookup('template') is not what it was")
    lookup.deepcopy = copy.copy


class Templates:
    """Code of templates by all that it is compiled from."""

    def __init__(self, shared: Shared) -> None:
        self.environment, self.context, self.options = check()
        self.shared = shared
        self.expression: tuple[Any, ...] | None = None

    def share(self) -> None:
        """Replace the two functions of ansible-core with which everything is compiled. Must be called before workers are forked."""
        plain, plain_expression = self.environment.compile, self.environment.compile_expression

        def compile(
            environment: Any, source: Any, name: Any = None, filename: Any = None, raw: bool = False, defer_init: bool = False
        ) -> Any:
            key = self.expression
            if isinstance(source, str) and (name, filename, raw, defer_init) == (None, None, False, False):
                key = self.key(environment, "template", source)
            found = self.shared.values.get(key) if key else None
            if found is None:
                found = plain(environment, source, name, filename, raw, defer_init)
                if key:
                    self.shared.keep(key, found)
            return found

        def compile_expression(environment: Any, source: str, undefined_to_none: bool = True) -> Any:
            key = self.key(environment, "expression", source)
            if code := self.shared.values.get(key):
                template = environment.template_class.from_code(environment, code, environment.make_globals(None), None)
                return TemplateExpression(template, undefined_to_none)
            self.expression = key
            try:
                return plain_expression(environment, source, undefined_to_none)
            finally:
                self.expression = None

        self.environment.compile, self.environment.compile_expression = compile, compile_expression

    def key(self, environment: Any, kind: str, source: str) -> tuple[Any, ...]:
        context = self.context.current(optional=True)
        escapes = bool(context and context.escape_backslashes)
        # Code differs with what a filter wants to be called with; roles bring filters that have no namespace.
        plugins = tuple(tuple(loader._extra_dirs) for loader in (filter_loader, test_loader))
        return kind, "".join(source), escapes, plugins, *(getattr(environment, name) for name in self.options)

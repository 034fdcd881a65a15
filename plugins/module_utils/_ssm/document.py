# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Session documents: how Session Manager's sessions are. https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-schema.html"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from .._core import aws, tags
from .._core.errors import RailyardError
from .._core.plan import Output, Plan, Step
from . import labels

Document = dict[str, Any]
NAME = re.compile(r"(?!aws-|amazon|amzn|aws$)[A-Za-z0-9_.-]{3,128}", re.IGNORECASE)
KINDS = ("Standard_Stream", "InteractiveCommands", "NonInteractiveCommands", "Port")
ABSENT = ("InvalidDocument",)
# Minutes: at least, at most.
LIMITS = {"idleSessionTimeout": (1, 60), "maxSessionDuration": (1, 1440)}


def find(client: Any, wanted: list[Document]) -> list[Document]:
    """Those of the documents (name; content, None for whatever it is) that exist, in their order. Raises RailyardError for a bad name."""
    for one in wanted:
        check_name(one["name"])
    found = aws.concurrently(lambda one: read(client, one["name"], one.get("content")), wanted)
    return [document for document in found if document]


def check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise RailyardError(
            f"{name!r} cannot be the name of a document: 3 to 128 letters, digits and _ . -, and not beginning with aws-, amazon or amzn"
        )


def read(client: Any, name: str, wanted: Document | None = None) -> Document | None:
    """The default version of a document in our shape, or None.

    {name, version, content, tags}, and `same` when another version says what is `wanted` and this one does not.
    """
    found = aws.find(client, "DescribeDocument", ABSENT, Name=name)
    if found is None:
        return None
    about = found["Document"]
    if about["DocumentType"] != "Session":
        raise RailyardError(f"document {name} is of type {about['DocumentType']}, not a Session document; name another")
    version = about["DefaultVersion"]
    content = wanted if wanted and about.get("Hash") == digest(wanted) else _content(client, name, version)
    live = {"name": name, "version": version, "content": content, "tags": tags.as_dict(about.get("Tags"))}
    same = None if wanted in (None, content) else _same(client, name, version, wanted)
    return {**live, "same": same} if same else live


def digest(content: Document) -> str:
    """The hash by which AWS describes a document that was written as `text`. Another hash says nothing: JSON is written in many ways."""
    return hashlib.sha256(text(content).encode()).hexdigest()


def text(content: Document) -> str:
    return json.dumps(content, sort_keys=True, indent=2)


def _content(client: Any, name: str, version: str) -> Document:
    answer = aws.call(client, "GetDocument", Name=name, DocumentVersion=version, DocumentFormat="JSON")
    content: Document = json.loads(answer["Content"])
    return content


def _same(client: Any, name: str, default: str, wanted: Document | None) -> str | None:
    # AWS refuses a version that says what another one says (DuplicateDocumentContent); such a one becomes the default instead.
    listed = aws.pages(client, "ListDocumentVersions", "DocumentVersions", Name=name)
    versions = sorted((item["DocumentVersion"] for item in listed if item["DocumentVersion"] != default), key=int, reverse=True)
    return next((version for version in versions if _content(client, name, version) == wanted), None)


def make_plan(wanted: dict[str, Any], live: list[Document]) -> Plan:
    """`wanted`: documents (name and content), state, tags, purge_tags."""
    if wanted["state"] == "absent":
        return Plan(shown(live), [], tuple(Step("DeleteDocument", {"Name": one["name"]}, already=ABSENT) for one in live))
    found = {one["name"]: one for one in live}
    steps: list[Step] = []
    after = []
    for one in wanted["documents"]:
        check(one["name"], one["content"])
        now = found.get(one["name"])
        change = tags.change(now["tags"] if now else {}, wanted["tags"], wanted["purge_tags"])
        more = _changes(now, one["content"]) + labels.steps("Document", one["name"], change) if now else [_creation(one, change.after)]
        steps += more
        after.append({"name": one["name"], "version": _version(now, one["content"]), "content": one["content"], "tags": change.after})
    return Plan(shown(live), after, tuple(steps))


def shown(live: list[Document]) -> list[Document]:
    """Documents without what only the plan needs to know."""
    return [{key: item for key, item in one.items() if key != "same"} for one in live]


def check(name: str, content: Document | None) -> None:
    """Raises RailyardError for what AWS would refuse, or would refuse only once somebody wants a session."""
    if not isinstance(content, dict) or content.get("schemaVersion") != "1.0" or content.get("sessionType") not in KINDS:
        raise RailyardError(f"document {name} needs schemaVersion '1.0' and a sessionType: {', '.join(KINDS)}")
    for key, (least, most) in LIMITS.items():
        minutes = content.get("inputs", {}).get(key, "")
        if minutes != "" and not (isinstance(minutes, str) and minutes.isdigit() and least <= int(minutes) <= most):
            raise RailyardError(f"{key} of document {name} is {minutes!r}; it is a number of minutes in quotes, {least} to {most}")


def _version(now: Document | None, content: Document) -> str | None:
    """The version that is the default afterwards, None when AWS will say it."""
    if now is None:
        return "1"
    return str(now["version"]) if now["content"] == content else now.get("same")


def _creation(one: Document, given: dict[str, str]) -> Step:
    params = {"Name": one["name"], "DocumentType": "Session", "DocumentFormat": "JSON", "Content": text(one["content"])}
    return Step("CreateDocument", {**params, "Tags": tags.as_pairs(given)}, already=("DocumentAlreadyExists",))


def _changes(now: Document, content: Document) -> list[Step]:
    if now["content"] == content:
        return []
    name, version = now["name"], now.get("same")
    steps = []
    if version is None:
        update = {"Name": name, "Content": text(content), "DocumentFormat": "JSON", "DocumentVersion": "$LATEST"}
        steps.append(Step("UpdateDocument", update, already=("DuplicateDocumentContent",), name=name))
        version = Output(name, "DocumentDescription.DocumentVersion")
    return [*steps, Step("UpdateDocumentDefaultVersion", {"Name": name, "DocumentVersion": version})]

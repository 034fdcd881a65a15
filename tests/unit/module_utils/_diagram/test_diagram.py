"""Pictures of environments."""

from __future__ import annotations

import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._diagram import draw, model

BLUE, GREEN = "arn:blue", "arn:green"
SVG = "{http://www.w3.org/2000/svg}"


def read(found: Any) -> dict[str, Any]:
    return {"state": "absent" if found is None else "read", "reason": None, "found": found}


def run(definition: str, primary: bool, running: int = 2) -> dict[str, Any]:
    return {"definition": definition, "primary": primary, "desired": 2, "running": running, "pending": 0}


def status(blue: int = 90, **other: Any) -> dict[str, Any]:
    """A canary on its way, with a pipeline and an open console."""
    groups = [
        {"name": "shop-production-blue", "arn": BLUE, "weight": blue, "targets": {"healthy": 2}},
        {
            "name": "shop-production-green",
            "arn": GREEN,
            "weight": 100 - blue,
            "targets": {"healthy": 1, "initial": 1} if blue < 100 else {},
        },
    ]
    web = {
        "name": "web",
        "active_group": BLUE,
        "desired": 2,
        "running": 4,
        "runs": [run("shop-production-web:3", True), run("shop-production-web:4", False)],
    }
    worker = {"name": "worker", "active_group": None, "desired": 1, "running": 1, "runs": [run("shop-production-worker:3", True)]}
    database = {
        "name": "shop-production",
        "engine": "postgres 17.7",
        "instance_class": "db.t4g.small",
        "storage": 50,
        "status": "available",
    }
    parts = {
        "load_balancer": {"groups": groups},
        "services": [web, worker],
        "scaling": [{"process": "web", "min": 2, "max": 10}],
        "releases": [
            {"number": 8, "commit": "0f1e2d3c4b5a", "task_definitions": {"web": "arn:x/shop-production-web:4"}},
            {"number": 7, "commit": None, "task_definitions": {"web": "arn:x/shop-production-web:3"}},
        ],
        "database": database,
        "pipeline": {
            "name": "shop-production",
            "status": "InProgress",
            "stage": "Deploy",
            "commit": "0f1e2d3c4b5a",
            "message": "Faster <orders>\n\nx",
        },
        "consoles": [{"requested_by": "user/anna", "since": "2026-11-30T09:12:00+00:00"}],
        **other,
    }
    return {name: read(found) for name, found in parts.items()}


LISTENERS = [
    {"port": 80, "protocol": "HTTP", "weights": {BLUE: 90, GREEN: 10}},
    {"port": 8080, "protocol": "HTTP", "weights": {GREEN: 100}},
]
RESOURCES = [
    {"kind": "bucket", "id": "shop-production-releases-111111111111", "owned": True},
    {"kind": "bucket", "id": "of-somebody-else", "owned": False},
    {"kind": "image repository", "id": "shop-production", "owned": True},
]


def picture(parts: dict[str, Any]) -> model.Picture:
    return model.of(parts, LISTENERS, RESOURCES, "shop production")


def said(box: model.Box) -> str:
    return " | ".join((box.title, *box.lines))


def test_both_groups_with_weights_and_the_tasks_behind_them() -> None:
    found = picture(status())
    boxes = {box.id: box for box in found.boxes}
    arrows = {(arrow.start, arrow.end): arrow for arrow in found.arrows}
    assert [(arrows["balancer", f"group{n}"].label, arrows["balancer", f"group{n}"].strong) for n in (0, 1)] == [
        ("90 %", True),
        ("10 %", True),
    ]
    assert "release 7 | shop-production-web:3 | 2 of 2 tasks run | 2 to 10 by load" in said(boxes["tasks_web_0"])
    assert "release 8, 0f1e2d3c" in said(boxes["tasks_web_1"]) and boxes["tasks_worker_2"].look == model.LIVE
    assert ("group1", "tasks_web_1") in arrows and ("consoles", "database") in arrows and ("pipeline", "images") in arrows
    assert boxes["buckets"].lines == ("shop-production-releases-111111111111",)
    assert "InProgress in Deploy" in said(boxes["pipeline"]) and "user/anna, since 09:12 UTC" in said(boxes["consoles"])


def test_a_release_that_is_only_tried_out_is_reached_by_its_port() -> None:
    found = picture(status(blue=100))
    (arrow,) = [arrow for arrow in found.arrows if arrow.end == "group1"]
    assert (arrow.label, arrow.strong) == ("port 8080", False)
    assert next(box for box in found.boxes if box.id == "group1").look == model.IDLE


def test_an_environment_without_anything_is_a_picture_that_says_so() -> None:
    empty = {name: read(None) for name in status()}
    found = model.of(empty, [], [], "shop production")
    assert [box.id for box in found.boxes] == ["users", "balancer"] and found.boxes[1].look == model.ABSENT
    ElementTree.fromstring(draw.svg(found))


def test_svg_is_whole_needs_no_network_and_no_box_lies_on_another() -> None:
    text = draw.svg(picture(status()))
    root = ElementTree.fromstring(text)
    assert text.count("http") == 1 and "prefers-color-scheme: dark" in text and "<script" not in text
    assert "Faster &lt;orders&gt;" in text
    boxes = [group.find(f"{SVG}rect") for group in root.iter(f"{SVG}g")][: len(picture(status()).boxes)]
    areas = [[float(box.get(side) or 0) for side in ("x", "y", "width", "height")] for box in boxes if box is not None]
    for number, (x, y, wide, high) in enumerate(areas):
        for x2, y2, wide2, high2 in areas[number + 1 :]:
            assert x + wide <= x2 or x2 + wide2 <= x or y + high <= y2 or y2 + high2 <= y
    across, down = (float(value) for value in (root.get("viewBox") or "").split()[2:])
    assert all(x + wide <= across and y + high <= down for x, y, wide, high in areas)


def test_mermaid_has_every_box_and_no_sign_of_its_own_in_texts() -> None:
    text = draw.mermaid(picture(status()))
    assert text.count(":::") == len(picture(status()).boxes) and "balancer ==>|90 %| group0" in text
    assert "Faster  orders" in text


@pytest.mark.soak
@pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not there")
def test_a_browser_shows_it(tmp_path: Path) -> None:
    file, image = tmp_path / "picture.svg", tmp_path / "picture.png"
    file.write_text(draw.svg(picture(status())))
    words = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
    )
    folder = f"--user-data-dir={tmp_path / 'profile'}"
    subprocess.run(["chromium", *words, folder, f"--screenshot={image}", f"file://{file}"], check=True, capture_output=True, timeout=120)
    assert image.stat().st_size > 20_000

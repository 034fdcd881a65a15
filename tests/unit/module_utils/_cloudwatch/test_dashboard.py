"""Bodies of dashboards: lines of releases in graphs over time."""

from typing import Any

from ansible_collections.railyard.fargate.plugins.module_utils._cloudwatch.dashboard import marked, with_lines


def graph(title: str, *lines: str, **more: Any) -> dict[str, Any]:
    drawn = {"annotations": {"vertical": [{"label": line, "value": "2026-01-01T00:00:00Z"} for line in lines]}} if lines else {}
    return {"type": "metric", "properties": {"title": title, **drawn, **more}}


def body(*widgets: dict[str, Any]) -> dict[str, Any]:
    return {"widgets": list(widgets)}


def test_lines_stay_in_the_graph_of_their_title() -> None:
    text = {"type": "text", "properties": {"markdown": "shop"}}
    live = body(graph("a", "release 1"), graph("b", "release 1"))
    assert with_lines(body(text, graph("b"), graph("c"), graph("a", "mine")), live) == body(
        text, graph("b", "release 1"), graph("c"), graph("a", "mine")
    )


def test_the_newest_releases_are_drawn_once() -> None:
    drawn = body(graph("a"), graph("number", view="singleValue"), {"type": "text", "properties": {"markdown": ""}})
    for number in (1, 2, 3, 3):
        drawn = marked(drawn, f"release {number}", "2026-01-01T00:00:00Z", most=2)
    assert drawn["widgets"][0] == graph("a", "release 2", "release 3") and drawn["widgets"][1] == graph("number", view="singleValue")

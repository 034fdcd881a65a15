"""Values that no plan holds."""

from ansible_collections.railyard.fargate.plugins.module_utils._core.plan import Plan, Secret, Step, apply_plan


def test_a_step_fetches_its_secret_only_when_it_runs() -> None:
    fetched = []

    class Client:
        def put_parameter(self, Value: str) -> dict[str, str]:
            fetched.append(Value)
            return {}

    plan = Plan(steps=(Step("PutParameter", {"Value": Secret(lambda: "hidden")}),))
    assert "hidden" not in repr(plan) and not fetched
    apply_plan(Client(), plan)
    assert fetched == ["hidden"]

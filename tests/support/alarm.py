"""An alarm of CloudWatch that rings when a test says so."""

from __future__ import annotations

from .emulated import Emulated


def make(emulated: Emulated, name: str) -> None:
    emulated.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/ApplicationELB",
        MetricName="HTTPCode_Target_5XX_Count",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
        # Without data it stays as a test has set it.
        TreatMissingData="ignore",
    )


def ring(emulated: Emulated, name: str) -> None:
    emulated.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")

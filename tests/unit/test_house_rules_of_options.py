"""The house rules, checked over options that no stack of this project uses."""

import inspect
from collections.abc import Callable

import pytest

from components import AlarmTopic, IngestionPipeline, StreamConsumer
from tests.conftest import Built, run
from tests.projects import PYTHON, ROOT
from tests.unit import test_house_rules, test_resource_policies

RULES = {
    name: rule
    for module in (test_house_rules, test_resource_policies)
    for name, rule in vars(module).items()
    if name.startswith("test_") and list(inspect.signature(rule).parameters) == ["graph"]
}


def program() -> None:
    topic = AlarmTopic("alarms", {"email": "someone@example.com"})
    functions = {"python": PYTHON, "log_retention_days": 7}
    lake = IngestionPipeline(
        "telemetry",
        {
            "schema": (ROOT / "schemas" / "telemetry.yaml").read_text(),
            "redshift": {},
            "quicksight": {"principal_arn": "arn:aws:quicksight:us-east-1:1:user/default/reader"},
            "functions": functions,
            "alarm_topic_arn": topic.topic_arn,
        },
    )
    StreamConsumer(
        "alerting",
        {
            "stream_arn": lake.stream_arn,
            "code": "outbox_pipeline/ship_order",
            "functions": functions,
            "alarm_topic_arn": topic.topic_arn,
        },
    )


@pytest.fixture(scope="module")
def graph() -> Built:
    with pytest.MonkeyPatch.context() as patch:  # every bundle is too large for Lambda's API
        patch.setattr("components._blocks.function.MAX_UPLOAD_BYTES", 0)
        graph = run(program)
    assert graph.one("alerting-function-code", "Bucket")
    return graph


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_the_rule_holds(graph: Built, rule: Callable[[Built], None]):
    rule(graph)

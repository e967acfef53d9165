"""What all systems of a stack share: settings of functions, topics of alarms, API logs."""

from functools import cached_property
from pathlib import Path

import pulumi

from components import AlarmTopic, ApiAccount, FunctionsArgs
from settings import Settings


class Platform:
    """What all systems of a stack share. A topic is created when the first system uses it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.functions: FunctionsArgs = {
            "architecture": settings.lambda_architecture,
            "python": settings.lambda_python,
            "log_retention_days": settings.log_retention_days,
        }

    @cached_property
    def after_api_account(self) -> pulumi.ResourceOptions:
        """Options of a component with an API. One role writes the logs of all APIs of an account
        and region, so it is set once."""
        return pulumi.ResourceOptions(depends_on=[ApiAccount("api-account", {})])

    @cached_property
    def alarm_topic_arn(self) -> pulumi.Output[str] | None:
        """ARN of the topic that receives the alarms; None without an address for them."""
        email = self.settings.alarm_email
        return AlarmTopic("alarms", {"email": email}).topic_arn if email else None

    @cached_property
    def distribution_alarm_topic_arn(self) -> pulumi.Output[str] | None:
        """As `alarm_topic_arn`, for the metrics of CloudFront, which are in us-east-1."""
        email, region = self.settings.alarm_email, "us-east-1"
        return (
            AlarmTopic("edge-alarms", {"email": email, "region": region}).topic_arn
            if email
            else None
        )


def read(folder: str, file: str) -> str:
    """Return the text of a file of the program: `read("apis", "todo.yaml")`."""
    return (Path(__file__).parents[1] / folder / file).read_text("utf-8")

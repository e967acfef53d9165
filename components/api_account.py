"""ApiAccount: the role with which API Gateway writes logs, for all APIs of a program."""

from typing import Optional, TypedDict

import pulumi

from ._blocks.api_account import create_api_account
from ._blocks.arguments import resolve


class ApiAccountArgs(TypedDict):
    pass


class ApiAccount(pulumi.ComponentResource):
    """The account's role for logs of API Gateway; there is one for each account and region.

    Create it once in a program with several APIs, pass them `account_logging: false`, and let them
    depend on it. Default settings: the role can write logs only; it is retained when the stack is
    destroyed, since other stacks of the account use it.
    """

    logs_role_arn: pulumi.Output[str]
    """ARN of the role that this stack has created."""

    def __init__(
        self, name: str, args: ApiAccountArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:ApiAccount", name, {}, opts)
        resolve("ApiAccount", name, ApiAccountArgs, args)
        account = create_api_account(name, parent=self)
        self.logs_role_arn = account.cloudwatch_role_arn
        self.register_outputs({"logs_role_arn": self.logs_role_arn})

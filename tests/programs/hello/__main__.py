"""One bundled function and one output."""

import json

import pulumi
import pulumi_aws as aws

from components._blocks.bundle import Bundle

config = pulumi.Config()
trust = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        }
    ],
}


class Greeter(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("sample:index:Greeter", name, {}, None)
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(f"{name}-role", assume_role_policy=json.dumps(trust), opts=child)
        bundle = Bundle(
            source="handlers/hello",
            architecture=config.require("lambdaArchitecture"),
            python=config.require("lambdaPython"),
        )
        self.function = aws.lambda_.Function(
            f"{name}-function",
            role=role.arn,
            runtime=f"python{config.require('lambdaPython')}",
            handler=bundle.handler,
            code=pulumi.FileArchive(bundle.build()),
            opts=child,
        )


greeter = Greeter("greeter")
aws.schemas.Registry("registry")
password = pulumi.Output.secret("hunter2")
pulumi.export("hello", {"function": greeter.function.name, "password": password})

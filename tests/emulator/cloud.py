"""Helpers that create resources for the emulator's tests."""

import io
import json
import time
import zipfile

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def until(check, seconds=10.0):
    """Poll `check` until it returns something true, and return that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := check():
            return found
        time.sleep(0.01)
    raise AssertionError(f"not within {seconds} s: {check}")


def zipped(**modules):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, source in modules.items():
            archive.writestr(f"{name}.py", source)
    return buffer.getvalue()


def allow(actions, resources="*"):
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


class Cloud:
    """An emulator with shorthands for creating resources."""

    def __init__(self, emulator):
        self.emulator = emulator
        self.client = emulator.client
        self._older_logs = len(emulator.function_logs.read_text())

    def role(self, name, *statements):
        iam = self.client("iam")
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"][
            "Arn"
        ]
        if statements:
            document = {"Version": "2012-10-17", "Statement": list(statements)}
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(document))
        return arn

    def function(self, name, source, *statements, environment=None, **settings):
        """Create a Python function with one module `app` and return its ARN."""
        settings = {"Timeout": 10, **settings}
        return self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="app.handler",
            Role=self.role(f"{name}-role", *statements),
            Code={"ZipFile": zipped(app=source)},
            Environment={"Variables": environment or {}},
            **settings,
        )["FunctionArn"]

    def invoke(self, name, event=None):
        """Return the function's parsed answer. An error has `errorType`."""
        answer = self.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
        return json.loads(answer["Payload"].read())

    def printed(self, function):
        """Return the lines that the function has printed so far."""
        entries = map(json.loads, self._new_logs().splitlines())
        return [entry["line"] for entry in entries if entry["function"] == function]

    def _new_logs(self):
        return self.emulator.function_logs.read_text()[self._older_logs :]

    def queue(self, name, **attributes):
        """Create a queue and return its URL and ARN."""
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        return url, arn["QueueArn"]

    def received(self, url):
        """Receive and delete the messages of a queue and return their bodies."""
        sqs = self.client("sqs")
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]

    def table(self, name="things", stream=True, **settings):
        """Create a table with partition key `id`; return the ARN of its stream, or of the table."""
        if stream:
            settings["StreamSpecification"] = {
                "StreamEnabled": True,
                "StreamViewType": "NEW_IMAGE",
            }
        settings.setdefault("AttributeDefinitions", [{"AttributeName": "id", "AttributeType": "S"}])
        table = self.client("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            **settings,
        )["TableDescription"]
        return table["LatestStreamArn"] if stream else table["TableArn"]

    def put(self, *ids, table="things"):
        for each in ids:
            self.client("dynamodb").put_item(TableName=table, Item={"id": {"S": each}})

    def rule(self, target, bus="orders", pattern=None, **settings):
        """Create a bus and a rule from source `shop` to one target, and return the rule's ARN."""
        events = self.client("events")
        events.create_event_bus(Name=bus)
        pattern = json.dumps(pattern or {"source": ["shop"]})
        arn = events.put_rule(Name="r", EventBusName=bus, EventPattern=pattern)["RuleArn"]
        targets = [{"Id": "t", "Arn": target, **settings}]
        events.put_targets(Rule="r", EventBusName=bus, Targets=targets)
        return arn

    def emit(self, detail, bus="orders", source="shop"):
        entry = {"Source": source, "DetailType": "x", "EventBusName": bus}
        return self.client("events").put_events(Entries=[{**entry, "Detail": json.dumps(detail)}])

    def allow_rule(self, url, arn, rule):
        """Allow a rule to send to a queue, and deny access without TLS."""
        send = {"Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
        only = {"ArnEquals": {"aws:SourceArn": rule}}
        insecure = {"Bool": {"aws:SecureTransport": "false"}}
        statements = [
            {"Effect": "Allow", "Resource": arn, "Condition": only, **send},
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sqs:*",
                "Resource": arn,
                "Condition": insecure,
            },
        ]
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})

"""The engine: the values that a program sees, and error messages."""

import json

import pytest

from local.cloud import Cloud
from local.errors import DeploymentError

PARENT = """
import pulumi_aws as aws
class Pair(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("sample:index:Pair", name, {}, opts)
        self.first = aws.sqs.Queue(f"{name}-first", opts=pulumi.ResourceOptions(parent=self))
        self.register_outputs({"first": self.first.name})
"""


def problems(deploy, source: str, **options) -> list[str]:
    with pytest.raises(DeploymentError) as caught:
        deploy(source, **options)
    return caught.value.problems


def test_outputs_applies_and_numbers_reach_the_stack_outputs(deploy):
    cloud = deploy("""
import pulumi_aws as aws
queue = aws.sqs.Queue("jobs", visibility_timeout_seconds=45)
both = pulumi.Output.all(queue.name, queue.arn).apply(lambda each: {"name": each[0], "n": 45})
seconds = queue.visibility_timeout_seconds
pulumi.export("jobs", {"queue": queue.name, "both": both, "list": [seconds]})
""")
    name = cloud.find("aws:sqs/queue:Queue").id.rsplit("/", 1)[-1]
    assert cloud.outputs == {"jobs": {"queue": name, "both": {"name": name, "n": 45}, "list": [45]}}
    url = cloud.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
    assert url == cloud.find("aws:sqs/queue:Queue").id


def test_names_are_logical_name_and_seven_hex_digits_and_stay_the_same(deploy):
    source = 'import pulumi_aws as aws\naws.sns.Topic("news")'
    first, second = (deploy(source).find("aws:sns/topic:Topic").outputs["name"] for _ in range(2))
    assert first == second
    assert first.startswith("news-") and len(first) == len("news-") + 7
    int(first[-7:], 16)


def test_secrets_stay_secret_in_resources_and_are_plain_in_outputs(deploy):
    cloud = deploy("""
import pulumi_aws as aws
password = pulumi.Output.secret("hunter2")
bus = aws.cloudwatch.EventBus("bus", description=password)
async def check():
    assert await bus.description.is_secret()
    assert not await bus.name.is_secret()
pulumi.export("site", {"password": bus.description, "bus": bus.name})
pulumi.run(check)
""")
    assert cloud.outputs["site"]["password"] == "hunter2"
    assert cloud.secret_outputs == {"site.password"}
    described = cloud.client("events").describe_event_bus(Name=cloud.outputs["site"]["bus"])
    assert described["Description"] == "hunter2"


def test_parents_dependencies_and_urns_are_those_of_pulumi(deploy):
    cloud = deploy(
        PARENT
        + """
pair = Pair("one")
aws.sqs.Queue("after", opts=pulumi.ResourceOptions(depends_on=[pair]))
"""
    )
    first = cloud.find("aws:sqs/queue:Queue", "one-first")
    assert first.urn == "urn:pulumi:dev::sample::sample:index:Pair$aws:sqs/queue:Queue::one-first"
    assert first.parent == cloud.find("sample:index:Pair").urn
    assert first.urn in cloud.find("aws:sqs/queue:Queue", "after").dependencies
    assert cloud.find("sample:index:Pair").outputs == {"first": first.outputs["name"]}


def test_regions_of_resource_and_of_provider(deploy):
    cloud = deploy("""
import pulumi_aws as aws
paris = aws.Provider("paris", region="eu-west-3", default_tags={"tags": {"cost": "7"}})
aws.sqs.Queue("near")
aws.sqs.Queue("tokyo", region="ap-northeast-1")
aws.sqs.Queue("seine", tags={"k": "v"}, opts=pulumi.ResourceOptions(provider=paris))
""")
    arns = [each.outputs["arn"] for each in cloud.resources if each.type == "aws:sqs/queue:Queue"]
    regions = {arn.split(":")[-1].split("-")[0]: arn.split(":")[3] for arn in arns}
    assert regions == {"near": "us-east-1", "tokyo": "ap-northeast-1", "seine": "eu-west-3"}
    seine = cloud.find("aws:sqs/queue:Queue", "seine")
    assert seine.outputs["tagsAll"] == {"cost": "7", "k": "v"}
    tags = cloud.client("sqs", "eu-west-3").list_queue_tags(QueueUrl=seine.id)["Tags"]
    assert tags == {"cost": "7", "k": "v"}


def test_config_has_the_form_of_the_cli(deploy):
    source = """
config = pulumi.Config()
pulumi.export("config", {
    "greeting": config.require("greeting"), "count": config.require_int("count"),
    "flags": config.require_object("flags"), "nested": config.require_object("nested"),
    "enabled": config.require_bool("enabled"), "stack": pulumi.get_stack(),
    "cpu": config.require("lambdaArchitecture"), "python": config.require("lambdaPython"),
})
"""
    found = deploy(source, overrides={"count": 5, "flags": ["c"]}).outputs["config"]
    assert found["greeting"] == "hi"
    assert (found["count"], found["flags"]) == (5, ["c"])
    assert found["nested"] == {"deep": [1, 2]} and found["enabled"] is True
    assert found["stack"] == "dev"
    assert found["cpu"] in ("arm64", "x86_64") and found["python"].startswith("3.")


def test_every_independent_failure_is_shown_and_dependents_are_not_created(deploy):
    reports = []
    found = problems(
        deploy,
        """
import pulumi_aws as aws
topic = aws.sns.Topic("fine")
for name in ("one", "two"):
    function = aws.lambda_.Function(
        name, role="arn:aws:iam::000000000000:role/nobody", runtime="python3.11", handler="a.b",
        code=pulumi.AssetArchive({"a.py": pulumi.StringAsset("")}), opts=pulumi.ResourceOptions())
    aws.sqs.Queue(f"{name}-data", tags={"function": function.arn})
    aws.sqs.Queue(f"{name}-order", opts=pulumi.ResourceOptions(depends_on=[function]))
""",
        listen=reports.append,
    )
    assert len(found) == 2
    for name, line in zip(("one", "two"), sorted(found), strict=True):
        assert f"urn:pulumi:dev::sample::aws:lambda/function:Function::{name}: " in line
        assert "InvalidParameterValueException" in line and "nobody" in line
    skipped = [each["urn"].rsplit("::", 1)[1] for each in reports if each["event"] == "skipped"]
    assert sorted(skipped) == ["one-data", "one-order", "two-data", "two-order"]
    created = [each["urn"].rsplit("::", 1)[1] for each in reports if each["event"] == "created"]
    assert created == ["fine"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            'import pulumi_aws as aws\naws.efs.FileSystem("f")',
            ["aws:efs/fileSystem:FileSystem::f", "no local creator", "local/creators/efs.py"],
        ),
        (
            'import pulumi_aws as aws\naws.iam.get_user(user_name="x")',
            ["aws:iam/getUser:getUser", "local/creators/iam.py"],
        ),
        (
            'import pulumi_aws as aws\nfor _ in range(2): aws.sqs.Queue("same")',
            ["aws:sqs/queue:Queue::same", "exists already"],
        ),
        (
            'import pulumi_aws as aws\naws.sqs.Queue("q" * 90)',
            ["98 characters where AWS allows 80"],
        ),
        (
            'import pulumi_aws as aws\naws.iam.Role("r", assume_role_policy="{}",'
            ' max_session_duration=3601, permissions_boundary="x")',
            ["aws:iam/role:Role::r", "PermissionsBoundary", "less than 20"],
        ),
        (
            "import pulumi_aws as aws\ndef change(args): raise ValueError('not mine')\n"
            'aws.sqs.Queue("q", opts=pulumi.ResourceOptions(transforms=[change]))',
            ["aws:sqs/queue:Queue::q: a transform failed: not mine"],
        ),
        (
            'import pulumi_aws as aws\nq = aws.sqs.Queue("q")\n'
            't = aws.lambda_.Function.get("f", "existing")',
            ["aws:lambda/function:Function 'f'", "cannot be read in local mode"],
        ),
        (
            'import pulumi_aws as aws\nr = aws.schemas.Registry("r")\n'
            's = aws.schemas.Schema("s", registry_name=r.name, type="OpenApi3", content="{}")\n'
            'aws.sqs.Queue("q", tags={"created": s.version_created_date})',
            ["aws:sqs/queue:Queue::q", "tags.created uses an output that has no local value"],
        ),
        (
            'import pulumi_aws as aws\nr = aws.schemas.Registry("r")\n'
            's = aws.schemas.Schema("s", registry_name=r.name, type="OpenApi3", content="{}")\n'
            'pulumi.export("sys", {"made": s.version_created_date})',
            ["the stack output sys.made has no local value"],
        ),
        (
            'raise ValueError("size must be positive; set it to 1 or more")',
            ["size must be positive"],
        ),
        ('pulumi.Config().require("absent")', ["sample:absent"]),
        ("def helper(): return {}['x']\nhelper()", ["KeyError: 'x' (at __main__.py:3 in helper)"]),
        ("def broken(:", ["__main__.py:3: invalid syntax"]),
        ("import sys; sys.exit('no way')", ["no way"]),
        (
            'import pulumi_aws as aws\nq = aws.sqs.Queue("q")\n'
            'pulumi.export("x", q.name.apply(lambda name: 1 / 0))',
            ["ZeroDivisionError: division by zero (at __main__.py:5 in <lambda>)"],
        ),
    ],
)
def test_errors_are_shown_without_a_traceback(deploy, source, expected):
    found = problems(deploy, source)
    assert len(found) == 1, found
    for words in expected:
        assert words in found[0]
    assert "Traceback" not in found[0]


def test_failures_of_resources_and_of_the_program_are_shown(deploy):
    found = problems(
        deploy,
        'import pulumi_aws as aws\naws.efs.FileSystem("f")\nraise ValueError("bad size")',
    )
    assert sorted("bad size" in each for each in found) == [False, True]


def test_types_and_arguments_that_are_not_emulated_are_reported_once(deploy):
    reports = []
    cloud = deploy(
        """
import pulumi_aws as aws
for name in ("a", "b"):
    aws.schemas.Registry(name)
    aws.dynamodb.Table(name, hash_key="id", attributes=[{"name": "id", "type": "S"}],
        billing_mode="PAY_PER_REQUEST", restore_to_latest_time=True)
""",
        listen=reports.append,
    )
    said = sorted(each["message"] for each in reports if each["event"] == "not_emulated")
    assert said[0].startswith("aws:dynamodb/table:Table: argument restoreToLatestTime")
    assert said[1].startswith("aws:schemas/registry:Registry: the emulator has no schema registry")
    assert len(said) == 2
    assert len([each for each in cloud.resources if each.custom]) == 4


def test_output_and_logs_of_a_program_do_not_mix_with_the_reports(deploy):
    reports = []
    deploy(
        'print("printed"); pulumi.log.warn("careful"); pulumi.log.info("note")',
        listen=reports.append,
    )
    texts = {(each["event"], each.get("message")) for each in reports}
    assert {("printed", "printed"), ("log", "careful"), ("log", "note")} <= texts


def test_a_program_sees_neither_the_callers_credentials_nor_its_pulumi_settings(
    deploy, monkeypatch
):
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"sample:greeting": "leaked"}))
    cloud = deploy("""
import os
pulumi.export("seen", {"aws": [k for k in os.environ if k.startswith("AWS_")],
                       "greeting": pulumi.Config().require("greeting")})
""")
    assert cloud.outputs["seen"] == {"aws": [], "greeting": "hi"}


def test_transforms_change_resources_of_their_component_and_of_the_stack(deploy):
    cloud = deploy(
        PARENT
        + """
def longer(args):
    return pulumi.ResourceTransformResult({**args.props, "delaySeconds": 7}, args.opts)
def tagged(args):
    if args.type_ == "aws:sqs/queue:Queue":
        return pulumi.ResourceTransformResult({**args.props, "tags": {"by": "us"}}, args.opts)
pulumi.runtime.register_resource_transform(tagged)
one = Pair("one", opts=pulumi.ResourceOptions(transforms=[longer]))
Pair("two")
pulumi.export("pair", {"delay": one.first.delay_seconds})
"""
    )
    sqs = cloud.client("sqs")
    for name, delay in (("one-first", "7"), ("two-first", "0")):
        url = cloud.find("aws:sqs/queue:Queue", name).id
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])
        assert found["Attributes"]["DelaySeconds"] == delay
        assert sqs.list_queue_tags(QueueUrl=url)["Tags"]["by"] == "us"
    assert cloud.outputs["pair"]["delay"] == 7


def test_two_clouds_run_side_by_side(project):
    (project / "__main__.py").write_text('import pulumi_aws as aws\naws.sqs.Queue("q")')
    with Cloud(program=project) as one, Cloud(program=project) as two:
        one.client("sqs").delete_queue(QueueUrl=one.find("aws:sqs/queue:Queue").id)
        assert two.client("sqs").list_queues()["QueueUrls"] == [two.find("aws:sqs/queue:Queue").id]

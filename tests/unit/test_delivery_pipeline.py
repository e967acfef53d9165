"""DeliveryPipeline: order of actions, permissions, buildspecs, and invalid arguments."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from components.delivery_pipeline import DeliveryPipeline
from components.delivery_pipeline.buildspecs import CHECK, PREVIEW
from tests.conftest import Build, Built, run
from tests.projects import ROOT
from tests.unit.policies import statements

CONNECTION = "arn:aws:codeconnections:eu-west-1:123456789012:connection/c"
ROLES = {each: f"arn:aws:iam::123456789012:role/{each}" for each in ("dev", "prod")}


def arguments() -> dict[str, Any]:
    return {
        "connection_arn": CONNECTION,
        "repository": "owner/name",
        "stages": [{"stack": stack, "role_arn": role} for stack, role in ROLES.items()],
        "pulumi_cli": {"version": "3.272.0", "sha256": "ab" * 32},
        "backend_url": "s3://state",
        "secrets_provider": "awskms://alias/state?region=eu-west-1",
        "alarm_topic_arn": "arn:aws:sns:eu-west-1:123456789012:alarms",
    }


@pytest.fixture
def args() -> dict[str, Any]:
    return arguments()


@pytest.fixture(scope="module")
def graph() -> Built:
    return run(lambda: DeliveryPipeline("x", arguments()))


def steps(graph: Built, pipeline: str) -> list[tuple[str, list[str]]]:
    """Return the stages of a pipeline with their actions in order."""
    stages = graph.one(pipeline).inputs["stages"]
    return [
        (
            stage["name"],
            [f"{int(each['runOrder'])} {each['name']}" for each in stage["actions"]],
        )
        for stage in stages
    ]


def environment(graph: Built, project: str) -> dict[str, str]:
    found = graph.one(project).inputs["environment"]["environmentVariables"]
    return {each["name"]: each["value"] for each in found}


def commands(graph: Built, project: str) -> list[str]:
    phases = json.loads(graph.one(project).inputs["source"]["buildspec"])["phases"]
    return [each for phase in phases.values() for each in phase.get("commands", ())]


def test_the_branch_is_checked_deployed_to_dev_approved_and_deployed_to_prod(graph: Built):
    pipeline = graph.one("x-pipeline").inputs
    assert (pipeline["pipelineType"], pipeline["executionMode"]) == ("V2", "SUPERSEDED")
    assert steps(graph, "x-pipeline") == [
        ("Source", ["1 Source"]),
        ("Check", ["1 Check", "1 Preview"]),
        ("dev", ["1 Deploy"]),
        ("prod", ["1 Preview", "2 Approve", "3 Deploy"]),
    ]
    [trigger] = pipeline["triggers"]
    git = trigger["gitConfiguration"]
    assert git == {"sourceActionName": "Source", "pushes": [{"branches": {"includes": ["main"]}}]}
    source = pipeline["stages"][0]["actions"][0]["configuration"]
    assert source["ConnectionArn"] == CONNECTION
    assert source["OutputArtifactFormat"] == "CODEBUILD_CLONE_REF"
    preview, approve, deploy = pipeline["stages"][3]["actions"]
    assert "#{source.CommitId} to prod" in approve["configuration"]["CustomData"]
    project = graph.one("x-prod").outputs["name"]
    for action, operation in ((preview, "preview"), (deploy, "up --yes")):
        assert action["configuration"]["ProjectName"] == project
        [variable] = json.loads(action["configuration"]["EnvironmentVariables"])
        assert variable == {"name": "OPERATION", "value": operation}


def test_pull_requests_have_a_separate_pipeline(graph: Built):
    assert steps(graph, "x-requests-pipeline") == [
        ("Source", ["1 Source"]),
        ("Check", ["1 Check", "1 Preview"]),
    ]
    [trigger] = graph.one("x-requests-pipeline").inputs["triggers"]
    [event] = trigger["gitConfiguration"]["pullRequests"]
    assert event == {"branches": {"includes": ["main"]}, "events": ["OPEN", "UPDATED"]}
    artifacts = graph.one("x-requests-artifacts").outputs["arn"]
    for name in ("x-requests-check", "x-requests-preview", "x-requests-pipeline"):
        resources = {
            arn
            for statement in statements(graph.one(f"{name}-policy").inputs["policy"])
            for arn in statement["Resource"]
        }
        assert {arn for arn in resources if ":s3:::" in arn} <= {artifacts, f"{artifacts}/*"}
        assert not resources & set(ROLES.values())


def test_only_deploy_projects_can_assume_a_role_and_only_their_own(graph: Built):
    assumed = {}
    for policy in graph.of("RolePolicy"):
        for statement in statements(policy.inputs["policy"]):
            if "sts:AssumeRole" in statement["Action"]:
                assumed[policy.name] = statement["Resource"]
    assert assumed == {f"x-{stack}-policy": [role] for stack, role in ROLES.items()}


def test_a_connection_reads_one_repository_and_writes_to_none(graph: Built):
    found = set()
    for policy in graph.of("RolePolicy"):
        for statement in statements(policy.inputs["policy"]):
            uses = [each for each in statement["Action"] if each.endswith(":UseConnection")]
            if not uses:
                continue
            [service] = {each.partition(":")[0] for each in uses}
            source = policy.name.endswith("pipeline-policy")
            found.add((service, source))
            assert statement["Resource"] == [CONNECTION]
            one = {f"{service}:FullRepositoryId": "owner/name"}
            assert statement["Condition"] == (
                {
                    "StringEqualsIfExists": {
                        **one,
                        f"{service}:ProviderPermissionsRequired": "read_only",
                    }
                }
                if source
                else {"StringEquals": {**one, f"{service}:ProviderAction": "GitPull"}}
            ), policy.name
    assert len(found) == 4


def test_no_policy_has_a_wildcard(graph: Built):
    for policy in graph.of("RolePolicy"):
        for statement in statements(policy.inputs["policy"]):
            assert "*" not in statement["Resource"]
            assert not [each for each in statement["Action"] if "*" in each]


def test_builds_are_unprivileged_and_have_a_timeout_and_a_log_retention(graph: Built):
    projects = graph.of("Project")
    assert len(projects) == 6
    groups = {each.outputs["name"]: each for each in graph.of("LogGroup")}
    for project in projects:
        assert project.inputs["environment"]["privilegedMode"] is False
        assert project.inputs["buildTimeout"] <= 90
        group = groups[project.inputs["logsConfig"]["cloudwatchLogs"]["groupName"]]
        assert group.inputs["retentionInDays"] == 30


def test_a_deployment_uses_its_backend_its_role_and_a_verified_cli(graph: Built, args: dict):
    found = environment(graph, "x-prod")
    assert found == {
        "STACK": "prod",
        "ROLE_ARN": ROLES["prod"],
        "PULUMI_BACKEND_URL": "s3://state",
        "SECRETS_PROVIDER": args["secrets_provider"],
        "PULUMI_VERSION": "3.272.0",
        "PULUMI_SHA256": "ab" * 32,
    }
    lines = commands(graph, "x-prod")
    assert lines.index("export AWS_PROFILE=deploy") < lines.index("pulumi install")
    assert lines[-1].startswith('pulumi $OPERATION --stack "$STACK" --non-interactive')
    assert lines[-1].endswith("--policy-pack policy")


def test_failed_builds_of_the_branch_have_alarms(graph: Built, args: dict):
    projects = set()
    for alarm in graph.of("MetricAlarm"):
        assert alarm.inputs["alarmActions"] == [args["alarm_topic_arn"]]
        metric = f"{alarm.inputs['namespace']}/{alarm.inputs['metricName']}"
        assert metric == "AWS/CodeBuild/FailedBuilds"
        projects.add(alarm.inputs["dimensions"]["ProjectName"])
        entry = alarm.inputs["alarmDescription"].rsplit("#", 1)[-1]
        assert f"\n## {entry}\n" in (ROOT / "docs" / "runbook.md").read_text()
    names = ("x-check", "x-preview", "x-dev", "x-prod")
    assert projects == {graph.one(name).outputs["name"] for name in names}


def test_the_caller_can_override_the_defaults(build: Build, args: dict):
    args |= {
        "pull_requests": False,
        "check_commands": ["make pr"],
        "policy_pack": "",
        "branch": "trunk",
    }
    args["stages"] = [args["stages"][0] | {"manual_approval": True}, args["stages"][1]]
    args["stages"][1]["manual_approval"] = False
    graph = build(lambda: DeliveryPipeline("x", args))
    assert [each.name for each in graph.of("Pipeline")] == ["x-pipeline"]
    assert commands(graph, "x-check") == ["make pr"]
    assert environment(graph, "x-preview") == {"BRANCH": "trunk"}
    assert "--policy-pack" not in commands(graph, "x-dev")[-1]
    assert steps(graph, "x-pipeline")[2:] == [
        ("dev", ["1 Preview", "2 Approve", "3 Deploy"]),
        ("prod", ["1 Deploy"]),
    ]


def test_the_example_of_the_guide_runs(build: Build):
    guide = (ROOT / "docs" / "deploying.md").read_text()
    (program,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    graph = build(lambda: exec(program.replace("from colonnade", "from components")))
    deployers = {each: graph.one(f"platform-{each}-role").outputs["arn"] for each in ROLES}
    for stack, deployer in deployers.items():
        [trust] = statements(graph.one(f"deploy-{stack}").inputs["assumeRolePolicy"])
        assert trust["Principal"] == {"AWS": deployer}
        role = environment(graph, f"platform-{stack}")["ROLE_ARN"]
        assert role.endswith(f":role/{graph.one(f'deploy-{stack}').inputs['name']}")


def test_the_scripts_of_the_default_commands_exist():
    for command in (*CHECK, *PREVIEW):
        for script in re.findall(r'\bbash (?:"\$base/)?([\w./-]+)', command):
            assert (ROOT / script).is_file(), script


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"connection_arn": "arn:aws:iam::1:role/x"}, "connection_arn: is 'arn:aws:iam::1:role/x'"),
        ({"connection_arn": None}, "connection_arn: is missing; it is required"),
        ({"repository": "name"}, "repository: is 'name'; it must be an owner and a name"),
        ({"branch": "release/*"}, "branch: is 'release/*'; it must be the name of one branch"),
        ({"stages": []}, "stages: must have at least one stack"),
        ({"stages": "dev"}, "stages: is 'dev'; it must be a list"),
        ({"stages": ["dev"]}, "stages[0]: is 'dev'; it must be a map of arguments"),
        ({"stages": [{"stack": "dev"}]}, "stages[0].role_arn: is missing; it is required"),
        (
            {"stages": [{"stack": "dev", "role_arn": ROLES["dev"], "manual_approval": "no"}]},
            "stages[0].manual_approval: is 'no'; it must be true or false",
        ),
        (
            {"stages": [{"stack": "dev", "role_arn": ROLES["dev"], "approval": True}]},
            "stages[0].approval: is not an argument; did you mean `manual_approval`?",
        ),
        (
            {"stages": [{"stack": "preview", "role_arn": ROLES["dev"]}]},
            "stages[0].stack: 'preview' is already in use",
        ),
        ({"stages": [{"stack": "a b", "role_arn": ROLES["dev"]}]}, "stages[0].stack: is 'a b'"),
        ({"stages": [{"stack": "dev", "role_arn": "dev"}]}, "stages[0].role_arn: is 'dev'"),
        (
            {"stages": [{"stack": "dev", "role_arn": ROLES["dev"]}] * 2},
            "stages[1].stack: 'dev' is already in use",
        ),
        ({"pulumi_cli": {"version": "latest", "sha256": "x"}}, "pulumi_cli.version: is 'latest'"),
        ({"pulumi_cli": {"version": "3.272.0"}}, "pulumi_cli.sha256: is missing; it is"),
        ({"backend_url": "file://state"}, "backend_url: is 'file://state'; it must be a bucket"),
        ({"secrets_provider": "passphrase"}, "secrets_provider: is 'passphrase'; it must be a KMS"),
        ({"check_commands": []}, "check_commands: must have at least one command"),
        ({"check_commands": "make"}, "check_commands: is 'make'; it must be a list"),
        ({"prepare_commands": [1]}, "prepare_commands[0]: is 1; it must be a string"),
        ({"pull_requests": "no"}, "pull_requests: is 'no'; it must be true or false"),
        ({"python": "3.9"}, "python: is '3.9'"),
        ({"log_retention_days": 2}, "log_retention_days: is 2"),
        ({"colour": "red"}, "colour: is not an argument"),
    ],
)
def test_the_error_names_the_invalid_argument(
    build: Build, args: dict, changed: dict, problem: str
):
    with pytest.raises(ValueError, match=r"DeliveryPipeline 'x'") as raised:
        build(lambda: DeliveryPipeline("x", args | changed))
    assert problem in str(raised.value)


def shell(lines: list[str], folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run commands in one shell until the first one that fails, as CodeBuild does."""
    return subprocess.run(
        ["bash", "-e", "-c", "\n".join(lines)],
        cwd=folder,
        env={**os.environ, "HOME": str(folder), **variables},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Return a folder with a program, and with commands that print their arguments."""
    (tmp_path / "Pulumi.dev.yaml").write_text("secretsprovider: awskms://alias/state\n")
    for name in ("curl", "tar", "sha256sum", "pulumi", "make"):
        command = tmp_path / name
        command.write_text(f'#!/bin/sh\necho "{name} $* $AWS_PROFILE"\n')
        command.chmod(0o755)
    return tmp_path


def test_the_commands_of_a_deployment_run(graph: Built, program: Path):
    path = f"{program}:{os.environ['PATH']}"
    variables = environment(graph, "x-dev") | {"PATH": path, "OPERATION": "preview"}
    variables["SECRETS_PROVIDER"] = "awskms://alias/state"
    result = shell(commands(graph, "x-dev"), program, **variables)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].split()[-1].endswith("/pulumi-v3.272.0-linux-x64.tar.gz")
    assert lines[-2:] == [
        "pulumi install deploy",
        "pulumi preview --stack dev --non-interactive --diff --policy-pack policy deploy",
    ]
    profile = (program / ".aws" / "config").read_text()
    assert profile == (
        f"[profile deploy]\nrole_arn = {ROLES['dev']}\ncredential_source = EcsContainer\n"
    )


def test_a_deployment_fails_if_the_stack_uses_another_secrets_provider(graph: Built, program: Path):
    path = f"{program}:{os.environ['PATH']}"
    variables = environment(graph, "x-dev") | {"PATH": path, "OPERATION": "up --yes"}
    result = shell(commands(graph, "x-dev"), program, **variables)
    assert result.returncode == 1 and "pulumi" not in result.stdout.splitlines()[-1].split()[0]
    assert "Pulumi.dev.yaml names another secrets provider" in result.stderr


def test_a_deployment_fails_if_the_checksum_of_the_cli_differs(graph: Built, program: Path):
    (program / "sha256sum").unlink()
    (program / "curl").write_text("#!/bin/sh\n: > ~/pulumi.tar.gz\n")
    path = f"{program}:{os.environ['PATH']}"
    variables = environment(graph, "x-dev") | {"PATH": path, "OPERATION": "up --yes"}
    result = shell(commands(graph, "x-dev"), program, **variables)
    assert result.returncode == 1 and "\ntar " not in result.stdout, result.stdout


@pytest.mark.parametrize(
    ("data_loss", "accepted"),
    [
        ("refused", ""),
        ("prod/items", "--accept-loss=prod/items"),
        ("dev/a prod/b", "--accept-loss=dev/a --accept-loss=prod/b"),
    ],
)
def test_the_commands_of_a_preview_run(graph: Built, program: Path, data_loss: str, accepted: str):
    origin, clone = program / "origin", program / "clone"
    script = origin / ".ci" / "preview"
    script.parent.mkdir(parents=True)
    script.write_text(
        'git log -1 --format=%s; git log -1 --format=%s "$1"; test -d "$2"; echo "${@:3}"\n'
    )
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for command in (
        [*git, "init", "--quiet", "--initial-branch", "main", str(origin)],
        [*git, "-C", str(origin), "add", "."],
        [*git, "-C", str(origin), "commit", "--quiet", "-m", "base"],
        [*git, "clone", "--quiet", str(origin), str(clone)],
    ):
        subprocess.run(command, check=True)
    # The change cannot replace the script that previews it.
    (clone / ".ci" / "preview").write_text("echo the script of the change\n")
    subprocess.run([*git, "-C", str(clone), "commit", "-qam", "change"], check=True)
    variables = environment(graph, "x-preview") | {"DATA_LOSS": data_loss}
    path = f"{program}:{os.environ['PATH']}"
    result = shell(commands(graph, "x-preview"), clone, **variables, PATH=path)
    assert result.stdout.splitlines()[1:] == ["change", "base", accepted], result.stderr

"""The workflows in .github: their permissions, and the results of their scripts."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from components._blocks.runtimes import LAMBDA_PYTHONS
from tests.projects import PYTHON, ROOT

FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = {path.name: yaml.safe_load(path.read_text()) for path in FOLDER.glob("*.yml")}
IDENTITY = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com"]


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job.get("steps", ())]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_actions_are_pinned_by_commit(name: str):
    for step in steps(WORKFLOWS[name]):
        if "uses" in step:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"]), step["uses"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_has_only_read_permissions_by_default(name: str):
    assert WORKFLOWS[name]["permissions"] in ({}, {"contents": "read"})
    for job in WORKFLOWS[name]["jobs"].values():
        granted = job.get("permissions", {})
        writes = {key for key, value in granted.items() if value == "write"}
        assert writes <= {"id-token", "pull-requests"}, job


def test_untrusted_code_gets_no_credentials_and_no_write_permission():
    assert not [name for name, each in WORKFLOWS.items() if "pull_request_target" in each[True]]
    for name, job in {**WORKFLOWS["check.yml"]["jobs"], **WORKFLOWS["preview.yml"]["jobs"]}.items():
        ours = "head.repo.full_name == github.repository" in job.get("if", "")
        assert ours == ("permissions" in job), name
    assert "checkout" not in str(WORKFLOWS["comment.yml"])


def test_a_label_cannot_replace_a_failed_check_by_a_skipped_one():
    check = WORKFLOWS["check.yml"]
    assert not {"labeled", "unlabeled"} & {*check[True]["pull_request"]["types"]}
    assert [job for job in check["jobs"].values() if "if" in job] == []
    groups = [each["concurrency"]["group"] for each in WORKFLOWS.values() if "concurrency" in each]
    assert len(set(groups)) == len(groups)


@pytest.mark.parametrize(
    ("name", "job"), [("deploy-stack.yml", "up"), ("preview.yml", "cloud-preview")]
)
def test_nothing_is_installed_or_built_with_credentials(name: str, job: str):
    runs = [step.get("run", "") for step in WORKFLOWS[name]["jobs"][job]["steps"]]
    (assumed,) = [number for number, run in enumerate(runs) if "assume-role.sh" in run]
    for command in ("make .venv/uv", "pulumi install", "make preview"):
        assert [number < assumed for number, run in enumerate(runs) if command in run] == [True]


def test_each_stack_has_its_own_role_and_state():
    """Variables of an environment; GitHub gives them to no job outside of it."""
    jobs = [
        WORKFLOWS["deploy-stack.yml"]["jobs"]["up"],
        WORKFLOWS["preview.yml"]["jobs"]["cloud-preview"],
    ]
    for job in jobs:
        assert job["environment"] and "vars.PULUMI_BACKEND_URL" in str(job["steps"])
    assert "prod" not in str(WORKFLOWS["preview.yml"]["jobs"]["cloud-preview"])


def test_text_of_a_pull_request_is_never_part_of_a_script():
    for name, workflow in WORKFLOWS.items():
        for step in steps(workflow):
            assert not re.search(r"\$\{\{ *github\.", step.get("run", "")), name


def test_the_cli_has_the_version_of_the_sdk():
    locked = re.search(r"^pulumi==([\d.]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert locked
    wanted = [
        step["with"]["pulumi-version"]
        for workflow in WORKFLOWS.values()
        for step in steps(workflow)
        if step.get("uses", "").startswith("pulumi/")
    ]
    assert wanted and set(wanted) == {locked[1]}


def test_bundles_are_tested_under_every_python_of_lambda_each_night():
    runs = [step.get("run", "") for step in steps(WORKFLOWS["nightly.yml"])]
    (installed,) = re.findall(r"uv python install (.+)", "\n".join(runs))
    assert installed.split() == list(LAMBDA_PYTHONS)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of this repository whose functions use the Python of the test."""
    folder = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--shared", ROOT, folder], check=True)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    project = folder / "Pulumi.yaml"
    project.write_text(project.read_text().replace('default: "3.13"', f'default: "{PYTHON}"'))
    subprocess.run([*IDENTITY, "commit", "--quiet", "--all", "-m", "x"], cwd=folder, check=True)
    return folder


@pytest.mark.slow  # previews of the whole platform
def test_the_preview_of_a_pull_request(clone: Path, tmp_path: Path):
    """The script of the job, for a pull request that removes the protection of data in prod."""
    base = subprocess.run(["git", "rev-parse", "HEAD"], cwd=clone, capture_output=True, text=True)
    prod = clone / "Pulumi.prod.yaml"
    prod.write_text(prod.read_text() + "  colonnade:retainData: false\n")
    subprocess.run([*IDENTITY, "commit", "--quiet", "--all", "-m", "y"], cwd=clone, check=True)
    job = WORKFLOWS["preview.yml"]["jobs"]["preview"]
    [script] = [step["run"] for step in job["steps"] if "name" in step]
    environment = {
        **os.environ,
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "BASE": base.stdout.strip(),
        "ACCEPTED": "",
        "NUMBER": "7",
    }
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    done = subprocess.run(
        shell, cwd=clone, env=environment, timeout=250, capture_output=True, text=True
    )
    assert done.returncode == 1  # data is at risk
    assert "error: " in done.stderr, "a rule is broken"
    comment = (tmp_path / "preview" / "comment.md").read_text()
    assert "| prod | orders-orders | dynamodb Table | updated | no longer protected by" in comment
    assert re.search(r"### dev: \d+ resources\n\nNo changes\.", comment)
    assert (tmp_path / "preview" / "number").read_text() == "7\n"


def test_a_role_is_assumed_for_the_following_steps(tmp_path: Path):
    for name, output in (
        ("curl", '{"value": "token"}'),
        ("jq", "token"),
        ("aws", "KEY\tSECRET\tSESSION"),
    ):
        command = tmp_path / name
        command.write_text(f"#!/bin/sh\ncat >/dev/null\nprintf '%s\\n' '{output}'\n")
        command.chmod(0o755)
    target = tmp_path / "env"
    done = subprocess.run(
        ["bash", ROOT / ".github" / "assume-role.sh", "arn:aws:iam::1:role/x", "eu-west-1"],
        env={
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t",
            "ACTIONS_ID_TOKEN_REQUEST_URL": "https://token.example.com?x=y",
            "GITHUB_RUN_ID": "1",
            "GITHUB_ENV": str(target),
        },
        check=True,
        capture_output=True,
        text=True,
    )
    assert target.read_text().splitlines() == [
        "AWS_ACCESS_KEY_ID=KEY",
        "AWS_SECRET_ACCESS_KEY=SECRET",
        "AWS_SESSION_TOKEN=SESSION",
        "AWS_REGION=eu-west-1",
    ]
    assert done.stdout.splitlines() == [f"::add-mask::{x}" for x in ("KEY", "SECRET", "SESSION")]

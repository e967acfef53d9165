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


def commit(clone: Path, message: str) -> str:
    """Commit all changes of a clone. Return the commit."""
    subprocess.run([*IDENTITY, "commit", "--quiet", "--all", "-m", message], cwd=clone, check=True)
    head = ["git", "rev-parse", "HEAD"]
    return subprocess.run(head, cwd=clone, capture_output=True, text=True).stdout.strip()


def script_of(workflow: str, job: str) -> str:
    [script] = [step["run"] for step in WORKFLOWS[workflow]["jobs"][job]["steps"] if "name" in step]
    return script


def run(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script as GitHub does."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, **environment},
        timeout=400,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow  # previews of the whole platform
def test_the_preview_of_a_pull_request(clone: Path, tmp_path: Path):
    """The script of the job, for a pull request that removes the protection of data in prod and
    replaces the script and the rules that find it."""
    base = subprocess.run(["git", "rev-parse", "HEAD"], cwd=clone, capture_output=True, text=True)
    prod = clone / "Pulumi.prod.yaml"
    prod.write_text(prod.read_text() + "  colonnade:retainData: false\n")
    (clone / ".ci" / "preview").write_text("echo fine\n")
    (clone / "policy" / "rules" / "__init__.py").write_text("RULES = ()\n")
    (clone / "tools" / "graph" / "stateful.py").write_text("")
    head = commit(clone, "y")
    done = run(
        script_of("preview.yml", "preview"),
        clone,
        RUNNER_TEMP=str(tmp_path),
        GITHUB_STEP_SUMMARY=str(tmp_path / "summary"),
        BASE=base.stdout.strip(),
        HEAD=head,
        RUN="https://ci.example.com/7",
        LABELS='["other", "accept-loss prod/orders-orders"]',
    )
    assert done.returncode == 1  # data is at risk
    assert "error: " in done.stderr, "a rule is broken"
    comment = (tmp_path / "preview" / "comment.md").read_text()
    verdict = comment.splitlines()[4]
    assert re.search(r"The check fails: data is at risk \(\d+\); rules are broken \(", verdict)
    assert f"Commit `{head}`, [log of the run](https://ci.example.com/7)" in comment
    row = next(line for line in comment.splitlines() if "| orders-orders | dynamodb" in line)
    assert "no longer protected by" in row and "`true` → `false`" in row and row.endswith("| yes |")
    row = next(line for line in comment.splitlines() if "| orders-outbox | dynamodb" in line)
    assert row.endswith("| no: `prod/orders-outbox` |")
    assert re.search(r"### dev: \d+ resources\n\nNo changes\.", comment)
    assert (tmp_path / "summary").read_text().strip() == comment.strip()


@pytest.mark.slow  # previews of the whole platform
def test_the_preview_of_a_program_that_does_not_run(clone: Path, tmp_path: Path):
    """One stack raises, the other one ends the interpreter."""
    program = clone / "__main__.py"
    ends = "import os, pulumi\nif pulumi.get_stack() == 'dev':\n    os._exit(3)\n"
    program.write_text(f"{ends}raise ValueError('x')\n{program.read_text()}")
    commit(clone, "y")
    (tmp_path / "preview").mkdir()
    done = run('bash .ci/preview HEAD~1 "$FOLDER"', clone, FOLDER=str(tmp_path / "preview"))
    assert done.returncode == 1
    comment = (tmp_path / "preview" / "comment.md").read_text()
    assert "**The check fails: the program does not run (dev, prod).**" in comment
    assert "### The program of dev does not run\n\n```text\nIt ended without a result" in comment
    assert "### The program of prod does not run\n\n```text\nx\n```" in comment


GH = """#!/bin/sh
case "$*" in
  *pulls*) echo "$NUMBER" ;;
  *paginate*) echo "$OLD" ;;
  *) echo "$*" > "$RUNNER_TEMP/called"; cp body.md "$RUNNER_TEMP/posted" ;;
esac
"""


@pytest.mark.parametrize("old", ["", "9"])
@pytest.mark.parametrize("result", ["", "<!-- colonnade preview -->\n\nchanges\n"])
def test_the_comment_is_that_of_the_newest_run(tmp_path: Path, old: str, result: str):
    """A run without a result replaces an older comment too."""
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    if result:
        (tmp_path / "preview").mkdir()
        (tmp_path / "preview" / "comment.md").write_text(result)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "RUNNER_TEMP": str(tmp_path),
        "REPOSITORY": "owner/name",
        "OWNER": "someone",
        "BRANCH": "b",
        "HEAD": "abc",
        "RUN": "https://ci.example.com/7",
        "OLD": old,
    }
    script = script_of("comment.yml", "comment")
    assert run(script, tmp_path, NUMBER="", **environment).returncode == 0
    assert not (tmp_path / "posted").exists()  # no open pull request has this commit
    done = run(script, tmp_path, NUMBER="5", **environment)
    assert done.returncode == 0, done.stderr
    posted = (tmp_path / "posted").read_text()
    assert posted.startswith("<!-- colonnade preview -->\n")
    if result:
        assert posted == result
    else:
        assert "ended without a result.**\n\nCommit `abc`, [log of the run](https://ci." in posted
    target = "issues/comments/9" if old else "issues/5/comments"
    assert f"repos/owner/name/{target} " in (tmp_path / "called").read_text()


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

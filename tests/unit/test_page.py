"""Values that a page and its API need from each other."""

import pulumi
import pulumi_aws as aws
import pytest

from systems.page import deferred
from tests.conftest import Build


def test_a_deferred_value_reaches_resources_that_were_created_before(build: Build):
    def program() -> None:
        with deferred() as (name, set_name):
            aws.sqs.Queue("queue", name=name)
            set_name(aws.sns.Topic("topic").name)

    graph = build(program)
    assert graph.one("queue").inputs["name"] == graph.one("topic").outputs["name"]


def test_a_program_that_fails_before_the_value_is_set_ends(build: Build):
    def program() -> None:
        with deferred() as (name, _):
            aws.sqs.Queue("queue", name=name)
            raise pulumi.RunError("the site has no pages")

    with pytest.raises(pulumi.RunError, match="the site has no pages"):
        build(program)

"""Rules for every component, checked over the whole graph of each stack."""

import json
import re
from itertools import chain
from urllib.parse import urlsplit

import pytest

from components._blocks.bucket import NONCURRENT_DAYS
from policy.rules.access import WITHOUT_RESOURCE
from settings import SYSTEMS
from tests.conftest import Built, platform
from tests.projects import ROOT
from tests.unit.policies import listed, statements

LOGS_OF_SERVICES = ("/aws/rds/", "API-Gateway-Execution-Logs_")

POLICIES = {
    "RolePolicy": "policy",
    "Role": "assumeRolePolicy",
    "BucketPolicy": "policy",
    "QueuePolicy": "policy",
    "TopicPolicy": "policy",
    "Key": "policy",
}


def test_no_policy_allows_a_wildcard_action(graph: Built):
    seen = 0
    for kind, field in POLICIES.items():
        for resource in graph.of(kind):
            for statement in statements(resource.inputs[field]):
                seen += 1
                if statement["Effect"] == "Allow":
                    assert not [a for a in statement["Action"] if "*" in a], resource.name
    assert seen > 20


def test_roles_name_the_resources_that_they_can_access(graph: Built):
    for policy in graph.of("RolePolicy"):
        for statement in statements(policy.inputs["policy"]):
            if "*" in statement["Resource"]:
                assert set(statement["Action"]) <= WITHOUT_RESOURCE, policy.name


def test_every_function_has_its_own_role_and_log_group(graph: Built):
    functions = graph.functions
    assert len(functions) > 2
    for field in (lambda f: f.inputs["role"], lambda f: f.inputs["loggingConfig"]["logGroup"]):
        assert len({field(each) for each in functions}) == len(functions)


def test_logs_are_json_and_expire(graph: Built):
    for function in graph.functions:
        assert function.inputs["loggingConfig"]["logFormat"] == "JSON", function.name
    for group in graph.of("LogGroup"):
        assert group.inputs["retentionInDays"] in (7, 90), group.name


def test_every_store_is_encrypted(graph: Built):
    for table in graph.of("Table"):
        assert table.inputs["serverSideEncryption"] == {"enabled": True}, table.name
    for queue in graph.of("Queue"):
        assert queue.inputs["sqsManagedSseEnabled"] is True, queue.name
    for topic in graph.of("Topic"):
        assert topic.inputs["kmsMasterKeyId"], topic.name
    encrypted = {
        each.inputs["bucket"] for each in graph.of("BucketServerSideEncryptionConfiguration")
    }
    assert encrypted == {each.outputs["bucket"] for each in graph.of("Bucket")}


def test_buckets_are_private(graph: Built):
    buckets = {each.outputs["bucket"] for each in graph.of("Bucket")}
    blocks = {each.inputs["bucket"]: each.inputs for each in graph.of("BucketPublicAccessBlock")}
    owners = {each.inputs["bucket"]: each.inputs for each in graph.of("BucketOwnershipControls")}
    assert blocks.keys() == owners.keys() == buckets
    for name, block in blocks.items():
        block = {key: value for key, value in block.items() if key != "bucket"}
        assert len(block) == 4 and all(block.values()), name
        assert owners[name]["rule"]["objectOwnership"] == "BucketOwnerEnforced"


def test_every_bucket_queue_and_topic_refuses_requests_without_tls(graph: Built):
    protected = set()
    for kind in ("BucketPolicy", "QueuePolicy", "TopicPolicy"):
        for policy in graph.of(kind):
            for statement in statements(policy.inputs["policy"]):
                if statement["Effect"] == "Deny":
                    assert statement["Principal"] == "*"
                    insecure = {"Bool": {"aws:SecureTransport": "false"}}
                    assert statement["Condition"] == insecure
                    protected.add(statement["Resource"][0])
    owned = chain(graph.of("Bucket"), graph.of("Queue"), graph.of("Topic"))
    assert protected == {each.outputs["arn"] for each in owned}


def test_services_can_act_only_for_one_resource(graph: Built):
    for kind in ("QueuePolicy", "TopicPolicy"):
        for policy in graph.of(kind):
            for statement in statements(policy.inputs["policy"]):
                if statement["Effect"] == "Allow":
                    assert "aws:SourceArn" in statement["Condition"]["ArnEquals"], policy.name
    for permission in graph.of("Permission"):
        assert permission.inputs["sourceArn"], permission.name


def test_buckets_can_act_only_for_their_own_account(graph: Built):
    """The ARN of a bucket names no account, and its name is free when the bucket is deleted."""
    found = 0
    for kind in ("QueuePolicy", "TopicPolicy"):
        for policy in graph.of(kind):
            for statement in statements(policy.inputs["policy"]):
                if "s3.amazonaws.com" in str(statement["Principal"]):
                    found += 1
                    account = statement["Resource"][0].split(":")[4]
                    assert statement["Condition"]["StringEquals"] == {
                        "aws:SourceAccount": account
                    }, policy.name
    assert found
    for permission in graph.of("Permission"):
        if permission.inputs["principal"] == "s3.amazonaws.com":
            assert permission.inputs["sourceAccount"], permission.name


def test_stream_mappings_cannot_retry_forever_or_lose_records(graph: Built):
    streams = [m for m in graph.of("EventSourceMapping") if "startingPosition" in m.inputs]
    assert streams
    for mapping in streams:
        assert 0 <= mapping.inputs["maximumRetryAttempts"] < 100, mapping.name
        assert mapping.inputs["bisectBatchOnFunctionError"] is True
        assert mapping.inputs["functionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping.inputs["destinationConfig"]["onFailure"]["destinationArn"]


def test_queue_mappings_report_partial_failures_and_have_a_dead_letter_queue(graph: Built):
    queues = {each.outputs["arn"]: each for each in graph.of("Queue")}
    functions = {each.outputs["arn"]: each for each in graph.functions}
    polled = [m for m in graph.of("EventSourceMapping") if m.inputs["eventSourceArn"] in queues]
    assert polled
    for mapping in polled:
        queue = queues[mapping.inputs["eventSourceArn"]]
        function = functions[mapping.inputs["functionName"]]
        assert mapping.inputs["functionResponseTypes"] == ["ReportBatchItemFailures"]
        redrive = json.loads(queue.inputs["redrivePolicy"])
        assert redrive["deadLetterTargetArn"] in queues and redrive["maxReceiveCount"] <= 10
        # AWS recommends a visibility timeout of six times the function's timeout.
        assert queue.inputs["visibilityTimeoutSeconds"] >= 6 * function.inputs["timeout"]


def test_functions_can_read_their_event_sources(graph: Built):
    """Neither a preview nor the emulator reports a missing permission before the first event."""
    roles = {each.outputs["arn"]: each.outputs["name"] for each in graph.of("Role")}
    functions = {each.outputs["arn"]: roles[each.inputs["role"]] for each in graph.functions}
    policies = {each.inputs["role"]: each.inputs["policy"] for each in graph.of("RolePolicy")}
    for mapping in graph.of("EventSourceMapping"):
        policy = policies[functions[mapping.inputs["functionName"]]]
        source = mapping.inputs["eventSourceArn"]
        allowed = {a for s in statements(policy) if source in s["Resource"] for a in s["Action"]}
        service = source.split(":")[2]
        needed = "sqs:ReceiveMessage" if service == "sqs" else f"{service}:GetRecords"
        assert needed in allowed, mapping.name


def test_rules_can_reach_their_targets_and_lose_no_events(graph: Built):
    rules = {each.outputs["name"]: each for each in graph.of("EventRule")}
    permitted = {(p.inputs["function"], p.inputs["sourceArn"]) for p in graph.of("Permission")}
    functions = {each.outputs["arn"]: each.outputs["name"] for each in graph.functions}
    admitted = {
        (s["Resource"][0], source)
        for policy in graph.of("QueuePolicy")
        for s in statements(policy.inputs["policy"])
        if s["Effect"] == "Allow"
        for source in listed(s["Condition"]["ArnEquals"]["aws:SourceArn"])
    }
    for target in graph.of("EventTarget"):
        rule, arn = rules[target.inputs["rule"]], target.inputs["arn"]
        pair = (functions.get(arn), rule.outputs["arn"])
        assert pair in permitted or (arn, rule.outputs["arn"]) in admitted, target.name
        assert "maximumRetryAttempts" in target.inputs["retryPolicy"]
        if "eventPattern" in rule.inputs:
            assert target.inputs["deadLetterConfig"]["arn"], target.name


def test_every_child_is_parented_and_named_after_its_parent(graph: Built):
    by_urn = {each.urn: each for each in graph.resources}
    for each in graph.resources:
        parent = by_urn.get(each.parent)
        if each.custom and parent is None:
            # A resource of a system itself, with the system's name.
            assert each.name.split("-")[0] in SYSTEMS, each.urn
        elif each.custom:
            assert parent.type.startswith("colonnade:"), each.urn
        if parent:
            assert each.name.startswith(f"{parent.name}-"), each.urn


def test_api_gateway_writes_to_log_groups_that_expire(graph: Built):
    """API Gateway creates the execution log itself if it is missing: without retention."""
    groups = {each.outputs["name"]: each.urn for each in graph.of("LogGroup")}
    for stage in graph.of("Stage"):
        api, name = stage.inputs["restApi"], stage.inputs["stageName"]
        assert groups[f"API-Gateway-Execution-Logs_{api}/{name}"] in stage.dependencies


def test_a_program_sets_the_account_of_api_gateway_once_and_before_its_stages(graph: Built):
    accounts = graph.of("Account")
    assert len(accounts) == (1 if graph.of("Stage") else 0)
    for account in accounts:
        assert account.ignore_changes == ["cloudwatchRoleArn"], "stacks would set it by turns"
    by_urn = {each.urn: each for each in graph.resources}
    for stage in graph.of("Stage"):
        # A child is registered after its parent, and the parent after what it depends on.
        above, dependencies = stage, set(stage.dependencies)
        while above.parent in by_urn:
            above = by_urn[above.parent]
            dependencies |= set(above.dependencies)
        assert accounts[0].urn in dependencies, stage.name


def test_settings_of_methods_name_a_method_of_their_api(graph: Built):
    """API Gateway refuses unescaped slashes, and stores settings of unknown methods in silence."""
    paths = {each.id: json.loads(each.inputs["body"])["paths"] for each in graph.of("RestApi")}
    for settings in graph.of("MethodSettings"):
        path, method = settings.inputs["methodPath"].split("/")
        if path != "*":
            operations = paths[settings.inputs["restApi"]]
            assert method.lower() in operations[path.replace("~1", "/")], settings.name


def test_pulumi_generates_physical_names(graph: Built):
    """Two stacks or instances never conflict. Some names are unique within another resource."""
    within = (
        "aws:athena/namedQuery:NamedQuery",
        "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",  # the distribution's ID
        "aws:cloudwatch/logDeliverySource:LogDeliverySource",
        "aws:cloudwatch/logStream:LogStream",
        "aws:cognito/resourceServer:ResourceServer",
        "aws:lambda/alias:Alias",
        "aws:glue/catalogDatabase:CatalogDatabase",  # from the lake bucket's, without hyphens
        "aws:glue/catalogTable:CatalogTable",
        "aws:iot/topicRule:TopicRule",  # from the role's, without hyphens
        "aws:quicksight/dashboard:Dashboard",  # the title; the ID comes from the role's name
        "aws:quicksight/dataSet:DataSet",
        "aws:quicksight/dataSource:DataSource",
        "aws:route53/record:Record",
        "aws:route53/zone:Zone",  # private: only the VPC has the name
        "aws:schemas/schema:Schema",
    )
    for each in graph.resources:
        named = {"name", "bucket", "namePrefix", "bucketPrefix"} & each.inputs.keys()
        settings_of_a_bucket = each.type.startswith("aws:s3/bucket") and "bucket" in named
        # AWS chooses these names, by the ID of an API or a database.
        execution_log = str(each.inputs.get("name")).startswith(LOGS_OF_SERVICES)
        given = settings_of_a_bucket or execution_log or each.type in within
        assert not named or given, each.urn


def test_prod_retains_data_and_dev_can_be_destroyed(graphs: dict[str, Built]):
    for stack, retained in (("dev", False), ("prod", True)):
        for table in graphs[stack].of("Table"):
            assert table.inputs["deletionProtectionEnabled"] is retained, table.name
            assert table.inputs["pointInTimeRecovery"] == {"enabled": retained}, table.name
        # Code can be built again.
        kept = [each for each in graphs[stack].of("Bucket") if not each.name.endswith("-code")]
        for bucket in kept:
            assert bucket.inputs["forceDestroy"] is not retained, bucket.name
        for each in (*kept, *graphs[stack].of("Table"), *graphs[stack].of("UserPool")):
            assert each.protect is retained, each.name


def test_prod_versions_the_buckets_that_the_docs_say_it_versions(graphs: dict[str, Built]):
    text = (ROOT / "docs" / "security.md").read_text()
    rows = dict(re.findall(r"^\| `([a-z0-9-]+)` \| (yes|no) \|", text, re.MULTILINE))
    prod = graphs["prod"]
    assert rows.keys() == {each.name for each in prod.of("Bucket")}
    versioned = {name for name, answer in rows.items() if answer == "yes"}
    assert {each.name for each in prod.of("BucketVersioning")} == {
        f"{name}-versioning" for name in versioned
    }
    for name in rows:
        rules = prod.one(f"{name}-lifecycle").inputs["rules"]
        kept = [each["noncurrentVersionExpiration"] for each in rules if "noncurrent" in each["id"]]
        assert kept == ([{"noncurrentDays": NONCURRENT_DAYS}] if name in versioned else []), name
    assert f"for another {NONCURRENT_DAYS} days" in text
    assert all("-site-" in each.name for each in graphs["dev"].of("BucketVersioning"))


def test_every_alarm_notifies_a_topic_and_has_a_runbook_entry(graph: Built):
    runbook = (ROOT / "docs" / "runbook.md").read_text()
    topics = {each.inputs.get("region"): each.outputs["arn"] for each in graph.of("Topic")}
    assert topics
    for alarm in graph.of("MetricAlarm"):
        # An alarm can notify only topics in its own region.
        assert alarm.inputs["alarmActions"] == [topics[alarm.inputs.get("region")]], alarm.name
        entry = alarm.inputs["alarmDescription"].rsplit("#", 1)[-1]
        assert f"\n## {entry}\n" in runbook, f"docs/runbook.md has no '## {entry}'"


def test_prod_filters_requests_to_the_blog_and_its_api(graphs: dict[str, Built]):
    scopes = {each.name: each.inputs["scope"] for each in graphs["prod"].of("WebAcl")}
    assert scopes["blog-site-web-acl"] == "CLOUDFRONT"
    assert scopes["blog-api-web-acl"] == "REGIONAL"
    assert graphs["dev"].of("WebAcl") == []


def test_functions_that_access_buckets_know_the_account_of_these(graph: Built):
    policies = {each.inputs["role"]: each.inputs["policy"] for each in graph.of("RolePolicy")}
    names = {each.outputs["arn"]: each.outputs["name"] for each in graph.of("Role")}
    with_buckets = 0
    for function in graph.functions:
        policy = policies.get(names[function.inputs["role"]], "")
        variables = function.inputs.get("environment", {}).get("variables", {})
        if '"s3:' in policy:
            with_buckets += 1
            account = function.inputs["role"].split(":")[4]
            assert variables["BUCKET_OWNER"] == account, function.name
        else:
            assert "BUCKET_OWNER" not in variables, function.name
    assert with_buckets > 1


def test_the_api_of_the_blog_can_be_closed_to_all_but_its_site():
    secrets = ["n" * 32, "o" * 32]
    graph = platform("prod", systems=["blog"], blogOriginSecrets=secrets)
    *_, rule = graph.one("blog-api-web-acl").inputs["rules"]
    assert rule["name"] == "origin-secret"
    origins = graph.one("blog-site-distribution").inputs["origins"]
    headers = {each["originId"]: each.get("customHeaders") or [] for each in origins}
    assert headers["api"] == [{"name": "x-origin-secret", "value": "n" * 32}]
    assert graph.outputs["blog"]["apiUrl"] == graph.outputs["blog"]["siteUrl"] + "/api"


@pytest.mark.parametrize(("page", "hosts"), [("todo", 2), ("telemetry", 0)])
def test_scripts_of_a_page_reach_exact_hosts_only(graph: Built, page: str, hosts: int):
    headers = graph.one(f"{page}-site-headers").inputs["securityHeadersConfig"]
    policy = headers["contentSecurityPolicy"]["contentSecurityPolicy"]
    rules = {each.split()[0]: each.split()[1:] for each in policy.split("; ")}
    assert rules["default-src"] == rules["frame-ancestors"] == ["'none'"]
    own, *others = rules["connect-src"]
    assert own == "'self'" and len(others) == hosts
    for each in others:
        assert urlsplit(each).hostname and "*" not in each

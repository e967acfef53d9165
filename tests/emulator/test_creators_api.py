"""APIs, users and related types, read back from the embedded AWS and used by clients."""

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError
from pycognito.aws_srp import AWSSRP

from local.cloud import Cloud
from local.people import Place
from tests.emulator.gateway import call
from tests.platform.people import Person
from tests.projects import copy_program


@pytest.fixture(scope="module")
def reports() -> list[dict]:
    return []


@pytest.fixture(scope="module")
def made(tmp_path_factory, reports) -> Iterator[Cloud]:
    folder = copy_program("api_types", tmp_path_factory.mktemp("api_types"))
    with Cloud(program=folder, listen=reports.append) as cloud:
        yield cloud


def somebody(cloud: Cloud, email: str) -> Person:
    """A user who has signed up and in."""
    out = cloud.outputs
    place = Place(
        cloud.endpoint, out["url"], out["pool"], out["client"], out["identities"], cloud.mails
    )
    return Person(cloud, place, email)


@pytest.fixture(scope="module")
def ann(made) -> Person:
    return somebody(made, "ann@example.com")


@pytest.fixture(scope="module")
def bob(made) -> Person:
    return somebody(made, "bob@example.com")


def test_types_and_arguments_that_are_not_emulated_are_reported(made, reports):
    said = {each["message"].split(": ")[0] for each in reports if each["event"] == "not_emulated"}
    assert said == {
        "aws:appautoscaling/policy:Policy",
        "aws:appautoscaling/target:Target",
        "aws:codedeploy/application:Application",
        "aws:codedeploy/deploymentConfig:DeploymentConfig",
        "aws:codedeploy/deploymentGroup:DeploymentGroup",
        "aws:cognito/managedLoginBranding:ManagedLoginBranding",
        "aws:dax/cluster:Cluster",
        "aws:dax/parameterGroup:ParameterGroup",
        "aws:dax/subnetGroup:SubnetGroup",
        "aws:wafv2/webAcl:WebAcl",
    }
    assert not [each for each in reports if "not checked" in each.get("message", "")]
    assert made.outputs["cache"] == ""


def test_api_and_stage(made):
    api, stage = (
        made.find(f"aws:apigateway/{kind}") for kind in ("restApi:RestApi", "stage:Stage")
    )
    gateway = made.client("apigateway")
    found = gateway.get_rest_api(restApiId=api.id)
    assert found["name"] == api.outputs["name"] and found["name"].startswith("notes-")
    assert found["endpointConfiguration"]["types"] == ["REGIONAL"]
    assert found["binaryMediaTypes"] == ["image/png"]
    assert found["rootResourceId"] == api.outputs["rootResourceId"]
    assert api.outputs["arn"] == f"arn:aws:apigateway:us-east-1::/restapis/{api.id}"
    execution = f"arn:aws:execute-api:us-east-1:000000000000:{api.id}"
    assert api.outputs["executionArn"] == execution
    assert stage.outputs["executionArn"] == f"{execution}/v1"
    assert stage.id == f"ags-{api.id}-v1"
    settings = gateway.get_stage(restApiId=api.id, stageName="v1")
    assert settings["tracingEnabled"] is True and settings["variables"] == {"a": "b"}
    assert settings["methodSettings"]["*/*"]["throttlingRateLimit"] == 500
    assert settings["methodSettings"]["*/*"]["loggingLevel"] == "ERROR"
    assert settings["methodSettings"]["/notes/{noteId}/GET"]["cachingEnabled"] is True
    assert settings["deploymentId"] == made.find("aws:apigateway/deployment:Deployment").id
    account = gateway.get_account()
    assert account["cloudwatchRoleArn"] == made.find("aws:iam/role:Role", "logging").outputs["arn"]


def test_the_api_answers_at_its_address(made, ann):
    assert call(made.outputs["url"] + "/health").status == 200
    assert call(made.outputs["url"] + "/notes").status == 401
    answer = ann.call("/notes?limit=2")
    assert answer.json["claims"]["sub"] == ann.sub
    assert answer.json["query"] == {"limit": "2"}
    note, key = '{"title": "x"}', {"idempotency_key": "1", "content_type": "application/json"}
    assert ann.call("/notes", "POST", note, **key).json["body"] == note
    refused = ann.call("/notes", "POST", "{}", **key)
    assert refused.json == {"error": "BAD_REQUEST_BODY", "message": "Invalid request body"}
    assert refused.headers["access-control-allow-origin"] == "https://a.example"
    assert call(made.outputs["url"] + "/notes", "OPTIONS").status == 204
    assert call(made.outputs["url"] + "/unpermitted").status == 500


def test_access_log(made, ann):
    assert ann.call("/notes/1").status == 200
    events = made.client("logs").filter_log_events(logGroupName=made.outputs["logs"])["events"]
    line = json.loads(events[-1]["message"])
    assert (line["path"], line["status"], line["user"]) == ("/notes/{noteId}", "200", ann.sub)


def test_api_keys_of_a_usage_plan(made):
    url = made.outputs["url"] + "/metered"
    assert call(url).status == 403
    assert call(url, x_api_key=made.outputs["unplanned"]).status == 403
    answers = [call(url, x_api_key=made.outputs["key"]).status for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    plan = made.client("apigateway").get_usage_plan(
        usagePlanId=made.find("aws:apigateway/usagePlan:UsagePlan").id
    )
    assert plan["quota"] == {"limit": 1000, "period": "DAY"}
    assert plan["apiStages"][0]["throttle"]["/metered/GET"] == {"rateLimit": 50, "burstLimit": 50}


def test_users_and_their_app_client(made):
    idp, pool = made.client("cognito-idp"), made.outputs["pool"]
    found = idp.describe_user_pool(UserPoolId=pool)["UserPool"]
    assert found["UsernameAttributes"] == ["email"]
    assert found["MfaConfiguration"] == "OPTIONAL"
    assert found["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
    assert found["UserPoolTags"] == {"team": "platform"}
    email = next(each for each in found["SchemaAttributes"] if each["Name"] == "email")
    assert email["StringAttributeConstraints"] == {"MinLength": "3", "MaxLength": "254"}
    client = idp.describe_user_pool_client(UserPoolId=pool, ClientId=made.outputs["client"])
    client = client["UserPoolClient"]
    assert client["AllowedOAuthScopes"] == ["openid", "email", "notes/read", "notes/write"]
    assert client["RefreshTokenRotation"]["Feature"] == "ENABLED"
    assert client["TokenValidityUnits"]["AccessToken"] == "minutes"
    assert made.find("aws:cognito/userPoolClient:UserPoolClient").outputs["clientSecret"] == ""
    domain = idp.describe_user_pool_domain(Domain="notes-users")["DomainDescription"]
    assert domain["UserPoolId"] == pool
    assert idp.list_groups(UserPoolId=pool)["Groups"][0]["GroupName"].startswith("admins-")


def test_the_login_pages_have_a_local_address(made):
    assert made.outputs["login"] == made.endpoint
    login = f"{made.outputs['login']}/login?client_id={made.outputs['client']}&response_type=code"
    callback = quote("http://localhost:5173/callback", safe="")
    page = call(f"{login}&scope=openid&redirect_uri={callback}")
    assert page.status == 200 and 'name="password"' in page.text


def test_a_wrong_password_does_not_sign_in(made, ann):
    wrong = AWSSRP(
        username="ann@example.com",
        password="wrong",
        pool_id=made.outputs["pool"],
        client_id=made.outputs["client"],
        client=made.client("cognito-idp"),
    )
    with pytest.raises(ClientError, match="NotAuthorizedException"):
        wrong.authenticate_user()


def denied(operation, **arguments) -> bool:
    try:
        operation(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")
    return False


def test_own_folder_by_temporary_credentials(made, ann, bob):
    bucket, s3 = made.outputs["bucket"], ann.client("s3")
    bob.client("s3").put_object(Bucket=bucket, Key=f"users/{bob.sub}/b", Body=b"bob's")
    s3.put_object(Bucket=bucket, Key=f"users/{ann.sub}/a", Body=b"ann's")
    assert s3.get_object(Bucket=bucket, Key=f"users/{ann.sub}/a")["Body"].read() == b"ann's"
    found = s3.list_objects_v2(Bucket=bucket, Prefix=f"users/{ann.sub}/")
    assert [each["Key"] for each in found["Contents"]] == [f"users/{ann.sub}/a"]
    assert denied(s3.list_objects_v2, Bucket=bucket)
    assert denied(s3.list_objects_v2, Bucket=bucket, Prefix=f"users/{bob.sub}/")
    for key in (f"users/{bob.sub}/b", f"users/{ann.sub}", "users//b", "b", f"users/{ann.sub}x/a"):
        assert denied(s3.get_object, Bucket=bucket, Key=key), key
        assert denied(s3.put_object, Bucket=bucket, Key=key, Body=b"x"), key


def test_an_object_key_is_text_and_not_a_path(made, ann, bob):
    """S3 does not resolve `..`, so such a key is in the user's own folder."""
    bucket, s3 = made.outputs["bucket"], ann.client("s3")
    bob.client("s3").put_object(Bucket=bucket, Key=f"users/{bob.sub}/b", Body=b"bob's")
    odd = [f"users/{ann.sub}/../{bob.sub}/b", f"users/{ann.sub}/..%2F{bob.sub}%2Fb"]
    for key in odd:
        s3.put_object(Bucket=bucket, Key=key, Body=b"ann's")
    theirs = bob.client("s3").get_object(Bucket=bucket, Key=f"users/{bob.sub}/b")
    assert theirs["Body"].read() == b"bob's"
    found = s3.list_objects_v2(Bucket=bucket, Prefix=f"users/{ann.sub}/..")["Contents"]
    assert sorted(each["Key"] for each in found) == sorted(odd)


@pytest.mark.parametrize(
    "sent", ["{}/../{}/b", "{}/..%2F{}/b", "{}%2F..%2F{}%2Fb", "{}/%2e%2e/{}/b"]
)
def test_a_presigned_url_is_valid_only_for_its_key(made, ann, bob, sent):
    bucket = made.outputs["bucket"]
    bob.client("s3").put_object(Bucket=bucket, Key=f"users/{bob.sub}/b", Body=b"bob's")
    s3, key = ann.client("s3"), f"users/{ann.sub}/a"
    s3.put_object(Bucket=bucket, Key=key, Body=b"ann's")
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key}, ExpiresIn=60)
    assert call(url).text == "ann's"
    address = url.replace(f"{ann.sub}/a", sent.format(ann.sub, bob.sub))
    assert call(address).status in (400, 403, 404)
    assert call(url.replace(ann.sub, bob.sub)).status == 403
    assert call(url.replace("Expires=", "Expires=1")).status == 403


def upload(post: dict, content: bytes, **changed: str) -> int:
    boundary = "boundary"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in {**post["fields"], **changed}.items()
    ]
    parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n')
    body = "".join(parts).encode() + b"\r\n" + content + f"\r\n--{boundary}--\r\n".encode()
    kind = f"multipart/form-data; boundary={boundary}"
    return call(post["url"], "POST", body, content_type=kind).status


def test_conditions_of_a_presigned_post(made, ann, bob):
    bucket, s3 = made.outputs["bucket"], ann.client("s3")
    folder = f"users/{ann.sub}/"
    post = s3.generate_presigned_post(
        bucket,
        folder + "${filename}",
        Fields={"Content-Type": "image/png"},
        Conditions=[
            ["content-length-range", 1, 10],
            {"Content-Type": "image/png"},
            ["starts-with", "$key", folder],
        ],
        ExpiresIn=60,
    )
    assert upload(post, b"12345", key=f"{folder}p.png") == 204
    stored = s3.get_object(Bucket=bucket, Key=f"{folder}p.png")
    assert (stored["ContentType"], stored["Body"].read()) == ("image/png", b"12345")
    assert upload(post, b"12345678901", key=f"{folder}p.png") == 400
    assert upload(post, b"", key=f"{folder}p.png") == 400
    assert upload(post, b"1", key=f"{folder}p.png", **{"Content-Type": "text/html"}) == 403
    assert upload(post, b"1", key=f"users/{bob.sub}/p.png") == 403
    elsewhere = s3.generate_presigned_post(bucket, f"users/{bob.sub}/p.png", ExpiresIn=60)
    assert upload(elsewhere, b"1") == 403


def test_own_rows_by_temporary_credentials(made, ann, bob):
    table, rows = made.outputs["table"], ann.client("dynamodb")
    rows.put_item(TableName=table, Item={"userId": {"S": ann.sub}})
    assert rows.get_item(TableName=table, Key={"userId": {"S": ann.sub}})["Item"]
    assert denied(rows.get_item, TableName=table, Key={"userId": {"S": bob.sub}})
    assert denied(rows.scan, TableName=table)


def test_web_acl_of_the_stage(made):
    stage, waf = made.find("aws:apigateway/stage:Stage"), made.client("wafv2")
    found = waf.get_web_acl_for_resource(ResourceArn=stage.outputs["arn"])["WebACL"]
    assert found["ARN"] == made.find("aws:wafv2/webAcl:WebAcl").outputs["arn"]
    rules = {each["Name"]: each for each in found["Rules"]}
    assert rules["common"]["OverrideAction"] == {"Count": {}}
    assert rules["rate"]["Statement"]["RateBasedStatement"]["Limit"] == 2000


def test_certificate_records_and_custom_domain_name(made, ann):
    zone = made.find("aws:route53/zone:Zone", "example")
    records = made.client("route53").list_resource_record_sets(HostedZoneId=zone.id)
    kinds = {each["Type"]: each["Name"] for each in records["ResourceRecordSets"]}
    assert kinds["A"] == "api.example.com."
    assert kinds["CNAME"].endswith(".api.example.com.")
    assert made.find("aws:route53/record:Record", "api").outputs["fqdn"] == "api.example.com"
    certificate = made.find("aws:acm/certificate:Certificate").id
    status = made.client("acm").describe_certificate(CertificateArn=certificate)["Certificate"]
    assert status["DomainName"] == "api.example.com"
    token = f"Bearer {ann.tokens['AccessToken']}"
    named = call(f"{made.endpoint}/notes", host="api.example.com", authorization=token)
    assert named.json["path"] == "/notes"


def test_network(made):
    ec2, vpc = made.client("ec2"), made.find("aws:ec2/vpc:Vpc")
    found = ec2.describe_vpcs(VpcIds=[vpc.id])["Vpcs"][0]
    assert found["CidrBlock"] == "10.0.0.0/16"
    assert {each["Key"]: each["Value"] for each in found["Tags"]} == {"a": "b", "team": "platform"}
    filters = [{"Name": "vpc-id", "Values": [vpc.id]}]
    subnets = ec2.describe_subnets(Filters=filters)["Subnets"]
    assert {each["AvailabilityZone"] for each in subnets} == {"us-east-1a", "us-east-1b"}
    endpoint = ec2.describe_vpc_endpoints(Filters=filters)["VpcEndpoints"][0]
    assert endpoint["VpcEndpointType"] == "Gateway"
    around = made.find("aws:ec2/securityGroup:SecurityGroup", "cache").id
    group = ec2.describe_security_groups(GroupIds=[around])["SecurityGroups"][0]
    assert sorted(each["FromPort"] for each in group["IpPermissions"]) == [80, 9111]
    assert group["IpPermissionsEgress"] == []
    inside = made.find("aws:ec2/securityGroup:SecurityGroup", "functions").id
    group = ec2.describe_security_groups(GroupIds=[inside])["SecurityGroups"][0]
    assert group["IpPermissionsEgress"][0]["IpRanges"][0]["CidrIp"] == "0.0.0.0/0"
    default = vpc.outputs["defaultSecurityGroupId"]
    group = ec2.describe_security_groups(GroupIds=[default])["SecurityGroups"][0]
    assert group["GroupName"] == "default"
    assert group["IpPermissions"] == group["IpPermissionsEgress"] == []
    flows = ec2.describe_flow_logs(Filters=[{"Name": "resource-id", "Values": [vpc.id]}])
    (log,) = flows["FlowLogs"]
    assert (
        log["LogDestination"]
        == made.find("aws:cloudwatch/logGroup:LogGroup", "flows").outputs["arn"]
    )
    assert log["FlowLogId"] == made.find("aws:ec2/flowLog:FlowLog").id


def test_cors_of_a_bucket(made):
    rules = made.client("s3").get_bucket_cors(Bucket=made.outputs["bucket"])["CORSRules"]
    assert rules[0]["AllowedOrigins"] == ["http://localhost:5173"]
    key = quote("users/x")
    answer = call(
        f"{made.endpoint}/{made.outputs['bucket']}/{key}",
        "OPTIONS",
        origin="http://localhost:5173",
        access_control_request_method="PUT",
    )
    assert answer.headers["access-control-allow-origin"] == "http://localhost:5173"

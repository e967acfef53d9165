"""Pages in a browser reach data planes only, and no page reaches anything under a foreign name."""

import json
from urllib.parse import urlencode

import pytest

from local.emulator.settings import path_secret
from tests.emulator.cloud import TRUST, allow
from tests.emulator.edge import Edge, port_of
from tests.emulator.gateway import Users, call, deployed, document, echo, proxy

PAGE = "http://localhost:8080"
FORM = "application/x-www-form-urlencoded"
FOREIGN = [
    {"Origin": "http://evil.example.com"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "same-origin"},
]


def create_role(cloud):
    """Return the address that creates a role: signed in the query by the administrator's key."""
    role = {"RoleName": "stolen", "AssumeRolePolicyDocument": json.dumps(TRUST)}
    return cloud.client("iam").generate_presigned_url("create_role", role, HttpMethod="GET")


def roles(cloud):
    return [each["RoleName"] for each in cloud.client("iam").list_roles()["Roles"]]


@pytest.mark.parametrize("headers", [*FOREIGN, {"Sec-Fetch-Site": "none"}])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_browser_reaches_a_control_plane(cloud, headers, method):
    refused = call(create_role(cloud), method, **headers)
    assert refused.status == 403
    assert not [name for name in refused.headers if name.startswith("access-control-")]
    assert roles(cloud) == []
    assert call(create_role(cloud)).status == 200
    assert roles(cloud) == ["stolen"]


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/", "DynamoDB_20120810.ListTables"),
        ("/", "AWSCognitoIdentityProviderService.ListUserPools"),
        ("/", "AWSCognitoIdentityProviderService.AdminCreateUser"),
        ("/v2/email/identities", ""),
        ("/v20180820/bucket/b", ""),
        ("/iceberg/v1/config", ""),
        ("/Execute", ""),
        ("/2015-03-31/functions", ""),
        ("/_aws/execute-api/", ""),
        ("/restapis", ""),
    ],
)
def test_no_path_or_target_leads_a_page_to_a_control_plane(cloud, path, target):
    headers = {"X-Amz-Target": target} if target else {}
    answer = call(cloud.emulator.endpoint + path, "POST", "{}", Origin=PAGE, **headers)
    assert answer.status == 403 and "pages can call data planes only" in answer.text


def test_the_host_of_another_service_opens_nothing_to_pages(cloud):
    for host in ("abcdef01.execute-api.localhost", "x.cloudfront.localhost", "pages.localhost"):
        url = f"{cloud.emulator.endpoint}/v2/email/identities"
        answer = call(url, Origin=PAGE, Host=f"{host}:{cloud.emulator.port}")
        assert answer.status == 403 and "127.0.0.1" in answer.text


def test_answers_for_programs_have_no_cors_headers(cloud):
    for answer in (
        call(create_role(cloud)),
        call(cloud.emulator.endpoint + "/_ministack/health"),
        call(cloud.emulator.endpoint + "/v2/email/identities"),
        call(cloud.emulator.endpoint + "/nothing"),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("host", ["evil.example.com", "127.0.0.1.evil.example.com", "", "0.0.0.0"])
@pytest.mark.parametrize("suffix", ["", ":{port}"])
def test_other_hosts_are_refused(cloud, host, suffix):
    named = {"Host": host + suffix.format(port=cloud.emulator.port)}
    assert call(create_role(cloud), **named).status == 403
    assert call(f"{cloud.emulator.endpoint}/_ministack/health", **named).status == 403
    assert roles(cloud) == []


def test_the_port_belongs_to_the_host(cloud):
    port = cloud.emulator.port
    health = f"{cloud.emulator.endpoint}/_ministack/health"
    for host in ("127.0.0.1", "localhost", "LOCALHOST", "[::1]", "bucket.localhost"):
        assert call(health, Host=f"{host}:{port}").status == 200
        assert call(health, Host=f"{host}:{port + 1}").status == 403
        assert call(health, Host=host).status == 200


def test_distributions_refuse_other_hosts(cloud):
    edge = Edge(cloud, {"a.txt": "hello"})
    url, port = f"{edge.url}/a.txt", port_of(edge.url)
    assert call(url, Origin="http://evil.example.com").text == "hello"
    assert call(url, Host=f"127.0.0.1:{port}").text == "hello"
    assert call(url, Host=f"evil.example.com:{port}").status == 403


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("path", ["reset", "config", "ses/messages", "sqs/messages"])
def test_pages_cannot_administer_the_emulator_even_with_its_secret(cloud, headers, path):
    cloud.queue("kept")
    secret = path_secret(cloud.emulator.secret, f"/_ministack/{path}")
    name = f"ministack/{path}?secret={secret}"
    for method in ("GET", "POST"):
        assert call(f"{cloud.emulator.endpoint}/_{name}", method, **headers).status == 403
    assert call(f"{cloud.emulator.endpoint}/%5f{name}", "POST", **headers).status == 403
    assert cloud.client("sqs").list_queues()["QueueUrls"]


def test_pages_call_stages_whose_api_decides_on_cors(cloud):
    paths = {"/echo": {"post": proxy(echo(cloud)), "options": {"responses": {}}}}
    url = deployed(cloud, document(paths))
    answer = call(f"{url}/echo", "POST", "hello", Origin=PAGE)
    assert answer.status == 200 and answer.json["body"] == "hello"
    assert "access-control-allow-origin" not in answer.headers
    assert call(f"{url}/nothing?Action=CreateRole", Origin=PAGE).status in (403, 404)


def test_pages_use_managed_login_and_the_public_operations_of_cognito(cloud):
    users = Users(cloud)
    login = f"{users.endpoint}/login?{urlencode(users.request())}"
    page = call(login, **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"})
    assert page.status == 200 and "<form" in page.text
    assert "access-control-allow-origin" not in page.headers
    for path in ("/oauth2/token", "/oauth2/revoke"):
        answer = call(users.endpoint + path, "POST", "a=b", Origin=PAGE, Content_Type=FORM)
        assert answer.status in (400, 401)
        assert answer.headers["access-control-allow-origin"] == "*"
    asked = {"Access-Control-Request-Headers": "x-amz-target", "Origin": PAGE}
    assert call(users.endpoint + "/", "OPTIONS", **asked).status == 200
    for target in ("ProviderService.InitiateAuth", "Service.GetId"):
        named = {"X-Amz-Target": f"AWSCognitoIdentity{target}", "Origin": PAGE}
        answer = call(users.endpoint + "/", "POST", "{}", **named)
        assert answer.status == 400 and answer.headers["access-control-allow-origin"] == "*"


class Bucket:
    """A bucket whose CORS rules allow PAGE, and a role that may use it."""

    def __init__(self, cloud):
        s3 = cloud.client("s3")
        s3.create_bucket(Bucket="files")
        rule = {"AllowedOrigins": [PAGE], "AllowedMethods": ["GET", "PUT", "POST"]}
        rules = {"CORSRules": [{**rule, "AllowedHeaders": ["*"]}]}
        s3.put_bucket_cors(Bucket="files", CORSConfiguration=rules)
        trust = json.loads(
            json.dumps(TRUST).replace('"Service": "lambda.amazonaws.com"', '"AWS": "*"')
        )
        role = cloud.role("uploader", allow(["s3:GetObject", "s3:PutObject"]))
        cloud.client("iam").update_assume_role_policy(
            RoleName="uploader", PolicyDocument=json.dumps(trust)
        )
        given = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="page")["Credentials"]
        keys = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
        self.url, self.administrator = f"{cloud.emulator.endpoint}/files", s3
        self.uploader = cloud.client("s3", **keys)

    def address(self, client, operation="put_object"):
        return client.generate_presigned_url(operation, {"Bucket": "files", "Key": "a"})

    def post(self, client, origin):
        form = client.generate_presigned_post("files", "a")
        line = "--b\r\nContent-Disposition: form-data; name="
        fields = "".join(
            f'{line}"{name}"\r\n\r\n{each}\r\n' for name, each in form["fields"].items()
        )
        body = f'{fields}{line}"file"; filename="a"\r\n\r\nhello\r\n--b--\r\n'
        kind = "multipart/form-data; boundary=b"
        return call(self.url, "POST", body, Origin=origin, Content_Type=kind)


def test_pages_use_addresses_and_forms_that_a_role_signed(cloud):
    bucket = Bucket(cloud)
    allowed = "access-control-allow-origin"
    url = bucket.address(bucket.uploader)
    asked = {"Access-Control-Request-Method": "PUT"}
    assert call(url, "OPTIONS", Origin=PAGE, **asked).headers[allowed] == PAGE
    assert call(url, "OPTIONS", Origin="http://evil.example.com", **asked).status == 403
    assert call(url, "PUT", "hello", Origin=PAGE).headers[allowed] == PAGE
    assert bucket.post(bucket.uploader, PAGE).headers[allowed] == PAGE
    read = call(bucket.address(bucket.uploader, "get_object"), Origin="http://other.example")
    assert read.text == "hello" and allowed not in read.headers


def test_pages_cannot_use_the_administrators_key_or_none(cloud):
    bucket = Bucket(cloud)
    assert call(bucket.address(bucket.administrator), "PUT", "hello", Origin=PAGE).status == 403
    assert bucket.post(bucket.administrator, PAGE).status == 403
    assert call(f"{bucket.url}/a", "PUT", "hello", Origin=PAGE).status == 403
    assert call(bucket.url, **{"Sec-Fetch-Site": "cross-site"}).status == 403
    assert bucket.administrator.list_objects_v2(Bucket="files")["KeyCount"] == 0


def test_only_data_planes_answer_a_preflight(cloud):
    asked = {"Access-Control-Request-Method": "PUT", "Origin": PAGE}
    for path in ("/2015-03-31/functions", "/_ministack/reset", "/no-bucket/a", "/v2/email/x"):
        assert call(cloud.emulator.endpoint + path, "OPTIONS", **asked).status == 403


def test_pages_open_websockets_to_stages_only(cloud):
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Origin": PAGE,
    }
    assert call(f"{cloud.emulator.endpoint}/mqtt", **upgrade).status == 403


def test_stock_lets_any_page_in(stock):
    foreign = {"Origin": "http://evil.example.com", "Host": "evil.example.com"}
    answer = call(create_role(stock), **foreign)
    assert answer.status == 200 and answer.headers["access-control-allow-origin"] == "*"
    assert roles(stock) == ["stolen"]
    assert call(f"{stock.emulator.endpoint}/_ministack/reset", "POST", **foreign).status == 200
    assert roles(stock) == []

"""Helpers that create APIs and users for the emulator's tests, and a plain HTTP client."""

import base64
import hashlib
import html
import http.client
import json
import re
from urllib.parse import parse_qsl, urlencode, urlsplit

CALLBACK = "http://localhost/callback"
PASSWORD = "Correct-horse-battery-1"
VERIFIER = "v" * 50
ECHO = """
import json
def handler(event, context):
    claims = (event["requestContext"].get("authorizer") or {}).get("claims")
    answer = {"parameters": event["pathParameters"], "body": event["body"], "claims": claims}
    return {"statusCode": 200, "body": json.dumps(answer)}
"""


class Answer:
    """Status, headers (by lower-case name) and body of a response."""

    def __init__(self, answer):
        self.status = answer.status
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        self.body = answer.read()

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.text)


def call(url, method="GET", body=None, **headers):
    """Send a request without following redirects or changing the path."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
    answer = Answer(connection.getresponse())
    connection.close()
    return answer


def send_form(url, **fields):
    kind = "application/x-www-form-urlencoded"
    return call(url, "POST", urlencode(fields), content_type=kind)


def echo(cloud, name="echo", permitted="*"):
    """Create a function that returns its event, and return its ARN."""
    arn = cloud.function(name, ECHO)
    if permitted:
        permit(cloud, name, f"arn:aws:execute-api:us-east-1:000000000000:{permitted}")
    return arn


def permit(cloud, name, source, **qualifier):
    cloud.client("lambda").add_permission(
        FunctionName=name,
        StatementId=f"s{abs(hash((source, *qualifier)))}",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=source,
        **qualifier,
    )


def proxy(arn):
    """Return the integration with a function."""
    path = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions"
    uri = f"{path}/{arn}/invocations"
    return {
        "x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}
    }


def document(paths, **more):
    return {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths, **more}


def put(cloud, spec):
    """Create an API from a document and return its ID."""
    gateway = cloud.client("apigateway")
    api = gateway.create_rest_api(name="a")["id"]
    gateway.put_rest_api(restApiId=api, mode="overwrite", body=json.dumps(spec))
    return api


def deployed(cloud, spec):
    """Return the address of the document's API on a stage `v1`."""
    api = put(cloud, spec)
    cloud.client("apigateway").create_deployment(restApiId=api, stageName="v1")
    return f"{cloud.emulator.endpoint}/_aws/execute-api/{api}/v1"


class Users:
    """A user pool with one client, which can request `notes/read` and `notes/write`."""

    def __init__(self, cloud, domain="d", **client):
        self.endpoint, self.idp = cloud.emulator.endpoint, cloud.client("cognito-idp")
        pool = self.idp.create_user_pool(
            PoolName="p", UsernameAttributes=["email"], AutoVerifiedAttributes=["email"]
        )["UserPool"]
        self.pool, self.arn = pool["Id"], pool["Arn"]
        scopes = [{"ScopeName": name, "ScopeDescription": name} for name in ("read", "write")]
        self.idp.create_resource_server(
            UserPoolId=self.pool, Identifier="notes", Name="notes", Scopes=scopes
        )
        self.idp.create_user_pool_domain(UserPoolId=self.pool, Domain=domain)
        self.client = self.idp.create_user_pool_client(
            UserPoolId=self.pool,
            ClientName="c",
            ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
            AllowedOAuthFlows=["code"],
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthScopes=["openid", "email", "notes/read", "notes/write"],
            CallbackURLs=[CALLBACK],
            SupportedIdentityProviders=["COGNITO"],
            **client,
        )["UserPoolClient"]["ClientId"]

    def add(self, email="a@example.com"):
        """Create a confirmed user and return the sub."""
        user = self.idp.admin_create_user(
            UserPoolId=self.pool,
            Username=email,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": "email", "Value": email}],
        )["User"]
        self.idp.admin_set_user_password(
            UserPoolId=self.pool, Username=email, Password=PASSWORD, Permanent=True
        )
        return next(each["Value"] for each in user["Attributes"] if each["Name"] == "sub")

    def sign_in(self, email="a@example.com"):
        """Sign in by the API and return the tokens."""
        return self.idp.admin_initiate_auth(
            UserPoolId=self.pool,
            ClientId=self.client,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
        )["AuthenticationResult"]

    def request(self, scope="openid"):
        """Return the query that a browser sends to the login pages."""
        digest = hashlib.sha256(VERIFIER.encode()).digest()
        return {
            "client_id": self.client,
            "response_type": "code",
            "scope": scope,
            "redirect_uri": CALLBACK,
            "state": "s",
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }

    def authorize(self, scope="openid", email="a@example.com"):
        """Sign in on the login page, by code and PKCE, and return the tokens."""
        page = call(f"{self.endpoint}/oauth2/authorize?{urlencode(self.request(scope))}")
        done = send_form(
            f"{self.endpoint}/login", **hidden(page), username=email, password=PASSWORD
        )
        return self.exchange(done).json

    def exchange(self, redirect, verifier=VERIFIER):
        code = dict(parse_qsl(urlsplit(redirect.headers["location"]).query))["code"]
        return self.token(
            grant_type="authorization_code",
            code=code,
            redirect_uri=CALLBACK,
            code_verifier=verifier,
        )

    def token(self, **fields):
        return send_form(f"{self.endpoint}/oauth2/token", client_id=self.client, **fields)

    def scheme(self):
        """Return the security scheme `users` of an OpenAPI document."""
        authorizer = {"type": "cognito_user_pools", "providerARNs": [self.arn]}
        return {
            "users": {
                "type": "apiKey",
                "name": "Authorization",
                "in": "header",
                "x-amazon-apigateway-authtype": "cognito_user_pools",
                "x-amazon-apigateway-authorizer": authorizer,
            }
        }


def hidden(page):
    """Return the hidden fields of a page's form."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    return {name: html.unescape(value) for name, value in found}


def claims(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))

"""SignedContentDistribution: paid content behind CloudFront, opened by links for those who paid."""

from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs, allow
from .._blocks.alarms import Alarms
from .._blocks.distribution import DistributionArgs
from .._blocks.edge_domain import REGION
from .._blocks.function import FunctionsArgs, check_functions
from .._blocks.table import Table
from .._blocks.validate import Problems
from ..serverless_api.component import ServerlessApi
from ..serverless_api.functions import ApiFunctionArgs
from .content import Content, ContentArgs, check_content
from .monitoring import create_content_alarms, create_content_dashboard
from .signing_keys import SigningArgs, SigningKeys, check_signing

_LIBRARIES = ("api", "aws_clients", "environment")
_OPERATIONS = {
    "createLink": "links",
    "createPass": "links",
    "registerPurchase": "registration",
}


class SignedContentDistributionArgs(TypedDict):
    openapi: str
    """The API's OpenAPI document: the text of apis/videos.yaml."""
    app_url: str
    """Address of the web client, without a path: users come back to it from signing in, and its
    pages may call the API and read the content."""
    content: NotRequired[ContentArgs]
    """Where the content is. Default: a new bucket and a new distribution."""
    distribution: NotRequired[DistributionArgs]
    """How CloudFront serves it. Default: under its own name, everywhere."""
    signing: NotRequired[SigningArgs]
    """Which keys sign. Default: one KMS key, ECDSA P-256."""
    min_seconds: NotRequired[int]
    """Shortest time that a link works, 1 to 604800 seconds. Default: 60."""
    max_seconds: NotRequired[int]
    """Longest time that a link works, 1 to 604800 seconds. Default: 14400 (4 hours)."""
    default_seconds: NotRequired[int]
    """How long it works unless the caller says, between the two. Default: 600."""
    audit_retention_days: NotRequired[int]
    """Days that the record of a link is kept after its end, 1 to 3650. Default: 365."""
    cookie_domain: NotRequired[str]
    """Domain that the names of API and content have in common, `example.com`: cookies are then set
    for it. Default: none; clients set the cookies of the answer themselves."""
    webhook_secret_arn: NotRequired[pulumi.Input[str]]
    """ARN of a secret with what the shop signs registrations with, `whsec_...`. Default: a new
    one, empty until somebody sets its value."""
    functions: NotRequired[FunctionsArgs]
    """How all functions run. Default: arm64, Python 3.13, logs kept for 30 days."""
    retain_data: NotRequired[bool]
    """Whether content, purchases, records and users refuse to be deleted. Default: true."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """SNS topic told of alarms. Default: none."""
    distribution_alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """SNS topic told of alarms of the distribution; in us-east-1, where its metrics are. Default:
    none."""


class SignedContentDistribution(pulumi.ComponentResource):
    """Private bucket -> CloudFront that asks for a signature; an API that signs for who has paid.

    Default settings: the bucket lets nobody but the distribution read, and TLS only; every behavior
    of the distribution trusts one key group and nothing else; private keys stay in KMS; a link
    holds no longer than the right to it; every link is written down; a shop's registrations are
    signed, fresh and applied once; users sign in by Cognito; alarms and a dashboard.
    """

    url: pulumi.Output[str]
    """Base URL of the API."""
    content_url: pulumi.Output[str]
    """Where the content is, below its links."""
    content_bucket_name: pulumi.Output[str]
    """Bucket of the content; empty with the caller's own distribution."""
    content_policy_statement: pulumi.Output[str]
    """JSON statement that the caller's own bucket needs in its policy; empty for a new one."""
    key_group_id: pulumi.Output[str]
    """Key group that behaviors of the content must trust."""
    signing_key_id: pulumi.Output[str]
    """CloudFront's ID of the key that signs."""
    webhook_secret_arn: pulumi.Output[str]
    """Secret with what the shop signs registrations with."""
    entitlements_table_name: pulumi.Output[str]
    """Table of purchases."""
    audit_table_name: pulumi.Output[str]
    """Table of the links that were issued."""
    user_pool_id: pulumi.Output[str]
    """ID of the user pool."""
    user_pool_client_id: pulumi.Output[str]
    """ID of the pool's public client."""
    login_url: pulumi.Output[str]
    """Base URL of managed login."""

    def __init__(
        self,
        name: str,
        args: SignedContentDistributionArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        super().__init__("colonnade:index:SignedContentDistribution", name, {}, opts)
        self._name, self._args = name, args
        _check(name, args)
        self._retain = args.get("retain_data", True)
        self._keys = SigningKeys(name, args.get("signing", {}), parent=self, retain=self._retain)
        self._content = Content(
            name,
            args.get("content", {}),
            args.get("distribution", {}),
            self._keys.group_id,
            parent=self,
            origins=[args["app_url"]],
            retain=self._retain,
        )
        self._entitlements = self._create_table("entitlements", "grant")
        self._audit = self._create_table("audit", "issuedAt")
        self._secret_arn = self._create_secret()
        api = self._create_api()
        self._create_monitoring()
        outputs = {
            "url": api.url,
            "content_url": self._content.url,
            "content_bucket_name": self._content.bucket_name,
            "content_policy_statement": self._content.policy_statement,
            "key_group_id": self._keys.group_id,
            "signing_key_id": self._keys.key_id,
            "webhook_secret_arn": self._secret_arn,
            "entitlements_table_name": self._entitlements.table_name,
            "audit_table_name": self._audit.table_name,
            "user_pool_id": api.user_pool_id,
            "user_pool_client_id": api.user_pool_client_id,
            "login_url": api.login_url,
        }
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def _create_monitoring(self) -> None:
        content, table = self._content, self._entitlements
        alarms = Alarms(self._name, self, self._args.get("alarm_topic_arn"))
        edge = Alarms(self._name, self, self._args.get("distribution_alarm_topic_arn"), REGION)
        create_content_alarms(alarms, edge, content, table)
        create_content_dashboard(self._name, self, content, table, [*alarms.arns, *edge.arns])

    def _create_table(self, role: str, sort_key: str) -> Table:
        keys = {"userId": "S", sort_key: "S"}
        name = f"{self._name}-{role}"
        return Table(name, parent=self, keys=keys, retain=self._retain, expires=True)

    def _create_secret(self) -> pulumi.Output[str]:
        """Without a value, which belongs neither into the program nor into the stack's state."""
        if "webhook_secret_arn" in self._args:
            return pulumi.Output.from_input(self._args["webhook_secret_arn"])
        return aws.secretsmanager.Secret(
            f"{self._name}-webhook-secret",
            description=f"What the shop of {self._name} signs registrations with: whsec_...",
            recovery_window_in_days=30 if self._retain else 0,
            opts=pulumi.ResourceOptions(parent=self),
        ).arn

    def _create_api(self) -> ServerlessApi:
        app = self._args["app_url"]
        return ServerlessApi(
            f"{self._name}-api",
            {
                "openapi": self._args["openapi"],
                "operations": _OPERATIONS,
                "api_functions": {"links": self._links(), "registration": self._registration()},
                "allowed_origins": [app],
                "users": {"callback_urls": [f"{app}/"]},
                "functions": self._args.get("functions", {}),
                "retain_data": self._retain,
                "alarm_topic_arn": self._args.get("alarm_topic_arn"),
            },
            pulumi.ResourceOptions(parent=self),
        )

    def _links(self) -> ApiFunctionArgs:
        folder = "links_in_process" if self._keys.in_process else "links"
        environment: dict[str, pulumi.Input[str]] = {
            "CONTENT_URL": self._content.url,
            "ENTITLEMENTS_TABLE": self._entitlements.table_name,
            "AUDIT_TABLE": self._audit.table_name,
            "AUDIT_RETENTION_DAYS": str(int(self._args.get("audit_retention_days", 365))),
            **{f"{name.upper()}_SECONDS": str(each) for name, each in _bounds(self._args).items()},
        }
        if self._args.get("cookie_domain"):
            environment["COOKIE_DOMAIN"] = self._args["cookie_domain"]
        tables: AccessArgs = {
            "environment": environment,
            "statements": [self._entitlements.grant("Query"), self._audit.grant("PutItem")],
        }
        return {
            "code": f"signed_content_distribution/{folder}",
            "libraries": _LIBRARIES,
            "access": [tables, self._keys.grant_sign()],
        }

    def _registration(self) -> ApiFunctionArgs:
        table = self._entitlements
        access: AccessArgs = {
            "environment": {
                "ENTITLEMENTS_TABLE": table.table_name,
                "WEBHOOK_SECRET_ARN": self._secret_arn,
            },
            "statements": [
                table.grant("PutItem"),
                allow(["secretsmanager:GetSecretValue"], self._secret_arn),
            ],
        }
        return {
            "code": "signed_content_distribution/registration",
            "libraries": _LIBRARIES,
            "access": [access],
        }


def _bounds(args: SignedContentDistributionArgs) -> dict[str, int]:
    return {
        "min": int(args.get("min_seconds", 60)),
        "max": int(args.get("max_seconds", 14_400)),
        "default": int(args.get("default_seconds", 600)),
    }


def _check(name: str, args: SignedContentDistributionArgs) -> None:
    problems = Problems("SignedContentDistribution", name)
    problems.unknown(args, SignedContentDistributionArgs.__annotations__)
    problems.that("openapi" in args, "openapi", "is missing; give the text of the document")
    app = args.get("app_url", "")
    fine = app.startswith(("https://", "http://localhost")) and app.count("/") == 2
    problems.that(fine, "app_url", f"'{app}' is not https://host or http://localhost:port")
    week = 7 * 24 * 3600
    for key in ("min_seconds", "max_seconds", "default_seconds"):
        problems.between(args, key, 1, week, "seconds")
    bounds = _bounds(args)
    ordered = bounds["min"] <= bounds["default"] <= bounds["max"]
    problems.that(ordered, "default_seconds", f"is not from least to most: {bounds}")
    problems.between(args, "audit_retention_days", 1, 3650, "days")
    domain = args.get("cookie_domain", "")
    problems.that(
        "/" not in domain and ":" not in domain,
        "cookie_domain",
        f"'{domain}' is no domain such as example.com",
    )
    check_signing(problems, args.get("signing", {}))
    check_content(problems, args.get("content", {}), args.get("distribution"))
    check_functions(problems, args.get("functions", {}))
    problems.report()

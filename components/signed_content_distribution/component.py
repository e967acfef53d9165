"""SignedContentDistribution: a CloudFront distribution of paid content, opened by signed links."""

from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs, allow
from .._blocks.alarms import Alarms
from .._blocks.arguments import Between, Problems, declare
from .._blocks.distribution import DistributionArgs
from .._blocks.domain_name import DOMAIN_NAME
from .._blocks.edge_domain import REGION
from .._blocks.function import FunctionsArgs
from .._blocks.table import Table
from .._blocks.web_origin import SIGN_IN_ORIGIN
from ..serverless_api import ApiFunctionArgs, ServerlessApi
from .content import Content, ContentArgs
from .monitoring import create_content_alarms, create_content_dashboard
from .signing_keys import SigningArgs, SigningKeys

_OPERATIONS = {
    "createLink": "links",
    "createPass": "links",
    "registerPurchase": "registration",
}


class SignedContentDistributionArgs(TypedDict):
    openapi: str
    """Text of the API's OpenAPI document, that of apis/videos.yaml."""
    app_url: pulumi.Input[str]
    """Origin of the web client, to which users return from sign-in and whose pages can call the API
    and read the content: `https://app.example.com`."""
    content: NotRequired[ContentArgs]
    """Where the content is. Default: a new bucket and a new distribution."""
    distribution: NotRequired[DistributionArgs]
    """Settings of the new CloudFront distribution. Default: CloudFront's domain name, all edge
    locations, 30 days of logs."""
    signing: NotRequired[SigningArgs]
    """Keys that sign links. Default: one KMS key, ECDSA P-256."""
    min_seconds: NotRequired[int]
    """Minimum validity of a link, 1 to 604800 seconds. Default: 60."""
    max_seconds: NotRequired[int]
    """Maximum validity of a link, 1 to 604800 seconds. Default: 14400 (4 hours)."""
    default_seconds: NotRequired[int]
    """Validity of a link if the client requests none, from `min_seconds` to `max_seconds`. Default:
    600."""
    audit_retention_days: NotRequired[int]
    """Retention of the record of a link after its end, 1 to 3650 days. Default: 365."""
    cookie_domain: NotRequired[str]
    """Domain that API and content share, for which the API sets cookies: `example.com`. Browsers
    send them to every host below it, so all of those must be yours. Default: none; clients set the
    cookies from the response."""
    webhook_secret_arn: NotRequired[pulumi.Input[str]]
    """ARN of the secret with which the shop signs registrations, `whsec_...`. Default: a new
    secret, without a value until you set one."""
    account_logging: NotRequired[bool]
    """Whether to set the account's role for logs of API Gateway: see `ServerlessApiArgs`. Default:
    true."""
    functions: NotRequired[FunctionsArgs]
    """Settings of the functions. Default: arm64, Python 3.13, 30 days of logs."""
    retain_data: NotRequired[bool]
    """Whether content, purchases, records and users are protected from deletion. Default: true."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the SNS topic to notify of alarms. Default: none."""
    distribution_alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of an SNS topic in us-east-1 to notify of alarms on CloudFront. Default: none."""


_WEEK = Between(1, 7 * 24 * 3600, "seconds")
declare(
    SignedContentDistributionArgs,
    defaults={
        "content": {},
        "distribution": {},
        "signing": {},
        "min_seconds": 60,
        "max_seconds": 14_400,
        "default_seconds": 600,
        "audit_retention_days": 365,
        "account_logging": True,
        "functions": {},
        "retain_data": True,
    },
    limits={
        "app_url": SIGN_IN_ORIGIN,
        "min_seconds": _WEEK,
        "max_seconds": _WEEK,
        "default_seconds": _WEEK,
        "audit_retention_days": Between(1, 3650, "days"),
        "cookie_domain": DOMAIN_NAME,
    },
)


class SignedContentDistribution(pulumi.ComponentResource):
    """Private bucket -> CloudFront distribution that requires signatures; API that signs links.

    Default settings: only the distribution can read the bucket, by TLS. Each behavior of the
    distribution trusts only the component's key group. Private keys stay in KMS. A link expires
    with the entitlement at the latest, and each link is recorded. The shop's registrations are
    signed, recent and applied once. Users sign in by Amazon Cognito. Alarms and a dashboard are
    included.
    """

    url: pulumi.Output[str]
    """Base URL of the API."""
    content_url: pulumi.Output[str]
    """Base URL of the content."""
    content_bucket_name: pulumi.Output[str]
    """Name of the bucket of content; empty with the caller's own distribution."""
    content_policy_statement: pulumi.Output[str]
    """JSON statement to add to the policy of the caller's own bucket; empty for a new one."""
    key_group_id: pulumi.Output[str]
    """ID of the key group that behaviors of the content must trust."""
    signing_key_id: pulumi.Output[str]
    """ID of the CloudFront public key of the key that signs."""
    webhook_secret_arn: pulumi.Output[str]
    """ARN of the secret with which the shop signs registrations."""
    entitlements_table_name: pulumi.Output[str]
    """Name of the table of purchases."""
    audit_table_name: pulumi.Output[str]
    """Name of the table of issued links."""
    user_pool_id: pulumi.Output[str]
    """ID of the user pool."""
    user_pool_client_id: pulumi.Output[str]
    """ID of the user pool's public client."""
    login_url: pulumi.Output[str]
    """Base URL of managed login."""

    def __init__(
        self,
        name: str,
        args: SignedContentDistributionArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        super().__init__("colonnade:index:SignedContentDistribution", name, {}, opts)
        args = _read(name, args)
        self._name, self._args = name, args
        self._retain = args["retain_data"]
        self._keys = SigningKeys(name, args["signing"], parent=self, retain=self._retain)
        self._content = Content(
            name,
            args["content"],
            args["distribution"],
            self._keys.group_id,
            parent=self,
            allowed_origins=[args["app_url"]],
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
        """Create the secret without a value, which does not belong in the program or the state."""
        if "webhook_secret_arn" in self._args:
            return pulumi.Output.from_input(self._args["webhook_secret_arn"])
        return aws.secretsmanager.Secret(
            f"{self._name}-webhook-secret",
            description=f"Signs the registrations of the shop of {self._name}: whsec_...",
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
                "users": {"callback_urls": [pulumi.Output.concat(app, "/")]},
                "account_logging": self._args["account_logging"],
                "functions": self._args["functions"],
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
            "AUDIT_RETENTION_DAYS": str(self._args["audit_retention_days"]),
            "MIN_SECONDS": str(self._args["min_seconds"]),
            "MAX_SECONDS": str(self._args["max_seconds"]),
            "DEFAULT_SECONDS": str(self._args["default_seconds"]),
        }
        if "cookie_domain" in self._args:
            environment["COOKIE_DOMAIN"] = self._args["cookie_domain"]
        tables: AccessArgs = {
            "environment": environment,
            "statements": [self._entitlements.grant("Query"), self._audit.grant("PutItem")],
        }
        return {
            "code": f"signed_content_distribution/{folder}",
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
                table.grant("PutItem", "ConditionCheckItem", "Query"),
                allow(["secretsmanager:GetSecretValue"], self._secret_arn),
            ],
        }
        return {
            "code": "signed_content_distribution/registration",
            "access": [access],
        }


def _read(name: str, given: SignedContentDistributionArgs) -> SignedContentDistributionArgs:
    problems = Problems("SignedContentDistribution", name)
    args = problems.read(SignedContentDistributionArgs, given)
    low, high = args["min_seconds"], args["max_seconds"]
    problems.unless(
        low <= args["default_seconds"] <= high,
        "default_seconds",
        f"is {args['default_seconds']}; it must be from `min_seconds` ({low}) to `max_seconds`"
        f" ({high})",
    )
    unused = "url" in args["content"] and given.get("distribution")
    problems.unless(not unused, "distribution", "has no effect with `content.url`")
    problems.report()
    return args

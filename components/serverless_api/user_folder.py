"""An S3 folder for each user, which the user accesses with temporary credentials."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs, StatementArgs, identity_pool_trust_policy, role_policy
from .._blocks.alarms import Alarms
from .._blocks.arguments import Problems, declare
from .._blocks.bucket import Bucket
from .._blocks.function import FunctionsArgs
from .._blocks.web_origin import WEB_ORIGIN
from .folder_limits import DirectWritesArgs, create_folder_limits
from .user_pool import UserPool, provider_name

FOLDER = "users/"
"""Prefix of all folders. The functions' library `user_folder` has the same, which a test checks."""
_READ = ("s3:GetObject",)
_WRITE = ("s3:PutObject", "s3:DeleteObject")
_TAG = "sub"
_SUB = "${aws:PrincipalTag/sub}"


class UserFolderArgs(TypedDict):
    """An S3 folder for each user."""

    allowed_origins: NotRequired[Sequence[pulumi.Input[str]]]
    """Web origins whose pages can access the folders: `["https://example.com"]`. Default: the
    `allowed_origins` of the API."""
    bucket_arn: NotRequired[pulumi.Input[str]]
    """ARN of an existing bucket. The component does not change its CORS. Default: a new bucket."""
    direct_writes: NotRequired[DirectWritesArgs | None]
    """Whether users can also write to their folders with their own credentials, and the limits.
    Excludes `bucket_arn`. Default: none; credentials can only read, and files come in by functions,
    such as those that sign requests."""
    table_arn: NotRequired[pulumi.Input[str]]
    """ARN of a DynamoDB table in which each user can read and write the items whose partition key
    is the user's `sub`. Default: none."""


def _check(problems: Problems, path: str, args: UserFolderArgs) -> None:
    both = "direct_writes" in args and "bucket_arn" in args
    problems.unless(
        not both,
        f"{path}.direct_writes",
        "excludes `bucket_arn`: its limits need the notifications of the bucket, of which a bucket "
        "has one set",
    )


declare(UserFolderArgs, limits={"allowed_origins": WEB_ORIGIN}, check=_check)


class UserFolder:
    """A bucket, and an identity pool whose users can read only `users/<sub>/` in it.

    A principal tag maps the user pool's `sub` to the folder: tokens, functions and presigned URLs
    identify a user by `sub`, not by the ID in the identity pool. Adds no level to the URN.
    """

    def __init__(
        self,
        name: str,
        args: UserFolderArgs,
        users: UserPool,
        *,
        parent: pulumi.Resource,
        origins: Sequence[pulumi.Input[str]],
        retain: bool,
        settings: FunctionsArgs,
        alarms: Alarms,
    ) -> None:
        self._name, self._args, self._users = name, args, users
        self._opts = pulumi.ResourceOptions(parent=parent)
        self.bucket = Bucket(
            f"{name}-files",
            parent=parent,
            retain=retain,
            versioned=retain,
            adopt=args.get("bucket_arn"),
        )
        self._allow_origins(origins)
        self.identity_pool_id = self._create_identity_pool()
        self._create_role()
        writes = args.get("direct_writes")
        if writes is not None:
            create_folder_limits(
                name,
                writes,
                self.bucket,
                FOLDER,
                parent=parent,
                settings=settings,
                alarms=alarms,
            )

    def grant_access(self) -> AccessArgs:
        """Access of a function that serves the folders of all users."""
        objects = pulumi.Output.concat(self.bucket.arn, "/", FOLDER, "*")
        return {
            "environment": {"FILES_BUCKET": self.bucket.bucket_name},
            "statements": [
                {"actions": [*_READ, *_WRITE], "resources": [objects]},
                self._grant_list(f"{FOLDER}*"),
            ],
        }

    def _grant_list(self, prefix: str) -> StatementArgs:
        return {
            "actions": ["s3:ListBucket"],
            "resources": [self.bucket.arn],
            "condition": {"StringLike": {"s3:prefix": [prefix]}},
        }

    def _allow_origins(self, origins: Sequence[pulumi.Input[str]]) -> None:
        if origins and "bucket_arn" not in self._args:
            aws.s3.BucketCorsConfiguration(
                f"{self._name}-files-cors",
                bucket=self.bucket.bucket_name,
                cors_rules=[
                    {
                        "allowed_origins": list(origins),
                        "allowed_methods": ["GET", "PUT", "POST", "HEAD", "DELETE"],
                        "allowed_headers": ["*"],
                        "expose_headers": ["ETag"],
                        "max_age_seconds": 600,
                    }
                ],
                opts=self._opts,
            )

    def _create_identity_pool(self) -> pulumi.Output[str]:
        pool = aws.cognito.IdentityPool(
            f"{self._name}-identities",
            identity_pool_name=f"{self._name}-identities",
            allow_unauthenticated_identities=False,
            allow_classic_flow=False,
            cognito_identity_providers=[
                {
                    "client_id": self._users.client_id,
                    "provider_name": provider_name(self._users.arn),
                    "server_side_token_check": True,
                }
            ],
            opts=self._opts,
        )
        aws.cognito.IdentityPoolProviderPrincipalTag(
            f"{self._name}-identities-sub",
            identity_pool_id=pool.id,
            identity_provider_name=provider_name(self._users.arn),
            principal_tags={_TAG: "sub"},
            use_defaults=False,
            opts=self._opts,
        )
        return pool.id

    def _create_role(self) -> None:
        role = aws.iam.Role(
            f"{self._name}-user-role",
            assume_role_policy=identity_pool_trust_policy(self.identity_pool_id),
            max_session_duration=3600,
            opts=self._opts,
        )
        aws.iam.RolePolicy(
            f"{self._name}-user-policy",
            role=role.name,
            policy=role_policy([*self._grant_files(), *self._grant_items()]),
            opts=self._opts,
        )
        aws.cognito.IdentityPoolRoleAttachment(
            f"{self._name}-user-role-attachment",
            identity_pool_id=self.identity_pool_id,
            roles={"authenticated": role.arn},
            opts=self._opts,
        )

    def _grant_files(self) -> list[StatementArgs]:
        objects = pulumi.Output.concat(self.bucket.arn, "/", FOLDER, _SUB, "/*")
        writes = _WRITE if self._args.get("direct_writes") is not None else ()
        return [
            {"actions": [*_READ, *writes], "resources": [objects]},
            self._grant_list(f"{FOLDER}{_SUB}/*"),
        ]

    def _grant_items(self) -> list[StatementArgs]:
        table = self._args.get("table_arn")
        if table is None:
            return []
        actions = ["GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"]
        keys = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [_SUB]}}
        return [
            {
                "actions": [f"dynamodb:{action}" for action in actions],
                "resources": [table],
                "condition": keys,
            }
        ]

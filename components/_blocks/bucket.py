"""Bucket: a private, encrypted S3 bucket without ACLs, accessible by TLS only."""

from collections.abc import Mapping, Sequence
from typing import Optional

import pulumi
import pulumi_aws as aws

from .access import StatementArgs, allow, resource_policy

NONCURRENT_DAYS = 30
"""Days for which versioned buckets keep what was overwritten or deleted."""


class Bucket:
    """An S3 bucket with secure defaults, or a caller's own bucket. Adds no level to the URN.

    Args:
        name: name of the bucket, and prefix of the names of its settings.
        parent: the component it belongs to.
        retain: protect the bucket from deletion, even if it is empty.
        versioned: keep overwritten and deleted objects for another `NONCURRENT_DAYS`. Use it for
            objects that nothing else can restore, or whose version IDs are used; docs/security.md
            lists the buckets.
        expire_days: days after which objects are deleted; None for never.
        expire_below: days after which objects below a prefix are deleted, by prefix.
        has_policy: whether to create the policy; false if `create_policy` is called later.
        adopt: ARN of the caller's own bucket; then nothing is created.
    """

    def __init__(
        self,
        name: str,
        *,
        parent: pulumi.Resource,
        retain: bool,
        versioned: bool = False,
        expire_days: Optional[int] = None,
        expire_below: Optional[Mapping[str, int]] = None,
        has_policy: bool = True,
        adopt: Optional[pulumi.Input[str]] = None,
    ) -> None:
        self._name = name
        self._opts = pulumi.ResourceOptions(parent=parent)
        if adopt is not None:
            self.arn = pulumi.Output.from_input(adopt)
            self.bucket_name = self.arn.apply(lambda arn: arn.rsplit(":", 1)[-1])
            return
        bucket = aws.s3.Bucket(
            name,
            force_destroy=not retain,
            # None keeps the protection of the component; False would remove it.
            opts=pulumi.ResourceOptions(parent=parent, protect=retain or None),
        )
        self.bucket_name, self.arn = bucket.bucket, bucket.arn
        self.domain_name = bucket.bucket_regional_domain_name
        self._block = self._block_public_access()
        if has_policy:
            self.create_policy()
        self._encrypt()
        expire = {**({"": expire_days} if expire_days else {}), **(expire_below or {})}
        self.versioning = self._version() if versioned else None
        self._expire(expire, self.versioning)

    def grant_read(self, prefix: str) -> StatementArgs:
        """Permission to read objects below a prefix."""
        return allow(["s3:GetObject"], self._below(prefix))

    def grant_read_versions(self) -> StatementArgs:
        """Permission to read all objects and their versions, which AWS's pipelines need."""
        return allow(["s3:GetObject", "s3:GetObjectVersion"], self._below(""))

    def grant_write(self, prefix: str) -> StatementArgs:
        """Permission to write objects below a prefix."""
        return allow(["s3:PutObject"], self._below(prefix))

    def grant_list(self) -> StatementArgs:
        """Permission to list objects."""
        return allow(["s3:ListBucket"], self.arn)

    def _below(self, prefix: str) -> pulumi.Output[str]:
        return pulumi.Output.concat(self.arn, "/", prefix, "*")

    def create_policy(
        self,
        prefix: str = "",
        actions: Sequence[str] = (),
        distribution_arn: Optional[pulumi.Input[str]] = None,
    ) -> None:
        """Create the policy of a created bucket: TLS only, and access of a distribution.

        Args:
            prefix: prefix of the keys that the distribution can access.
            actions: actions that the distribution is allowed.
            distribution_arn: ARN of a distribution with origin access control; None for none.
        """
        senders = (
            {"cloudfront.amazonaws.com": distribution_arn} if distribution_arn is not None else {}
        )
        self._create_policy(self._below(prefix), actions, senders)

    def create_notification_policy(self, service: str, source_arn: pulumi.Input[str]) -> None:
        """Create the policy of a created bucket: TLS only, and a service that adds a notification.

        Args:
            service: AWS service that adds its notification to the bucket.
            source_arn: ARN of the resource on whose behalf the service acts.
        """
        notifications = ["s3:GetBucketNotification", "s3:PutBucketNotification"]
        self._create_policy(
            self.arn, [*notifications, "s3:GetBucketLocation"], {service: source_arn}
        )

    def _create_policy(
        self,
        on: pulumi.Output[str],
        actions: Sequence[str],
        senders: Mapping[str, pulumi.Input[str]],
    ) -> None:
        self.policy = aws.s3.BucketPolicy(
            f"{self._name}-policy",
            bucket=self.bucket_name,
            policy=resource_policy(
                "s3:*", self.arn, self._below(""), actions=actions, on=on, senders=senders
            ),
            # S3 rejects concurrent changes of a bucket's access settings.
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(depends_on=[self._block])
            ),
        )

    def _block_public_access(self) -> aws.s3.BucketPublicAccessBlock:
        block = aws.s3.BucketPublicAccessBlock(
            f"{self._name}-private",
            bucket=self.bucket_name,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._opts,
        )
        aws.s3.BucketOwnershipControls(
            f"{self._name}-owner",
            bucket=self.bucket_name,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=self._opts,
        )
        return block

    def _encrypt(self) -> None:
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{self._name}-encryption",
            bucket=self.bucket_name,
            rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
            opts=self._opts,
        )

    def _version(self) -> aws.s3.BucketVersioning:
        return aws.s3.BucketVersioning(
            f"{self._name}-versioning",
            bucket=self.bucket_name,
            versioning_configuration={"status": "Enabled"},
            opts=self._opts,
        )

    def _expire(
        self, days: Mapping[str, int], versioning: Optional[aws.s3.BucketVersioning]
    ) -> None:
        rules: list[aws.s3.BucketLifecycleConfigurationRuleArgsDict] = [
            {
                "id": "abort-uploads",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "abort_incomplete_multipart_upload": {"days_after_initiation": 1},
            }
        ]
        for prefix, count in days.items():
            rules.append(
                {
                    "id": f"expire-{prefix.strip('/')}" if prefix else "expire",
                    "status": "Enabled",
                    "filter": {"prefix": prefix},
                    "expiration": {"days": count},
                }
            )
        if versioning is not None:
            rules.append(
                {
                    "id": "expire-noncurrent",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "noncurrent_version_expiration": {"noncurrent_days": NONCURRENT_DAYS},
                    # Delete markers stay when their versions are gone, and slow lists down.
                    "expiration": {"expired_object_delete_marker": True},
                }
            )
        aws.s3.BucketLifecycleConfiguration(
            f"{self._name}-lifecycle",
            bucket=self.bucket_name,
            rules=rules,
            # The provider asks for versioning before rules of noncurrent versions.
            opts=pulumi.ResourceOptions.merge(
                self._opts,
                pulumi.ResourceOptions(depends_on=[versioning] if versioning else []),
            ),
        )

"""permissions_boundary: one permissions boundary for all IAM roles of a stack or a component."""

from typing import Optional

import pulumi

from ._blocks.arguments import ArgumentsError, Matches

POLICY_ARN = Matches(r"arn:[^:]+:iam::(\d{12}|aws):policy/.+", "the ARN of an IAM policy")
_ROLE = "aws:iam/role:Role"


def permissions_boundary(policy_arn: str) -> pulumi.ResourceTransform:
    """Return a transform that sets the permissions boundary of each IAM role that has none.

        boundary = permissions_boundary("arn:aws:iam::123456789012:policy/boundary")
        # All roles of the stack that are registered after this line:
        pulumi.runtime.register_resource_transform(boundary)
        # The roles of one component:
        OutboxPipeline("orders", {}, pulumi.ResourceOptions(transforms=[boundary]))

    A transform reaches every role, also those of components that are added later. It runs in
    Pulumi's engine, so the roles of component providers have the boundary too.

    Args:
        policy_arn: ARN of an existing policy. Create it outside of the stack, so that whoever
            deploys the stack cannot change it.

    Raises:
        ArgumentsError: `policy_arn` is not the ARN of a policy.
    """
    problem = POLICY_ARN.problem(policy_arn)
    if problem:
        raise ArgumentsError("permissions_boundary", [("policy_arn", problem)])

    def transform(
        resource: pulumi.ResourceTransformArgs,
    ) -> Optional[pulumi.ResourceTransformResult]:
        if resource.type_ != _ROLE:
            return None
        props = {"permissionsBoundary": policy_arn, **resource.props}
        return pulumi.ResourceTransformResult(props, resource.opts)

    return transform

"""StoreGroups: the security groups of a database or a cache and of its clients."""

import re

import pulumi
import pulumi_aws as aws

from .arguments import Problems

MAX_NAME = 26
"""Characters of a component's name: AWS limits names of caches and their users to 40, of which the
suffixes here take up to 14."""


class StoreGroups:
    """A group of the store, and one that its clients join. Adds no level to the URN.

    A member of the second group reaches the store and, by this group, nothing else. Neither group
    knows the members, so that functions, tasks and instances join it alike and a store never
    depends on a service.

    Args:
        name: prefix of the resources' names.
        parent: the component it belongs to.
        vpc_id: VPC of the store.
        what: what the store is, for the descriptions: `database`.
        ports: first and last port.
    """

    def __init__(
        self,
        name: str,
        *,
        parent: pulumi.Resource,
        vpc_id: pulumi.Input[str],
        what: str,
        ports: tuple[int, int],
    ) -> None:
        opts = pulumi.ResourceOptions(parent=parent)
        server = aws.ec2.SecurityGroup(
            f"{name}-group", description=f"The {what}", vpc_id=vpc_id, opts=opts
        )
        clients = aws.ec2.SecurityGroup(
            f"{name}-clients", description=f"Clients of the {what}", vpc_id=vpc_id, opts=opts
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-from-clients",
            description=f"Clients of the {what}",
            security_group_id=server.id,
            referenced_security_group_id=clients.id,
            ip_protocol="tcp",
            from_port=ports[0],
            to_port=ports[1],
            opts=opts,
        )
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-from-clients-out",
            description=f"The {what}",
            security_group_id=clients.id,
            referenced_security_group_id=server.id,
            ip_protocol="tcp",
            from_port=ports[0],
            to_port=ports[1],
            opts=opts,
        )
        self.id, self.client_id = server.id, clients.id

    def unique(self, name: str) -> pulumi.Output[str]:
        """Return a name that no other stack of the account uses, for what AWS does not name.

        It has 8 digits of the ID of the store's group.
        """
        return self.id.apply(lambda id_: f"{name}-{id_.removeprefix('sg-')[-8:]}".lower())


def check_name(problems: Problems) -> None:
    """Check that AWS accepts names that begin with the component's name."""
    pattern = rf"[a-zA-Z](-?[a-zA-Z0-9]){{0,{MAX_NAME - 1}}}"
    problems.unless(
        bool(re.fullmatch(pattern, problems.name)) and len(problems.name) <= MAX_NAME,
        "name",
        f"is '{problems.name}'; it must be at most {MAX_NAME} letters, digits and single hyphens, "
        "as AWS limits the names that begin with it",
    )

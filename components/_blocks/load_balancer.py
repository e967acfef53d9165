"""LoadBalancer: an Application Load Balancer, the groups around it, and its listener."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .alarms import Alarms
from .arguments import declare
from .domain_name import DOMAIN_NAME

IDLE_SECONDS = 60
"""Idle timeout of connections. A service must keep its own connections open for longer, and answer
within it: "Troubleshoot your Application Load Balancers"."""
MAX_NAME = 21
"""AWS limits the names of load balancers to 32 characters, of which the suffix here takes 3 and
Pulumi's random one 8."""
_TLS = "ELBSecurityPolicy-TLS13-1-2-2021-06"
"""TLS 1.2 and 1.3: "Security policies for your Application Load Balancer"."""


class LoadBalancerArgs(TypedDict):
    """A load balancer that services share: what `Network.load_balancer` returns."""

    listener_arn: pulumi.Input[str]
    """ARN of the listener to which services add their rules."""
    security_group_id: pulumi.Input[str]
    """ID of the security group of the load balancer."""
    dns_name: pulumi.Input[str]
    """Name of the load balancer, the target of the services' records."""
    zone_id: pulumi.Input[str]
    """ID of the hosted zone of that name."""
    arn_suffix: pulumi.Input[str]
    """Last part of its ARN, for metrics: `app/name/0123456789abcdef`."""
    client_security_group_id: NotRequired[pulumi.Input[str]]
    """ID of the security group whose members may call the services. Default: none."""
    domain_name: NotRequired[str]
    """The names of services are below this one, which has the certificate of the HTTPS listener.
    Default: none; the listener has no TLS."""


declare(LoadBalancerArgs, limits={"domain_name": DOMAIN_NAME})


class LoadBalancer:
    """A load balancer whose listener answers 404 until services add rules. Adds no level to the
    URN.

    Members of a group for clients may call it, and whoever reaches it from the internet if it is
    not internal.

    Args:
        name: prefix of the resources' names, at most `MAX_NAME` characters.
        parent: the component it belongs to.
        vpc_id: ID of its VPC.
        subnet_ids: IDs of its subnets, in at least two zones.
        internal: whether only the VPC reaches it. One that the internet reaches needs
            `certificate_name`, and redirects HTTP to HTTPS.
        certificate_name: name on its certificate, such as `*.example.com`; None for HTTP.
        zone_id: ID of the public hosted zone that proves the name.
        deletion_protection: whether AWS refuses to delete it.
        alarms: creates its alarm.
    """

    def __init__(
        self,
        name: str,
        *,
        parent: pulumi.Resource,
        vpc_id: pulumi.Input[str],
        subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
        internal: bool = True,
        certificate_name: Optional[str] = None,
        zone_id: Optional[pulumi.Input[str]] = None,
        deletion_protection: bool,
        alarms: Alarms,
    ) -> None:
        self._name, self._vpc_id = name, vpc_id
        self._opts = pulumi.ResourceOptions(parent=parent)
        self._port = 443 if certificate_name else 80
        group = self._create_group("lb-group", "The load balancer")
        self._clients = self._create_group("clients", "Members may call the services")
        self._allow_clients(group)
        if not internal:
            self._allow_internet(group)
        balancer = aws.lb.LoadBalancer(
            f"{name}-lb",
            internal=internal,
            load_balancer_type="application",
            subnets=subnet_ids,
            security_groups=[group.id],
            idle_timeout=IDLE_SECONDS,
            drop_invalid_header_fields=True,
            enable_deletion_protection=deletion_protection,
            opts=self._opts,
        )
        certificate = (
            self._create_certificate(certificate_name, zone_id)
            if certificate_name and zone_id is not None
            else None
        )
        listener = self._create_listener(balancer, certificate)
        if not internal:
            self._create_redirect(balancer)
        alarms.above(
            "lb-errors",
            0,
            "AWS/ApplicationELB/HTTPCode_ELB_5XX_Count",
            {"LoadBalancer": balancer.arn_suffix},
            minutes=3,
            entry="load-balancer-errors",
            meaning="The load balancer itself answered with a server error.",
        )
        self.args: LoadBalancerArgs = {
            "listener_arn": listener.arn,
            "security_group_id": group.id,
            "dns_name": balancer.dns_name,
            "zone_id": balancer.zone_id,
            "arn_suffix": balancer.arn_suffix,
            "client_security_group_id": self._clients.id,
        }

    def _create_group(self, what: str, description: str) -> aws.ec2.SecurityGroup:
        return aws.ec2.SecurityGroup(
            f"{self._name}-{what}", description=description, vpc_id=self._vpc_id, opts=self._opts
        )

    def _allow_clients(self, group: aws.ec2.SecurityGroup) -> None:
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-from-clients",
            description="Callers",
            security_group_id=group.id,
            referenced_security_group_id=self._clients.id,
            ip_protocol="tcp",
            from_port=self._port,
            to_port=self._port,
            opts=self._opts,
        )
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-clients-out",
            description="To the load balancer",
            security_group_id=self._clients.id,
            referenced_security_group_id=group.id,
            ip_protocol="tcp",
            from_port=self._port,
            to_port=self._port,
            opts=self._opts,
        )

    def _allow_internet(self, group: aws.ec2.SecurityGroup) -> None:
        for port in (443, 80):
            aws.vpc.SecurityGroupIngressRule(
                f"{self._name}-from-internet-{port}",
                description="The internet",
                security_group_id=group.id,
                cidr_ipv4="0.0.0.0/0",
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                opts=self._opts,
            )

    def _create_certificate(
        self, certificate_name: str, zone_id: pulumi.Input[str]
    ) -> pulumi.Output[str]:
        name = f"{self._name}-certificate"
        certificate = aws.acm.Certificate(
            name, domain_name=certificate_name, validation_method="DNS", opts=self._opts
        )
        proof = certificate.domain_validation_options[0]
        record = aws.route53.Record(
            f"{name}-proof",
            zone_id=zone_id,
            name=proof.resource_record_name,
            type=proof.resource_record_type,
            records=[proof.resource_record_value],
            ttl=300,
            allow_overwrite=True,
            opts=self._opts,
        )
        return aws.acm.CertificateValidation(
            f"{name}-validation",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            opts=self._opts,
        ).certificate_arn

    def _create_listener(
        self, balancer: aws.lb.LoadBalancer, certificate: Optional[pulumi.Output[str]]
    ) -> aws.lb.Listener:
        return aws.lb.Listener(
            f"{self._name}-listener",
            load_balancer_arn=balancer.arn,
            port=self._port,
            protocol="HTTPS" if certificate else "HTTP",
            certificate_arn=certificate,
            ssl_policy=_TLS if certificate else None,
            default_actions=[
                {
                    "type": "fixed-response",
                    "fixed_response": {
                        "content_type": "application/json",
                        "status_code": "404",
                        "message_body": '{"message": "no service of this name"}',
                    },
                }
            ],
            opts=self._opts,
        )

    def _create_redirect(self, balancer: aws.lb.LoadBalancer) -> None:
        redirect: aws.lb.ListenerDefaultActionRedirectArgsDict = {
            "port": "443",
            "protocol": "HTTPS",
            "status_code": "HTTP_301",
        }
        aws.lb.Listener(
            f"{self._name}-redirect",
            load_balancer_arn=balancer.arn,
            port=80,
            protocol="HTTP",
            default_actions=[{"type": "redirect", "redirect": redirect}],
            opts=self._opts,
        )

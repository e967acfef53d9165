"""Rules of security groups in the form of the EC2 API."""

from typing import Any

from local.engine.registry import Inputs


def ipv4_and_ipv6(rule: Inputs, group: str) -> dict[str, Any]:
    """Returns the permission of an inline `ingress` or `egress` block."""
    about = {"Description": rule["description"]} if rule.get("description") else {}
    groups = [*rule.get("securityGroups", []), *([group] if rule.get("self") else [])]
    permission: dict[str, Any] = {
        "IpProtocol": str(rule["protocol"]),
        "IpRanges": [{"CidrIp": each, **about} for each in rule.get("cidrBlocks", [])],
        "Ipv6Ranges": [{"CidrIpv6": each, **about} for each in rule.get("ipv6CidrBlocks", [])],
        "PrefixListIds": [
            {"PrefixListId": each, **about} for each in rule.get("prefixListIds", [])
        ],
        "UserIdGroupPairs": [{"GroupId": each, **about} for each in groups],
    }
    return _with_ports(permission, rule)


def single(rule: Inputs) -> dict[str, Any]:
    """Returns the permission of a separate rule resource: one source, one port range."""
    about = {"Description": rule["description"]} if rule.get("description") else {}
    permission: dict[str, Any] = {"IpProtocol": rule["ipProtocol"]}
    for key, member, field in (
        ("cidrIpv4", "IpRanges", "CidrIp"),
        ("cidrIpv6", "Ipv6Ranges", "CidrIpv6"),
        ("prefixListId", "PrefixListIds", "PrefixListId"),
        ("referencedSecurityGroupId", "UserIdGroupPairs", "GroupId"),
    ):
        if rule.get(key):
            permission[member] = [{field: rule[key], **about}]
    return _with_ports(permission, rule)


def _with_ports(permission: dict[str, Any], rule: Inputs) -> dict[str, Any]:
    ports = {"FromPort": rule.get("fromPort"), "ToPort": rule.get("toPort")}
    return {**permission, **{key: port for key, port in ports.items() if port is not None}}

"""ACM certificates, which the emulator issues immediately."""

from typing import Any

from local.engine.context import Context
from local.engine.registry import Call, Created, Inputs, creates, with_owner


@creates(
    "aws:acm/certificate:Certificate", delete=Call("acm", "delete_certificate", CertificateArn="id")
)
def certificate(context: Context, inputs: Inputs) -> Created:
    """A certificate validated by DNS or mail."""
    # As the provider, which sends no empty list: AWS takes one name or more.
    given = {key: value for key, value in inputs.items() if value != []}
    arn = context.call("acm", "request_certificate", given)["CertificateArn"]
    found = context.call("acm", "describe_certificate", {}, CertificateArn=arn)["Certificate"]
    return arn, {
        "arn": arn,
        "status": found["Status"],
        "type": found["Type"],
        "domainValidationOptions": [_validation(each) for each in found["DomainValidationOptions"]],
        "validationEmails": [],
        "pendingRenewal": False,
        "renewalEligibility": "INELIGIBLE",
        "renewalSummaries": [],
        "notBefore": "",
        "notAfter": "",
    }


def _validation(option: dict[str, Any]) -> dict[str, str]:
    record = option.get("ResourceRecord", {})
    return {
        "domainName": option["DomainName"],
        "resourceRecordName": record.get("Name", ""),
        "resourceRecordType": record.get("Type", ""),
        "resourceRecordValue": record.get("Value", ""),
    }


@creates("aws:acm/certificateValidation:CertificateValidation", delete=with_owner)
def certificate_validation(_context: Context, inputs: Inputs) -> Created:
    """The validation of a certificate, which the emulator does not need."""
    arn = inputs["certificateArn"]
    return arn, {"certificateArn": arn}

"""MailSender: an SES identity, a configuration set and templates."""

from collections.abc import Mapping
from typing import Optional

import pulumi
import pulumi_aws as aws

from .._blocks.access import StatementArgs
from .._blocks.alarms import Alarms
from .texts import MailTextArgs

EVENTS = {
    "SEND": "Email Sent",
    "BOUNCE": "Email Bounced",
    "COMPLAINT": "Email Complaint Received",
    "REJECT": "Email Rejected",
    "RENDERING_FAILURE": "Email Rendering Failed",
}
"""Event types of SES, and their `detail-type` on EventBridge."""


class MailSender:
    """What a function needs to send mails from one address. Adds no level to the URN.

    Mails are sent by TLS only. SES suppresses addresses that bounce or complain, and sends its
    events to the default event bus of the account.

    Args:
        name: prefix of the names of its resources.
        parent: the component it belongs to.
        from_address: address of the sender.
        identity_arn: ARN of a verified identity for the address; None to create one.
        texts: the mails by language.
        confirmations: the mails that ask to confirm a subscription, by language.
        alarms: creates the alarms.
    """

    def __init__(
        self,
        name: str,
        *,
        parent: pulumi.Resource,
        from_address: str,
        identity_arn: Optional[pulumi.Input[str]],
        texts: Mapping[str, MailTextArgs],
        confirmations: Mapping[str, MailTextArgs],
        alarms: Alarms,
    ) -> None:
        self._name, self._from_address = name, from_address
        self._opts = pulumi.ResourceOptions(parent=parent)
        self.templates = self._create_templates(name, texts)
        self.confirmations = self._create_templates(f"{name}-confirm", confirmations)
        self.configuration_set = self._create_configuration_set()
        self._create_reports(parent)
        self.identity_arn = self._identity(identity_arn)
        self._create_alarms(alarms)

    def grant_send(self) -> StatementArgs:
        """Grant a function to send mails of these templates from the one address.

        An account in the SES sandbox also needs permission for the identity of the recipient, whom
        no policy can name in advance. Source: https://github.com/aws/aws-sdk-js/issues/3641.
        """
        prefix = self.configuration_set.arn.apply(lambda arn: arn.rpartition(":")[0])
        return {
            # Which of the two a mail needs depends on the version of the SES API.
            "actions": ["ses:SendEmail", "ses:SendTemplatedEmail"],
            "resources": [
                self.identity_arn,  # of another account, if the caller's own
                pulumi.Output.concat(prefix, ":identity/*"),
                self.configuration_set.arn,
                *(template.arn for template in self.templates.values()),
                *(template.arn for template in self.confirmations.values()),
            ],
            "condition": {"StringEquals": {"ses:FromAddress": self._from_address}},
        }

    def _create_templates(
        self, prefix: str, texts: Mapping[str, MailTextArgs]
    ) -> dict[str, aws.ses.Template]:
        return {
            language: aws.ses.Template(f"{prefix}-{language}", **mail, opts=self._opts)
            for language, mail in texts.items()
        }

    def _create_configuration_set(self) -> aws.sesv2.ConfigurationSet:
        # Pulumi does not auto-name configuration sets: use the random suffix of a template.
        unique = next(iter(self.templates.values())).name
        suffix = unique.apply(lambda physical: physical.rsplit("-", 1)[-1])
        return aws.sesv2.ConfigurationSet(
            f"{self._name}-set",
            configuration_set_name=pulumi.Output.concat(self._name, "-", suffix),
            delivery_options={"tls_policy": "REQUIRE"},
            reputation_options={"reputation_metrics_enabled": True},
            sending_options={"sending_enabled": True},
            suppression_options={"suppressed_reasons": ["BOUNCE", "COMPLAINT"]},
            opts=self._opts,
        )

    def _create_reports(self, parent: pulumi.Resource) -> None:
        bus = aws.cloudwatch.get_event_bus_output(
            name="default", opts=pulumi.InvokeOutputOptions(parent=parent)
        )
        aws.sesv2.ConfigurationSetEventDestination(
            f"{self._name}-reports",
            configuration_set_name=self.configuration_set.configuration_set_name,
            event_destination_name="default-bus",
            event_destination={
                "enabled": True,
                "matching_event_types": list(EVENTS),
                "event_bridge_destination": {"event_bus_arn": bus.arn},  # SES supports no other bus
            },
            opts=self._opts,
        )

    def _identity(self, adopted: Optional[pulumi.Input[str]]) -> pulumi.Output[str]:
        if adopted is not None:
            return pulumi.Output.from_input(adopted)
        return aws.sesv2.EmailIdentity(
            f"{self._name}-identity", email_identity=self._from_address, opts=self._opts
        ).arn

    def _create_alarms(self, alarms: Alarms) -> None:
        """Create alarms at the rates at which AWS reviews an account."""
        dimensions: dict[str, pulumi.Input[str]] = {
            "ses:configuration-set": self.configuration_set.configuration_set_name
        }
        for kind, threshold, share in (("bounce", 0.05, "5 %"), ("complaint", 0.001, "0.1 %")):
            alarms.above(
                f"{kind}-rate",
                threshold,
                f"AWS/SES/Reputation.{kind.title()}Rate",
                dimensions,
                statistic="Maximum",
                meaning=f"More than {share} of the mails cause a {kind}. SES may suspend sending.",
            )

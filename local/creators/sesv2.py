"""SES version 2: identities, configuration sets and their event destinations."""

from local.engine.context import Context
from local.engine.registry import Call, Created, Inputs, creates


@creates(
    "aws:sesv2/emailIdentity:EmailIdentity",
    delete=Call("sesv2", "delete_email_identity", EmailIdentity="emailIdentity"),
)
def email_identity(context: Context, inputs: Inputs) -> Created:
    """An email address or domain to send from, which the emulator verifies immediately."""
    made = context.call("sesv2", "create_email_identity", inputs)
    name = inputs["emailIdentity"]
    return name, {
        "arn": context.arn("ses", f"identity/{name}"),
        "identityType": made["IdentityType"],
        "verifiedForSendingStatus": made["VerifiedForSendingStatus"],
        "verificationStatus": "SUCCESS",
    }


@creates(
    "aws:sesv2/configurationSet:ConfigurationSet",
    delete=Call("sesv2", "delete_configuration_set", ConfigurationSetName="configurationSetName"),
)
def configuration_set(context: Context, inputs: Inputs) -> Created:
    """A configuration set for emails."""
    context.call("sesv2", "create_configuration_set", inputs)
    name = inputs["configurationSetName"]
    return name, {"arn": context.arn("ses", f"configuration-set/{name}")}


@creates(
    "aws:sesv2/configurationSetEventDestination:ConfigurationSetEventDestination",
    delete=Call(
        "sesv2",
        "delete_configuration_set_event_destination",
        ConfigurationSetName="configurationSetName",
        EventDestinationName="eventDestinationName",
    ),
)
def event_destination(context: Context, inputs: Inputs) -> Created:
    """An event destination of a configuration set."""
    context.call("sesv2", "create_configuration_set_event_destination", inputs)
    return f"{inputs['configurationSetName']}|{inputs['eventDestinationName']}", {}

"""SES version 1: templates."""

from local.engine.context import Context
from local.engine.registry import Call, Created, Inputs, creates


@creates("aws:ses/template:Template", delete=Call("ses", "delete_template", TemplateName="name"))
def template(context: Context, inputs: Inputs) -> Created:
    """An email template."""
    name = context.named(inputs, limit=64)
    parts = {f"{key}Part": inputs[key] for key in ("subject", "html", "text") if key in inputs}
    context.call("ses", "create_template", {"template": {**parts, "templateName": name}})
    return name, {"name": name, "arn": context.arn("ses", f"template/{name}")}

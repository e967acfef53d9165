answer = 42


def handler(event, context):
    return {"event": event, "function": context.function_name}

def handler(event, context):
    print("said hello")
    return "hello"

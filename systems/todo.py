"""The to-do app: an API with sign-in, its table, and a folder of files for each user."""

from typing import Any

from components import TodoList, TodoListArgs

from .platform import Platform, read


def create(platform: Platform) -> dict[str, Any]:
    """Create the system. Return its outputs."""
    settings = platform.settings
    todo_args: TodoListArgs = {
        "openapi": read("apis", "todo.yaml"),
        "site_url": settings.todo_site_url,
        "cached": settings.todo_cached,
        "functions": platform.functions,
        "retain_data": settings.retain_data,
        "alarm_topic_arn": platform.alarm_topic_arn,
    }
    if settings.todo_dax:
        todo_args["dax"] = {}
    todo = TodoList("todo", todo_args)
    return {
        "apiUrl": todo.url,
        "siteUrl": settings.todo_site_url,
        "loginUrl": todo.login_url,
        "userPoolId": todo.user_pool_id,
        "userPoolClientId": todo.user_pool_client_id,
        "identityPoolId": todo.identity_pool_id,
        "filesBucket": todo.files_bucket_name,
        "todosTable": todo.todos_table_name,
    }

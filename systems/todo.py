"""The to-do app: an API with sign-in, its table, a folder of files for each user, and its page."""

from typing import Any

import pulumi

from components import StaticSite, TodoList, TodoListArgs

from .page import CONFIG, address, configure, content_policy, deferred, distribution
from .platform import Platform, read


def create(platform: Platform) -> dict[str, Any]:
    """Create the system. Return its outputs."""
    settings = platform.settings
    # The page serves the API below /api, and users return to the page from managed login.
    with deferred() as (site_url, set_site_url):
        args: TodoListArgs = {
            "openapi": read("apis", "todo.yaml"),
            "site_url": site_url,
            "allowed_origins": [],
            "cached": settings.todo_cached,
            "account_logging": False,
            "functions": platform.functions,
            "retain_data": settings.retain_data,
            "alarm_topic_arn": platform.alarm_topic_arn,
        }
        if settings.todo_dax:
            args["dax"] = {}
        todo = TodoList("todo", args, platform.after_api_account)
        files_origin = pulumi.Output.concat("https://", todo.files_bucket_domain_name)
        site = StaticSite(
            "todo-site",
            {
                "content": "site/todo",
                "external_files": [CONFIG],
                "apis": {"api": todo.url},
                "distribution": distribution(platform, "The to-do app", settings.todo_site_url),
                "response_headers": {
                    "content_security_policy": content_policy(todo.login_url, files_origin)
                },
                "functions": platform.functions,
                "retain_data": settings.retain_data,
                "alarm_topic_arn": platform.alarm_topic_arn,
                "distribution_alarm_topic_arn": platform.distribution_alarm_topic_arn,
            },
        )
        set_site_url(address(site))
    configure(
        "todo-site-config",
        site,
        {
            "apiUrl": pulumi.Output.concat(address(site), "/api"),
            "siteUrl": address(site),
            "loginUrl": todo.login_url,
            "userPoolClientId": todo.user_pool_client_id,
        },
    )
    return {
        "siteUrl": site.url,
        "apiUrl": todo.url,
        "loginUrl": todo.login_url,
        "userPoolId": todo.user_pool_id,
        "userPoolClientId": todo.user_pool_client_id,
        "identityPoolId": todo.identity_pool_id,
        "filesBucket": todo.files_bucket_name,
        "todosTable": todo.todos_table_name,
        "contentBucket": site.bucket_name,
        "distributionId": site.distribution_id,
    }

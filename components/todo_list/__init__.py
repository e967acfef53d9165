"""TodoList: the back end of a to-do app: API, users, their to-dos and their files."""

from .component import TodoList, TodoListArgs

__all__ = ["TodoList", "TodoListArgs"]

"""The configuration of components matches what the code of their functions reads and logs."""

import ast
import importlib
import re
import zipfile
from collections.abc import Iterator
from dataclasses import MISSING, fields

import pytest

from local.engine.graph import Registration
from tests.conftest import Built
from tests.projects import ROOT

LAMBDA = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE"}
"""Variables that Lambda sets."""

OPTIONAL = {"INBOX_ORDERING", "INBOX_TABLE"}
"""Variables that a component sets for all its functions, and some do not read."""


class Code:
    """The code of a function's bundle, without third-party packages."""

    def __init__(self, function: Registration) -> None:
        module = function.inputs["handler"].removesuffix(".handler")
        self.app = importlib.import_module(module)
        with zipfile.ZipFile(function.inputs["code"].path) as archive:
            names = [name for name in archive.namelist() if name.endswith(".py")]
            modules = [name for name in names if _is_first_party(name)]
            self.nodes = [
                node for name in modules for node in ast.walk(ast.parse(archive.read(name)))
            ]
            self._app = ast.parse(archive.read(f"{module.replace('.', '/')}.py"))

    @property
    def constants(self) -> set[str]:
        """The strings in the code."""
        constants = (each.value for each in self.nodes if isinstance(each, ast.Constant))
        return {each for each in constants if isinstance(each, str)}

    @property
    def logged(self) -> set[str]:
        """The messages that the code logs."""
        levels = {"debug", "info", "warning", "error", "exception"}
        return {
            each.args[0].value
            for each in self.nodes
            if isinstance(each, ast.Call)
            and isinstance(each.func, ast.Attribute)
            and each.func.attr in levels
            and each.args
            and isinstance(each.args[0], ast.Constant)
        }

    @property
    def of_libraries(self) -> set[str]:
        """The variables that libraries read, by the fields of their `Settings`."""
        return {
            field.target.id.upper()
            for each in self.nodes
            if isinstance(each, ast.ClassDef) and each.name.endswith("Settings")
            for field in each.body
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        }

    def settings(self) -> Iterator[tuple[str, bool]]:
        """Yield each variable that `environment.read` reads, and whether it is required."""
        for node in ast.walk(self._app):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "environment.read":
                for each in fields(getattr(self.app, ast.unparse(node.args[0]))):
                    yield each.name.upper(), each.default is MISSING


def _is_first_party(name: str) -> bool:
    handlers = ROOT / "handlers"
    return (handlers / name).is_file() or (handlers / "libraries" / name).is_file()


@pytest.fixture
def functions(graph: Built) -> dict[str, tuple[Registration, Code]]:
    """Return each function of this package and its code, by name."""
    first_party = [each for each in graph.functions if each.inputs["handler"] != "app.handler"]
    assert len(first_party) >= 18
    return {each.name: (each, Code(each)) for each in first_party}


def test_every_setting_has_its_variable_and_every_variable_is_read(functions):
    read = 0
    for name, (function, code) in functions.items():
        variables = set(function.inputs["environment"]["variables"])
        settings = dict(code.settings())
        required = {each for each, is_required in settings.items() if is_required} - LAMBDA
        assert required <= variables, name
        unread = variables - settings.keys() - code.of_libraries - code.constants - OPTIONAL
        assert not unread, f"{name}: no code reads {unread}"
        read += len(settings)
    assert read > 60


def test_functions_log_the_messages_that_metric_filters_count(graph: Built, functions):
    filters = graph.of("LogMetricFilter")
    assert len(filters) >= 4
    for each in filters:
        group = each.inputs["logGroupName"]
        (code,) = (
            code
            for function, code in functions.values()
            if function.inputs["loggingConfig"]["logGroup"] == group
        )
        (message,) = re.fullmatch(r'\{ \$\.message = "(.+)" \}', each.inputs["pattern"]).groups()
        assert message in code.logged, each.name


def test_functions_publish_the_metrics_of_alarms(graph: Built, functions):
    published = set().union(*(code.constants for _, code in functions.values()))
    published |= {
        each.inputs["metricTransformation"]["name"] for each in graph.of("LogMetricFilter")
    }
    alarms = [e for e in graph.of("MetricAlarm") if e.inputs.get("namespace") == "Colonnade"]
    assert len(alarms) >= 4
    for each in alarms:
        assert each.inputs["metricName"] in published, each.name


def test_queried_indexes_exist_with_the_keys_of_the_queries(graph: Built):
    existing = {
        index["name"]: {key["attributeName"] for key in index["keySchemas"]}
        for table in graph.of("Table")
        for index in table.inputs.get("globalSecondaryIndexes", [])
    }
    queried = dict(_queried())
    assert queried.keys() == existing.keys()
    for index, source in queried.items():
        assert all(re.search(rf"\b{key}\b", source) for key in existing[index]), index


def _queried() -> Iterator[tuple[str, str]]:
    """Yield the name of each index that a handler module queries, and the module's source."""
    for path in sorted((ROOT / "handlers").rglob("*.py")):
        text = path.read_text()
        for node in ast.walk(ast.parse(text)):
            pairs = []
            if isinstance(node, ast.keyword):
                pairs = [(node.arg, node.value)]
            elif isinstance(node, ast.Dict):
                keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
                pairs = list(zip(keys, node.values, strict=True))
            for key, value in pairs:
                if key == "IndexName":
                    yield _value(value, path), text


def _value(node: ast.expr, path) -> str:
    if isinstance(node, ast.Constant):
        return node.value
    module = path.relative_to(ROOT / "handlers").with_suffix("").as_posix().replace("/", ".")
    return getattr(importlib.import_module(module.removeprefix("libraries.")), node.id)

"""A parser of YAML 1.2, which includes JSON."""

from typing import Any

import yaml
import yamlcore

_TEXT = "tag:yaml.org,2002:str"


class _Loader(yamlcore.CCoreLoader):  # type: ignore[misc]
    """Reads the core schema of YAML 1.2, in which `no` and `12:30` are text.

    Keys are text, as in JSON: `200:` is the key "200". Duplicate keys are refused. The merge key
    `<<` of YAML 1.1 works, as documents rely on it.
    https://yaml.org/spec/1.2.2/#103-core-schema
    """

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        node.value = _merged(node)
        seen = set()
        for key, _value in node.value:
            if isinstance(key, yaml.ScalarNode):
                key.tag = _TEXT
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"found duplicate key `{key.value}`", key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def _merged(node: yaml.MappingNode) -> list[tuple[Any, Any]]:
    """Return the pairs of a mapping: its own, and those of its merge keys that it lacks."""
    own = [pair for pair in node.value if not _is_merge(pair[0])]
    known = {key.value for key, _ in own if isinstance(key, yaml.ScalarNode)}
    added = []
    for mark, value in node.value:
        if _is_merge(mark):
            for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                for key, each in _pairs(source, mark):
                    if key.value not in known:
                        known.add(key.value)
                        added.append((key, each))
    return [*added, *own]


def _pairs(source: yaml.Node, mark: yaml.Node) -> list[tuple[Any, Any]]:
    if not isinstance(source, yaml.MappingNode):
        raise yaml.constructor.ConstructorError(
            None, None, "`<<` needs a mapping or a list of mappings", mark.start_mark
        )
    return _merged(source)


def _is_merge(key: yaml.Node) -> bool:
    return isinstance(key, yaml.ScalarNode) and key.value == "<<" and not key.style


def read_yaml(text: str) -> Any:
    """Parse a document.

    Raises:
        ValueError: the text is neither YAML 1.2 nor JSON, or has a key twice in one mapping.
    """
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}: " if mark else ""
        raise ValueError(f"is neither YAML nor JSON: {place}{error.problem}") from None
    except yaml.YAMLError as error:
        raise ValueError(f"is neither YAML nor JSON: {' '.join(str(error).split())}") from None

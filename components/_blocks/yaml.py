"""Reads YAML, and so JSON too."""

from typing import Any

import yaml

# PyYAML's wheels bring libyaml, ten times as fast; a build without it has no such class.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str) -> Any:
    """The document in `text`.

    Raises:
        ValueError: it is neither YAML nor JSON.
    """
    try:
        return yaml.load(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise ValueError(f"is neither YAML nor JSON: {' '.join(str(error).split())}") from None

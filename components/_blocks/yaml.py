"""A parser of YAML, which includes JSON."""

from typing import Any

import yaml

# The wheels of PyYAML include libyaml, which is ten times as fast; other builds may not.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str) -> Any:
    """Parse a document.

    Raises:
        ValueError: the text is neither YAML nor JSON.
    """
    try:
        return yaml.load(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise ValueError(f"is neither YAML nor JSON: {' '.join(str(error).split())}") from None

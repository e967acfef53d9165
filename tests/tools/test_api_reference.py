"""The API references that `make client` writes."""

from pathlib import Path

import pytest
import yaml

from tests.projects import ROOT
from tools import api_reference
from tools.api_document import load


@pytest.mark.parametrize("api", sorted(each.stem for each in ROOT.glob("apis/*.yaml")))
def test_the_reference_has_everything_in_the_document(tmp_path: Path, api: str):
    document = load(ROOT / f"apis/{api}.yaml")
    text = api_reference.write(ROOT / f"apis/{api}.yaml", tmp_path / "a/reference.md").read_text()
    operations = text[: text.index("## Schemas")].split("\n### ")[1:]
    for (name, operation), section in zip(document.operations(), operations, strict=True):
        assert section.startswith(name) and operation["operationId"] in section
        for parameter in operation["parameters"].values():
            assert f"| `{parameter['name']}` |" in section
        for status in operation["responses"]:
            assert f"\n| {status} |" in section
    for name, schema in document.content["components"]["schemas"].items():
        section = text.split(f"\n### {name}\n")[1].split("\n### ")[0]
        for member in schema["properties"]:
            assert f"| `{member}`" in section
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.endswith(" |") for line in rows)


def test_limits_links_and_security_are_in_words(tmp_path: Path):
    spec = {
        "openapi": "3.0.3",
        "info": {"title": "Notes", "version": "1.0.0"},
        "paths": {
            "/notes": {
                "get": {
                    "operationId": "listNotes",
                    "security": [{"users": ["notes/read"]}, {"apiKey": []}],
                    "parameters": [
                        {
                            "name": "kind",
                            "in": "query",
                            "required": True,
                            "description": "one\nor | other",
                            "schema": {"type": "string", "minLength": 1, "pattern": "^a|b$"},
                        }
                    ],
                    "responses": {
                        "200": {
                            "description": "them",
                            "content": {
                                "application/json": {
                                    "schema": {
                                        "type": "array",
                                        "items": {"$ref": "#/components/schemas/Note"},
                                    }
                                }
                            },
                        }
                    },
                }
            }
        },
        "components": {
            "schemas": {"Note": {"properties": {"done": {"type": "boolean", "default": False}}}}
        },
    }
    path = tmp_path / "notes.yaml"
    path.write_text(yaml.safe_dump(spec))
    text = api_reference.write(path, tmp_path / "reference.md").read_text()
    assert "Requires `users` with one of `notes/read` or `apiKey`." in text
    kind = r"| `kind` | query, required | string, at least 1 characters, pattern `^a\|b$` |"
    assert f"{kind} one or \\| other |" in text
    assert "| 200 | array of [Note](#note) | them |" in text
    assert "| `done` | boolean, default `false` |  |" in text

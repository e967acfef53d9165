"""The file with a stack's configuration: the CLI reads it by YAML 1.2."""

from pathlib import Path

import yaml
import yamlcore

from local.provider.stack import write_config

# The left ones are numbers in YAML 1.2 and text in 1.1, the right ones the other way round.
VALUES = ("1e3", "0o17", "017", "1_000", "12:30", "no", "on", "2026-11-29", "~", "", "true", "Ü\n'")


def test_values_stay_text_and_what_the_cli_added_is_kept(tmp_path: Path):
    file = tmp_path / "Pulumi.dev.yaml"
    config = {f"x:{number}": value for number, value in enumerate(VALUES)}
    write_config(file, {"x:old": "1"})
    assert yaml.load(file.read_text("utf-8"), yamlcore.CCoreLoader) == {"config": {"x:old": "1"}}
    file.write_text("encryptionsalt: v1:4Nk=:v1:x\nsecretsprovider: no\nconfig: {x:old: '1'}\n")
    write_config(file, config)
    assert yaml.load(file.read_text("utf-8"), yamlcore.CCoreLoader) == {
        "encryptionsalt": "v1:4Nk=:v1:x",
        "secretsprovider": "no",
        "config": config,
    }

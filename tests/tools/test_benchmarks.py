"""The command line and the report of the benchmarks; no test depends on a time."""

import pytest

from benchmarks import report
from benchmarks.__main__ import MEASURES, README, _parser, main
from benchmarks.rounds import Times, interleave

FOLDER = README.parent


def a_result() -> report.Result:
    return report.Result(
        "Relay",
        ("Way", "Calls"),
        [("one each", "1000"), ("batches", "100")],
        [report.Target("8x fewer", "10x", met=True), report.Target("3 us", "9 us", met=False)],
        ["a note"],
    )


def rendered() -> str:
    return report.render([a_result()], ["Machine: this one"])


def test_the_command_line_lists_every_measure(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for name, what in MEASURES.items():
        assert name in shown and what in shown


def test_the_measures_are_the_modules_with_measure_and_are_in_the_readme():
    modules = {path.stem for path in FOLDER.glob("*.py") if "\ndef measure(" in path.read_text()}
    assert modules == set(MEASURES)
    for name in MEASURES:
        assert f"| `{name}` |" in README.read_text()


def test_no_measure_means_all():
    assert _parser().parse_args([]).measures == []
    assert _parser().parse_args(["up", "relay"]).measures == ["up", "relay"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["speed"], "'speed' is not a measure; choose from relay,"),
        (["relay", "--rounds", "0"], "'0' must be an integer of at least 1"),
        (["relay", "--rounds", "many"], "'many' must be an integer of at least 1"),
    ],
)
def test_a_bad_argument_is_rejected(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_written_results_are_read_back_unchanged():
    document = README.read_text()
    written = report.replace(document, rendered())
    assert report.section(written) == rendered()
    assert report.replace(written, report.section(document)) == report.replace(
        document, report.section(document)
    )


def test_writing_again_changes_only_the_results():
    document = f"# Before\n\n{report.BEGIN}\nold\n{report.END}\n\nafter\n"
    once = report.replace(document, rendered())
    assert report.replace(once, rendered()) == once
    assert once.startswith("# Before\n\n") and once.endswith("\n\nafter\n")
    assert "old" not in once


@pytest.mark.parametrize(
    "document",
    [
        "no markers",
        f"only {report.BEGIN}",
        f"{report.END} before {report.BEGIN}",
        f"{report.BEGIN}{report.END}{report.BEGIN}{report.END}",
    ],
)
def test_a_document_without_both_markers_is_rejected(document: str):
    with pytest.raises(ValueError, match="once each"):
        report.replace(document, "text")


def test_the_report_shows_tables_targets_and_notes():
    lines = rendered().splitlines()
    assert "- Machine: this one" in lines
    assert "| Relay | 8x fewer | 10x | yes |" in lines
    assert "| Relay | 3 us | 9 us | **no** |" in lines
    assert lines[lines.index("| Way | Calls |") + 1] == "| --- | --- |"
    assert "| batches | 100 |" in lines
    assert "- a note" in lines


def test_rounds_are_interleaved_and_ratios_are_medians():
    order: list[str] = []

    def case(name: str, *seconds: float):
        values = iter(seconds)

        def run() -> float:
            order.append(name)
            return next(values)

        return run

    times = interleave({"a": case("a", 1, 2, 3), "b": case("b", 2, 8, 6)}, 3, warm_up=False)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert times["b"].median == 6
    assert times["b"].ratio_to(times["a"]) == 2
    assert Times([4.0]).ratio_to(Times([2.0])) == 2

"""Policy variables such as `${aws:PrincipalTag/sub}` are replaced by their values.

Stock 1.5.33 reads a variable in a Resource or a Condition as literal text: a user with access to
`users/${aws:PrincipalTag/sub}/*` is denied their own folder. A value is never a wildcard.

AWS: "IAM policy elements: Variables and tags" (a statement whose variable has no value does not
match; `${*}`, `${?}` and `${$}` are those characters; `${key, 'default'}`).

ministack has fixed this when tests/emulator/test_policy_variables.py passes with
`unpatched=("policy_variables",)`.
"""

import dataclasses
import re
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext, ParsedStatement

from . import Server

VARIABLE = re.compile(r"\$\{([^}]*)\}")
DEFAULT = re.compile(r"\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?$")
LITERAL = {"*": "\ue000", "?": "\ue001"}
"""Characters of the private use area that replace literal `*` and `?`."""


class _NoValue(Exception):
    """A variable of a statement has no value in the request."""


def apply(server: Server) -> None:
    _replace_variables()
    _match_literals()


def _replace_variables() -> None:
    stock = iam_evaluator._first_match

    def first_match(
        context: EvalContext, statements: list[ParsedStatement], effect: str
    ) -> ParsedStatement | None:
        relevant = (each for each in statements if each.effect == effect)
        found = (_substituted(each, context) for each in relevant)
        match: ParsedStatement | None = stock(context, [each for each in found if each], effect)
        return match

    iam_evaluator._first_match = first_match


def _substituted(statement: ParsedStatement, context: EvalContext) -> ParsedStatement | None:
    """Return the statement with values for variables, or None if one has no value."""

    def text(value: Any, pattern: bool) -> Any:
        return VARIABLE.sub(lambda found: _value(found[1], context, pattern), str(value))

    def condition(operator: str, values: Any) -> Any:
        pattern = "like" in operator.lower() or "arn" in operator.lower()
        values = values if isinstance(values, list) else [values]
        # Booleans and numbers have no variables and must keep their type.
        return [text(each, pattern) if isinstance(each, str) else each for each in values]

    try:
        return dataclasses.replace(
            statement,
            resources=[text(each, pattern=True) for each in statement.resources],
            not_resources=[text(each, pattern=True) for each in statement.not_resources],
            conditions={
                operator: {key: condition(operator, each) for key, each in block.items()}
                for operator, block in statement.conditions.items()
            },
        )
    except _NoValue:
        return None


def _value(variable: str, context: EvalContext, pattern: bool) -> str:
    if variable in ("*", "?", "$"):
        value: Any = variable
    else:
        found = DEFAULT.match(variable)
        if not found:
            raise _NoValue(variable)
        value = iam_evaluator._resolve_condition_key(found[1], context)
        if value is None or isinstance(value, list):
            value = found[2]
        if value is None:
            raise _NoValue(variable)
    return _literal(str(value)) if pattern else str(value)


def _literal(text: str) -> str:
    for wildcard, literal in LITERAL.items():
        text = text.replace(wildcard, literal)
    return text


def _match_literals() -> None:
    stock = iam_evaluator._fnmatch_compile

    def compile_pattern(pattern: str, ignore_case: bool) -> re.Pattern[str]:
        compiled: re.Pattern[str] = stock(pattern, ignore_case)
        if not set(LITERAL.values()) & set(pattern):
            return compiled
        text = compiled.pattern
        for wildcard, literal in LITERAL.items():
            text = text.replace(literal, re.escape(wildcard))
        return re.compile(text, compiled.flags)

    iam_evaluator._fnmatch_compile = compile_pattern

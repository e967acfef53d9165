"""Weights share the requests of a forward action between target groups.

Stock 1.5.33 drops the weights, answers 502 for such an action, and does not describe it.

AWS: "Listener rules for your Application Load Balancer", forward actions.

ministack has fixed this when tests/emulator/test_forward_weights.py passes with
`unpatched=("forward_weights",)`.
"""

import random
from collections.abc import Iterator
from typing import Any

from ministack.services import alb

from . import Server


def apply(server: Server) -> None:
    parse, xml, execute = alb._parse_actions, alb._action_xml, alb._execute_action

    def parse_actions(params: Any, prefix: str = "DefaultActions") -> list[dict[str, Any]]:
        actions: list[dict[str, Any]] = parse(params, prefix)
        for number, action in enumerate(actions, 1):
            groups = list(_groups(params, f"{prefix}.member.{number}.ForwardConfig"))
            if groups:
                action["ForwardConfig"] = {"TargetGroups": groups}
                action.setdefault("TargetGroupArn", groups[0]["TargetGroupArn"])
        return actions

    def action_xml(action: dict[str, Any]) -> str:
        text: str = xml(action)
        if "ForwardConfig" not in action:
            return text
        groups = "".join(
            f"<member><TargetGroupArn>{each['TargetGroupArn']}</TargetGroupArn>"
            f"<Weight>{each['Weight']}</Weight></member>"
            for each in action["ForwardConfig"]["TargetGroups"]
        )
        forward = f"<ForwardConfig><TargetGroups>{groups}</TargetGroups></ForwardConfig>"
        return text.removesuffix("</member>") + forward + "</member>"

    async def execute_action(action: dict[str, Any], *rest: Any, **more: Any) -> Any:
        weighted = action.get("ForwardConfig", {}).get("TargetGroups", ())
        groups = [each for each in weighted if each["Weight"]]
        if groups:
            chosen = random.choices(groups, [each["Weight"] for each in groups])[0]
            action = {**action, "TargetGroupArn": chosen["TargetGroupArn"]}
        return await execute(action, *rest, **more)

    alb._parse_actions, alb._action_xml = parse_actions, action_xml
    alb._execute_action = execute_action


def _groups(params: Any, prefix: str) -> Iterator[dict[str, Any]]:
    number = 1
    while arn := alb._p(params, f"{prefix}.TargetGroups.member.{number}.TargetGroupArn"):
        weight = alb._p(params, f"{prefix}.TargetGroups.member.{number}.Weight")
        yield {"TargetGroupArn": arn, "Weight": int(weight or 1)}
        number += 1

"""The instances of Auto Scaling groups: launched, judged, and terminated after draining."""

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ministack.core.responses import new_uuid

from .containers import ADDRESS
from .instances import STOP_SECONDS, Program, ProgramError, start
from .logs import follow
from .processes import ServiceProcess
from .targets import HEALTHY, INITIAL, UNHEALTHY, Targets

Group = dict[str, Any]
Instance = dict[str, Any]
Template = dict[str, str]
"""A launch template and its version, in the form of AWS."""
PENDING, IN_SERVICE = "Pending", "InService"
"""The lifecycle states of an instance that starts, and of one whose process has been started."""
log = logging.getLogger(__name__)


class Groups:
    """Starts and stops the processes of all groups."""

    def __init__(
        self, targets: Targets, delay: Callable[[str], float], here: Callable[[str], str]
    ) -> None:
        """Prepare the groups.

        Args:
            targets: The targets of load balancers.
            delay: Returns the deregistration delay of a target group.
            here: Replaces addresses of load balancers by those of this machine.
        """
        self._targets, self._delay, self._here = targets, delay, here
        self._runtime = self._folder = Path()
        self._processes: dict[str, ServiceProcess] = {}
        self._lock = threading.RLock()

    def use(self, runtime: Path, folder: Path) -> None:
        """Set the interpreter of programs and the folder of their files."""
        self._runtime, self._folder = runtime, folder

    def reconcile(self, group: Group) -> None:
        """Launch or terminate instances up to the desired capacity."""
        with self._lock:
            instances = group["Instances"]
            for each in instances[group["DesiredCapacity"] :]:
                self.terminate(group, each)
            while len(instances) < group["DesiredCapacity"]:
                self.launch(group, group["LaunchTemplate"])

    def launch(self, group: Group, template: Template, *, refresh: bool = False) -> Instance:
        """Add an instance to a group, for a `refresh`, which judges it itself, or for the group.

        It is unhealthy from the start if its artefact is missing.
        """
        zones, name = group["AvailabilityZones"], "i-" + new_uuid().replace("-", "")[:17]
        instance: Instance = {
            "InstanceId": name,
            "LifecycleState": PENDING,
            "HealthStatus": "Healthy",
            "AvailabilityZone": zones[len(group["Instances"]) % len(zones)],
            "ProtectedFromScaleIn": group["NewInstancesProtectedFromScaleIn"],
            "LaunchTemplate": template,
            "LaunchConfigurationName": "",
            "_launched": time.monotonic(),
            "_refresh": refresh,
        }
        with self._lock:
            group["Instances"].append(instance)
            try:
                process = self._start(group, name, template_data(template))
            except (ProgramError, ValueError, KeyError) as error:
                log.error("instance %s of %s: %s", name, group["AutoScalingGroupName"], error)
            else:
                self._processes[name] = process
                for arn in group["TargetGroupARNs"]:
                    self._targets.register(arn, [(ADDRESS, process.port)])
            instance["LifecycleState"] = IN_SERVICE
        return instance

    def _start(self, group: Group, name: str, data: dict[str, Any]) -> ServiceProcess:
        # Imported late, for its size.
        from ministack.services import s3

        program = Program.of(data)
        # User data is encoded, so that the program's run could not replace them.
        variables = {key: self._here(value) for key, value in program.environment.items()}
        account, region = group["_scope"]
        process = start(
            replace(program, environment=variables),
            s3._get_object_data(program.bucket, program.key),
            instance=name,
            role=_role(data),
            region=region,
            endpoint=f"http://{ADDRESS}:{os.environ['GATEWAY_PORT']}",
            runtime=self._runtime,
            folder=self._folder,
        )
        if program.log_group:
            follow(process, program.log_group, name, account, region)
        return process

    def terminate(self, group: Group, instance: Instance) -> None:
        """Remove an instance, which drains before its process is stopped."""
        with self._lock:
            group["Instances"][:] = [each for each in group["Instances"] if each is not instance]
            process = self._processes.pop(instance["InstanceId"], None)
        if process is None:
            return
        key = ADDRESS, process.port
        for arn in group["TargetGroupARNs"]:
            self._targets.deregister(arn, [key], self._delay(arn))
        process.stop(STOP_SECONDS, before=lambda: self._targets.await_drained(key))

    def state(self, group: Group, instance: Instance) -> str:
        """Return the health of an instance, by its process and its targets."""
        process = self._processes.get(instance["InstanceId"])
        if process is None or not process.running:
            return UNHEALTHY
        if not group["TargetGroupARNs"]:
            return HEALTHY
        return self._targets.state((ADDRESS, process.port), group["TargetGroupARNs"]) or INITIAL

    def is_lost(self, group: Group, instance: Instance) -> bool:
        """Return whether an instance is to be replaced. One that still starts is not."""
        if instance["LifecycleState"] == PENDING or instance["_refresh"]:
            return False
        process = self._processes.get(instance["InstanceId"])
        if process is None or not process.running:
            return True
        age = time.monotonic() - instance["_launched"]
        judged = group["HealthCheckType"] == "ELB" and age > group["HealthCheckGracePeriod"]
        return judged and self.state(group, instance) == UNHEALTHY

    def clear(self) -> None:
        """Kill all processes."""
        with self._lock:
            ended = list(self._processes.values())
            self._processes.clear()
        for each in ended:
            each.kill()


def given_template(params: Any, prefix: str) -> Template:
    """Return the launch template that the parameters of a call name, or nothing."""
    name = params.get(f"{prefix}.LaunchTemplateId") or params.get(f"{prefix}.LaunchTemplateName")
    version = params.get(f"{prefix}.Version") or "$Default"
    template = {"LaunchTemplateId": name, "LaunchTemplateName": name, "Version": version}
    return template if name else {}


def template_data(chosen: Template) -> dict[str, Any]:
    """Return the data of a version of a launch template."""
    if not chosen:
        return {}
    # Imported late, for its size.
    from ministack.services import ec2

    spec = {key: chosen[key] for key in ("LaunchTemplateId", "Version")}
    if not spec["LaunchTemplateId"].startswith("lt-"):
        spec["LaunchTemplateName"] = spec.pop("LaunchTemplateId")
    data, _template, _error = ec2._resolve_launch_template_data(spec)
    return dict(data or {})


def _role(data: dict[str, Any]) -> str | None:
    """Return the role of the instance profile."""
    # Imported late: the emulator imports it with the first call of IAM.
    from ministack.services import iam

    given = data.get("IamInstanceProfile") or {}
    name = given.get("Name") or given.get("Arn", "").rpartition("/")[2]
    roles = (iam._instance_profiles.get(name) or {}).get("Roles", ())
    names = [each if isinstance(each, str) else each["RoleName"] for each in roles]
    return str(iam._roles[names[0]]["Arn"]) if names else None

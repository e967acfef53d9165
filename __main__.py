"""The platform: creates the systems of a stack. Each system is a module of `systems/`."""

import atexit
import gc
from importlib import import_module

import pulumi

from components.customer_managed_key import customer_managed_key
from components.idle_cost import IdleCost
from components.permissions_boundary import permissions_boundary
from settings import Settings
from systems.platform import Platform

# The SDK creates hundreds of thousands of objects that live until the end. Collecting garbage among
# them repeatedly, and once more at the exit, would take as long as the program itself.
gc.set_threshold(200_000, 20, 100)
atexit.register(gc.freeze)

idle_cost = IdleCost()
settings = Settings.load()
if settings.permissions_boundary_arn:
    boundary = permissions_boundary(settings.permissions_boundary_arn)
    pulumi.runtime.register_resource_transform(boundary)
if settings.kms_key_arn:
    pulumi.runtime.register_resource_transform(customer_managed_key(settings.kms_key_arn))
platform = Platform(settings)
for system in sorted(settings.systems):
    pulumi.export(system, import_module(f"systems.{system}").create(platform))
pulumi.export("idleCost", idle_cost.output())

"""ECR repositories and their lifecycle policies."""

from local.engine.context import Context
from local.engine.fit import text
from local.engine.registry import Call, Created, Inputs, Outputs, Update, creates, overwrite


def _update_repository(context: Context, name: str, inputs: Inputs) -> Outputs:
    client = context.client("ecr")
    scan = inputs.get("imageScanningConfiguration", {}).get("scanOnPush", False)
    client.put_image_scanning_configuration(
        repositoryName=name, imageScanningConfiguration={"scanOnPush": scan}
    )
    mutability = inputs.get("imageTagMutability", "MUTABLE")
    client.put_image_tag_mutability(repositoryName=name, imageTagMutability=mutability)
    return {}


def _delete_repository(context: Context, name: str, state: Outputs) -> None:
    force = bool(state.get("forceDelete"))
    context.client("ecr").delete_repository(repositoryName=name, force=force)


@creates(
    "aws:ecr/repository:Repository",
    update=Update(
        _update_repository,
        replaced_by=("encryptionConfigurations", "name"),
        changes=("forceDelete", "imageScanningConfiguration", "imageTagMutability"),
    ),
    delete=_delete_repository,
)
def repository(context: Context, inputs: Inputs) -> Created:
    """A repository, to which images are pushed by the API."""
    name = context.named(inputs)
    rename = {"encryptionConfigurations": "encryptionConfiguration"}
    made = context.call(
        "ecr", "create_repository", inputs, rename, ("forceDelete", "name"), repositoryName=name
    )["repository"]
    return name, {
        "name": name,
        "arn": made["repositoryArn"],
        "registryId": made["registryId"],
        "repositoryUrl": made["repositoryUri"],
    }


@creates(
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    update=overwrite("repository"),
    delete=Call("ecr", "delete_lifecycle_policy", repositoryName="repository"),
)
def lifecycle_policy(context: Context, inputs: Inputs) -> Created:
    """The lifecycle policy of a repository. The emulator stores it and expires no images."""
    name, policy = inputs["repository"], text(inputs["policy"])
    made = context.call(
        "ecr", "put_lifecycle_policy", {}, repositoryName=name, lifecyclePolicyText=policy
    )
    return name, {"registryId": made.get("registryId", "")}

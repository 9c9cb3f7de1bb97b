"""ministack on one port of loopback, with the events of ECR that it does not send by itself.

It keeps EventBridge to itself for sources that begin with "aws.", so the events are made inside it, after the call
that causes them has worked.
"""
import json

from ministack.app import main
from ministack.services import ecr, eventbridge


def announce(repository, digest, tag, action, media_type=None):
    detail = {
        "result": "SUCCESS",
        "repository-name": repository,
        "image-digest": digest,
        "action-type": action,
        "image-tag": tag or "",
    }
    if media_type:
        detail["manifest-media-type"] = media_type
    entry = {
        "Source": "aws.ecr",
        "DetailType": "ECR Image Action",
        "Resources": [],
        "Detail": json.dumps(detail),
    }
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def after(name, tell):
    """Calls tell with the arguments and the answer of a function of the ECR module, once that has returned."""
    original = getattr(ecr, name)

    def wrapped(*arguments):
        answer = original(*arguments)
        tell(arguments, answer)
        return answer

    setattr(ecr, name, wrapped)


def put_image(arguments, answer):
    if answer[0] != 200:
        return
    image = json.loads(answer[2])["image"]
    announce(
        image["repositoryName"],
        image["imageId"]["imageDigest"],
        arguments[0].get("imageTag"),
        "PUSH",
        image.get("imageManifestMediaType"),
    )


def put_manifest(arguments, answer):
    name, reference, headers, _ = arguments
    if answer[0] != 201:
        return
    tag = None if reference.startswith("sha256:") else reference
    announce(name, answer[1]["Docker-Content-Digest"], tag, "PUSH", headers.get("content-type"))


def batch_delete_image(arguments, answer):
    if answer[0] != 200:
        return
    for image in json.loads(answer[2])["imageIds"]:
        announce(arguments[0]["repositoryName"], image.get("imageDigest"), image.get("imageTag"), "DELETE")


after("_put_image", put_image)
after("_v2_put_manifest", put_manifest)
after("_batch_delete_image", batch_delete_image)

main()

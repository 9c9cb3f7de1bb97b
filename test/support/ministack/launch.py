"""ministack on one port of loopback, with what it lacks of what a deployment of archweave meets.

Events of ECR: it keeps EventBridge to itself for sources that begin with "aws.", so they are made inside it, after the
call that causes them has worked. Layers of ECR: the address that it gives for one is AWS's own. CloudFormation: some
types for whoever watches a deployment, which do nothing here. STS: a token that vouches for a role is signed in a way
that nobody outside of AWS takes, and honestly says so; here it says what AWS's own would. IAM: permissions.py.
"""
import base64
import json
import os

import permissions  # noqa: F401  (it acts by being there)
from ministack.app import main
from ministack.services import ecr, eventbridge, sts
from ministack.services.cloudformation import provisioners


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


def download_url(data):
    """The layer's own address at this gateway, where ministack would name AWS's."""
    answer = original_download_url(data)
    if answer[0] != 200:
        return answer
    layer = json.loads(answer[2])
    path = f"/v2/{data['repositoryName']}/blobs/{layer['layerDigest']}"
    scheme = "https" if os.environ.get("USE_SSL") else "http"
    layer["downloadUrl"] = f"{scheme}://127.0.0.1:{os.environ['GATEWAY_PORT']}{path}"
    return (answer[0], answer[1], json.dumps(layer).encode())


original_download_url = ecr._get_download_url_for_layer
ecr._get_download_url_for_layer = download_url

def signed_by(algorithm):
    header = json.dumps({"alg": algorithm, "typ": "JWT"}, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(header).rstrip(b"=")


async def vouching(*arguments):
    status, headers, body = await original_sts(*arguments)
    return (status, headers, body.replace(signed_by("HS256"), signed_by("RS256")))


original_sts = sts.handle_request
sts.handle_request = vouching

for kind in ("CloudWatch::Alarm", "CloudWatch::CompositeAlarm", "Logs::QueryDefinition"):
    provisioners._RESOURCE_HANDLERS[f"AWS::{kind}"] = {
        "create": lambda logical_id, properties, stack: (f"{stack}-{logical_id}", {"Arn": f"arn:aws:none:::{logical_id}"}),
        "delete": lambda physical_id, properties: None,
    }

after("_put_image", put_image)
after("_v2_put_manifest", put_manifest)
after("_batch_delete_image", batch_delete_image)

main()

"""What AWS asks IAM about, where ministack asks something else; it says so by AWS's service authorization reference."""
from ministack.core import iam_actions

MAPPING = {"GET": "GetEventSourceMapping", "PUT": "UpdateEventSourceMapping", "DELETE": "DeleteEventSourceMapping"}


def resource_arn(service, method, path, headers, body, query_params, region, account_id, *more):
    """A list of repositories is asked of all of them: ministack takes it for an action that has no resource."""
    arn = original_resource_arn(service, method, path, headers, body, query_params, region, account_id, *more)
    listing = headers.get("x-amz-target", "").endswith(".DescribeRepositories")
    return f"arn:aws:ecr:{region}:{account_id}:repository/*" if service == "ecr" and listing and arn == "*" else arn


def iam_action(service, method, path, *arguments, **named):
    """SQS has no right of its own for a batch: who may do it once may do it ten times. One mapping is not the list."""
    if service == "lambda" and "/event-source-mappings/" in path.rstrip("/") and method in MAPPING:
        return f"lambda:{MAPPING[method]}"
    action = original_iam_action(service, method, path, *arguments, **named)
    batch = action is not None and action.startswith("sqs:") and action.endswith("Batch")
    return action.removesuffix("Batch") if batch else action


original_resource_arn = iam_actions.extract_resource_arn
original_iam_action = iam_actions.extract_iam_action
iam_actions.extract_resource_arn = resource_arn
iam_actions.extract_iam_action = iam_action

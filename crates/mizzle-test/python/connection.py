"""How the scripts beside this one reach DynamoDB."""

import boto3
from botocore.config import Config


def connect(endpoint):
    """A client that asks once and uses no proxy. Credentials and region come from the environment."""
    config = Config(proxies={}, retries={"total_max_attempts": 1})
    return boto3.client("dynamodb", endpoint_url=endpoint, config=config)

"""What one would write without mizzle: every table of a server, one after another.

list.py <endpoint> [long]: with `long` also what takes requests of its own.
"""

import json
import sys

import boto3
from botocore.exceptions import ClientError

endpoint, *rest = sys.argv[1:]
client = boto3.client("dynamodb", endpoint_url=endpoint)


def asked(question):
    """The answer, if the server has the operation and anything to say."""
    try:
        return question()
    except ClientError:
        return None


tables = []
for page in client.get_paginator("list_tables").paginate():
    for name in page["TableNames"]:
        table = client.describe_table(TableName=name)["Table"]
        if rest == ["long"]:
            arn = table["TableArn"]
            table["More"] = [
                asked(lambda: client.describe_time_to_live(TableName=name)),
                asked(lambda: client.describe_continuous_backups(TableName=name)),
                asked(lambda: client.list_tags_of_resource(ResourceArn=arn)),
                asked(lambda: client.get_resource_policy(ResourceArn=arn)),
            ]
        tables.append(table)
tables.sort(key=lambda table: table["TableName"])
json.dump(tables, sys.stdout, default=str, indent=2)

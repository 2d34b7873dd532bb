"""Prints all tables of a DynamoDB as JSON, in an order that does not depend on the server.

Usage: describe.py ENDPOINT. Credentials and region come from the environment.
"""

import json
import sys

import boto3
from botocore.config import Config


def key_schema(elements):
    # The order of the attributes in a key means something, so it is left as it is.
    return [f"{element['AttributeName']} {element['KeyType']}" for element in elements]


def projection(described):
    kind = described["ProjectionType"]
    return sorted(described["NonKeyAttributes"]) if kind == "INCLUDE" else kind


def index(described):
    facts = {
        "KeySchema": key_schema(described["KeySchema"]),
        "Projection": projection(described["Projection"]),
    }
    if "IndexStatus" in described:
        facts["IndexStatus"] = described["IndexStatus"]
    return facts


def indexes(described):
    return {one["IndexName"]: index(one) for one in described or []}


def table(described):
    attributes = described["AttributeDefinitions"]
    return {
        "TableStatus": described["TableStatus"],
        # DynamoDB leaves the summary out for a table that was always provisioned.
        "BillingMode": described.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
        "AttributeDefinitions": {
            one["AttributeName"]: one["AttributeType"] for one in attributes
        },
        "KeySchema": key_schema(described["KeySchema"]),
        "GlobalSecondaryIndexes": indexes(described.get("GlobalSecondaryIndexes")),
        "LocalSecondaryIndexes": indexes(described.get("LocalSecondaryIndexes")),
    }


def main():
    (endpoint,) = sys.argv[1:]
    config = Config(proxies={}, retries={"total_max_attempts": 1})
    client = boto3.client("dynamodb", endpoint_url=endpoint, config=config)
    names = [
        name
        for page in client.get_paginator("list_tables").paginate()
        for name in page["TableNames"]
    ]
    tables = {name: table(client.describe_table(TableName=name)["Table"]) for name in names}
    json.dump(tables, sys.stdout, indent=2, sort_keys=True)


main()

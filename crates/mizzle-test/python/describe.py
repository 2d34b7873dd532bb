"""Prints all tables of a DynamoDB as JSON, in an order that does not depend on the server.

Usage: describe.py ENDPOINT. Credentials and region come from the environment.

What a server has not, or does not know, is left out, and so are the values that DynamoDB fills in
by itself: the capacity of an on-demand table, the STANDARD table class, a protection or a recovery that is off.
"""

import json
import sys

from botocore.exceptions import ClientError
from connection import connect


def key_schema(elements):
    # The order of the attributes in a key means something, so it is left as it is.
    return [f"{element['AttributeName']} {element['KeyType']}" for element in elements]


def projection(described):
    kind = described["ProjectionType"]
    return sorted(described["NonKeyAttributes"]) if kind == "INCLUDE" else kind


def numbers(described, *names):
    """The numbers that say something: zero stands for none, -1 for no limit."""
    found = {name: (described or {}).get(name, 0) for name in names}
    return {name: number for name, number in found.items() if number > 0}


def throughput(described, mode):
    """The three kinds of throughput, which a table and a GSI have alike."""
    capacity = described.get("ProvisionedThroughput")
    return {
        # Some servers go on to show what an on-demand table had before.
        "ProvisionedThroughput": mode == "PROVISIONED"
        and numbers(capacity, "ReadCapacityUnits", "WriteCapacityUnits"),
        "OnDemandThroughput": numbers(
            described.get("OnDemandThroughput"), "MaxReadRequestUnits", "MaxWriteRequestUnits"
        ),
        "WarmThroughput": numbers(
            described.get("WarmThroughput"), "ReadUnitsPerSecond", "WriteUnitsPerSecond"
        ),
    }


def said(facts):
    """The facts without those that are not there, off or empty."""
    return {name: fact for name, fact in facts.items() if fact}


def index(described, mode):
    return {
        "KeySchema": key_schema(described["KeySchema"]),
        "Projection": projection(described["Projection"]),
        **said(
            {
                # An LSI has neither status nor throughput.
                "IndexStatus": described.get("IndexStatus"),
                "Backfilling": described.get("Backfilling"),
                **throughput(described, mode),
            }
        ),
    }


def indexes(described, mode):
    return {one["IndexName"]: index(one, mode) for one in described or []}


def stream(described):
    specification = described.get("StreamSpecification", {})
    return specification if specification.get("StreamEnabled") else None


def encryption(described):
    facts = described.get("SSEDescription", {})
    names = ("Status", "SSEType", "KMSMasterKeyArn")
    if facts.get("Status", "DISABLED") == "DISABLED":
        return None
    return {name: facts[name] for name in names if name in facts}


def table_class(described):
    found = described.get("TableClassSummary", {}).get("TableClass")
    return None if found == "STANDARD" else found


class Server:
    """A DynamoDB that may not know every operation."""

    UNKNOWN = "UnknownOperationException"
    # That there is no policy is an error, too.
    NOTHING = "PolicyNotFoundException"

    def __init__(self, client):
        self.client = client
        self.unknown = set()

    def ask(self, operation, **parameters):
        """The answer; nothing when there is none, or the server does not know the operation."""
        if operation in self.unknown:
            return {}
        try:
            return getattr(self.client, operation)(**parameters)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == self.UNKNOWN:
                self.unknown.add(operation)
            elif code != self.NOTHING:
                raise
            return {}

    def names(self):
        pages = self.client.get_paginator("list_tables").paginate()
        return [name for page in pages for name in page["TableNames"]]

    def time_to_live(self, name):
        answer = self.ask("describe_time_to_live", TableName=name)
        facts = answer.get("TimeToLiveDescription", {})
        return None if facts.get("TimeToLiveStatus", "DISABLED") == "DISABLED" else facts

    def point_in_time_recovery(self, name):
        answer = self.ask("describe_continuous_backups", TableName=name)
        facts = answer.get("ContinuousBackupsDescription", {})
        facts = facts.get("PointInTimeRecoveryDescription", {})
        if facts.get("PointInTimeRecoveryStatus", "DISABLED") == "DISABLED":
            return None
        # The rest is when the recovery can begin.
        names = ("PointInTimeRecoveryStatus", "RecoveryPeriodInDays")
        return {name: facts[name] for name in names if name in facts}

    def tags(self, arn):
        found, more = [], {}
        while True:
            answer = self.ask("list_tags_of_resource", ResourceArn=arn, **more)
            found += answer.get("Tags", [])
            if "NextToken" not in answer:
                break
            more = {"NextToken": answer["NextToken"]}
        tags = {tag["Key"]: tag["Value"] for tag in found}
        if len(tags) < len(found):
            sys.exit(f"a key is among the tags of {arn} more than once: {found}")
        return tags

    def resource_policy(self, arn):
        policy = self.ask("get_resource_policy", ResourceArn=arn).get("Policy")
        return json.loads(policy) if policy else None

    def table(self, name):
        described = self.client.describe_table(TableName=name)["Table"]
        arn = described["TableArn"]
        attributes = described["AttributeDefinitions"]
        # DynamoDB leaves the summary out for a table that was always provisioned.
        mode = described.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
        return {
            "TableStatus": described["TableStatus"],
            "BillingMode": mode,
            "AttributeDefinitions": {
                one["AttributeName"]: one["AttributeType"] for one in attributes
            },
            "KeySchema": key_schema(described["KeySchema"]),
            "GlobalSecondaryIndexes": indexes(described.get("GlobalSecondaryIndexes"), mode),
            "LocalSecondaryIndexes": indexes(described.get("LocalSecondaryIndexes"), mode),
            **said(
                {
                    **throughput(described, mode),
                    "StreamSpecification": stream(described),
                    "SSEDescription": encryption(described),
                    "TableClass": table_class(described),
                    "DeletionProtectionEnabled": described.get("DeletionProtectionEnabled"),
                    "TimeToLiveDescription": self.time_to_live(name),
                    "PointInTimeRecoveryDescription": self.point_in_time_recovery(name),
                    "Tags": self.tags(arn),
                    "ResourcePolicy": self.resource_policy(arn),
                }
            ),
        }


def main():
    (endpoint,) = sys.argv[1:]
    server = Server(connect(endpoint))
    tables = {name: server.table(name) for name in server.names()}
    json.dump(tables, sys.stdout, indent=2, sort_keys=True)


main()

"""Writes 5,000 items by BatchWriteItem and prints how many seconds that took.

local.py <endpoint>
"""

import sys
import time

import boto3

ITEMS = 5_000
BATCH = 25

client = boto3.client("dynamodb", endpoint_url=sys.argv[1])
table = f"Items{time.time_ns()}"
client.create_table(
    TableName=table,
    BillingMode="PAY_PER_REQUEST",
    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
)
start = time.monotonic()
for first in range(0, ITEMS, BATCH):
    items = [
        {"id": {"S": f"ITEM#{number}"}, "text": {"S": "x" * 200}, "number": {"N": str(number)}}
        for number in range(first, first + BATCH)
    ]
    puts = [{"PutRequest": {"Item": item}} for item in items]
    answer = client.batch_write_item(RequestItems={table: puts})
    assert not answer["UnprocessedItems"], answer
seconds = time.monotonic() - start
count = sum(
    page["Count"]
    for page in client.get_paginator("scan").paginate(TableName=table, Select="COUNT")
)
assert count == ITEMS, count
client.delete_table(TableName=table)
print(seconds)

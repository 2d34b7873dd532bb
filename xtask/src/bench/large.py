"""Writes a project with a history of so many migrations, each of which changes one of twenty tables.

Usage: large.py FOLDER MIGRATIONS. The project is written as mizzle would have written it, version by version.
"""

import json
import sys
import uuid
from pathlib import Path

TABLES = 20
# Of the ids of snapshots: crates/mizzle-core/src/snapshot/format.rs.
NAMESPACE = uuid.UUID(int=0x6D697A7A6C655F736E617073686F7421)


def name(number):
    return f"T{number:02}"


def definition(number, is_protected):
    return {
        "TableName": name(number),
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "DeletionProtectionEnabled": is_protected,
    }


def script(calls):
    body = "".join(f"  await db.{method}({json.dumps(request)});\n" for method, request in calls)
    return f"export async function up(db) {{\n{body}}}\n\nexport async function down(db) {{}}\n"


def main():
    folder, migrations = Path(sys.argv[1]), int(sys.argv[2])
    (folder / "migrations").mkdir()
    protected = [False] * TABLES
    parent = None
    calls = [
        ("createTable", {**definition(number, False), "BillingMode": "PAY_PER_REQUEST"})
        for number in range(TABLES)
    ]
    for migration in range(1, migrations + 1):
        tables = {name(number): definition(number, protected[number]) for number in range(TABLES)}
        content = json.dumps([parent, tables], separators=(",", ":"))
        snapshot = {
            "version": "2",
            "id": str(uuid.uuid5(NAMESPACE, content)),
            "parentId": parent,
            "tables": tables,
        }
        stem = folder / "migrations" / f"{migration:04}_change"
        Path(f"{stem}.snapshot.json").write_text(json.dumps(snapshot, indent=2) + "\n")
        Path(f"{stem}.ts").write_text(script(calls))
        parent = snapshot["id"]
        end = list(protected)
        number = migration % TABLES
        protected[number] = not protected[number]
        request = {"TableName": name(number), "DeletionProtectionEnabled": protected[number]}
        calls = [("updateTable", request)]
    settings = {name(number): {"deletionProtection": end[number]} for number in range(TABLES)}
    (folder / "settings.json").write_text(json.dumps(settings))
    tables = ", ".join(
        f'dynamoTable("{name(number)}", {{ pk: string("pk") }})' for number in range(TABLES)
    )
    (folder / "schema.ts").write_text(
        f'import {{ dynamoTable, string }} from "mizzle";\nexport const tables = [{tables}];\n'
    )
    (folder / "mizzle.config.ts").write_text(
        'import settings from "./settings.json";\n'
        'export default { schema: "./schema.ts", endpoint: "local", tables: settings };\n'
    )


main()

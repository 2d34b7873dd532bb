//! The operation and the table of a DynamoDB request.

use serde_json::Value;
use std::fmt;

/// A request that arrived at a [`FaultProxy`](crate::FaultProxy). Shown as `UpdateTable Shop`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The operation's name in the API: `UpdateTable`. For a request that is not for DynamoDB, its
    /// method and path.
    pub operation: String,
    /// The one table of the request: given by its name, by an ARN, or as the only table of a batch.
    pub table: Option<String>,
}

impl Request {
    /// Parses the header `X-Amz-Target` and the body of a request.
    pub(super) fn parse(target: Option<&str>, fallback: &str, body: &Value) -> Self {
        let operation = target.and_then(|target| target.rsplit('.').next()).unwrap_or(fallback);
        Self { operation: operation.to_owned(), table: table(body) }
    }

    /// True if the request may change data: false for describing, listing, getting and searching.
    pub fn is_write(&self) -> bool {
        !["Describe", "List", "Get", "BatchGet", "TransactGet", "Query", "Scan"]
            .iter()
            .any(|reading| self.operation.starts_with(reading))
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.table {
            Some(table) => write!(f, "{} {table}", self.operation),
            None => f.write_str(&self.operation),
        }
    }
}

fn table(body: &Value) -> Option<String> {
    let named = |field: &str| body.get(field).and_then(Value::as_str).map(name);
    named("TableName").or_else(|| named("ResourceArn")).or_else(|| named("BackupArn")).or_else(
        || {
            let batch = body.get("RequestItems")?.as_object()?;
            let mut tables = batch.keys().map(|table| name(table));
            tables.next().filter(|_| tables.next().is_none())
        },
    )
}

/// Returns the name of a table from its name, or from an ARN of the table or of a part of it.
fn name(given: &str) -> String {
    let resource = given.split_once(":table/").map_or(given, |(_, resource)| resource);
    resource.split('/').next().unwrap_or(resource).to_owned()
}

#[cfg(test)]
mod tests {
    use super::Request;
    use serde_json::json;

    #[test]
    fn tells_operation_and_table() {
        let arn = "arn:aws:dynamodb:us-east-1:777700000001:table/Shop";
        for (target, body, shown) in [
            ("DynamoDB_20120810.UpdateTable", json!({ "TableName": "Shop" }), "UpdateTable Shop"),
            ("DynamoDB_20120810.DescribeTable", json!({ "TableName": arn }), "DescribeTable Shop"),
            ("DynamoDB_20120810.TagResource", json!({ "ResourceArn": arn }), "TagResource Shop"),
            (
                "DynamoDB_20120810.GetResourcePolicy",
                json!({ "ResourceArn": format!("{arn}/stream/2025") }),
                "GetResourcePolicy Shop",
            ),
            (
                "DynamoDB_20120810.BatchWriteItem",
                json!({ "RequestItems": { "Shop": [] } }),
                "BatchWriteItem Shop",
            ),
            (
                "DynamoDB_20120810.BatchWriteItem",
                json!({ "RequestItems": { "Shop": [], "Users": [] } }),
                "BatchWriteItem",
            ),
            (
                "DynamoDB_20120810.DescribeBackup",
                json!({ "BackupArn": format!("{arn}/backup/0174") }),
                "DescribeBackup Shop",
            ),
            ("DynamoDB_20120810.ListTables", json!({}), "ListTables"),
        ] {
            assert_eq!(Request::parse(Some(target), "POST /", &body).to_string(), shown);
        }
        assert_eq!(Request::parse(None, "GET /health", &json!(null)).to_string(), "GET /health");
    }

    #[test]
    fn knows_what_only_reads() {
        for (operation, is_write) in [
            ("CreateTable", true),
            ("TagResource", true),
            ("PutItem", true),
            ("BatchWriteItem", true),
            ("DescribeTable", false),
            ("ListTagsOfResource", false),
            ("GetResourcePolicy", false),
            ("BatchGetItem", false),
            ("Scan", false),
        ] {
            let request = Request { operation: operation.to_owned(), table: None };
            assert_eq!(request.is_write(), is_write, "{operation}");
        }
    }
}

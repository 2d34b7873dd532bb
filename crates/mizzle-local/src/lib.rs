//! The embedded DynamoDB: one file, no server

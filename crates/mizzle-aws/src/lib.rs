//! The DynamoDB control plane on the AWS SDK for Rust

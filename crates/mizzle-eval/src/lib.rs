//! Evaluates TypeScript schemas and configs in an embedded JavaScript engine

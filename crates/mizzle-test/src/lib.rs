//! Test support: real servers, temporary projects, redactions

//! The completions of a shell.

/// The result of `completions`.
#[derive(Debug)]
pub(crate) struct CompletionsReport {
    /// The script that the shell reads.
    pub(crate) script: String,
}

//! Generates source text from existing tables: a schema module, the entries of the config, and
//! proposals for entities.

mod entries;
mod identifiers;
mod infer;
mod module;
mod settings;

pub use entries::{Style, entry};
pub use identifiers::identifiers;
pub use infer::{Column, ColumnKind, KeyPart, KeyValue, ProposedEntity, propose};
pub use module::{Form, PulledTable, file_stem, index, keys, module};
pub use settings::{PulledSettings, projections, settings};

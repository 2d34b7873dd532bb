//! From tables that are there to the text that describes them: a schema module, the entries of the
//! config, and proposals for what the tables hold.

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

//! Applying a plan: the ports, and the executor that uses them.

mod background;
mod backup;
mod data;
mod executor;
mod fence;
mod pace;
mod port;
mod standing;
mod wait;

pub use background::{Background, CertificateFlaw, CredentialsSource, Obstacle, ProfileSource};
pub use backup::{BackupError, BackupPlane, BackupStatus, await_backup, begin_backup};
pub use data::{DataError, DataOperation, DataPlane};
pub use executor::{Event, Failure, Observer, Options, Report, StepError, apply};
pub use fence::{Fence, Fenced};
pub use port::{Clock, ControlPlane, ServiceError, ServiceErrorKind};
pub use standing::extras;
pub(crate) use standing::{Standing, standing};
pub use wait::{WaitError, describe_all, settle_all};

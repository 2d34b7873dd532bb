//! Carrying out a plan: the ports, and the executor that works through them.

mod executor;
mod pace;
mod port;
mod standing;
mod wait;

pub use executor::{Event, Failure, Observer, Options, Report, StepError, Stop, apply};
pub use port::{Clock, ControlPlane, ServiceError, ServiceErrorKind};
pub use wait::{WaitError, describe_all, settle_all};

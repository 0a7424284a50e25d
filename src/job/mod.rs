//! The words of a job: what was asked, where it lies, how far it came, how it ended. No I/O.

mod artifact;
mod failure;
mod path;
mod request;
mod stage;

pub use artifact::{Artifact, ArtifactKind};
pub use failure::{Disposition, Failure, Patience, Reason, RetryDelay, disposition};
pub use path::{InvalidPath, RemotePath};
pub use request::{InvalidRequest, JobId, MAX_BODY_BYTES, Request};
pub use stage::Stage;

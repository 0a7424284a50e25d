//! `pyservice serve`.

use crate::app::{self, Hinted};
use crate::config::Settings;

pub(super) async fn run(settings: Settings) -> Result<(), Hinted> {
    app::serve(settings).await
}

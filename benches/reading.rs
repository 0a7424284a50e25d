//! How long it takes to look at a table and to read it, in this process. `benches/reading.py` puts
//! it beside what polars needs.
//!
//!     cargo bench --bench reading -- FILE

use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use pyservice::recipe::Detector;
use pyservice::table::convert::Tables;
use pyservice::table::{Opener, Reader, inspect};

fn main() -> anyhow::Result<()> {
    let file = std::env::args()
        .skip(1)
        .find(|word| !word.starts_with("--"));
    let Some(file) = file else {
        eprintln!("name a file to read");
        return Ok(());
    };
    let scratch = std::env::temp_dir().join(format!("pyservice-reading-{}", std::process::id()));
    std::fs::create_dir_all(&scratch)?;
    let measured = measure(Path::new(&file), &scratch);
    std::fs::remove_dir_all(&scratch)?;
    measured
}

fn measure(file: &Path, scratch: &Path) -> anyhow::Result<()> {
    let clock = Instant::now();
    let opener = Opener {
        scratch: scratch.to_owned(),
        program: None,
        tables: Tables::Fullest,
    };
    let opened = opener.open(file)?;
    let source = opened.sources.first().context("there is no table")?;
    let inspection = inspect(source, &mut |_, _| {})?;
    let mut detector = Detector::new(inspection.layout.names());
    detector.observe(&inspection.sample)?;
    let profile = detector.finish(inspection.layout.tally.rows);
    let survey = clock.elapsed();
    let mut reader = Reader::open(source, &inspection.layout)?;
    let mut rows = 0;
    while let Some(batch) = reader.next_batch()? {
        rows += batch.lines.len() + batch.rejected.len();
    }
    let seconds = clock.elapsed();
    println!(
        "{{\"rows\": {rows}, \"columns\": {}, \"survey\": {}, \"seconds\": {}}}",
        profile.columns.len(),
        survey.as_secs_f64(),
        seconds.as_secs_f64()
    );
    Ok(())
}

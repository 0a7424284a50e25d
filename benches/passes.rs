//! How long it takes to look at a table, to read it, and to clean it, in this process.
//! `benches/passes.py` puts it beside what polars needs to read it.
//!
//!     cargo bench --bench passes -- FILE

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use pyservice::cleaning::{Brief, Cleaner, Findings};
use pyservice::recipe::{Detector, Rules};
use pyservice::table::convert::Tables;
use pyservice::table::{Opener, Reader, inspect};

// The program's own allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let file = std::env::args()
        .skip(1)
        .find(|word| !word.starts_with("--"));
    let Some(file) = file else {
        eprintln!("name a file to read");
        return Ok(());
    };
    let scratch = std::env::temp_dir().join(format!("pyservice-passes-{}", std::process::id()));
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
    let columns = profile.columns.len();

    // Cleaning alone: the batches lie in memory; what becomes of them is dropped, as it is when a
    // job has written it.
    let mut reader = Reader::open(source, &inspection.layout)?;
    let mut batches = Vec::new();
    while let Some(batch) = reader.next_batch()? {
        batches.push(batch);
    }
    let brief = Brief {
        profile: Arc::new(profile),
        rules: Arc::new(Rules::default()),
        today: chrono::NaiveDate::from_ymd_opt(2026, 11, 21).context("no such day")?,
    };
    let mut cleaner = Cleaner::new(brief, Arc::new(Findings::default()));
    let mut delivered = 0;
    let clock = Instant::now();
    for batch in batches {
        delivered += cleaner.clean(batch)?.lines.len();
    }
    let cleaning = clock.elapsed();
    println!(
        "{{\"rows\": {rows}, \"delivered\": {delivered}, \"columns\": {columns}, \
         \"survey\": {}, \"seconds\": {}, \"cleaning\": {}}}",
        survey.as_secs_f64(),
        seconds.as_secs_f64(),
        cleaning.as_secs_f64()
    );
    Ok(())
}

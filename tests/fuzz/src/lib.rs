//! Reading a file the way a job does, whatever is in it.

use std::fs;
use std::path::Path;

use pyservice::table::convert::Tables;
use pyservice::table::{Opener, Reader, TableError, inspect};

/// Reads `bytes` as a file that was sent: every table in it, to its end.
pub fn read(bytes: &[u8]) {
    // In memory where there is such a folder: thousands of files a second come and go.
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    let Ok(folder) = folder else { return };
    let file = folder.path().join("input");
    if fs::write(&file, bytes).is_ok() {
        // To refuse a file is always right; only a panic is wrong.
        let _ = read_tables(&file, folder.path());
    }
}

fn read_tables(path: &Path, scratch: &Path) -> Result<(), TableError> {
    let opener = Opener {
        scratch: scratch.to_owned(),
        // There is no other program here: everything happens in this process.
        program: None,
        tables: Tables::All,
    };
    for source in opener.open(path)?.sources {
        let layout = inspect(&source, &mut |_, _| {})?.layout;
        let mut reader = Reader::open(&source, &layout)?;
        let mut rows = 0;
        while let Some(batch) = reader.next_batch()? {
            assert_eq!(batch.frame.height(), batch.lines.len());
            assert_eq!(batch.frame.width(), layout.columns.len());
            assert!(batch.lines.is_sorted());
            rows += (batch.lines.len() + batch.rejected.len()) as u64;
        }
        assert_eq!(rows, layout.tally.rows, "both passes see the same rows");
    }
    Ok(())
}

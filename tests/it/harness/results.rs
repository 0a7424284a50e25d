//! Reading back what was delivered.

use std::collections::BTreeMap;
use std::path::Path;

use calamine::{Data, Reader, Xlsx};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::customers::Customers;

pub const EXTENSIONS: [&str; 5] = ["csv", "xlsx", "pdf", "zip", "json"];

/// What was delivered for one work file.
pub struct Results {
    bytes: BTreeMap<&'static str, Vec<u8>>,
    pub manifest: Value,
}

impl Results {
    /// The results of `stem` in a local folder.
    pub fn in_folder(folder: &Path, stem: &str) -> Self {
        let read = |extension: &'static str| {
            let path = folder.join(format!("{stem}_processed.{extension}"));
            let bytes = std::fs::read(&path);
            let bytes = bytes.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (extension, bytes)
        };
        Self::new(EXTENSIONS.map(read).into())
    }

    /// Files by extension. They must be whole: the manifest says of what they consist.
    pub fn new(bytes: BTreeMap<&'static str, Vec<u8>>) -> Self {
        let manifest: Value = serde_json::from_slice(&bytes["json"]).unwrap();
        let results = Results { bytes, manifest };
        let artifacts = results.manifest["artifacts"].as_array().unwrap();
        assert_eq!(artifacts.len(), 4, "{artifacts:?}");
        for artifact in artifacts {
            let (_, extension) = artifact["name"].as_str().unwrap().rsplit_once('.').unwrap();
            let bytes = &results.bytes[extension];
            assert_eq!(artifact["bytes"], bytes.len(), "{artifact}");
            assert_eq!(
                artifact["sha256"],
                hex::encode(Sha256::digest(bytes)),
                "{artifact}"
            );
        }
        assert!(results.bytes["pdf"].starts_with(b"%PDF-"));
        results
    }

    /// The artifacts whose bytes differ, of those that must be the same in every attempt at a
    /// job: all but the manifest, which tells times.
    pub fn differences(&self, other: &Results) -> Vec<&'static str> {
        let lasting = EXTENSIONS
            .into_iter()
            .filter(|extension| *extension != "json");
        lasting
            .filter(|extension| self.bytes[extension] != other.bytes[extension])
            .collect()
    }

    /// The rows of the CSV, header first.
    pub fn csv(&self) -> Vec<Vec<String>> {
        let text = std::str::from_utf8(&self.bytes["csv"]).unwrap();
        let text = text.strip_prefix('\u{feff}').expect("a byte-order mark");
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(b';')
            .has_headers(false)
            .from_reader(text.as_bytes());
        let records = reader.records().map(|record| record.unwrap());
        records
            .map(|record| record.iter().map(str::to_owned).collect())
            .collect()
    }

    /// The names of the sheets, and the cells of one as text.
    pub fn sheet(&self, name: &str) -> Vec<Vec<String>> {
        let range = self.workbook().worksheet_range(name).unwrap();
        let rows = range.rows();
        rows.map(|row| row.iter().map(shown).collect()).collect()
    }

    pub fn sheets(&self) -> Vec<String> {
        self.workbook().sheet_names()
    }

    fn workbook(&self) -> Xlsx<std::io::Cursor<&[u8]>> {
        Xlsx::new(std::io::Cursor::new(self.bytes["xlsx"].as_slice())).unwrap()
    }

    /// That this is what becomes of `customers`, in every artifact.
    pub fn are_those_of(&self, customers: &Customers, enriched: bool) {
        let clean = customers.clean(enriched);
        let csv = self.csv();
        for (line, (delivered, clean)) in csv.iter().zip(&clean).enumerate() {
            assert_eq!(delivered, clean, "row {line}");
        }
        assert_eq!(csv.len(), clean.len());
        assert_eq!(
            self.sheets(),
            [
                "Resumo",
                "Base",
                "Rejeitados",
                "Duplicados",
                "Alterações",
                "Colunas",
                "Dicionário"
            ]
        );
        let base = self.sheet("Base");
        assert_eq!(base.len(), clean.len());
        for (line, (sheet, clean)) in base.iter().zip(&clean).enumerate() {
            assert_eq!(sheet, clean, "row {line} of the sheet");
        }

        let counts = customers.counts();
        let rows = &self.manifest["rows"];
        assert_eq!(rows["read"], counts.read, "{rows}");
        assert_eq!(rows["delivered"], counts.delivered, "{rows}");
        assert_eq!(rows["rejected"], counts.rejected, "{rows}");
        assert_eq!(rows["duplicates_removed"], counts.duplicates, "{rows}");
        assert_eq!(
            rows["enriched"],
            if enriched { customers.enriched() } else { 0 }
        );
        let removed = self.sheet("Duplicados").into_iter();
        let removed = removed.filter(|row| row[4] == "removida");
        assert_eq!(removed.count() as u64, counts.duplicates);
        let whole_rows = self.sheet("Rejeitados").into_iter();
        let whole_rows = whole_rows.filter(|row| row[1] == "(linha inteira)");
        assert_eq!(whole_rows.count() as u64, counts.rejected);
        self.adds_up();
    }

    /// That the numbers of the manifest agree with one another.
    pub fn adds_up(&self) {
        let rows = &self.manifest["rows"];
        let count = |name: &str| rows[name].as_u64().unwrap();
        assert_eq!(
            count("read"),
            count("delivered") + count("rejected") + count("duplicates_removed")
        );
        for column in self.manifest["columns"].as_array().unwrap() {
            let status = column["status"].as_object().unwrap().values();
            let sum: u64 = status.map(|cells| cells.as_u64().unwrap()).sum();
            assert_eq!(sum, count("read"), "{column}");
        }
    }
}

/// A cell as the CSV has it.
fn shown(cell: &Data) -> String {
    let Data::DateTime(moment) = cell else {
        return cell.to_string();
    };
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{day:02}/{month:02}/{year:04}");
    match (hour, minute, second) {
        (0, 0, 0) => date,
        _ => format!("{date} {hour:02}:{minute:02}:{second:02}"),
    }
}

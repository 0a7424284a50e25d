use std::fs;

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn ungzip(bytes: &[u8]) -> Result<Vec<u8>, TableError> {
    let folder = TempDir::new().unwrap();
    let (from, into) = (folder.path().join("a.gz"), folder.path().join("a"));
    fs::write(&from, bytes).unwrap();
    gzip(&from, &into)?;
    Ok(fs::read(&into).unwrap())
}

/// An archive of these files; a name that ends with `/` is a folder.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        out.start_file(*name, SimpleFileOptions::default()).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

fn unzip(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, TableError> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.zip");
    fs::write(&path, bytes).unwrap();
    let into = folder.path().join("into");
    fs::create_dir(&into).unwrap();
    let members = zip(&path, &into)?;
    let outside: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(outside.len(), 2, "{outside:?}");
    assert_eq!(fs::read_dir(&into).unwrap().count(), members.len());
    let read = |member: Member| (member.name, fs::read(member.path).unwrap());
    Ok(members.into_iter().map(read).collect())
}

fn kind(files: &[(&str, &[u8])]) -> Result<Kind, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), archive(files)).unwrap();
    kind_of_zip(file.path()).map_err(|error| error.to_string())
}

/// Bytes that do not compress.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn gzip_archives_one_behind_the_other_are_one_file() {
    let bytes = [packed(b"a;b\n"), packed(b"1;2\n")].concat();
    assert_eq!(ungzip(&bytes).unwrap(), b"a;b\n1;2\n");
}

#[test]
fn a_gzip_archive_that_is_cut_or_damaged_is_unreadable() {
    let whole = packed(&noise(10_000));
    for length in [3, 12, 5_000, whole.len() - 1] {
        let said = ungzip(&whole[..length]).unwrap_err().to_string();
        assert_eq!(
            said, "the file cannot be read: the archive ends too early",
            "{length}"
        );
    }
    let mut damaged = whole.clone();
    damaged[5_000] ^= 0xFF;
    let said = ungzip(&damaged).unwrap_err().to_string();
    assert_eq!(said, "the file cannot be read: the archive is damaged");
}

#[test]
fn a_gzip_bomb_is_refused_before_it_is_unpacked() {
    let bomb = packed(&vec![b'0'; 4 * 1024 * 1024]);
    let folder = TempDir::new().unwrap();
    let (from, into) = (folder.path().join("a.gz"), folder.path().join("a"));
    fs::write(&from, &bomb).unwrap();
    let said = gzip(&from, &into).unwrap_err().to_string();
    assert_eq!(
        said,
        "the file is refused: it unpacks to more than 200 times its size"
    );
    let written = into.metadata().unwrap().len();
    let most = HARMLESS_BYTES.max(bomb.len() as u64 * MOST_RATIO);
    assert!(written <= most, "{written}");
}

#[test]
fn little_may_be_packed_as_tightly_as_it_likes() {
    let blank = vec![b';'; HARMLESS_BYTES as usize];
    assert_eq!(ungzip(&packed(&blank)).unwrap(), blank);
}

#[test]
fn files_come_in_the_order_of_their_names_without_clutter() {
    let files: &[(&str, &[u8])] = &[
        ("b.csv", b"b"),
        ("pasta/", b""),
        ("pasta/a.csv", b"a"),
        ("vazio.csv", b""),
        (".DS_Store", b"x"),
        ("pasta/.oculto.csv", b"x"),
        (".git/c.csv", b"x"),
        ("__MACOSX/b.csv", b"x"),
        ("Thumbs.db", b"x"),
        ("pasta\\ação.csv", b"c"),
    ];
    let members = unzip(&archive(files)).unwrap();
    let expected: [(&str, &[u8]); 3] = [("b.csv", b"b"), ("a.csv", b"a"), ("ação.csv", b"c")];
    let expected = expected.map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
    assert_eq!(members, expected);
}

#[test]
fn no_name_leads_out_of_the_folder() {
    let files: &[(&str, &[u8])] = &[
        ("../fora.csv", b"1"),
        ("../../../../tmp/fora.csv", b"2"),
        ("/etc/fora.csv", b"3"),
        ("..\\fora.csv", b"4"),
        ("C:\\fora.csv", b"5"),
        ("a/../../fora.csv", b"6"),
        ("fo\0ra.csv", b"7"),
    ];
    let members = unzip(&archive(files)).unwrap();
    assert_eq!(members.len(), files.len());
    assert!(
        members.iter().all(|(name, _)| name == "fora.csv"),
        "{members:?}"
    );
}

#[test]
fn one_huge_file_and_many_small_ones_are_refused_alike() {
    let mega = vec![0; 256 * 1024];
    let huge = vec![0; 4 * 1024 * 1024];
    let names: Vec<_> = (0..20).map(|number| format!("{number}.csv")).collect();
    let many: Vec<_> = names
        .iter()
        .map(|name| (name.as_str(), mega.as_slice()))
        .collect();
    for files in [&[("a.csv", huge.as_slice())][..], &many] {
        let said = unzip(&archive(files)).unwrap_err().to_string();
        assert_eq!(
            said,
            "the file is refused: it unpacks to more than 200 times its size"
        );
    }
}

#[test]
fn more_files_than_anybody_sends_are_refused() {
    let names: Vec<_> = (0..=MOST_MEMBERS)
        .map(|number| number.to_string())
        .collect();
    let files: Vec<_> = names
        .iter()
        .map(|name| (name.as_str(), &b"x"[..]))
        .collect();
    let said = unzip(&archive(&files)).unwrap_err().to_string();
    assert_eq!(
        said,
        "the file is refused: the archive holds more than 1000 files"
    );
    assert_eq!(unzip(&archive(&files[1..])).unwrap().len(), MOST_MEMBERS);
}

#[test]
fn a_directory_that_fills_the_memory_is_refused_unread() {
    let long = "x".repeat(60_000);
    let names: Vec<_> = (0..150).map(|number| format!("{long}{number}")).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let said = unzip(&archive(&files)).unwrap_err().to_string();
    assert!(said.contains("says more about its files"), "{said}");
}

#[test]
fn a_password_is_told() {
    let mut bytes = archive(&[("a.csv", b"a;b\n1;2\n")]);
    // The flag stands in both headers.
    for (signature, flags) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let at = bytes
            .windows(4)
            .position(|window| window == signature)
            .unwrap();
        bytes[at + flags] |= 1;
    }
    let said = unzip(&bytes).unwrap_err().to_string();
    assert_eq!(
        said,
        "the file cannot be read: it is protected by a password"
    );
}

#[test]
fn a_damaged_archive_is_unreadable() {
    let whole = archive(&[("a.csv", &noise(1000))]);
    let mut flipped = whole.clone();
    flipped[500] ^= 0xFF;
    for bytes in [
        &whole[..whole.len() / 2],
        b"PK\x03\x04 nothing else",
        &flipped,
    ] {
        let said = unzip(bytes).unwrap_err().to_string();
        assert_eq!(said, "the file cannot be read: the archive is damaged");
    }
}

#[test]
fn workbooks_and_documents_are_told_from_archives_of_tables() {
    let types: (&str, &[u8]) = ("[Content_Types].xml", b"<Types/>");
    let ods = b"application/vnd.oasis.opendocument.spreadsheet";
    for (files, format) in [
        (&[types, ("xl/workbook.xml", b"")][..], Foreign::Xlsx),
        (&[types, ("xl/workbook2.xml", b"")], Foreign::Xlsx),
        (&[types, ("xl\\workbook.xml", b"")], Foreign::Xlsx),
        (&[types, ("xl/workbook.bin", b"")], Foreign::Xlsb),
        (
            &[("mimetype", &ods[..]), ("content.xml", b"")],
            Foreign::Ods,
        ),
    ] {
        assert_eq!(kind(files), Ok(Kind::Foreign(format)));
    }
    assert_eq!(kind(&[("a.csv", b""), ("xl/a.csv", b"")]), Ok(Kind::Zip));
    let odt = b"application/vnd.oasis.opendocument.text";
    for (files, what) in [
        (&[types, ("word/document.xml", b"")][..], "a Word document"),
        (
            &[types, ("ppt/presentation.xml", b"")],
            "a PowerPoint presentation",
        ),
        (&[("mimetype", &odt[..])], "without a spreadsheet"),
        (&[("Index/Document.iwa", b"")], "an Apple Numbers"),
    ] {
        let said = kind(files).unwrap_err();
        assert!(said.contains(what), "{said}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_panic(
        at in 0_usize..400,
        byte in proptest::prelude::any::<u8>(),
        cut in 0_usize..400,
    ) {
        let mut bytes = archive(&[("a.csv", &noise(100)), ("b/c.csv", b"x")]);
        let last = bytes.len() - 1;
        bytes[at.min(last)] = byte;
        bytes.truncate(cut.max(4));
        let _ = unzip(&bytes);
        let _ = ungzip(&[&[0x1F, 0x8B][..], &bytes[2..]].concat());
    }
}

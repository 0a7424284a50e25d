//! Where the documents of a key lie in the file.

use xxhash_rust::xxh3::xxh3_64;

/// Leading bits of a hash by which the places are divided: a search then stays within a few
/// cache lines, whatever the size of the base.
const DIVIDING_BITS: u32 = 16;

/// Where a document lies in the file, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) offset: u64,
    pub(super) length: u32,
}

/// One entry of an index, 16 bytes. Sorted by hash, then by the order of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    hash: u32,
    offset: u64,
    length: u32,
}

impl Place {
    pub(super) fn new(folded: &str, span: Span) -> Self {
        Place {
            hash: hash(folded),
            offset: span.offset,
            length: span.length,
        }
    }
}

/// Where the documents lie that may hold a key. Two keys may share a hash (among a million, one
/// in four thousand does), so what is found must be read and compared.
pub(super) struct Index {
    documents: u64,
    places: Vec<Place>,
    /// The first place of every division, and the end of the last.
    divisions: Vec<usize>,
}

impl Index {
    /// From places in any order. `documents` are all in the file, with the key or without.
    pub(super) fn collect(mut places: Vec<Place>, documents: u64) -> Self {
        places.sort_unstable();
        places.dedup();
        places.shrink_to_fit();
        let divisions = (0..=1 << DIVIDING_BITS)
            .map(|division| places.partition_point(|place| self::division(place.hash) < division))
            .collect();
        Index {
            documents,
            places,
            divisions,
        }
    }

    pub(super) fn documents(&self) -> u64 {
        self.documents
    }

    /// What may hold the folded key, in the order of the file.
    pub(super) fn find(&self, folded: &str) -> impl Iterator<Item = Span> {
        let hash = hash(folded);
        let division = division(hash);
        let near = &self.places[self.divisions[division]..self.divisions[division + 1]];
        let first = near.partition_point(|place| place.hash < hash);
        near[first..]
            .iter()
            .take_while(move |place| place.hash == hash)
            .map(|place| Span {
                offset: place.offset,
                length: place.length,
            })
    }
}

fn hash(folded: &str) -> u32 {
    (xxh3_64(folded.as_bytes()) >> 32) as u32
}

fn division(hash: u32) -> usize {
    (hash >> (u32::BITS - DIVIDING_BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(folded: &str, offset: u64) -> Place {
        Place::new(folded, Span { offset, length: 5 })
    }

    fn offsets(index: &Index, folded: &str) -> Vec<u64> {
        index.find(folded).map(|span| span.offset).collect()
    }

    #[test]
    fn a_key_is_found_at_all_its_offsets_in_order() {
        let places = vec![
            place("b", 30),
            place("a", 20),
            place("b", 10),
            place("b", 30),
        ];
        let index = Index::collect(places, 4);
        assert_eq!(offsets(&index, "b"), [10, 30]);
        assert_eq!(offsets(&index, "a"), [20]);
        assert_eq!(offsets(&index, "c"), [0; 0]);
        assert_eq!(index.documents(), 4);
    }

    #[test]
    fn every_key_of_a_large_base_is_found() {
        let places = (0..100_000).map(|key| place(&format!("{key:011}"), key));
        let index = Index::collect(places.collect(), 100_000);
        for key in 0..100_000 {
            assert!(offsets(&index, &format!("{key:011}")).contains(&key));
        }
    }

    #[test]
    fn an_entry_takes_sixteen_bytes() {
        assert_eq!(size_of::<Place>(), 16);
    }
}

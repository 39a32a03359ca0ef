//! Many short strings in one allocation: a vocabulary has hundreds of thousands of them.

/// The strings of one array. They are bytes: the format says UTF-8, but a tokenizer must see what
/// is in the file, not a repaired copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StringTable {
    bytes: Vec<u8>,
    /// End of each string in `bytes`; it begins where the one before it ends.
    ends: Vec<u32>,
}

impl StringTable {
    /// Number of strings.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// One of them.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)? as usize;
        let start = if index == 0 {
            0
        } else {
            self.ends[index - 1] as usize
        };
        self.bytes.get(start..end)
    }

    /// All of them in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, &end)| &self.bytes[start as usize..end as usize])
    }

    /// Appends the bytes that `fill` writes; `None` when the table would pass four gigabytes.
    pub(crate) fn push_with<E>(
        &mut self,
        fill: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Option<Result<(), E>> {
        let filled = fill(&mut self.bytes);
        self.ends.push(u32::try_from(self.bytes.len()).ok()?);
        Some(filled)
    }
}

impl<S: AsRef<[u8]>> FromIterator<S> for StringTable {
    /// Strings past four gigabytes are left out.
    fn from_iter<I: IntoIterator<Item = S>>(strings: I) -> Self {
        let mut table = Self::default();
        for string in strings {
            let Ok(end) = u32::try_from(table.bytes.len() + string.as_ref().len()) else {
                break;
            };
            table.bytes.extend_from_slice(string.as_ref());
            table.ends.push(end);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_come_back_by_index_and_in_order() {
        let table: StringTable = ["the", "", "砚", "e\u{301}"].iter().collect();
        assert_eq!(table.len(), 4);
        assert_eq!(table.get(1), Some(&b""[..]));
        assert_eq!(table.get(2), Some("砚".as_bytes()));
        assert_eq!(table.get(4), None);
        assert_eq!(
            table.iter().collect::<Vec<_>>(),
            [b"the", &b""[..], "砚".as_bytes(), "e\u{301}".as_bytes()]
        );
    }
}

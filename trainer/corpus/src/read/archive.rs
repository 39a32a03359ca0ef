//! Members of a ZIP archive, read into memory within limits.
//!
//! Not an unpacker: nothing is written, so a member's name is a key and no path. Called by the
//! readers of `.docx`, `.odt` and `.epub`.

use std::io::{Cursor, Read};

use encoding_rs::Encoding;
use zip::ZipArchive;
use zip::result::ZipError;

use super::{ReadLimits, Unreadable};

/// What every entry of an archive's directory begins with (APPNOTE 4.3.12).
const DIRECTORY_ENTRY: &[u8] = b"PK\x01\x02";

/// A member may unpack to as much at any ratio: a few spaces repeated are no bomb.
const RATIO_FREE_BYTES: usize = 1 << 20;

/// An encoding is declared in the first bytes or not at all.
const DECLARATION_BYTES_MAX: usize = 200;

/// An open archive, and what may still be unpacked of it.
pub(crate) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    format: &'static str,
    unpacked_bytes_left: usize,
    limits: ReadLimits,
}

impl<'a> Archive<'a> {
    /// Opens an archive of the format with this name.
    ///
    /// Members are counted before the directory is read, since the library keeps all of it: an
    /// upper bound is enough, and a count stated in the archive may be a lie.
    pub(crate) fn open(
        bytes: &'a [u8],
        format: &'static str,
        limits: &ReadLimits,
    ) -> Result<Self, Unreadable> {
        let members = memchr::memmem::find_iter(bytes, DIRECTORY_ENTRY)
            .take(limits.members_max.saturating_add(1))
            .count();
        if members > limits.members_max {
            let what = format!("it has more than {} members", limits.members_max);
            return Err(Unreadable::Bomb { format, what });
        }
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(format, &error))?;
        Ok(Self {
            zip,
            format,
            unpacked_bytes_left: limits.unpacked_bytes_max,
            limits: *limits,
        })
    }

    /// Whether there is a member of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.zip.index_for_name(name).is_some()
    }

    /// The bytes of a member; none where there is no such.
    pub(crate) fn member(&mut self, name: &str) -> Result<Option<Vec<u8>>, Unreadable> {
        let format = self.format;
        let Some(index) = self.zip.index_for_name(name) else {
            return Ok(None);
        };
        let mut member = match self.zip.by_index(index) {
            Ok(member) => member,
            Err(ZipError::InvalidPassword) => return Err(Unreadable::Encrypted(format)),
            Err(ZipError::UnsupportedArchive(what)) if what.contains("assword") => {
                return Err(Unreadable::Encrypted(format));
            }
            Err(error) => return Err(broken(format, &error)),
        };
        let packed_bytes = usize::try_from(member.compressed_size()).unwrap_or(usize::MAX);
        let by_ratio = packed_bytes
            .saturating_mul(self.limits.unpack_ratio_max)
            .max(RATIO_FREE_BYTES);
        let bytes_max = by_ratio.min(self.unpacked_bytes_left);
        let mut bytes = Vec::new();
        // One byte more than allowed tells a member that ends there from one that goes on.
        let limit = u64::try_from(bytes_max)
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        let read = member.by_ref().take(limit).read_to_end(&mut bytes);
        read.map_err(|error| Unreadable::Broken {
            format,
            what: format!("{name}: {error}"),
        })?;
        if bytes.len() > bytes_max {
            let what = if by_ratio <= self.unpacked_bytes_left {
                let ratio = self.limits.unpack_ratio_max;
                format!("{name} unpacks to more than {ratio} times its size")
            } else {
                let bytes_max = self.limits.unpacked_bytes_max;
                format!("its members have more than {bytes_max} bytes")
            };
            return Err(Unreadable::Bomb { format, what });
        }
        self.unpacked_bytes_left -= bytes.len();
        Ok(Some(bytes))
    }

    /// The text of an XML member; none where there is no such.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, Unreadable> {
        Ok(self.member(name)?.map(|bytes| text_of_xml(&bytes)))
    }

    /// The text of an XML member without which there is no document.
    pub(crate) fn required_text(&mut self, name: &str) -> Result<String, Unreadable> {
        let format = self.format;
        self.text(name)?.ok_or_else(|| Unreadable::Broken {
            format,
            what: format!("it has no {name}"),
        })
    }
}

/// The text of an XML document: by its byte order mark, else as it declares, else UTF-8 with
/// replacement characters for what is none.
fn text_of_xml(bytes: &[u8]) -> String {
    let declared = || {
        let head = &bytes[..bytes.len().min(DECLARATION_BYTES_MAX)];
        let head = String::from_utf8_lossy(head);
        let declaration = head.strip_prefix("<?xml")?.split("?>").next()?;
        let value = declaration.split("encoding").nth(1)?;
        let value = value.trim_start().strip_prefix('=')?.trim_start();
        let label = value.split(['"', '\'']).nth(1)?;
        Encoding::for_label(label.as_bytes())
    };
    let encoding = declared().unwrap_or(encoding_rs::UTF_8);
    // A declaration that could be read as ASCII is not in UTF-16, whatever it says.
    let encoding = if encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE {
        encoding_rs::UTF_8
    } else {
        encoding
    };
    encoding.decode(bytes).0.into_owned()
}

fn broken(format: &'static str, error: &ZipError) -> Unreadable {
    Unreadable::Broken {
        format,
        what: error.to_string(),
    }
}

#[cfg(test)]
pub(crate) mod packing;
#[cfg(test)]
mod tests;

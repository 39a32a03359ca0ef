//! Books: as archives, as a package document and as a chapter.

use inkstone_corpus::format::Format;

use crate::container::packed;
use crate::readers::check;

const CONTAINER: &[u8] =
    b"<container><rootfiles><rootfile full-path='a/p.opf'/></rootfiles></container>";

const PACKAGE: &[u8] = b"<package><manifest><item id='c' href='c.xhtml' media-type='application/xhtml+xml'/></manifest>\
    <spine><itemref idref='c'/></spine></package>";

/// The bytes in each of these places.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    check(Format::Epub, bytes);
    for (package, chapter) in [(bytes, b"<p>It rained.</p>".as_slice()), (PACKAGE, bytes)] {
        let members = [
            ("META-INF/container.xml", CONTAINER),
            ("a/p.opf", package),
            ("a/c.xhtml", chapter),
        ];
        check(Format::Epub, &packed(&members));
    }
}

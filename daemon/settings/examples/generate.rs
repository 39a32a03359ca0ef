//! Writes `REFERENCE.md` and `inkstone.schema.json` from the settings table. Run it after a change
//! of the table: `cargo run --release -p inkstone-settings --example generate`.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::write(
        folder.join("REFERENCE.md"),
        inkstone_settings::reference::reference(),
    )?;
    fs::write(
        folder.join("inkstone.schema.json"),
        inkstone_settings::schema::schema_text(),
    )
}

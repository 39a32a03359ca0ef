//! Records as a Parquet file: a column for each field, provenance included, in row groups that are
//! written as they fill, so that an export takes the memory of one group.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use ::parquet::basic::Compression;
use ::parquet::data_type::{ByteArray, ByteArrayType, DataType, FloatType, Int32Type};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::parser::parse_message_type;

use crate::block::LineRange;
use crate::dataset::{DatasetId, Record, names};
use crate::left_out::Reason;

/// Rows of one group at most.
pub const ROW_GROUP_ROWS_MAX: usize = 16_384;
/// Text of one group, after which it is written; one record may go beyond it.
pub const ROW_GROUP_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Under which the file names its dataset.
pub const DATASET_KEY: &str = "inkstone.dataset";

const SCHEMA: &str = "
message record {
  required binary text (UTF8);
  required binary kind (UTF8);
  required int32 heading_level;
  optional binary title (UTF8);
  required group headings (LIST) {
    repeated group list {
      required binary element (UTF8);
    }
  }
  required binary language (UTF8);
  required binary genre (UTF8);
  required binary author (UTF8);
  required float weight;
  required binary split (UTF8);
  required binary workspace (UTF8);
  required binary path (UTF8);
  optional int32 line_start;
  optional int32 line_end;
  required binary document (UTF8);
  required binary content_hash (UTF8);
  required binary rules (JSON);
  required binary redacted (JSON);
  optional binary brought_back (UTF8);
}";

/// Levels of an optional value and of an element of a list.
const ABSENT: i16 = 0;
const PRESENT: i16 = 1;
const FIRST_OF_LIST: i16 = 0;
const NEXT_OF_LIST: i16 = 1;

/// Writes records into a Parquet file.
pub struct ParquetWriter<W: Write + Send> {
    file: SerializedFileWriter<W>,
    rows: Vec<Record>,
    bytes: usize,
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Begins the file.
    pub fn new(out: W, dataset: DatasetId) -> Result<Self> {
        let named = KeyValue::new(DATASET_KEY.to_owned(), dataset.to_string());
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("inkstone".to_owned())
            .set_key_value_metadata(Some(vec![named]))
            .build();
        let schema = Arc::new(parse_message_type(SCHEMA)?);
        Ok(Self {
            file: SerializedFileWriter::new(out, schema, Arc::new(properties))?,
            rows: Vec::new(),
            bytes: 0,
        })
    }

    /// Adds a record.
    pub fn write(&mut self, record: Record) -> Result<()> {
        self.bytes += record.text.len() + record.provenance.path.len();
        self.rows.push(record);
        if self.rows.len() >= ROW_GROUP_ROWS_MAX || self.bytes >= ROW_GROUP_BYTES_MAX {
            self.write_group()?;
        }
        Ok(())
    }

    /// Writes what is left, and the end of the file.
    pub fn finish(mut self) -> Result<W> {
        if !self.rows.is_empty() {
            self.write_group()?;
        }
        self.file.into_inner()
    }

    fn write_group(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        let mut group = Group {
            columns: self.file.next_row_group()?,
            rows: &rows,
        };
        // In the order of the schema.
        group.text(|r| r.text.clone())?;
        group.text(|r| names::kind(r.kind).to_owned())?;
        group.numbers(|r| i32::from(names::heading_level(r.kind)))?;
        group.optional_text(|r| r.title.clone())?;
        group.list(|r| &r.headings)?;
        group.text(|r| r.language.clone())?;
        group.text(|r| names::genre(r.genre).to_owned())?;
        group.text(|r| names::author(r.author).to_owned())?;
        group.floats(|r| r.weight)?;
        group.text(|r| names::split(r.split).to_owned())?;
        group.text(|r| r.provenance.workspace.clone())?;
        group.text(|r| r.provenance.path.clone())?;
        group.lines(|lines| lines.start)?;
        group.lines(|lines| lines.end)?;
        group.text(|r| r.provenance.document.to_string())?;
        group.text(|r| r.provenance.content_hash.to_string())?;
        group.counts(|r| &r.provenance.rules)?;
        group.counts(|r| &r.provenance.redacted)?;
        group.optional_text(|r| r.provenance.brought_back.map(Reason::word))?;
        group.columns.close()?;
        Ok(())
    }
}

/// The columns of one row group, written one after the other.
struct Group<'a, W: Write + Send> {
    columns: SerializedRowGroupWriter<'a, W>,
    rows: &'a [Record],
}

impl<W: Write + Send> Group<'_, W> {
    fn text(&mut self, of: impl Fn(&Record) -> String) -> Result<()> {
        let values: Vec<_> = self.rows.iter().map(|row| of(row).into_bytes()).collect();
        self.bytes(values, None, None)
    }

    fn optional_text(&mut self, of: impl Fn(&Record) -> Option<String>) -> Result<()> {
        let (present, values) = optional(self.rows.iter().map(of));
        let values = values.into_iter().map(String::into_bytes).collect();
        self.bytes(values, Some(&present), None)
    }

    fn list(&mut self, of: impl Fn(&Record) -> &[String]) -> Result<()> {
        let (mut values, mut present, mut place) = (Vec::new(), Vec::new(), Vec::new());
        for row in self.rows {
            let elements = of(row);
            if elements.is_empty() {
                present.push(ABSENT);
                place.push(FIRST_OF_LIST);
            }
            for (index, element) in elements.iter().enumerate() {
                values.push(element.clone().into_bytes());
                present.push(PRESENT);
                place.push(if index == 0 {
                    FIRST_OF_LIST
                } else {
                    NEXT_OF_LIST
                });
            }
        }
        self.bytes(values, Some(&present), Some(&place))
    }

    fn counts(&mut self, of: impl Fn(&Record) -> &BTreeMap<String, u32>) -> Result<()> {
        let mut values = Vec::with_capacity(self.rows.len());
        for row in self.rows {
            let json = serde_json::to_vec(of(row));
            values.push(json.map_err(|error| ParquetError::External(Box::new(error)))?);
        }
        self.bytes(values, None, None)
    }

    fn lines(&mut self, of: impl Fn(LineRange) -> u32) -> Result<()> {
        // A document has fewer lines than bytes, of which it may have 16 MiB.
        let number = |lines| i32::try_from(of(lines)).unwrap_or(i32::MAX);
        let found = self.rows.iter().map(|row| row.provenance.lines.map(number));
        let (present, values) = optional(found);
        self.column::<Int32Type>(&values, Some(&present), None)
    }

    fn numbers(&mut self, of: impl Fn(&Record) -> i32) -> Result<()> {
        let values: Vec<_> = self.rows.iter().map(of).collect();
        self.column::<Int32Type>(&values, None, None)
    }

    fn floats(&mut self, of: impl Fn(&Record) -> f32) -> Result<()> {
        let values: Vec<_> = self.rows.iter().map(of).collect();
        self.column::<FloatType>(&values, None, None)
    }

    fn bytes(
        &mut self,
        values: Vec<Vec<u8>>,
        present: Option<&[i16]>,
        place: Option<&[i16]>,
    ) -> Result<()> {
        let values: Vec<_> = values.into_iter().map(ByteArray::from).collect();
        self.column::<ByteArrayType>(&values, present, place)
    }

    fn column<T: DataType>(
        &mut self,
        values: &[T::T],
        present: Option<&[i16]>,
        place: Option<&[i16]>,
    ) -> Result<()> {
        let column = self.columns.next_column()?;
        let mut column = column.ok_or_else(|| unlike_schema("has fewer columns"))?;
        let writer = T::get_column_writer_mut(column.untyped());
        let writer = writer.ok_or_else(|| unlike_schema("has other types"))?;
        writer.write_batch(values, present, place)?;
        column.close()
    }
}

fn optional<T>(values: impl Iterator<Item = Option<T>>) -> (Vec<i16>, Vec<T>) {
    let (mut present, mut found) = (Vec::new(), Vec::new());
    for value in values {
        present.push(if value.is_some() { PRESENT } else { ABSENT });
        found.extend(value);
    }
    (present, found)
}

fn unlike_schema(how: &str) -> ParquetError {
    ParquetError::General(format!("the schema of a record {how} than are written"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
    use ::parquet::record::RowAccessor as _;
    use bytes::Bytes;

    use crate::dataset::examples::records;
    use crate::dataset::{DatasetHasher, jsonl};

    fn written(records: impl IntoIterator<Item = Record>) -> SerializedFileReader<Bytes> {
        let id = DatasetHasher::default().finish();
        let mut writer = ParquetWriter::new(Vec::new(), id).unwrap();
        for record in records {
            writer.write(record).unwrap();
        }
        SerializedFileReader::new(Bytes::from(writer.finish().unwrap())).unwrap()
    }

    /// A row as the record that it was written from.
    fn record_of(row: &::parquet::record::Row) -> Record {
        let text = |column| row.get_string(column).unwrap().clone();
        let counts = |column| serde_json::from_str(&text(column)).unwrap();
        let headings = row.get_list(4).unwrap();
        let kind = match text(1).as_str() {
            "heading" => format!("{{\"heading\":{}}}", row.get_int(2).unwrap()),
            other => format!("\"{other}\""),
        };
        let word = |column| format!("\"{}\"", text(column));
        let line = |column| row.get_int(column).map(|line| u32::try_from(line).unwrap());
        Record {
            text: text(0),
            kind: serde_json::from_str(&kind).unwrap(),
            title: row.get_string(3).ok().cloned(),
            headings: headings
                .elements()
                .iter()
                .map(|element| match element {
                    ::parquet::record::Field::Str(heading) => heading.clone(),
                    other => panic!("{other:?}"),
                })
                .collect(),
            language: text(5),
            genre: serde_json::from_str(&word(6)).unwrap(),
            author: serde_json::from_str(&word(7)).unwrap(),
            weight: row.get_float(8).unwrap(),
            split: serde_json::from_str(&word(9)).unwrap(),
            provenance: crate::dataset::Provenance {
                workspace: text(10),
                path: text(11),
                lines: line(12).ok().map(|start| LineRange {
                    start,
                    end: line(13).unwrap(),
                }),
                document: text(14).parse().unwrap(),
                content_hash: text(15).parse().unwrap(),
                rules: counts(16),
                redacted: counts(17),
                brought_back: row
                    .get_string(18)
                    .ok()
                    .and_then(|word| Reason::of_word(word)),
            },
        }
    }

    #[test]
    fn records_come_back_as_they_were() {
        let mut all = records();
        all[0].title = None;
        all[1].headings.clear();
        all[0].provenance.brought_back = Some(Reason::LinkList);
        all[2].provenance.lines = None;
        let reader = written(all.clone());
        let rows = reader.get_row_iter(None).unwrap();
        let back: Vec<_> = rows.map(|row| record_of(&row.unwrap())).collect();
        assert_eq!(back, all);
    }

    #[test]
    fn the_file_names_its_dataset() {
        let reader = written(records());
        let metadata = reader.metadata().file_metadata();
        let named = metadata.key_value_metadata().unwrap();
        let value = named.iter().find(|pair| pair.key == DATASET_KEY).unwrap();
        let id = DatasetHasher::default().finish().to_string();
        assert_eq!(value.value.as_deref(), Some(id.as_str()));
    }

    #[test]
    fn row_groups_are_bounded_by_rows_and_by_text() {
        let many = records().into_iter().cycle().take(ROW_GROUP_ROWS_MAX + 5);
        let reader = written(many);
        let rows: Vec<_> = reader
            .metadata()
            .row_groups()
            .iter()
            .map(::parquet::file::metadata::RowGroupMetaData::num_rows)
            .collect();
        assert_eq!(rows, [i64::try_from(ROW_GROUP_ROWS_MAX).unwrap(), 5]);

        let mut long = records().remove(0);
        long.text = "长".repeat(ROW_GROUP_BYTES_MAX / 3 / 2);
        let reader = written([long.clone(), long.clone(), long.clone(), long]);
        assert_eq!(reader.metadata().num_row_groups(), 2);
    }

    #[test]
    fn a_dataset_of_nothing_is_a_file_without_rows() {
        let reader = written([]);
        assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
    }

    #[test]
    #[ignore = "writes both exports into the folder INKSTONE_EXPORT, to be read by other programs"]
    fn exports_for_other_readers() {
        let folder = std::path::PathBuf::from(std::env::var_os("INKSTONE_EXPORT").unwrap());
        let id = DatasetHasher::default().finish();
        let file = std::fs::File::create(folder.join("records.parquet")).unwrap();
        let mut writer = ParquetWriter::new(file, id).unwrap();
        let mut lines = std::fs::File::create(folder.join("records.jsonl")).unwrap();
        for record in records().into_iter().cycle().take(40_000) {
            jsonl::write(&mut lines, &record).unwrap();
            writer.write(record).unwrap();
        }
        writer.finish().unwrap();
    }
}

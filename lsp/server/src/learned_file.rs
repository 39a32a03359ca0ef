//! The file that keeps what feedback has taught, for all editors of a user.
//!
//! Not what it means (`inkstone-policy`). Several language servers share it: each adds its lessons
//! under a lock, to what the others have written meanwhile. Called by the event loop, off its thread.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use inkstone_platform::private;
use inkstone_policy::{Learned, Lesson};

/// Ours has under 1 KiB.
const FILE_BYTES_MAX: u64 = 16 * 1024;

/// How long another language server may hold the lock; it needs a millisecond.
const LOCK_WAIT: Duration = Duration::from_secs(1);

/// Adds lessons to the file and gives what it holds then; without lessons only reads. What lies there
/// and is not ours to read counts as nothing learned.
pub(crate) fn update(path: &Path, lessons: &[Lesson]) -> io::Result<Learned> {
    if lessons.is_empty() {
        return read(path);
    }
    let _lock = private::lock(path, LOCK_WAIT)?;
    let mut learned = read(path)?;
    for lesson in lessons {
        learned.note(*lesson);
    }
    private::replace(path, learned.to_json().as_bytes())?;
    Ok(learned)
}

fn read(path: &Path) -> io::Result<Learned> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Learned::default()),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(Learned::from_json(&String::from_utf8_lossy(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_policy::Outcome;
    use inkstone_prose::Language;

    const LESSON: Lesson = Lesson {
        language: Language::Chinese,
        score: 0.5,
        outcome: Outcome::Ignored,
    };

    #[test]
    fn several_servers_lose_no_lesson_of_each_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("learned.json");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..5 {
                        update(&path, &[LESSON]).expect("written");
                    }
                });
            }
        });
        let mut expected = Learned::default();
        (0..20).for_each(|_| expected.note(LESSON));
        let read = update(&path, &[]).expect("read");
        assert_eq!(read.to_json(), expected.to_json());
    }

    #[test]
    fn a_damaged_file_is_nothing_learned_and_is_written_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("learned.json");
        assert_eq!(update(&path, &[]).expect("read"), Learned::default());
        std::fs::write(&path, [0xff, b'{', 0]).expect("written");
        assert_eq!(update(&path, &[]).expect("read"), Learned::default());
        update(&path, &[LESSON]).expect("written");
        let text = std::fs::read_to_string(&path).expect("read");
        assert!(text.contains("\"ignored\":1.0"), "{text}");
        let privacy = private::privacy(&path).expect("is there");
        assert_eq!(privacy, private::Privacy::Private);
    }

    #[test]
    fn a_folder_in_its_place_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(update(folder.path(), &[]).is_err());
    }
}

//! The platform with its file: every post is in the file before anybody hears of it.

use std::fs::{File, OpenOptions};
use std::io::Write;

use super::{Accepted, Answer, Call, Logic, Options, Reaction};

/// The logic, and the file that it is written to.
pub(super) struct Journal {
    pub(super) logic: Logic,
    file: Option<File>,
}

impl Journal {
    /// Opens the log, if there is to be one, and remembers what it holds.
    pub(super) fn open(options: Options) -> Self {
        let Some(path) = options.log.clone() else {
            return Self { logic: Logic::new(options, Vec::new()), file: None };
        };
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        // A last line that was cut off by a kill was never answered for.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let remembered: Vec<Accepted> =
            whole.lines().map(|line| serde_json::from_str(line).expect("each line of the log is a post")).collect();
        let mut file = OpenOptions::new().create(true).append(true).open(&path).expect("the log can be written");
        if !text.is_empty() && !text.ends_with('\n') {
            file.set_len(u64::try_from(text.rfind('\n').map_or(0, |at| at + 1)).unwrap_or(0))
                .expect("the log can be cut");
            file.flush().expect("the log can be written");
        }
        Self { logic: Logic::new(options, remembered), file: Some(file) }
    }

    pub(super) fn react(&mut self, call: &Call, now_ms: i64) -> Reaction {
        let reaction = self.logic.react(call, now_ms);
        self.write();
        reaction
    }

    pub(super) fn serve(&mut self, call: &Call, now_ms: i64) -> Answer {
        let answer = self.logic.serve(call, now_ms);
        self.write();
        answer
    }

    pub(super) fn accepted(&mut self, now_ms: i64) -> Vec<Accepted> {
        self.logic.settle(now_ms);
        self.write();
        self.logic.accepted().to_vec()
    }

    fn write(&mut self) {
        let fresh = self.logic.take_fresh();
        let Some(file) = &mut self.file else { return };
        for post in fresh {
            let line = serde_json::to_string(&post).expect("texts and a number are always JSON");
            // One write a line, so that a kill leaves whole lines and at most one that is cut off.
            file.write_all(format!("{line}\n").as_bytes()).expect("the log can be written");
        }
    }
}

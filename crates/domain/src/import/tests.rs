//! What a file holds, row by row.

use super::*;

fn csv(text: &str) -> Result<Parsed, FileError> {
    parse(Kind::Csv, text.as_bytes(), &Choices { channel: "blog".into(), ..Choices::default() })
}

fn draft(parsed: &Parsed, row: usize) -> &Draft {
    parsed.rows[row - 1].outcome.as_ref().unwrap()
}

#[test]
fn columns_are_known_by_their_names_and_the_rest_is_left_out() {
    let parsed =
        csv("\u{feff}Caption;Platform;Likes;Date\n\"Hello;\nthere\";mastodon;7;2026-03-01T10:00:00+01:00\n").unwrap();
    let fields: Vec<Option<Field>> = parsed.columns.iter().map(|column| column.field).collect();
    assert_eq!(fields, [Some(Field::Text), Some(Field::Channel), None, Some(Field::PublishedAt)]);
    let draft = draft(&parsed, 1);
    assert_eq!((draft.title.as_str(), draft.text.as_str()), ("Hello;", "Hello;\nthere"));
    assert_eq!(draft.published_at, Some(1_772_355_600_000));
}

#[test]
fn a_person_says_which_column_means_what() {
    let chosen = Choices { columns: [(Field::Text, "What".into())].into(), channel: "x".into(), ..Choices::default() };
    let parsed = parse(Kind::Csv, b"What,Text\nthis,not this\n", &chosen).unwrap();
    assert_eq!(draft(&parsed, 1).text, "this");
    let wrong = Choices { columns: [(Field::Text, "Nothing".into())].into(), ..Choices::default() };
    assert_eq!(parse(Kind::Csv, b"What\nthis\n", &wrong), Err(FileError::NoColumn("Nothing".into())));
    assert_eq!(csv("What\nthis\n"), Err(FileError::NoText("What".into())));
}

#[test]
fn every_fault_of_a_row_is_named_and_the_others_are_read() {
    let parsed =
        csv("text,date,url,language\n,yesterday,ftp://x,e!\ngood,,,\nlate,2026-03-01T10:00:00,,\nshort\n").unwrap();
    let fields = |row: usize| -> Vec<String> {
        parsed.rows[row - 1].outcome.as_ref().unwrap_err().iter().map(|one| one.field.clone()).collect()
    };
    assert_eq!(fields(1), ["text", "language", "published_at", "url"]);
    assert_eq!(draft(&parsed, 2).channel, "blog");
    assert!(parsed.rows[2].outcome.as_ref().unwrap_err()[0].complaint.contains("no zone"));
    assert_eq!(fields(4), ["row"]);
}

#[test]
fn a_post_that_comes_again_is_found_unless_it_is_on_another_channel() {
    let parsed = csv("text,channel\na,x\na,y\na,x\n").unwrap();
    let same: Vec<Option<usize>> = parsed.rows.iter().map(|row| row.same_as).collect();
    assert_eq!(same, [None, None, Some(1)]);
}

#[test]
fn json_is_read_as_a_list_or_as_an_export() {
    let choices = Choices { channel: "x".into(), ..Choices::default() };
    for file in [r#"[{"text":"a"},7]"#, r#"{"posts":[{"text":"a"},7]}"#] {
        let parsed = parse(Kind::Json, file.as_bytes(), &choices).unwrap();
        assert_eq!(draft(&parsed, 1).text, "a");
        assert!(parsed.rows[1].outcome.is_err());
    }
    assert!(matches!(parse(Kind::Json, b"{}", &choices), Err(FileError::Unreadable(_))));
    assert_eq!(parse(Kind::Json, b"[]", &choices), Err(FileError::Empty));
}

#[test]
fn limits_are_kept() {
    assert_eq!(csv(&format!("text\n{}", "a\n".repeat(ROWS_MAX + 1))), Err(FileError::TooManyRows));
    assert!(csv(&format!("text\n{}", "a\n".repeat(ROWS_MAX))).is_ok());
    assert_eq!(csv(&"a".repeat(FILE_BYTES_MAX + 1)), Err(FileError::TooLong));
    let long = csv(&format!("text\n{}\n", "a".repeat(crate::post::TEXT_BYTES_MAX + 1))).unwrap();
    assert!(long.rows[0].outcome.is_err());
    assert_eq!(csv("text\n"), Err(FileError::Empty));
    assert!(
        parse(Kind::Csv, b"text\n\xff\n", &Choices { channel: "x".into(), ..Choices::default() }).unwrap().rows[0]
            .outcome
            .is_err()
    );
}

#[test]
fn a_files_name_is_text_and_no_path() {
    assert_eq!(file_name("../../etc/passwd"), "passwd");
    assert_eq!(file_name("C:\\a\\b.csv"), "b.csv");
    assert_eq!(file_name("..\u{0}"), "file");
    assert_eq!(file_name("x\u{202e}vsc.exe\n"), "xvsc.exe");
    assert_eq!(file_name(&"y".repeat(500)).len(), FILE_NAME_CHARS_MAX);
}

#[test]
fn formulas_come_back_as_the_text_that_they_were() {
    let parsed = csv("text\n'=1+1\n=2+2\n").unwrap();
    assert_eq!((draft(&parsed, 1).text.as_str(), draft(&parsed, 2).text.as_str()), ("=1+1", "=2+2"));
}

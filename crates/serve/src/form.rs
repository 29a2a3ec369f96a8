//! Forms: urlencoded, or multipart with files.

use domain::brief::Complaint;
use domain::text;
use futures::stream;

use crate::{Problem, Request, path};

/// Most fields and files of a form.
pub const FIELDS_MAX: usize = 500;

/// A form as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Names and values, in their order.
    pub fields: Vec<(String, String)>,
    /// What was uploaded.
    pub files: Vec<File>,
}

/// An uploaded file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The field's name.
    pub field: String,
    /// What the browser calls it. Never a path of ours.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl Form {
    /// The first value of a field.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|(name, _)| name == field).map(|(_, value)| value.as_str())
    }

    /// Every value of a field: boxes that were ticked.
    pub fn all(&self, field: &str) -> Vec<&str> {
        self.fields.iter().filter(|(name, _)| name == field).map(|(_, value)| value.as_str()).collect()
    }

    /// The value of a field that must be there and not be blank.
    pub fn required(&self, field: &str) -> Result<&str, Problem> {
        self.get(field).filter(|value| !value.trim().is_empty()).ok_or_else(|| {
            Problem::Invalid(vec![Complaint { field: field.into(), complaint: "is missing; fill it in".into() }])
        })
    }

    /// Without the characters that nothing can show.
    #[must_use]
    pub fn writable(mut self) -> Self {
        for (_, value) in &mut self.fields {
            value.retain(|letter| !text::is_unwritable(letter));
        }
        self
    }

    /// The file of a field, if one was chosen.
    pub fn file(&self, field: &str) -> Option<&File> {
        self.files.iter().find(|file| file.field == field && !(file.name.is_empty() && file.bytes.is_empty()))
    }
}

/// Reads the body as a form, of texts that can be shown.
pub async fn read(request: &Request) -> Result<Form, Problem> {
    let form = as_sent(request).await?;
    let wrong = |(name, value): &(String, String)| {
        text::complaint(value).map(|complaint| Complaint { field: name.clone(), complaint })
    };
    let complaints: Vec<Complaint> = form.fields.iter().filter_map(wrong).collect();
    if complaints.is_empty() { Ok(form) } else { Err(Problem::Invalid(complaints)) }
}

/// Reads the body as a form, whatever is in it.
pub async fn as_sent(request: &Request) -> Result<Form, Problem> {
    match request.content_type().as_deref() {
        Some("application/x-www-form-urlencoded") => {
            let body = std::str::from_utf8(&request.body).map_err(|_| Problem::NotUtf8)?;
            bounded(Form { fields: path::form_pairs(body)?, files: Vec::new() })
        }
        Some("multipart/form-data") => multipart(request).await,
        _ => Err(Problem::WrongContentType { needed: "application/x-www-form-urlencoded" }),
    }
}

async fn multipart(request: &Request) -> Result<Form, Problem> {
    let malformed = |error: multer::Error| Problem::MalformedForm { complaint: error.to_string() };
    let boundary = multer::parse_boundary(request.header("content-type").unwrap_or_default()).map_err(malformed)?;
    let body = stream::iter([Ok::<_, std::convert::Infallible>(request.body.clone())]);
    let mut parts = multer::Multipart::new(body, boundary);
    let mut form = Form::default();
    while let Some(part) = parts.next_field().await.map_err(malformed)? {
        let field = part.name().unwrap_or_default().to_string();
        let name = part.file_name().map(ToString::to_string);
        let bytes = part.bytes().await.map_err(malformed)?.to_vec();
        match name {
            Some(name) => form.files.push(File { field, name, bytes }),
            None => form.fields.push((field, String::from_utf8(bytes).map_err(|_| Problem::NotUtf8)?)),
        }
        if form.fields.len() + form.files.len() > FIELDS_MAX {
            break;
        }
    }
    bounded(form)
}

fn bounded(form: Form) -> Result<Form, Problem> {
    if form.fields.len() + form.files.len() > FIELDS_MAX {
        return Err(Problem::MalformedForm { complaint: format!("it has more than {FIELDS_MAX} fields") });
    }
    Ok(form)
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::Method;

    fn form(content_type: &str, body: &str) -> Result<Form, Problem> {
        block_on(Request::new(Method::POST, "/").unwrap().with_body(content_type, body).form())
    }

    #[test]
    fn an_urlencoded_form_is_read() {
        let form =
            form("application/x-www-form-urlencoded;charset=UTF-8", "goal=More+tea%21&on=a&on=b&blank=+").unwrap();
        assert_eq!(form.get("goal"), Some("More tea!"));
        assert_eq!(form.all("on"), ["a", "b"]);
        assert_eq!(form.required("blank").unwrap_err().slug(), "invalid");
        assert_eq!(form.required("goal").unwrap(), "More tea!");
    }

    #[test]
    fn what_nothing_can_show_is_refused_by_its_field_and_can_be_left_out() {
        let request = Request::new(Method::POST, "/")
            .unwrap()
            .with_body("application/x-www-form-urlencoded", "a=x%00y&b=z%0D%0A");
        let Err(Problem::Invalid(complaints)) = block_on(request.form()) else { panic!("it is taken") };
        assert_eq!(complaints.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["a"]);
        let sent = block_on(request.form_as_sent()).unwrap();
        assert_eq!(sent.get("a"), Some("x\0y"));
        assert_eq!((sent.clone().writable().get("a"), sent.writable().get("b")), (Some("xy"), Some("z\r\n")));
    }

    #[test]
    fn a_multipart_form_brings_its_file() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n--x\r\nContent-Disposition: form-data; name=\"brief\"; filename=\"../b.toml\"\r\nContent-Type: application/toml\r\n\r\n[brand]\r\n--x--\r\n";
        let form = form("multipart/form-data; boundary=x", body).unwrap();
        assert_eq!(form.get("csrf"), Some("abc"));
        assert_eq!(form.file("brief").unwrap().bytes, b"[brand]");
        assert_eq!(form.file("csrf"), None);
    }

    #[test]
    fn a_form_that_is_cut_off_or_overfull_is_refused() {
        assert_eq!(
            form("multipart/form-data; boundary=x", "--x\r\nContent-Disp").unwrap_err().slug(),
            "malformed-form"
        );
        assert_eq!(form("multipart/form-data", "").unwrap_err().slug(), "malformed-form");
        assert_eq!(form("text/plain", "a=b").unwrap_err().slug(), "wrong-content-type");
        let many = "a=1&".repeat(FIELDS_MAX + 1);
        assert_eq!(form("application/x-www-form-urlencoded", &many).unwrap_err().slug(), "malformed-form");
    }
}

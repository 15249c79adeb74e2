//! What is wrong with a text, and where.

use alloc::string::String;
use core::fmt;

/// Why a text is not understood.
///
/// It displays as one line; [`within`](Self::within) shows the text with a mark under the place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseError {
    /// Where the part begins, in bytes from the beginning of the text.
    pub offset: usize,
    /// The part that is wrong; empty if something is missing there.
    pub part: String,
    /// What is wrong with it.
    pub complaint: Complaint,
}

/// What is wrong with a part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Complaint {
    /// There is no such name here.
    Unknown {
        /// What names there could be: "neither a field nor a keyword".
        what: &'static str,
        /// One that is spelled much alike.
        similar: Option<&'static str>,
    },
    /// It is not what stands here, such as "a MAC address".
    Expected(&'static str),
    /// Something must stand here, such as "an action".
    Missing(&'static str),
    /// It is a number, but it is too large.
    TooLarge {
        /// The largest that can be.
        max: u128,
    },
    /// It cannot be for a reason that the sentence tells, which goes on behind the part:
    /// "cannot be masked".
    Refused(&'static str),
}

impl ParseError {
    /// An error about `part`, which begins at `offset`.
    pub(crate) fn new(offset: usize, part: &str, complaint: Complaint) -> Self {
        Self { offset, part: part.into(), complaint }
    }

    /// Writes the line of `text` that the error is in, and a mark below it.
    ///
    /// ```
    /// # use ovs_openflow::text;
    /// let error = text::parse_actions("output:1,pop_vlam").unwrap_err();
    /// let shown = error.within("output:1,pop_vlam").to_string();
    /// assert_eq!(shown, "output:1,pop_vlam\n         ^~~~~~~~");
    /// ```
    pub fn within<'a>(&'a self, text: &'a str) -> Pointed<'a> {
        Pointed { error: self, text }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offset, part, complaint } = self;
        write!(f, "at {offset}: ")?;
        match complaint {
            Complaint::Unknown { what, similar } => {
                write!(f, "`{part}` is {what}")?;
                match similar {
                    Some(similar) => write!(f, "; did you mean `{similar}`?"),
                    None => Ok(()),
                }
            }
            Complaint::Expected(what) if part.is_empty() => write!(f, "{what} is expected"),
            Complaint::Expected(what) => write!(f, "`{part}` is not {what}"),
            Complaint::Missing(what) => write!(f, "{what} is missing"),
            Complaint::TooLarge { max } => write!(f, "`{part}` is more than {max}"),
            Complaint::Refused(why) => write!(f, "`{part}` {why}"),
        }
    }
}

impl core::error::Error for ParseError {}

/// A text with a mark under the place of an error.
#[derive(Clone, Copy, Debug)]
pub struct Pointed<'a> {
    error: &'a ParseError,
    text: &'a str,
}

impl fmt::Display for Pointed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = self.text.get(..self.error.offset).unwrap_or(self.text);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = self.text.get(start..).unwrap_or_default();
        let line = line.split('\n').next().unwrap_or_default();
        writeln!(f, "{line}")?;
        for character in before.get(start..).unwrap_or_default().chars() {
            f.write_str(if character == '\t' { "\t" } else { " " })?;
        }
        f.write_str("^")?;
        (1..self.error.part.chars().count()).try_for_each(|_| f.write_str("~"))
    }
}

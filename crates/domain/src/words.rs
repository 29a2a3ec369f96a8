//! The one way in which an enum of ours becomes text and back, in SQL, JSON and URLs alike.

/// Gives an enum `ALL`, `as_str`, `Display`, `FromStr` and serde, all with the same words.
macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$variant_meta])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every variant, in reading order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for it, in SQL, JSON and URLs.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::words::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word).ok_or_else(|| $crate::words::UnknownWord {
                    what: stringify!($name),
                    word: word.into(),
                })
            }
        }
    };
}

pub(crate) use words;

/// A word that names no variant.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{word}` is no {what}")]
pub struct UnknownWord {
    pub(crate) what: &'static str,
    pub(crate) word: String,
}

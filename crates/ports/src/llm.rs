//! Models that the host itself runs: Spin's `llm`. A call blocks whoever makes it, and nothing limits its time.

/// What a model said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inferred {
    /// Its words.
    pub text: String,
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Tokens written.
    pub generated_tokens: u32,
}

/// Vectors in the order of their texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vectors {
    /// One for each text.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens read.
    pub prompt_tokens: u32,
}

/// Why there is no answer, in the host's words.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum LlmError {
    /// The host has no such model.
    #[error("the host has no such model")]
    NotSupported,
    /// The host could not run it.
    #[error("{0}")]
    Failed(String),
    /// The host does not take the call; so it answers, too, where the manifest does not grant the model.
    #[error("{0}")]
    Refused(String),
}

/// Asks the host's models.
pub trait Llm {
    /// One answer of at most so many tokens.
    fn infer(&self, model: &str, prompt: &str, tokens_max: u32) -> Result<Inferred, LlmError>;

    /// Vectors of meaning, one for each text.
    fn embed(&self, model: &str, texts: &[String]) -> Result<Vectors, LlmError>;
}

/// A host without models.
pub struct NoLlm;

impl Llm for NoLlm {
    fn infer(&self, _: &str, _: &str, _: u32) -> Result<Inferred, LlmError> {
        Err(LlmError::NotSupported)
    }

    fn embed(&self, _: &str, _: &[String]) -> Result<Vectors, LlmError> {
        Err(LlmError::NotSupported)
    }
}

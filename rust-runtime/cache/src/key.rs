//! Keys: hashes of all that a result depends on.

use crate::content::Hash;
use crate::inputs::Variant;

/// Parts of a key, with their lengths, so that none runs into the next.
pub struct Key(blake3::Hasher);

impl Key {
    /// `form` changes when what is stored means something else than before.
    pub fn new(form: &str) -> Self {
        let mut key = Self(blake3::Hasher::new());
        key.add("form", form);
        key
    }

    pub fn add(&mut self, name: &str, value: &str) {
        for part in [name, value] {
            self.0.update(&(part.len() as u64).to_le_bytes());
            self.0.update(part.as_bytes());
        }
    }

    pub fn hash(&self) -> Hash {
        self.0.finalize().to_hex().to_string()
    }
}

/// The key of a result.
pub fn result(first_key: &str, variant: &Variant) -> Option<Hash> {
    let mut key = Key(blake3::Hasher::new());
    key.add("first", first_key);
    key.add("variant", &serde_json::to_string(variant).ok()?);
    Some(key.hash())
}

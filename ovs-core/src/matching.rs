//! Which packets a rule is for. (Being replaced by the version on the field table.)
#![allow(missing_docs)]
use crate::key::FlowKey;
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Match {
    value: FlowKey,
    mask: FlowKey,
}
pub struct Unnamed;
impl Unnamed {
    pub fn name(&self) -> &'static str {
        ""
    }
}
impl Match {
    pub fn new() -> Self {
        Self::default()
    }
    pub fn in_port(mut self, port: impl Into<u32>) -> Self {
        self.value.in_port = port.into().into();
        self.mask.in_port = u32::MAX.into();
        self
    }
    pub fn matches(&self, key: &FlowKey) -> bool {
        key.matches(&self.value, &self.mask)
    }
    pub fn covers(&self, other: &Self) -> bool {
        self.mask.masked(&other.mask) == self.mask && other.value.masked(&self.mask) == self.value
    }
    pub fn missing_prerequisite(&self) -> Option<(Unnamed, Unnamed)> {
        None
    }
}

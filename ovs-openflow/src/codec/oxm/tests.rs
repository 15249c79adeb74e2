//! Tests of fields and matches.

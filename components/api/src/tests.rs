//! Tests of the handlers, natively.

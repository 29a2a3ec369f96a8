//! Tests of the handlers, natively: every answer is held to the schema that the document gives it.

mod approvals;
mod bad_input;
mod brand;
mod channels;
mod contract;
mod flow;
mod history;
mod learnings;
mod matrix;
mod studio;
mod world;

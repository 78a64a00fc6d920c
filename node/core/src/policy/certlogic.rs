//! CertLogic, the EU's rule language: a subset of JsonLogic with dates, parsed into a tree at load and evaluated in bounds.
//!
//! Version 1.3.2 of the specification in `ehn-dcc-development/eu-dcc-business-rules`, `certlogic/specification`:
//! `var`, `if`, `and`, `===`, `in`, `+`, `!`, `<`, `>`, `<=`, `>=`, `after`, `before`, `not-after`, `not-before`,
//! `plusTime`, `reduce`, `extractFromUVCI` and `dccDateOfBirth`. Where the specification leaves something open:
//! `===` and `in` compare lists and objects by what they hold; `plusTime` by months stops at the month's end, and by years
//! takes 29 February to 1 March where there is none, as the reference implementations do.

mod evaluate;
mod parse;
mod times;
mod value;

use serde_json::Value as Json;
use sync::time::UnixMillis;

pub use evaluate::EvaluationError;
pub use parse::{RuleError, RuleProblem};

/// The deepest nesting of a rule that is read.
pub const RULE_DEPTH_MAX: usize = 32;
/// The most operations and literals of one rule.
pub const RULE_NODES_MAX: usize = 1024;
/// The longest string in a rule, bytes.
pub const RULE_TEXT_MAX: usize = 1024;
/// The most steps of one evaluation: operations, items of lists and comparisons of parts.
pub const STEPS_MAX: u32 = 10_000;

/// A rule that is well-formed: each operation is known and has the operands that it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule(Expression);

impl Rule {
    /// Reads a rule.
    ///
    /// # Errors
    /// [`RuleError`] says which part is wrong and what is wrong with it.
    pub fn parse(json: &Json) -> Result<Self, RuleError> {
        parse::read(json).map(Self)
    }

    /// What the rule makes of these facts; a time as RFC 3339 text.
    ///
    /// # Errors
    /// [`EvaluationError`] where an operand is of a wrong kind, or the evaluation takes too long.
    pub fn evaluate(&self, data: &Json) -> Result<Json, EvaluationError> {
        evaluate::to_json(&self.0, data)
    }

    /// Whether the rule holds for these facts: it came to true.
    ///
    /// # Errors
    /// As [`Rule::evaluate`], and where it came to neither true nor false.
    pub fn holds(&self, data: &Json) -> Result<bool, EvaluationError> {
        evaluate::to_truth(&self.0, data)
    }
}

/// The last day that a date of birth may mean, at its first moment in UTC: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
pub(super) fn date_of_birth(text: &str) -> Option<UnixMillis> {
    times::birth(text).map(UnixMillis::new)
}

/// So many years later, as `plusTime` counts them.
pub(super) fn years_later(at: UnixMillis, years: i64) -> Option<UnixMillis> {
    times::plus(at.get(), years, TimeUnit::Year).map(UnixMillis::new)
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Expression {
    Bool(bool),
    Integer(i64),
    Text(Box<str>),
    List(Vec<Expression>),
    Var(Vec<Box<str>>),
    If(Box<[Expression; 3]>),
    And(Vec<Expression>),
    Same(Box<[Expression; 2]>),
    In(Box<[Expression; 2]>),
    Plus(Box<[Expression; 2]>),
    Compare(Order, Vec<Expression>),
    CompareTimes(Order, Vec<Expression>),
    Not(Box<Expression>),
    PlusTime(Box<Expression>, i64, TimeUnit),
    Reduce(Box<[Expression; 3]>),
    ExtractFromUvci(Box<Expression>, i64),
    DateOfBirth(Box<Expression>),
}

/// How two neighbours must stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Less,
    Greater,
    LessOrSame,
    GreaterOrSame,
}

impl Order {
    fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Self::Less => left < right,
            Self::Greater => left > right,
            Self::LessOrSame => left <= right,
            Self::GreaterOrSame => left >= right,
        }
    }
}

/// By what `plusTime` counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TimeUnit {
    Hour,
    Day,
    Month,
    Year,
}

#[cfg(test)]
mod tests;

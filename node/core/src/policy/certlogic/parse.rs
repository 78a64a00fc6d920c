//! From JSON to a rule's tree: whatever could only go wrong at the door goes wrong here.

use std::fmt;

use serde_json::{Map, Value as Json};

use super::{Expression, Order, RULE_DEPTH_MAX, RULE_NODES_MAX, RULE_TEXT_MAX, TimeUnit, value};

/// More of a unit than this no rule adds.
const AMOUNT_MAX: i64 = 1_000_000;

/// Why a rule was not read, and which part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rule{at}: {problem}")]
pub struct RuleError {
    /// The way from the rule's root, such as `/and/1/plusTime`.
    pub at: String,
    /// What is wrong there.
    pub problem: RuleProblem,
}

/// What is wrong with a part of a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleProblem {
    /// A `null`.
    #[error("invalid CertLogic expression")]
    Null,
    /// A number that is no integer.
    #[error("{0} is a non-integer number")]
    NotAnInteger(String),
    /// An object that is not one operation.
    #[error("expression object must have exactly one key, but it has {0}")]
    Keys(usize),
    /// An operation without a list of operands.
    #[error("operation not of the form {{ \"<operator>\": [ <values...> ] }}")]
    NoOperands,
    /// An operation that the language does not have.
    #[error("unrecognised operator: \"{0}\"")]
    Operator(String),
    /// A `var` without a path.
    #[error("not of the form {{ \"var\": \"<path>\" }}")]
    Var,
    /// A path with an empty part.
    #[error("data access path doesn't have a valid format: {0}")]
    Path(String),
    /// Too few or too many operands.
    #[error("\"{operator}\" takes {wanted} operands, but it has {found}")]
    Operands {
        /// The operation.
        operator: &'static str,
        /// How many it takes.
        wanted: &'static str,
        /// How many it has.
        found: usize,
    },
    /// An operand that must be an integer as it stands.
    #[error("\"{0}\" takes an integer of at most a million as its second operand")]
    Amount(&'static str),
    /// A unit of time that is none.
    #[error("the third operand of \"plusTime\" must be \"hour\", \"day\", \"month\" or \"year\"")]
    Unit,
    /// Over [`RULE_DEPTH_MAX`].
    #[error("nested deeper than {RULE_DEPTH_MAX}")]
    TooDeep,
    /// Over [`RULE_NODES_MAX`].
    #[error("more than {RULE_NODES_MAX} parts")]
    TooLarge,
    /// Over [`RULE_TEXT_MAX`].
    #[error("a text of more than {RULE_TEXT_MAX} bytes")]
    TooLong,
}

pub(super) fn read(json: &Json) -> Result<Expression, RuleError> {
    let mut reader = Reader { path: Vec::new(), parts: 0 };
    reader.expression(json).map_err(|problem| RuleError { at: reader.way(), problem })
}

/// Where the reading is, and how much it has read. The path stays at the part that is wrong.
struct Reader<'j> {
    path: Vec<Step<'j>>,
    parts: usize,
}

enum Step<'j> {
    Operator(&'j str),
    Operand(usize),
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator(name) => write!(f, "/{}", name.chars().take(32).collect::<String>()),
            Self::Operand(place) => write!(f, "/{place}"),
        }
    }
}

impl<'j> Reader<'j> {
    fn way(&self) -> String {
        self.path.iter().map(ToString::to_string).collect()
    }

    fn expression(&mut self, json: &'j Json) -> Result<Expression, RuleProblem> {
        self.parts += 1;
        // An operation takes two steps of the path: its name and the operand's place.
        if self.path.len() > 2 * RULE_DEPTH_MAX {
            return Err(RuleProblem::TooDeep);
        }
        if self.parts > RULE_NODES_MAX {
            return Err(RuleProblem::TooLarge);
        }
        match json {
            Json::Null => Err(RuleProblem::Null),
            Json::Bool(truth) => Ok(Expression::Bool(*truth)),
            Json::Number(number) => value::integer(number)
                .map(Expression::Integer)
                .ok_or_else(|| RuleProblem::NotAnInteger(number.to_string())),
            Json::String(text) if text.len() > RULE_TEXT_MAX => Err(RuleProblem::TooLong),
            Json::String(text) => Ok(Expression::Text(text.as_str().into())),
            Json::Array(items) => Ok(Expression::List(self.operands(items)?)),
            Json::Object(operation) => self.operation(operation),
        }
    }

    fn operands(&mut self, items: &'j [Json]) -> Result<Vec<Expression>, RuleProblem> {
        let mut read = Vec::with_capacity(items.len().min(RULE_NODES_MAX));
        for (place, item) in items.iter().enumerate() {
            self.path.push(Step::Operand(place));
            read.push(self.expression(item)?);
            self.path.pop();
        }
        Ok(read)
    }

    fn operation(&mut self, operation: &'j Map<String, Json>) -> Result<Expression, RuleProblem> {
        let mut entries = operation.iter();
        let (Some((operator, operands)), None) = (entries.next(), entries.next()) else {
            return Err(RuleProblem::Keys(operation.len()));
        };
        if operator == "var" {
            return var(operands);
        }
        let Json::Array(operands) = operands else {
            return Err(RuleProblem::NoOperands);
        };
        self.path.push(Step::Operator(operator));
        let read = self.known(operator, operands)?;
        self.path.pop();
        Ok(read)
    }

    fn known(&mut self, operator: &str, of: &'j [Json]) -> Result<Expression, RuleProblem> {
        use Order::{Greater, GreaterOrSame, Less, LessOrSame};
        Ok(match operator {
            "if" => Expression::If(self.exactly("if", "3", of)?),
            "and" => Expression::And(self.between("and", "2 or more", of, 2..=usize::MAX)?),
            "===" => Expression::Same(self.exactly("===", "2", of)?),
            "in" => Expression::In(self.exactly("in", "2", of)?),
            "+" => Expression::Plus(self.exactly("+", "2", of)?),
            "<" => Expression::Compare(Less, self.between("<", "2 or 3", of, 2..=3)?),
            ">" => Expression::Compare(Greater, self.between(">", "2 or 3", of, 2..=3)?),
            "<=" => Expression::Compare(LessOrSame, self.between("<=", "2 or 3", of, 2..=3)?),
            ">=" => Expression::Compare(GreaterOrSame, self.between(">=", "2 or 3", of, 2..=3)?),
            "before" => Expression::CompareTimes(Less, self.times("before", of)?),
            "after" => Expression::CompareTimes(Greater, self.times("after", of)?),
            "not-after" => Expression::CompareTimes(LessOrSame, self.times("not-after", of)?),
            "not-before" => Expression::CompareTimes(GreaterOrSame, self.times("not-before", of)?),
            "!" => Expression::Not(self.one("!", of)?),
            "plusTime" => self.plus_time(of)?,
            "reduce" => Expression::Reduce(self.exactly("reduce", "3", of)?),
            "extractFromUVCI" | "extractFromUCI" => self.extract(of)?,
            "dccDateOfBirth" => Expression::DateOfBirth(self.one("dccDateOfBirth", of)?),
            other => return Err(RuleProblem::Operator(other.chars().take(64).collect())),
        })
    }

    fn between(
        &mut self,
        operator: &'static str,
        wanted: &'static str,
        of: &'j [Json],
        count: std::ops::RangeInclusive<usize>,
    ) -> Result<Vec<Expression>, RuleProblem> {
        if !count.contains(&of.len()) {
            return Err(RuleProblem::Operands { operator, wanted, found: of.len() });
        }
        self.operands(of)
    }

    fn times(
        &mut self,
        operator: &'static str,
        of: &'j [Json],
    ) -> Result<Vec<Expression>, RuleProblem> {
        self.between(operator, "2 or 3", of, 2..=3)
    }

    fn exactly<const N: usize>(
        &mut self,
        operator: &'static str,
        wanted: &'static str,
        of: &'j [Json],
    ) -> Result<Box<[Expression; N]>, RuleProblem> {
        let read = self.between(operator, wanted, of, N..=N)?;
        let found = of.len();
        read.into_boxed_slice().try_into().map_err(|_| RuleProblem::Operands {
            operator,
            wanted,
            found,
        })
    }

    fn one(
        &mut self,
        operator: &'static str,
        of: &'j [Json],
    ) -> Result<Box<Expression>, RuleProblem> {
        match of {
            [_] => {
                self.path.push(Step::Operand(0));
                let read = self.expression(&of[0])?;
                self.path.pop();
                Ok(Box::new(read))
            }
            _ => Err(RuleProblem::Operands { operator, wanted: "1", found: of.len() }),
        }
    }

    fn plus_time(&mut self, of: &'j [Json]) -> Result<Expression, RuleProblem> {
        let [time, amount, unit] = of else {
            let (operator, wanted, found) = ("plusTime", "3", of.len());
            return Err(RuleProblem::Operands { operator, wanted, found });
        };
        let amount = amount_of("plusTime", amount)?;
        let unit = match unit.as_str() {
            Some("hour") => TimeUnit::Hour,
            Some("day") => TimeUnit::Day,
            Some("month") => TimeUnit::Month,
            Some("year") => TimeUnit::Year,
            _ => return Err(RuleProblem::Unit),
        };
        let time = self.one("plusTime", std::slice::from_ref(time))?;
        Ok(Expression::PlusTime(time, amount, unit))
    }

    fn extract(&mut self, of: &'j [Json]) -> Result<Expression, RuleProblem> {
        let [text, place] = of else {
            let (operator, wanted, found) = ("extractFromUVCI", "2", of.len());
            return Err(RuleProblem::Operands { operator, wanted, found });
        };
        let place = amount_of("extractFromUVCI", place)?;
        let text = self.one("extractFromUVCI", std::slice::from_ref(text))?;
        Ok(Expression::ExtractFromUvci(text, place))
    }
}

fn amount_of(operator: &'static str, json: &Json) -> Result<i64, RuleProblem> {
    let amount = match json {
        Json::Number(number) => value::integer(number),
        _ => None,
    };
    amount.filter(|a| a.abs() <= AMOUNT_MAX).ok_or(RuleProblem::Amount(operator))
}

fn var(path: &Json) -> Result<Expression, RuleProblem> {
    let Json::String(path) = path else { return Err(RuleProblem::Var) };
    if path.len() > RULE_TEXT_MAX {
        return Err(RuleProblem::TooLong);
    }
    if path.is_empty() {
        return Ok(Expression::Var(Vec::new()));
    }
    let parts: Vec<Box<str>> = path.split('.').map(Into::into).collect();
    if parts.iter().any(|part| part.is_empty()) {
        return Err(RuleProblem::Path(path.chars().take(64).collect()));
    }
    Ok(Expression::Var(parts))
}

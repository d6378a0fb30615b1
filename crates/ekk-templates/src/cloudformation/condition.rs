//! The conditions of a template: `Fn::Equals`, `Fn::And`, `Fn::Or`, `Fn::Not` and references to other conditions.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html>

use serde_json::Value;

use crate::{
    Error,
    cloudformation::intrinsic::{Resolver, Site, single, text_of},
};

impl Resolver<'_> {
    /// Whether the condition of this name holds.
    pub(super) fn holds(&self, name: &str, site: &Site) -> Result<bool, Error> {
        let condition = self.template.get("Conditions").and_then(|conditions| conditions.get(name));
        let condition = condition.ok_or_else(|| site.error(format!("there is no condition {name}")))?;
        self.evaluate(condition, &site.referred(&format!("Conditions.{name}"))?)
    }

    fn evaluate(&self, condition: &Value, site: &Site) -> Result<bool, Error> {
        self.spend(1, site)?;
        let (function, argument) =
            single(condition).ok_or_else(|| site.error("it is no condition function".to_owned()))?;
        let site = site.below(function)?;
        match function {
            "Condition" => {
                let name = argument.as_str().ok_or_else(|| site.error("it names no condition".to_owned()))?;
                self.holds(name, &site)
            }
            "Fn::Equals" => match argument.as_array().map(Vec::as_slice) {
                Some([left, right]) => Ok(self.comparable(left, &site)? == self.comparable(right, &site)?),
                _ => Err(site.error("it needs two values".to_owned())),
            },
            "Fn::Not" => match argument.as_array().map(Vec::as_slice) {
                Some([one]) => Ok(!self.evaluate(one, &site)?),
                _ => Err(site.error("it needs one condition".to_owned())),
            },
            "Fn::And" | "Fn::Or" => self.combined(function == "Fn::And", argument, &site),
            _ => Err(site.error("it is no condition function".to_owned())),
        }
    }

    fn combined(&self, all: bool, argument: &Value, site: &Site) -> Result<bool, Error> {
        let conditions = argument.as_array().ok_or_else(|| site.error("it needs a list of conditions".to_owned()))?;
        for (at, condition) in conditions.iter().enumerate() {
            if self.evaluate(condition, &site.below(&at.to_string())?)? != all {
                return Ok(!all);
            }
        }
        Ok(all)
    }

    /// A value to compare: scalars by their text, as `CloudFormation` does.
    fn comparable(&self, value: &Value, site: &Site) -> Result<Option<Value>, Error> {
        let value = self.resolve(value, site)?;
        Ok(value.map(|value| text_of(&value).map_or(value, Value::from)))
    }
}

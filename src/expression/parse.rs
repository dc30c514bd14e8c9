//! Read expressions: operators by how strongly they bind, functions, names and numbers.

use super::{GraphNode, NodeKind, NodeOperand, Operation};
use crate::notation::{Mistake, Result, Span, list};
use std::collections::BTreeSet;

/// More nodes than a page can show.
const MOST_NODES: usize = 10_000;
/// More brackets within brackets than anybody writes.
const MOST_DEPTH: usize = 200;

/// A piece of text that means one thing.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Name(String),
    Sign(char),
    End,
}

/// The nodes of an expression, inputs with their values.
pub(super) fn nodes(text: &str, values: &[(String, f64)]) -> Result<Vec<GraphNode>> {
    let tokens = tokens(text)?;
    let names = tokens.iter().filter_map(|(token, _)| match token {
        Token::Name(name) => Some(name.clone()),
        _ => None,
    });
    let mut parser = Parser {
        taken: names.collect(),
        tokens,
        place: 0,
        values,
        nodes: Vec::new(),
        depth: 0,
    };
    parser.statements()?;
    for (name, _) in values {
        if !parser
            .nodes
            .iter()
            .any(|node| node.name == *name && node.kind == NodeKind::Input)
        {
            let mistake = Mistake::new(format!("`{name}` is given a value, and is no input of the expression"));
            return Err(mistake.help("leave it out"));
        }
    }
    Ok(parser.nodes)
}

fn tokens(text: &str) -> Result<Vec<(Token, Span)>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let start = text.len() - rest.len();
        let Some(first) = rest.chars().next() else {
            tokens.push((Token::End, text.len()..text.len()));
            return Ok(tokens);
        };
        let length = |belongs: fn(char) -> bool| rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        let (token, length) = match first {
            '0'..='9' | '.' => {
                let mut end = length(|c| c.is_ascii_digit() || c == '.');
                let exponent = rest[end..].strip_prefix(['e', 'E']);
                if let Some(exponent) = exponent {
                    let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
                    let digits = unsigned.find(|c: char| !c.is_ascii_digit()).unwrap_or(unsigned.len());
                    if digits > 0 {
                        end += 1 + exponent.len() - unsigned.len() + digits;
                    }
                }
                let number = rest[..end].parse().map_err(|_| {
                    let mistake = Mistake::new(format!("`{}` is no number", &rest[..end]));
                    mistake.at(start..start + end)
                })?;
                (Token::Number(number), end)
            }
            c if c.is_alphabetic() || c == '_' => {
                let end = length(|c| c.is_alphanumeric() || c == '_');
                (Token::Name(rest[..end].to_owned()), end)
            }
            '+' | '-' | '*' | '/' | '^' | '(' | ')' | '=' | ';' => (Token::Sign(first), 1),
            other => {
                let mistake = Mistake::new(format!("`{}` means nothing here", other.escape_debug()));
                return Err(mistake
                    .at(start..start + other.len_utf8())
                    .help("an expression has numbers, names, + - * / ^, brackets, and exp, ln, tanh, logistic"));
            }
        };
        tokens.push((token, start..start + length));
        rest = &rest[length..];
    }
}

struct Parser<'a> {
    tokens: Vec<(Token, Span)>,
    place: usize,
    values: &'a [(String, f64)],
    nodes: Vec<GraphNode>,
    /// Names that no node without a name may have.
    taken: BTreeSet<String>,
    depth: usize,
}

impl Parser<'_> {
    fn token(&self) -> &(Token, Span) {
        &self.tokens[self.place]
    }

    fn accept(&mut self, sign: char) -> bool {
        let there = self.token().0 == Token::Sign(sign);
        self.place += usize::from(there);
        there
    }

    /// `name = expression; name = expression; expression`.
    fn statements(&mut self) -> Result<()> {
        loop {
            let name = match (self.token().clone(), self.tokens.get(self.place + 1)) {
                ((Token::Name(name), span), Some((Token::Sign('='), _))) => {
                    self.place += 2;
                    Some((name, span))
                }
                _ => None,
            };
            let begin = self.token().1.clone();
            let result = self.sum(0)?;
            let NodeOperand::Node(place) = result else {
                return Err(Mistake::new("this is a number: it depends on nothing").at(begin));
            };
            if let Some((name, span)) = name {
                self.name(place, name, span)?;
            }
            let (token, span) = self.token().clone();
            match token {
                Token::Sign(';') => self.place += 1,
                Token::End if place + 1 < self.nodes.len() => {
                    return Err(Mistake::new("the last expression must be a new one").at(begin));
                }
                Token::End => return Ok(()),
                _ => {
                    let mistake = Mistake::new("the expression ends before this").at(span);
                    return Err(mistake.label("expected an operator, such as `+` or `*`, or `;`"));
                }
            }
        }
    }

    fn name(&mut self, place: usize, name: String, span: Span) -> Result<()> {
        if self.nodes.iter().any(|node| node.name == name) {
            let mistake = Mistake::new(format!("`{name}` already stands for something")).at(span);
            return Err(mistake.help("take another name"));
        }
        if self.nodes[place].kind == NodeKind::Input {
            let mistake = Mistake::new("this would be a second name of an input").at(span);
            return Err(mistake.help("leave it out"));
        }
        self.nodes[place].name = name;
        Ok(())
    }

    /// Operators that bind more strongly than `above`, from left to right; powers from right to left.
    fn sum(&mut self, above: u8) -> Result<NodeOperand> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            let mistake = Mistake::new("too many brackets within brackets").at(self.token().1.clone());
            return Err(mistake.help("name parts of it: `c = a + b; c * c`"));
        }
        let mut left = self.operand()?;
        while let Some((operation, binds)) = self.operator().filter(|(_, binds)| *binds > above) {
            self.place += 1;
            let right = self.sum(if operation == Operation::Power {
                binds - 1
            } else {
                binds
            })?;
            left = self.node(operation, vec![left, right])?;
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operator(&self) -> Option<(Operation, u8)> {
        let Token::Sign(sign) = self.token().0 else { return None };
        let binary = [
            Operation::Add,
            Operation::Subtract,
            Operation::Multiply,
            Operation::Divide,
            Operation::Power,
        ];
        let known = binary
            .into_iter()
            .filter_map(|operation| Some((operation, operation.sign()?)));
        let mut known = known.filter(|(_, (known, _))| *known == sign);
        known.next().map(|(operation, (_, binds))| (operation, binds))
    }

    fn operand(&mut self) -> Result<NodeOperand> {
        let (token, span) = self.token().clone();
        self.place += 1;
        match token {
            Token::Number(number) => Ok(NodeOperand::Number(number)),
            Token::Sign('-') => {
                // between products and powers: `-x^2` is `-(x^2)`
                let operand = self.sum(3)?;
                self.node(Operation::Negate, vec![operand])
            }
            Token::Sign('(') => {
                let inside = self.sum(0)?;
                self.close(&span)?;
                Ok(inside)
            }
            Token::Name(name) if self.token().0 == Token::Sign('(') => self.function(&name, span),
            Token::Name(name) => self.input(&name, span),
            _ => {
                let mistake = Mistake::new("an operand is missing").at(span);
                Err(mistake.label("expected a number, a name, a function or `(`"))
            }
        }
    }

    fn close(&mut self, opened: &Span) -> Result<()> {
        if self.accept(')') {
            return Ok(());
        }
        let mistake = Mistake::new("a bracket is not closed").at(self.token().1.clone());
        Err(mistake.label("expected `)`").mark(opened.clone(), "opened here"))
    }

    fn function(&mut self, name: &str, span: Span) -> Result<NodeOperand> {
        let Some((_, operation)) = Operation::FUNCTIONS.into_iter().find(|(known, _)| *known == name) else {
            let names = Operation::FUNCTIONS.iter().map(|(known, _)| *known);
            let mistake = Mistake::new(format!("unknown function `{name}`")).at(span);
            return Err(mistake
                .label(format!("expected {}", list(names.clone())))
                .suggest(name, names));
        };
        let opened = self.token().1.clone();
        self.place += 1;
        let inside = self.sum(0)?;
        self.close(&opened)?;
        self.node(operation, vec![inside])
    }

    /// The node of this name; an input, if there is none yet.
    fn input(&mut self, name: &str, span: Span) -> Result<NodeOperand> {
        if let Some(place) = self.nodes.iter().position(|node| node.name == name) {
            return Ok(NodeOperand::Node(place));
        }
        let Some((_, value)) = self.values.iter().find(|(known, _)| known == name) else {
            let mistake = Mistake::new(format!("`{name}` has no value")).at(span);
            return Err(mistake.help(format!("give it one behind the expression, such as {name}=2")));
        };
        self.add(name.to_owned(), NodeKind::Input, *value)
    }

    /// A node for an operation; of numbers alone, the number.
    fn node(&mut self, operation: Operation, operands: Vec<NodeOperand>) -> Result<NodeOperand> {
        let numbers: Option<Vec<f64>> = operands
            .iter()
            .map(|operand| match operand {
                NodeOperand::Number(number) => Some(*number),
                NodeOperand::Node(_) => None,
            })
            .collect();
        if let Some(numbers) = numbers {
            let second = numbers.get(1).copied().unwrap_or_default();
            return Ok(NodeOperand::Number(operation.value([numbers[0], second])));
        }
        let letters = ('a'..='z').map(String::from).chain((1..).map(|i| format!("v{i}")));
        let name = letters
            .into_iter()
            .find(|name| !self.taken.contains(name))
            .expect("there is always one");
        self.taken.insert(name.clone());
        self.add(name, NodeKind::Operation(operation, operands), 0.0)
    }

    fn add(&mut self, name: String, kind: NodeKind, value: f64) -> Result<NodeOperand> {
        if self.nodes.len() == MOST_NODES {
            return Err(Mistake::new(format!("more than {MOST_NODES} operations")).at(self.token().1.clone()));
        }
        self.nodes.push(GraphNode { name, kind, value });
        Ok(NodeOperand::Node(self.nodes.len() - 1))
    }
}

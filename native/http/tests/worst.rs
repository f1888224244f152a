//! What the worst bytes cost a reader, in nanoseconds a byte, beside what ordinary ones cost.
//!
//! `cargo test --release worst -- --ignored --nocapture` prints one line of JSON. It asserts no
//! speed: who prints the figures judges them.

mod inputs;

use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

use inputs::inputs;

use crate::http::body::BodyDecoder;
use crate::http::framing::{BodyLength, frame};
use crate::http::head::{FieldLine, HeadParser, Parsed};
use crate::http::limits::Limits;

/// Short enough to fit between two interruptions of a busy machine; the best of many counts.
const TRIAL: Duration = Duration::from_micros(200);
const TRIALS: usize = 300;

#[test]
#[ignore = "a measurement, for the release profile"]
fn worst_input_per_byte() {
    let inputs = inputs();
    let mut best = vec![f64::INFINITY; inputs.len()];
    let mut reader = Reader::default();
    for _ in 0..TRIALS {
        for ((_, bytes), best) in inputs.iter().zip(&mut best) {
            *best = best.min(reader.time(bytes));
        }
    }
    // Clients are people or programs: the mean of what the two cost a byte.
    let plain = inputs.iter().position(|input| input.0 == "plain").unwrap();
    let (browser, plain) = (best[0], best[plain]);
    let typical = f64::midpoint(browser, plain);
    let mut figures: Vec<_> = inputs
        .iter()
        .map(|input| input.0)
        .zip(best)
        .skip(1)
        .collect();
    figures.sort_by(|one, other| other.1.total_cmp(&one.1));
    let listed: Vec<_> = figures
        .iter()
        .map(|(name, cost)| format!("\"{name}\":{cost:.3}"))
        .collect();
    let line = format!(
        "{{\"typicalNsPerByte\":{typical:.3},\"browserNsPerByte\":{browser:.3},\"plainNsPerByte\":{plain:.3},\
         \"worstNsPerByte\":{:.3},\"worst\":\"{}\",\
         \"ratio\":{:.2},\"inputs\":{{{}}}}}\n",
        figures[0].1,
        figures[0].0,
        figures[0].1 / typical,
        listed.join(",")
    );
    let _ = std::io::stdout().write_all(line.as_bytes());
}

/// A connection without anything but its readers.
#[derive(Default)]
struct Reader {
    limits: Limits,
    fields: Vec<FieldLine>,
    body: Vec<u8>,
}

impl Reader {
    /// Nanoseconds a byte, over one trial.
    fn time(&mut self, bytes: &[u8]) -> f64 {
        let begin = Instant::now();
        let mut rounds = 0;
        while begin.elapsed() < TRIAL {
            for _ in 0..4 {
                self.read(black_box(bytes));
            }
            rounds += 4;
        }
        begin.elapsed().as_nanos() as f64 / (rounds * bytes.len()) as f64
    }

    /// Reads all requests, or up to the fault.
    fn read(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            self.fields.clear();
            let parsed = HeadParser::default().parse(bytes, &self.limits, &mut self.fields);
            let Ok(Parsed::Complete(head)) = parsed else {
                black_box(&parsed.is_ok());
                return;
            };
            let end = (head.start + head.len) as usize;
            let text = &bytes[head.start as usize..end];
            let Ok(framing) = frame(&head, text, &self.fields, &self.limits) else {
                return;
            };
            if framing.body == BodyLength::None {
                black_box((&head, &framing));
                bytes = &bytes[end..];
                continue;
            }
            self.body.clear();
            let mut decoder = BodyDecoder::new(framing.body);
            let Ok(decoded) = decoder.decode(&bytes[end..], &self.limits, &mut self.body) else {
                return;
            };
            black_box((&head, &framing, &self.body));
            bytes = &bytes[end + decoded.consumed..];
        }
    }
}

#![no_main]

use sapl_fuzz::targets::expression;

libfuzzer_sys::fuzz_target!(|data: &[u8]| expression(data));

#![no_main]

use sapl_fuzz::targets::document;

libfuzzer_sys::fuzz_target!(|data: &[u8]| document(data));

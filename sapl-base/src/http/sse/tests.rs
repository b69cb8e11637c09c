use proptest::prelude::*;

use super::*;

/// A frame that outlives its decoder.
#[derive(Clone, Debug, PartialEq)]
enum Seen {
    Alive,
    Event(Option<String>, String),
    Failed(SseError),
}

fn event(data: &str) -> Seen {
    Seen::Event(None, data.to_owned())
}

fn named(name: &str, data: &str) -> Seen {
    Seen::Event(Some(name.to_owned()), data.to_owned())
}

fn decode<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Seen> {
    let mut decoder = SseDecoder::default();
    let mut seen = Vec::new();
    for chunk in chunks {
        let mut input = Bytes::copy_from_slice(chunk);
        loop {
            match decoder.decode(&mut input) {
                Ok(Some(SseFrame::Alive)) => seen.push(Seen::Alive),
                Ok(Some(SseFrame::Event { name, data })) => {
                    seen.push(Seen::Event(name.map(str::to_owned), data.to_owned()));
                }
                Ok(None) => break,
                Err(error) => {
                    seen.push(Seen::Failed(error));
                    return seen;
                }
            }
        }
        assert!(input.is_empty());
    }
    seen
}

fn whole(stream: &str) -> Vec<Seen> {
    decode([stream.as_bytes()])
}

#[test]
fn the_frames_of_a_node_are_read() {
    let stream =
        "data:{\"decision\":\"DENY\"}\n\n: keep-alive\n\nevent: shutdown\ndata: SAPL Node stopping\n\n";
    assert_eq!(
        whole(stream),
        [
            event(r#"{"decision":"DENY"}"#),
            Seen::Alive,
            named("shutdown", "SAPL Node stopping")
        ]
    );
}

#[test]
fn every_split_in_two_and_every_single_byte_give_the_same_frames() {
    let stream =
        "\u{feff}data:ä\r\n\r\n:c\r\revent: e\ndata: 1\rdata:2\r\ndata\n\n: \u{1f600}\n\nid:7\nretry:1\n\ndata:x\n\r\n"
            .as_bytes();
    let expected = [
        event("ä"),
        Seen::Alive,
        named("e", "1\n2\n"),
        Seen::Alive,
        Seen::Alive,
        event("x"),
    ];
    assert_eq!(decode([stream]), expected);
    assert_eq!(decode(stream.chunks(1)), expected);
    for at in 0..=stream.len() {
        let (first, second) = stream.split_at(at);
        assert_eq!(decode([first, &[], second]), expected, "split at {at}");
    }
}

#[test]
fn several_data_lines_are_joined_and_one_leading_space_is_dropped() {
    assert_eq!(whole("data: a\ndata:  b\ndata:\ndata\n\n"), [event("a\n b\n\n")]);
    assert_eq!(whole("data:\n\n"), [event("")]);
    assert_eq!(whole("data\n\n"), [event("")]);
}

#[test]
fn cr_lf_and_crlf_end_a_line_and_may_be_mixed() {
    for (end, blank) in [
        ("\n", "\n"),
        ("\r", "\r"),
        ("\r\n", "\r\n"),
        ("\n", "\r\n"),
        ("\r\n", "\r"),
    ] {
        assert_eq!(
            whole(&format!("data:a{end}data:b{end}{blank}data:c{end}{blank}")),
            [event("a\nb"), event("c")]
        );
    }
    // CRLF is one end of line, CR CR are two.
    assert_eq!(
        whole("data:a\r\ndata:b\r\rdata:c\r\n\n"),
        [event("a\nb"), event("c")]
    );
}

#[test]
fn a_frame_is_there_with_its_last_byte_and_an_unfinished_one_never() {
    assert_eq!(whole("data:a\n\ndata:b\n"), [event("a")]);
    assert_eq!(whole("data:a\r\n\r"), [event("a")]);
    assert_eq!(whole("data:a"), []);
    assert_eq!(whole(": keep-ali"), []);
}

#[test]
fn a_byte_order_mark_counts_at_the_start_only() {
    assert_eq!(whole("\u{feff}data:a\n\n"), [event("a")]);
    assert_eq!(whole("\u{feff}:c\n\n"), [Seen::Alive]);
    assert_eq!(whole("\u{feff}\u{feff}data:a\n\n"), [Seen::Alive]);
    assert_eq!(whole("data:a\n\n\u{feff}data:b\n\n"), [event("a"), Seen::Alive]);
    assert_eq!(whole("\n\u{feff}data:b\n\n"), [Seen::Alive]);
}

#[test]
fn comments_between_frames_show_life_and_within_one_are_part_of_it() {
    assert_eq!(whole(":\n:\n\n: x\n"), [Seen::Alive, Seen::Alive, Seen::Alive]);
    assert_eq!(whole("data:a\n: not now\ndata:b\n\n"), [event("a\nb")]);
}

#[test]
fn blank_lines_are_no_frames() {
    assert_eq!(whole("\n\r\n\r\r\n\n"), []);
}

#[test]
fn what_has_no_data_is_no_event() {
    assert_eq!(whole("event: shutdown\n\ndata:a\n\n"), [Seen::Alive, event("a")]);
    assert_eq!(
        whole("id: 1\nretry: x\nunknown\nDATA:a\n data:a\n\n"),
        [Seen::Alive]
    );
}

#[test]
fn the_last_name_counts_and_an_empty_one_is_none() {
    assert_eq!(
        whole("event:a\nevent:b\ndata:x\n\ndata:y\n\n"),
        [named("b", "x"), event("y")]
    );
    assert_eq!(whole("event:a\nevent:\ndata:x\n\n"), [event("x")]);
}

#[test]
fn invalid_utf8_is_an_error_wherever_it_is_and_stays_one() {
    for stream in [
        &b"data:\xff\n\n"[..],
        b":\xc3\n",
        b"\xed\xa0\x80\n",
        b"event:\xc0\x80\n",
    ] {
        assert_eq!(decode([stream]), [Seen::Failed(SseError::NotUtf8)], "{stream:?}");
        assert_eq!(
            decode(stream.chunks(1)),
            [Seen::Failed(SseError::NotUtf8)],
            "{stream:?}"
        );
    }
    let mut decoder = SseDecoder::default();
    assert!(decoder.decode(&mut Bytes::from_static(b"\xff\n")).is_err());
    assert!(decoder.decode(&mut Bytes::from_static(b"data:a\n\n")).is_err());
}

#[test]
fn a_frame_may_have_one_mebibyte_and_not_a_byte_more() {
    let frames: [fn(usize) -> String; 4] = [
        |length| format!("data:{}\n\n", "a".repeat(length - 7)),
        // Comments, unknown fields and line ends count.
        |length| format!("data:a\n:{}\n\n", "c".repeat(length - 10)),
        |length| format!("x:{}\r\n\n", "y".repeat(length - 5)),
        |length| format!("id\n{}\n", "z\n".repeat((length - 4) / 2)),
    ];
    for frame in frames {
        let fits = frame(MAX_SSE_FRAME_BYTES);
        assert_eq!(fits.len(), MAX_SSE_FRAME_BYTES);
        let too_long = frame(MAX_SSE_FRAME_BYTES + 2);
        for chunk in [1000, usize::MAX] {
            let twice = fits.clone() + &fits;
            assert!(!decode(twice.as_bytes().chunks(chunk)).contains(&Seen::Failed(SseError::TooLong)));
            assert_eq!(
                decode(too_long.as_bytes().chunks(chunk)),
                [Seen::Failed(SseError::TooLong)]
            );
        }
    }
    let one_more = format!("data:{}\n\n", "a".repeat(MAX_SSE_FRAME_BYTES + 1 - 7));
    assert_eq!(whole(&one_more), [Seen::Failed(SseError::TooLong)]);
}

#[test]
fn comments_without_end_are_frames_of_their_own() {
    let seen = whole(&":\n".repeat(MAX_SSE_FRAME_BYTES));
    assert_eq!(seen.len(), MAX_SSE_FRAME_BYTES);
}

#[test]
fn nothing_is_held_beyond_the_limit_nor_after_a_frame() {
    let mut decoder = SseDecoder::default();
    let held =
        |decoder: &SseDecoder| decoder.line.capacity() + decoder.data.capacity() + decoder.name.capacity();
    let chunk = Bytes::from(vec![b'a'; 1000]);
    let mut failed = false;
    for _ in 0..2 * MAX_SSE_FRAME_BYTES / chunk.len() {
        failed |= decoder.decode(&mut chunk.clone()).is_err();
        assert!(held(&decoder) <= 2 * MAX_SSE_FRAME_BYTES);
    }
    assert!(failed);
    assert_eq!(held(&decoder), 0);

    let mut decoder = SseDecoder::default();
    let frame = Bytes::from(format!("data:{}\n\n", "a".repeat(MAX_SSE_FRAME_BYTES - 7)));
    for mut chunk in [frame.slice(..1000), frame.slice(1000..)] {
        let _ = decoder.decode(&mut chunk).unwrap();
    }
    assert!(decoder.decode(&mut Bytes::new()).unwrap().is_none());
    assert!(held(&decoder) <= 2 * KEPT_CAPACITY);
}

/// Bytes that are likely to be an event stream, or nearly one.
fn streams() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(vec![
            "data:", "data", "event: ", "id:", "retry", ":", " ", "{}", "ä", "\u{feff}", "x", "\0",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        8 => prop::sample::select(vec!["\n", "\r", "\r\n", "\n\n", "\r\r"])
            .prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn chunks_of_any_size_give_the_same_frames(
        stream in streams(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.sort_unstable();
        let mut chunks = Vec::new();
        let mut from = 0;
        for cut in cuts {
            chunks.push(&stream[from..cut]);
            from = cut;
        }
        chunks.push(&stream[from..]);
        let expected = decode([stream.as_slice()]);
        prop_assert_eq!(decode(chunks), expected.clone());
        prop_assert_eq!(decode(stream.chunks(1)), expected);
    }

    #[test]
    fn what_was_written_is_read(events in prop::collection::vec(("[a-z]{0,3}", "[^\r\n\u{0}]{0,9}(\n[^\r\n]{0,9}){0,3}"), 0..8)) {
        let mut stream = String::new();
        let mut expected = Vec::new();
        for (name, data) in &events {
            stream.push_str(&format!("event:{name}\n"));
            for line in data.split('\n') {
                stream.push_str(&format!("data: {line}\n"));
            }
            stream.push('\n');
            expected.push(Seen::Event(Some(name.clone()).filter(|name| !name.is_empty()), data.clone()));
        }
        prop_assert_eq!(whole(&stream), expected);
    }
}

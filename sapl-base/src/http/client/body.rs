//! The body of an answer, as it comes.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::http::HttpError;

/// The body of an answer. Dropping it before its end closes the connection, or over HTTP/2 the stream.
#[derive(Debug)]
pub struct ResponseBody(Incoming);

impl ResponseBody {
    pub(super) const fn new(body: Incoming) -> Self {
        Self(body)
    }

    /// The next piece, of any length; `None` at the end.
    ///
    /// # Errors
    /// When the connection breaks before the end.
    pub async fn next_chunk(&mut self) -> Option<Result<Bytes, HttpError>> {
        loop {
            match self.frame().await? {
                Ok(frame) => match frame.into_data() {
                    Ok(chunk) => return Some(Ok(chunk)),
                    // Trailers say nothing that anybody here asks for.
                    Err(_) => continue,
                },
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// The whole body, if it has at most `max_bytes`.
    ///
    /// # Errors
    /// When it is longer, declared or not, or the connection breaks.
    pub async fn collect(mut self, max_bytes: usize) -> Result<Bytes, HttpError> {
        let declared = self.0.size_hint().lower();
        if usize::try_from(declared).map_or(true, |declared| declared > max_bytes) {
            return Err(HttpError::too_large(max_bytes));
        }
        let mut whole = Pieces::default();
        while let Some(chunk) = self.next_chunk().await.transpose()? {
            if whole.len() + chunk.len() > max_bytes {
                return Err(HttpError::too_large(max_bytes));
            }
            whole.push(chunk);
        }
        Ok(whole.join())
    }

    /// The first `max_bytes` of the body, or what there is of them before it ends or breaks.
    pub async fn beginning(mut self, max_bytes: usize) -> Bytes {
        let mut beginning = Pieces::default();
        while let Some(Ok(mut chunk)) = self.next_chunk().await {
            chunk.truncate(max_bytes - beginning.len());
            beginning.push(chunk);
            if beginning.len() == max_bytes {
                break;
            }
        }
        beginning.join()
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        Pin::new(&mut self.0)
            .poll_frame(context)
            .map_err(|error| HttpError::of_body(&error))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

/// Pieces put together; a single one is not copied.
#[derive(Default)]
enum Pieces {
    #[default]
    None,
    One(Bytes),
    Many(BytesMut),
}

impl Pieces {
    fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::One(piece) => piece.len(),
            Self::Many(pieces) => pieces.len(),
        }
    }

    fn push(&mut self, piece: Bytes) {
        match self {
            Self::None => *self = Self::One(piece),
            Self::One(first) => {
                let mut pieces = BytesMut::with_capacity(2 * (first.len() + piece.len()));
                pieces.extend_from_slice(first);
                pieces.extend_from_slice(&piece);
                *self = Self::Many(pieces);
            }
            Self::Many(pieces) => pieces.extend_from_slice(&piece),
        }
    }

    fn join(self) -> Bytes {
        match self {
            Self::None => Bytes::new(),
            Self::One(piece) => piece,
            Self::Many(pieces) => pieces.freeze(),
        }
    }
}

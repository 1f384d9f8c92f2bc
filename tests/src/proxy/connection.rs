//! One connection through a proxy.

use std::sync::Arc;

use futures_util::FutureExt;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::fate::{Fate, Greeting, Trouble, Way};
use super::message::Message;

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Close,
    Reset,
}

/// Serves a client until one side ends it, or until `gone` fires, which resets it.
pub(super) async fn serve(
    shared: Arc<Shared>,
    client: TcpStream,
    number: usize,
    greeting: Greeting,
    gone: CancellationToken,
) {
    let mut client = BufReader::new(client);
    let end = tokio::select! {
        biased;
        () = gone.cancelled() => End::Reset,
        end = pass(&shared, &mut client, number, greeting) => end,
    };
    if end == End::Reset {
        // Then dropping it sends a reset.
        let set = client.get_ref().set_zero_linger();
        set.expect("an open socket");
    }
}

async fn pass(
    shared: &Shared,
    client: &mut BufReader<TcpStream>,
    number: usize,
    greeting: Greeting,
) -> End {
    match greeting {
        Greeting::Serve => {}
        Greeting::Stall => std::future::pending().await,
        Greeting::Reset => return End::Reset,
    }
    let Ok(server) = TcpStream::connect(shared.server).await else {
        return End::Reset;
    };
    let mut server = BufReader::new(server);
    for stream in [client.get_ref(), server.get_ref()] {
        if stream.set_nodelay(true).is_err() {
            return End::Reset;
        }
    }
    let end = calls(shared, client, &mut server, number).await;
    // In a network where nothing passes, the server does not learn of it.
    shared.open().await;
    end.unwrap_or(End::Close)
}

/// Passes one call after the other on. An error is one of the two sockets.
async fn calls(
    shared: &Shared,
    client: &mut BufReader<TcpStream>,
    server: &mut BufReader<TcpStream>,
    number: usize,
) -> std::io::Result<End> {
    loop {
        let request = tokio::select! {
            biased;
            request = Message::read(client) => request?,
            () = closed(server) => return Ok(End::Close),
        };
        let Some(request) = request else {
            return Ok(End::Close);
        };
        let (call, fate) = shared.begin(number, &request);
        shared.open().await;
        let on_its_way = fate.filter(|fate| fate.way == Way::Request);
        if let Some(trouble) = send(server.get_mut(), &request, on_its_way).await? {
            return Ok(stop(client, trouble).await);
        }
        shared.note(call, |passed| passed.reached = true);
        let answer = tokio::select! {
            biased;
            answer = Message::read(server) => answer?,
            () = closed(client) => return Ok(End::Close),
        };
        let Some(answer) = answer else {
            return Ok(End::Close);
        };
        shared.note(call, |passed| {
            passed.answer = Some((answer.status(), answer.json()));
        });
        shared.open().await;
        if closed(client).now_or_never().is_some() {
            return Ok(End::Close);
        }
        let on_its_way = fate.filter(|fate| fate.way == Way::Answer);
        if let Some(trouble) = send(client.get_mut(), &answer, on_its_way).await? {
            return Ok(stop(client, trouble).await);
        }
        shared.note(call, |passed| passed.delivered = true);
    }
}

/// Sends a message. Gives the trouble that it ended in before it was whole.
async fn send(
    to: &mut TcpStream,
    message: &Message,
    fate: Option<Fate>,
) -> std::io::Result<Option<Trouble>> {
    let bytes = &message.bytes;
    let Some(fate) = fate else {
        to.write_all(bytes).await?;
        return Ok(None);
    };
    let (before, after) = bytes.split_at(fate.cut.within(bytes.len()));
    to.write_all(before).await?;
    let Trouble::Trickle(pause) = fate.trouble else {
        return Ok(Some(fate.trouble));
    };
    for byte in after {
        to.write_all(std::slice::from_ref(byte)).await?;
        tokio::time::sleep(pause).await;
    }
    Ok(None)
}

async fn stop(client: &mut BufReader<TcpStream>, trouble: Trouble) -> End {
    match trouble {
        Trouble::Reset => End::Reset,
        Trouble::Close => End::Close,
        Trouble::Stall | Trouble::Trickle(_) => {
            closed(client).await;
            End::Close
        }
    }
}

/// Waits until the other side has closed or reset the connection.
async fn closed(stream: &mut BufReader<TcpStream>) {
    if let Ok([_, ..]) = stream.fill_buf().await {
        // There is more to read first.
        std::future::pending().await
    }
}

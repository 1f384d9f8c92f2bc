//! The proxy of these tests does to a connection what it says.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use workbeat_tests::{Cut, Fate, Greeting, Proxy, Reply, Trouble, Wire, eventually, millis};

const SOON: Duration = Duration::from_secs(120);
const BODY: &str = "{\"whole\":true}";

async fn stage() -> (Wire, Proxy) {
    let wire = Wire::start(|_| Reply::ok(BODY)).await;
    let address = wire.url().trim_start_matches("http://").parse();
    let proxy = Proxy::start(address.expect("an address")).await;
    (wire, proxy)
}

async fn connect(proxy: &Proxy) -> TcpStream {
    let stream = TcpStream::connect(proxy.address()).await;
    stream.expect("it listens")
}

/// Sends a request.
async fn ask(stream: &mut TcpStream) {
    let request = "POST / HTTP/1.1\r\nX-Amz-Target: Service.Ask\r\nContent-Length: 2\r\n\r\n{}";
    let sent = stream.write_all(request.as_bytes()).await;
    sent.expect("it is sent");
}

/// Reads to the end of the answer, or of the connection, and says how that came.
async fn answer(stream: &mut TcpStream) -> (String, Option<ErrorKind>) {
    let mut read = String::new();
    let reading = async {
        loop {
            let mut bytes = [0; 1];
            match stream.read(&mut bytes).await {
                Ok(0) => return Some(ErrorKind::UnexpectedEof),
                Ok(_) => read.push(char::from(bytes[0])),
                Err(error) => return Some(error.kind()),
            }
            if read.ends_with(BODY) {
                return None;
            }
        }
    };
    let end = timeout(SOON, reading).await.expect("an end");
    (read, end)
}

/// What comes of one call.
async fn called(fate: Fate) -> (Wire, Proxy, String, Option<ErrorKind>) {
    let (wire, proxy) = stage().await;
    proxy.trouble("Ask", 1, fate);
    let mut client = connect(&proxy).await;
    ask(&mut client).await;
    let (read, end) = answer(&mut client).await;
    (wire, proxy, read, end)
}

#[tokio::test]
async fn what_is_not_to_go_wrong_passes_call_after_call_and_is_written_down() {
    let (wire, proxy) = stage().await;
    let mut client = connect(&proxy).await;
    for _ in 0..3 {
        ask(&mut client).await;
        let (read, end) = answer(&mut client).await;
        assert!(read.starts_with("HTTP/1.1 200 "), "{read}");
        assert_eq!(end, None);
    }
    eventually("all is delivered", || {
        proxy.calls("Ask").iter().all(|call| call.delivered)
    })
    .await;
    assert_eq!((wire.count("Ask"), proxy.count("Ask")), (3, 3));
    let call = &proxy.passed()[2];
    assert!(call.reached && call.is_accepted());
    assert_eq!(call.answer.as_ref().unwrap().1["whole"], true);
    assert_eq!(call.connection, 1);
}

#[tokio::test]
async fn an_answer_can_be_cut_by_a_reset_or_by_an_end() {
    let cut = Cut::After(9);
    let (wire, proxy, read, end) = called(Fate::of_answer(cut, Trouble::Reset)).await;
    assert!("HTTP/1.1 200".starts_with(&read), "{read}");
    assert_eq!(end, Some(ErrorKind::ConnectionReset));
    assert_eq!(wire.count("Ask"), 1);
    let call = &proxy.passed()[0];
    assert!(call.reached && call.is_accepted() && !call.delivered);

    let cut = Cut::BeforeEnd(1);
    let (_, _, read, end) = called(Fate::of_answer(cut, Trouble::Close)).await;
    assert!(read.ends_with(&BODY[..BODY.len() - 1]), "{read}");
    assert_eq!(end, Some(ErrorKind::UnexpectedEof));
}

#[tokio::test]
async fn a_request_that_is_cut_is_not_heard() {
    for cut in [Cut::After(0), Cut::BeforeEnd(1)] {
        let (wire, proxy, read, end) = called(Fate::of_request(cut, Trouble::Reset)).await;
        assert_eq!((read.as_str(), end), ("", Some(ErrorKind::ConnectionReset)));
        assert_eq!(wire.count("Ask"), 0);
        assert!(!proxy.passed()[0].reached);
    }
}

#[tokio::test]
async fn a_trickle_comes_whole_in_both_directions() {
    for fate in [Fate::of_request, Fate::of_answer] {
        let fate = fate(Cut::After(30), Trouble::Trickle(millis(1)));
        let (wire, _, read, end) = called(fate).await;
        assert!(read.ends_with(BODY), "{read}");
        assert_eq!(end, None);
        assert_eq!(wire.count("Ask"), 1);
    }
}

#[tokio::test]
async fn a_swallowed_answer_was_given_and_never_comes() {
    let (wire, proxy) = stage().await;
    proxy.trouble("Ask", 1, Fate::swallowed());
    let mut client = connect(&proxy).await;
    ask(&mut client).await;
    eventually("it was given", || {
        proxy
            .passed()
            .first()
            .is_some_and(|call| call.is_accepted())
    })
    .await;
    assert_eq!(wire.count("Ask"), 1);
    let nothing = timeout(millis(50), client.read_u8()).await;
    assert!(nothing.is_err(), "{nothing:?}");
    assert!(!proxy.passed()[0].delivered);
}

#[tokio::test]
async fn a_proxy_that_is_gone_resets_refuses_and_comes_back_where_it_was() {
    let (wire, proxy) = stage().await;
    let mut client = connect(&proxy).await;
    ask(&mut client).await;
    assert_eq!(answer(&mut client).await.1, None);
    proxy.vanish().await;
    let read = timeout(SOON, client.read_u8()).await.expect("a reset");
    assert_eq!(read.unwrap_err().kind(), ErrorKind::ConnectionReset);
    let refused = TcpStream::connect(proxy.address()).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    proxy.come_back().await;
    let mut client = connect(&proxy).await;
    ask(&mut client).await;
    assert_eq!(answer(&mut client).await.1, None);
    assert_eq!(wire.count("Ask"), 2);
}

#[tokio::test]
async fn what_is_sent_while_nothing_passes_passes_later() {
    let (wire, proxy) = stage().await;
    proxy.hold();
    let mut client = connect(&proxy).await;
    ask(&mut client).await;
    let nothing = timeout(millis(50), client.read_u8()).await;
    assert!(nothing.is_err(), "{nothing:?}");
    assert_eq!(wire.count("Ask"), 0);
    proxy.release();
    assert_eq!(answer(&mut client).await.1, None);
}

#[tokio::test]
async fn a_connection_can_be_accepted_and_never_served() {
    let (wire, proxy) = stage().await;
    proxy.greet(|number| match number {
        1 => Greeting::Stall,
        2 => Greeting::Reset,
        _ => Greeting::Serve,
    });
    let mut stalled = connect(&proxy).await;
    ask(&mut stalled).await;
    // The reset can be there before connecting ends.
    let reset = async { TcpStream::connect(proxy.address()).await?.read_u8().await };
    let read = timeout(SOON, reset).await.expect("a reset");
    assert_eq!(read.unwrap_err().kind(), ErrorKind::ConnectionReset);
    let mut served = connect(&proxy).await;
    ask(&mut served).await;
    assert_eq!(answer(&mut served).await.1, None);
    let nothing = timeout(millis(50), stalled.read_u8()).await;
    assert!(nothing.is_err(), "{nothing:?}");
    assert_eq!(wire.count("Ask"), 1);
}
